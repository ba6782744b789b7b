/** `/console/clients/:cid/integrations/:iid`: its tokens, and what was refused. */
import type { FC } from "hono/jsx";
import { api, ApiError, attempt, remove } from "../api.ts";
import { type Client, clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId, seeOther } from "../context.ts";
import { answerPage } from "../page.tsx";
import { Empty, Facts, Grid, Notice, Panel, Time } from "../parts/display.tsx";
import { Danger, FormError, PostForm, Submit } from "../parts/forms.tsx";
import { Secret } from "../parts/secret.tsx";
import { type Rejection, RejectionList } from "../problems/rejections.tsx";
import type { Session } from "../session/session.ts";
import { type Integration, integrationsOf, NESTED } from "./list.tsx";

interface Token {
  readonly id: number;
  /** The end of its text. */
  readonly hint: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
}

/** What the page says besides: a token that was just made, or why none was. */
interface News {
  readonly token?: string;
  readonly reason?: string;
}

const pathOf = (context: ConsoleContext): string =>
  `/clients/${pathId(context, "cid")}/integrations/${pathId(context, "iid")}`;

async function integrationOf(context: ConsoleContext): Promise<Integration> {
  const id = Number(pathId(context, "iid"));
  const found = (await integrationsOf(context)).find((integration) => integration.id === id);
  if (found === undefined) throw new ApiError(404, "There is no such integration.");
  return found;
}

async function showIntegration(context: ConsoleContext, news: News = {}): Promise<Response> {
  const path = pathOf(context);
  const [client, integration, { tokens }, { rejections }] = await Promise.all([
    clientOf(context),
    integrationOf(context),
    api<{ tokens: Token[] }>(context, "GET", `${path}/tokens`),
    api<{ rejections: Rejection[] }>(context, "GET", `${path}/rejections`),
  ]);
  const view = {
    title: integration.name,
    client,
    section: "integrations",
    trail: [{ label: "Integrations", path: `/clients/${client.id}/integrations` }],
  } as const;
  return answerPage(
    context,
    view,
    <>
      {news.token === undefined ? null : <Secret what="The new token." secret={news.token} />}
      <About client={client} integration={integration} />
      <Tokens session={context.var.session} path={path} tokens={tokens} reason={news.reason} />
      <Panel title="Refused requests" id="problems">
        <p class="hint">The last ones of 7 days. Requests with an unknown token are nobody's.</p>
        <RejectionList rejections={rejections} />
      </Panel>
    </>,
    news.reason === undefined ? 200 : 422,
  );
}

const About: FC<{ client: Client; integration: Integration }> = ({ client, integration }) => (
  <Panel title="About">
    <Facts
      facts={[
        ["Integration id", <span class="number">{integration.id}</span>],
        ["Client id", <span class="number">{client.id}</span>],
        ["Nested values", NESTED[integration.nested_values]],
        ["Created", <Time at={integration.created_at} />],
      ]}
    />
    <p>
      <a href={`/console/clients/${client.id}/connect?integration=${integration.id}`}>
        Connect a program to it
      </a>
    </p>
  </Panel>
);

interface TokensProps {
  readonly session: Session;
  readonly path: string;
  readonly tokens: readonly Token[];
  readonly reason: string | undefined;
}

const Tokens: FC<TokensProps> = ({ session, path, tokens, reason }) => (
  <Panel title="Import tokens" id="tokens">
    <p class="hint">
      A token is good for all import APIs: as Bearer token (Stitch, native) and as apikey
      (RJMetrics). It can only write.
    </p>
    <FormError reason={reason} />
    {tokens.length === 0 ? (
      <Empty>
        <p>There is no token: nothing can be pushed to this integration.</p>
      </Empty>
    ) : (
      <Grid
        caption="Import tokens, the oldest first"
        rows={tokens}
        columns={[
          { head: "Token", cell: ({ hint }) => <code>…{hint}</code> },
          { head: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
          {
            head: "Last used",
            cell: ({ last_used_at }) =>
              last_used_at === null ? "never" : <Time at={last_used_at} />,
          },
          {
            head: "Revoke",
            hideHead: true,
            cell: (token) => (
              <Revoke session={session} path={path} token={token} isLast={tokens.length === 1} />
            ),
          },
        ]}
      />
    )}
    <PostForm session={session} action={`${path}/tokens`} class="inline">
      <Submit>Generate a token</Submit>
    </PostForm>
  </Panel>
);

const Revoke: FC<{ session: Session; path: string; token: Token; isLast: boolean }> = (props) => {
  const { session, path, token, isLast } = props;
  return (
    <Danger
      session={session}
      action={`${path}/tokens/${token.id}/revoke`}
      open="Revoke…"
      about={`…${token.hint}`}
      confirm={`Revoke …${token.hint}`}
    >
      <Notice kind="warn">
        <p>
          Generate a new token before you revoke the old one, and give it to the programs: else
          their data stops arriving.
          {isLast ? " This is the only token of the integration." : ""} A revoked token is refused
          everywhere within 30 s, for good.
        </p>
      </Notice>
    </Danger>
  );
};

async function generateToken(context: ConsoleContext): Promise<Response> {
  const created = await attempt(
    api<{ token: string }>(context, "POST", `${pathOf(context)}/tokens`, {}),
  );
  if (!created.ok) return showIntegration(context, { reason: created.reason });
  return showIntegration(context, { token: created.value.token });
}

async function revokeToken(context: ConsoleContext): Promise<Response> {
  const path = pathOf(context);
  await remove(context, `${path}/tokens/${pathId(context, "id")}`);
  return seeOther(context, `${path}#tokens`);
}

const PATH = "/clients/:cid/integrations/:iid";

/** The paths of one integration. */
export const integrationRoutes: readonly ConsoleRoute[] = [
  {
    path: PATH,
    methods: { GET: (context) => showIntegration(context) },
  },
  { path: `${PATH}/tokens`, methods: { POST: generateToken } },
  { path: `${PATH}/tokens/:id/revoke`, methods: { POST: revokeToken } },
];
