/** `/console/clients/:cid/connect`: the lines to paste for each client library, and a test. */
import type { FC } from "hono/jsx";
import { ApiError } from "../api.ts";
import { type Client, clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId } from "../context.ts";
import { type Integration, integrationsOf } from "../integrations/list.tsx";
import { answerPage } from "../page.tsx";
import { CodeBlock, Empty, Notice, Panel } from "../parts/display.tsx";
import { FormError, PostForm, SelectField, Submit, TextField } from "../parts/forms.tsx";
import { formOf } from "../session/form.ts";
import { LIBRARIES, type Place } from "./libraries.ts";
import { pushTestPoint, TEST_TABLE, type TestResult } from "./test-point.ts";

interface News {
  readonly integration?: string | undefined;
  readonly result?: TestResult;
  readonly reason?: string;
}

async function showConnect(context: ConsoleContext, news: News = {}): Promise<Response> {
  const [client, integrations] = await Promise.all([clientOf(context), integrationsOf(context)]);
  const view = {
    title: "Connect",
    client,
    section: "connect",
    lead: "Programs that were written for Stitch, RJMetrics or Magento BI stay as they are: only the address that they talk to changes.",
  } as const;
  const place = { base: new URL(context.req.url).origin, clientId: client.id };
  const chosen = news.integration ?? context.req.query("integration");
  return answerPage(
    context,
    view,
    <>
      <Panel title="Test it" id="test">
        <TestResultNotice result={news.result} client={client} />
        {integrations.length === 0 ? (
          <Empty>
            <p>
              There is no integration yet.{" "}
              <a href={`/console/clients/${client.id}/integrations#new`}>Create the first one</a>.
            </p>
          </Empty>
        ) : (
          <TestForm
            context={context}
            client={client}
            integrations={integrations}
            chosen={chosen}
            reason={news.reason}
          />
        )}
      </Panel>
      <LibraryPanels place={place} />
    </>,
    news.reason === undefined ? 200 : 422,
  );
}

interface TestFormProps {
  readonly context: ConsoleContext;
  readonly client: Client;
  readonly integrations: readonly Integration[];
  readonly chosen: string | undefined;
  readonly reason: string | undefined;
}

const TestForm: FC<TestFormProps> = ({ context, client, integrations, chosen, reason }) => (
  <PostForm session={context.var.session} action={`/clients/${client.id}/connect/test`}>
    <FormError reason={reason} />
    <SelectField
      label="Integration"
      name="integration"
      value={chosen}
      choices={integrations.map(({ id, name }) => ({
        value: String(id),
        label: `${name} (${id})`,
      }))}
    />
    <TextField
      label="Import token"
      name="token"
      autocomplete="off"
      hint={`To try a token of yours. Empty: one is made for the test and revoked after it. The point goes into the table ${TEST_TABLE}, which has this one row.`}
    />
    <Submit>Send a test point</Submit>
  </PostForm>
);

const TestResultNotice: FC<{ result: TestResult | undefined; client: Client }> = ({
  result,
  client,
}) => {
  if (result === undefined) return null;
  if (!result.ok) {
    return (
      <Notice kind="bad" alert>
        <p>The test point was not stored. The answer, with status {result.status}:</p>
        <CodeBlock label="The answer" text={result.answer} />
      </Notice>
    );
  }
  const table = `/console/clients/${client.id}/tables/${result.tableId}`;
  return (
    <Notice kind="good" alert>
      <p>
        <strong>It arrived.</strong> Stored after {result.ms} ms, and read back from{" "}
        <a href={table}>{TEST_TABLE}</a>:
      </p>
      <CodeBlock label="The row as it is stored" text={result.row} />
    </Notice>
  );
};

const LibraryPanels: FC<{ place: Place }> = ({ place }) => (
  <>
    <Notice kind="info">
      <p>
        TOKEN stands for an import token of the integration: its page generates one. A token belongs
        in the program's secrets, not in its source.
      </p>
    </Notice>
    <nav aria-label="Libraries" class="row">
      {LIBRARIES.map(({ id, language }) => (
        <a href={`#${id}`}>{language}</a>
      ))}
    </nav>
    {LIBRARIES.map(({ id, language, name, where, lines }) => (
      <Panel title={`${language}: ${name}`} id={id}>
        {where === undefined ? null : <p class="hint">{where}</p>}
        <CodeBlock label={name} text={lines(place)} />
      </Panel>
    ))}
  </>
);

/** What may be a token, or nothing: other characters cannot stand in a header (RFC 6750 2.1). */
const TOKEN = /^[\x21-\x7e]*$/;

async function test(context: ConsoleContext): Promise<Response> {
  const form = await formOf(context);
  const integration = form.get("integration")?.[0] ?? "";
  const token = form.get("token")?.[0]?.trim() ?? "";
  const integrations = await integrationsOf(context);
  if (!integrations.some(({ id }) => String(id) === integration)) {
    return showConnect(context, { reason: "Choose an integration of this client." });
  }
  if (!TOKEN.test(token)) {
    return showConnect(context, {
      integration,
      reason: "That is not the text of an import token.",
    });
  }
  try {
    const asked = { cid: pathId(context, "cid"), iid: integration, token };
    return await showConnect(context, { integration, result: await pushTestPoint(context, asked) });
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isRefusal) throw error;
    return showConnect(context, { integration, reason: error.message });
  }
}

/** The paths of the page. */
export const connectRoutes: readonly ConsoleRoute[] = [
  { path: "/clients/:cid/connect", methods: { GET: (context) => showConnect(context) } },
  { path: "/clients/:cid/connect/test", methods: { POST: test } },
];
