/** `/console/clients/:cid/figures/:id` and `…/charts/:id`: the picture, the id, the lines, delete. */
import type { FC } from "hono/jsx";
import { stringifyExact } from "../../json/exact.ts";
import { callApi } from "../api.ts";
import { type Client, clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, seeOther } from "../context.ts";
import { answerPage } from "../page.tsx";
import { CodeBlock, Facts, Panel, Time } from "../parts/display.tsx";
import { Danger } from "../parts/forms.tsx";
import { isScalar } from "../picture/data.ts";
import type { PictureKind } from "../picture/options.ts";
import {
  CHART_WORDS,
  definitionText,
  FIGURE_WORDS,
  listPath,
  reportPath,
  type ReportWords,
  type StoredReport,
  storedReport,
} from "./kinds.ts";
import { definedKind, reckon, type Reckoned, ReportView } from "./view.tsx";

/** The pictures that a figure with series can have; without a query it is the defined one. */
const DISPLAYS = [
  { kind: "line", label: "Lines" },
  { kind: "bar", label: "Bars" },
  { kind: "table", label: "Table" },
] as const;

async function showReport(context: ConsoleContext, words: ReportWords): Promise<Response> {
  const path = reportPath(context, words);
  const [client, report] = await Promise.all([clientOf(context), storedReport(context, words)]);
  const reckoned = await reckon(context, `${path}/data`);
  const as = DISPLAYS.find(({ kind }) => kind === context.req.query("as"))?.kind;
  const definition = stringifyExact(report.definition);
  return answerPage(
    context,
    {
      title: report.name,
      client,
      section: words.section,
      trail: [{ label: words.Many, path: listPath(context, words) }],
      actions: (
        <a class="button" href={`/console${path}/edit`}>
          Edit
        </a>
      ),
    },
    <>
      <section class="panel" aria-label="Picture">
        {hasDisplays(words, reckoned) ? (
          <Displays path={path} chosen={as ?? definedKind(definition)} />
        ) : null}
        <ReportView name={words.name} reckoned={reckoned} definition={definition} kind={as} />
      </section>
      <Program
        words={words}
        client={client}
        report={report}
        origin={new URL(context.req.url).origin}
      />
      <Definition path={path} report={report} />
      <Panel title="Delete">
        <Danger
          session={context.var.session}
          action={`${path}/delete`}
          open="Delete…"
          confirm={`Delete this ${words.one}`}
        >
          <p>
            {report.name} goes for good. Programs that export {words.idLabel} {report.id} are
            refused, and the id is not used again.
          </p>
        </Danger>
      </Panel>
    </>,
  );
}

/** Whether there is a choice of pictures: for a figure that has any, and is no scalar. */
function hasDisplays({ name }: ReportWords, reckoned: Reckoned): boolean {
  return name === "figure" && "data" in reckoned && !isScalar(reckoned.data);
}

const Displays: FC<{ path: string; chosen: PictureKind }> = ({ path, chosen }) => (
  <nav aria-label="Shown as" class="displays">
    <ul class="row plain-list">
      {DISPLAYS.map(({ kind, label }) => (
        <li>
          <DisplayLink href={`/console${path}?as=${kind}`} label={label} isHere={chosen === kind} />
        </li>
      ))}
    </ul>
  </nav>
);

const DisplayLink: FC<{ href: string; label: string; isHere: boolean }> = (props) => {
  const { href, label, isHere } = props;
  return (
    <a class="button small" href={href} {...(isHere ? { "aria-current": "true" } : {})}>
      {label}
    </a>
  );
};

interface ProgramProps {
  readonly words: ReportWords;
  readonly client: Client;
  readonly report: StoredReport;
  readonly origin: string;
}

const Program: FC<ProgramProps> = ({ words, client, report: { id }, origin }) => {
  const { name, idLabel } = words;
  const call = "curl -H 'X-RJM-API-Key: KEY'";
  const url = `${origin}/0.1/${name}/${id}/export`;
  return (
    <Panel title="From a program">
      <p class="figure-big">
        {idLabel}: {id}
      </p>
      <p class="hint">
        KEY is an <a href={`/console/clients/${client.id}/export-keys`}>export key</a> of{" "}
        {client.name}.
      </p>
      <CodeBlock
        label="Line that exports csv with headers"
        text={`${call} -o ${name}-${id}.csv '${url}?format=csv&includeColumnHeaders=1'`}
      />
      <CodeBlock label="Line that exports json" text={`${call} '${url}?format=json'`} />
    </Panel>
  );
};

const Definition: FC<{ path: string; report: StoredReport }> = ({ path, report }) => (
  <Panel
    title="Definition"
    actions={
      <a class="button small" href={`/console${path}/edit?as=json`}>
        Edit as JSON
      </a>
    }
  >
    <Facts
      facts={[
        ["Created", <Time at={report.createdAt} />],
        ["Changed", <Time at={report.updatedAt} />],
      ]}
    />
    <details>
      <summary>The definition as JSON</summary>
      <CodeBlock label="Definition" text={definitionText(report.definition)} />
    </details>
  </Panel>
);

async function deleteReport(context: ConsoleContext, words: ReportWords): Promise<Response> {
  await callApi(context, "DELETE", reportPath(context, words));
  return seeOther(context, listPath(context, words));
}

/** The paths of one report of each kind. */
export const reportRoutes: readonly ConsoleRoute[] = [FIGURE_WORDS, CHART_WORDS].flatMap(
  (words) => {
    const path = `/clients/:cid/${words.section}/:id`;
    return [
      { path, methods: { GET: (context) => showReport(context, words) } },
      { path: `${path}/delete`, methods: { POST: (context) => deleteReport(context, words) } },
    ] satisfies ConsoleRoute[];
  },
);
