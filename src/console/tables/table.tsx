/** `/console/clients/:cid/tables/:tid`: columns, a sample of rows, search by key. */
import type { FC } from "hono/jsx";
import { api, ApiError } from "../api.ts";
import { type Client, clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId } from "../context.ts";
import { answerPage } from "../page.tsx";
import { Facts, Grid, Notice, Panel, Time, counted } from "../parts/display.tsx";
import { search, searchTexts } from "./key-search.ts";
import { Keys, type ListedTable } from "./list.tsx";
import { type RowPage, Rows } from "./rows.tsx";

/** The answer of `GET …/tables/:tid`. */
export interface Table extends ListedTable {
  readonly parent_id: number | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Rows of one page. */
const ROWS_SHOWN = 25;

/** The table of the path. */
export function tableOf(context: ConsoleContext, tid: string): Promise<Table> {
  return api<Table>(context, "GET", `/clients/${pathId(context, "cid")}/tables/${tid}`);
}

async function showTable(context: ConsoleContext): Promise<Response> {
  const tid = pathId(context, "tid");
  const [client, table] = await Promise.all([clientOf(context), tableOf(context, tid)]);
  const texts = searchTexts(context, table);
  const isSearch = texts.size > 0;
  const path = `/clients/${client.id}/tables/${tid}`;
  const page = isSearch
    ? await search(context, `${path}/rows`, table, texts)
    : await sample(context, `${path}/rows`);
  return answerPage(
    context,
    {
      title: table.name,
      client,
      section: "tables",
      trail: [{ label: "Tables", path: `/clients/${client.id}/tables` }],
      actions: <TableActions client={client} table={table} />,
    },
    <>
      <About table={table} client={client} />
      <Panel title="Rows" id="rows">
        <KeySearch path={path} table={table} texts={texts} />
        {page instanceof ApiError ? (
          <Notice kind="bad" alert>
            <p>{page.message}</p>
          </Notice>
        ) : (
          <Rows table={table} page={page} path={path} isSearch={isSearch} />
        )}
      </Panel>
      <Columns table={table} />
    </>,
  );
}

const TableActions: FC<{ client: Client; table: Table }> = ({ client, table }) => (
  <>
    <a class="button" href={`/console/clients/${client.id}/exports/new?table=${table.id}`}>
      Export
    </a>
    <a class="button" href={`/console/clients/${client.id}/figures/new?table=${table.id}`}>
      New figure
    </a>
  </>
);

const About: FC<{ table: Table; client: Client }> = ({ table, client }) => (
  <Panel title="About">
    <Facts
      facts={[
        ["Table id", <span class="number">{table.id}</span>],
        ["Keys", <Keys names={table.key_names} />],
        ["Columns", counted(table.columns.length)],
        [
          "Integration id",
          <a href={`/console/clients/${client.id}/integrations/${table.integration_id}`}>
            {table.integration_id}
          </a>,
        ],
        ["Created", <Time at={table.created_at} />],
        ...(table.parent_id === null
          ? []
          : [
              [
                "Subtable of",
                <a href={`/console/clients/${client.id}/tables/${table.parent_id}`}>its table</a>,
              ] as const,
            ]),
      ]}
    />
  </Panel>
);

async function sample(context: ConsoleContext, path: string): Promise<RowPage | ApiError> {
  const after = context.req.query("after");
  const more = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
  try {
    return await api<RowPage>(context, "GET", `${path}?limit=${ROWS_SHOWN}${more}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 422) return error;
    throw error;
  }
}

const KeySearch: FC<{ path: string; table: Table; texts: ReadonlyMap<string, string> }> = (
  props,
) => {
  const { path, table, texts } = props;
  // The rows of a subtable have no key of their own.
  if (table.key_names.length === 0 || table.parent_id !== null) return null;
  return (
    <form method="get" action={`/console${path}#rows`} class="form wide" role="search">
      <div class="fields">
        {table.key_names.map((name, index) => (
          <div class="field">
            <label for={`key-${index}`}>{name}</label>
            <input
              id={`key-${index}`}
              type="search"
              name={`k${index}`}
              value={texts.get(name) ?? ""}
              autocomplete="off"
            />
          </div>
        ))}
        <div class="row">
          <button type="submit">Search by key</button>
          {texts.size === 0 ? null : <a href={`/console${path}`}>All rows</a>}
        </div>
      </div>
    </form>
  );
};

const Columns: FC<{ table: Table }> = ({ table }) => (
  <Panel title="Columns" id="columns">
    <Grid
      caption="Columns in the order of their first appearance"
      rows={table.columns}
      columns={[
        { head: "Name", cell: ({ name }) => <code>{name}</code> },
        { head: "Type", cell: ({ type }) => type },
        { head: "Key", cell: ({ name }) => (table.key_names.includes(name) ? "key" : "") },
      ]}
    />
  </Panel>
);

/** The path of one table. */
export const tableRoutes: readonly ConsoleRoute[] = [
  { path: "/clients/:cid/tables/:tid", methods: { GET: showTable } },
];
