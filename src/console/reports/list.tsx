/** `/console/clients/:cid/figures` and `…/charts`: what a client has of each. */
import type { FC } from "hono/jsx";
import { api } from "../api.ts";
import { clientOf } from "../clients/client.ts";
import type { ConsoleContext, ConsoleRoute } from "../context.ts";
import { answerPage } from "../page.tsx";
import { Empty, Grid, Panel, Time } from "../parts/display.tsx";
import { CHART_WORDS, FIGURE_WORDS, listPath, type ReportWords } from "./kinds.ts";

/** An element of `GET …/figures` and `…/charts`. */
interface ListedReport {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly owner_email: string | null;
  readonly updated_at: string;
}

async function showReports(context: ConsoleContext, words: ReportWords): Promise<Response> {
  const path = listPath(context, words);
  const [client, lists] = await Promise.all([
    clientOf(context),
    api<Readonly<Record<string, readonly ListedReport[]>>>(context, "GET", path),
  ]);
  const reports = lists[words.section] ?? [];
  return answerPage(
    context,
    {
      title: words.Many,
      client,
      section: words.section,
      lead: words.lead,
      actions: (
        <a class="button main" href={`/console${path}/new`}>
          New {words.one}
        </a>
      ),
    },
    <Panel title={`All ${words.many}`}>
      <ReportGrid words={words} path={path} reports={reports.toReversed()} />
    </Panel>,
  );
}

const ReportGrid: FC<{
  words: ReportWords;
  path: string;
  reports: readonly ListedReport[];
}> = ({ words, path, reports }) => {
  if (reports.length === 0) {
    return (
      <Empty>
        <p>
          There is no {words.one} yet. <a href={`/console${path}/new`}>Make the first one</a>: it
          begins with a picture of a table's rows.
        </p>
      </Empty>
    );
  }
  return (
    <Grid
      caption={`${words.Many}, the newest first`}
      rows={reports}
      columns={[
        { head: "Name", cell: ({ id, name }) => <a href={`/console${path}/${id}`}>{name}</a> },
        { head: words.idLabel, cell: ({ id }) => id, isNumber: true },
        ...(words.name === "figure"
          ? [{ head: "Type", cell: ({ type }: ListedReport) => type }]
          : []),
        { head: "Owner", cell: ({ owner_email: owner }) => owner ?? <span class="faint">–</span> },
        { head: "Changed", cell: ({ updated_at: at }) => <Time at={at} /> },
      ]}
    />
  );
};

/** The paths of both lists. */
export const reportListRoutes: readonly ConsoleRoute[] = [FIGURE_WORDS, CHART_WORDS].map(
  (words) => ({
    path: `/clients/:cid/${words.section}`,
    methods: { GET: (context) => showReports(context, words) },
  }),
);
