/** `/console/clients/:cid/exports`: the raw exports of a client. */
import type { FC } from "hono/jsx";
import { api } from "../api.ts";
import { clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId } from "../context.ts";
import { answerPage } from "../page.tsx";
import { Badge, Empty, Grid, Panel, Time, counted } from "../parts/display.tsx";
import { FirstOf, isFound, NameSearch } from "../parts/search.tsx";
import { tablesOf } from "../tables/list.tsx";

/** An element of `GET …/exports`: the info object of wire.md 4.2 with the table's id. */
export interface ListedExport {
  readonly id: number;
  readonly name: string;
  readonly table_id: number;
  readonly status: "Pending" | "Running" | "Completed" | "Error" | "Expired";
  readonly row_count: number | null;
  readonly error: string | null;
  readonly created_at: string;
  readonly completed_at: string | null;
  readonly expires_at: string | null;
  readonly progress: { readonly rows_done: number; readonly rows_total: number | null };
}

const BADGES = {
  Pending: "busy",
  Running: "busy",
  Completed: "good",
  Error: "bad",
  Expired: "idle",
} as const;

/** An export's state. */
export const StatusBadge: FC<Pick<ListedExport, "status">> = ({ status }) => (
  <Badge kind={BADGES[status]}>{status}</Badge>
);

/** Whether an export is not at its end yet. */
export function isUnderWay({ status }: Pick<ListedExport, "status">): boolean {
  return status === "Pending" || status === "Running";
}

/** How far an export is: a bar, and the numbers in words. */
export const Progress: FC<Pick<ListedExport, "progress" | "name">> = ({ progress, name }) => {
  const { rows_done: done, rows_total: total } = progress;
  if (total === null) return <span>counting the rows</span>;
  return (
    <div class="progress">
      <progress aria-label={`Progress of ${name}`} max={Math.max(total, 1)} value={done} />
      <span class="number">
        {counted(done)} of {counted(total)} rows
      </span>
    </div>
  );
};

/** Exports of one page, the newest, and how many need no search: programs make one a day or more. */
const EXPORTS_SHOWN_MAX = 200;
const SEARCHED_MIN = 10;

/** Seconds between two looks at exports that are under way. */
export const LOOK_SECONDS = 2;

async function showExports(context: ConsoleContext): Promise<Response> {
  const path = `/clients/${pathId(context, "cid")}/exports`;
  const [client, { exports }, tables] = await Promise.all([
    clientOf(context),
    api<{ exports: ListedExport[] }>(context, "GET", path),
    tablesOf(context),
  ]);
  const names = new Map(tables.map(({ id, name }) => [id, name]));
  const searched = context.req.query("name")?.trim() ?? "";
  const found = exports.toReversed().filter(({ name }) => isFound([name], searched));
  const isBusy = exports.some(isUnderWay);
  return answerPage(
    context,
    {
      title: "Raw exports",
      client,
      section: "exports",
      lead: "A raw export is a table, or a part of it, as a zip with one CSV file.",
      actions: (
        <a class="button main" href={`/console${path}/new`}>
          New export
        </a>
      ),
      ...(isBusy ? { reloadSeconds: LOOK_SECONDS } : {}),
    },
    <div id="exports" {...(isBusy ? { "data-refresh": String(LOOK_SECONDS) } : {})}>
      <Panel title="All exports">
        {exports.length > SEARCHED_MIN ? (
          <NameSearch action={path} label="Name contains" searched={searched} />
        ) : null}
        <FirstOf found={found.length} shownMax={EXPORTS_SHOWN_MAX} what="exports" />
        {found.length === 0 && exports.length > 0 ? (
          <p>No export has a name with “{searched}”.</p>
        ) : (
          <ExportGrid path={path} exports={found.slice(0, EXPORTS_SHOWN_MAX)} names={names} />
        )}
      </Panel>
    </div>,
  );
}

interface ExportGridProps {
  readonly path: string;
  readonly exports: readonly ListedExport[];
  readonly names: ReadonlyMap<number, string>;
}

const ExportGrid: FC<ExportGridProps> = ({ path, exports, names }) => {
  if (exports.length === 0) {
    return (
      <Empty>
        <p>There is no export yet.</p>
      </Empty>
    );
  }
  return (
    <Grid
      caption="Raw exports, the newest first"
      rows={exports}
      columns={[
        { head: "Name", cell: ({ id, name }) => <a href={`/console${path}/${id}`}>{name}</a> },
        { head: "Table", cell: ({ table_id }) => names.get(table_id) ?? String(table_id) },
        { head: "State", cell: (row) => <StatusBadge status={row.status} /> },
        {
          head: "Rows",
          cell: (row) =>
            isUnderWay(row) ? (
              <Progress {...row} />
            ) : row.row_count === null ? (
              "–"
            ) : (
              counted(row.row_count)
            ),
          isNumber: true,
        },
        { head: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
        { head: "File expires", cell: ({ expires_at }) => <Time at={expires_at} /> },
      ]}
    />
  );
};

/** The path of the list. */
export const exportListRoutes: readonly ConsoleRoute[] = [
  { path: "/clients/:cid/exports", methods: { GET: showExports } },
];
