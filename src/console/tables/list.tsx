/** `/console/clients/:cid/tables`: the tables of a client, by integration. */
import type { FC } from "hono/jsx";
import { api } from "../api.ts";
import { clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId } from "../context.ts";
import { type Integration, integrationsOf } from "../integrations/list.tsx";
import { answerPage } from "../page.tsx";
import { Empty, Grid, Panel, Time } from "../parts/display.tsx";
import { FirstOf, isFound, NameSearch } from "../parts/search.tsx";

/** An element of `GET …/tables`. */
export interface ListedTable {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
  readonly key_names: readonly string[];
  readonly created_at: string;
}

/** Tables of one page: their number has no bound, since programs make them. */
const TABLES_SHOWN_MAX = 500;

/** All tables of the client of the path. */
export async function tablesOf(context: ConsoleContext): Promise<ListedTable[]> {
  const path = `/clients/${pathId(context, "cid")}/tables`;
  return (await api<{ tables: ListedTable[] }>(context, "GET", path)).tables;
}

/** Names of tables with the integration's where two tables have the same. */
export function tableLabels(
  tables: readonly Pick<ListedTable, "id" | "name" | "integration_id">[],
  integrations: readonly Integration[],
): ReadonlyMap<number, string> {
  const names = new Map(integrations.map(({ id, name }) => [id, name]));
  const times = new Map<string, number>();
  for (const { name } of tables) times.set(name, (times.get(name) ?? 0) + 1);
  return new Map(
    tables.map(({ id, name, integration_id }) => {
      const isShared = (times.get(name) ?? 0) > 1;
      return [id, isShared ? `${name} (${names.get(integration_id) ?? integration_id})` : name];
    }),
  );
}

async function showTables(context: ConsoleContext): Promise<Response> {
  const [client, all, integrations] = await Promise.all([
    clientOf(context),
    tablesOf(context),
    integrationsOf(context),
  ]);
  const searched = context.req.query("name")?.trim() ?? "";
  const found = all.filter(({ name }) => isFound([name], searched));
  const shown = found.slice(0, TABLES_SHOWN_MAX);
  const home = `/clients/${client.id}/tables`;
  return answerPage(
    context,
    {
      title: "Tables",
      client,
      section: "tables",
      lead: "Tables appear with the first import that names them, and columns with their first value.",
    },
    <>
      {all.length === 0 ? (
        <Empty>
          <p>
            There is no table yet. <a href={`/console/clients/${client.id}/connect`}>Connect</a> a
            program.
          </p>
        </Empty>
      ) : (
        <>
          <NameSearch action={home} label="Name contains" searched={searched} />
          <FirstOf found={found.length} shownMax={TABLES_SHOWN_MAX} what="tables" />
          {integrations.map((integration) => (
            <IntegrationTables
              home={home}
              integration={integration}
              tables={shown.filter(({ integration_id }) => integration_id === integration.id)}
            />
          ))}
          {shown.length === 0 ? <p>No table has a name with “{searched}”.</p> : null}
        </>
      )}
    </>,
  );
}

const IntegrationTables: FC<{
  home: string;
  integration: Integration;
  tables: readonly ListedTable[];
}> = ({ home, integration, tables }) => {
  if (tables.length === 0) return null;
  return (
    <Panel title={integration.name}>
      <Grid
        caption={`Tables of ${integration.name}`}
        rows={tables}
        columns={[
          { head: "Table", cell: ({ id, name }) => <a href={`/console${home}/${id}`}>{name}</a> },
          { head: "Keys", cell: ({ key_names }) => <Keys names={key_names} /> },
          { head: "Id", cell: ({ id }) => id, isNumber: true },
          { head: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
        ]}
      />
    </Panel>
  );
};

/** The names of a table's key. */
export const Keys: FC<{ names: readonly string[] }> = ({ names }) =>
  names.length === 0 ? (
    <span class="faint">none: rows are only added</span>
  ) : (
    <span>
      {names.map((name, index) => (
        <>
          {index === 0 ? "" : ", "}
          <code>{name}</code>
        </>
      ))}
    </span>
  );

/** The path of the list. */
export const tableListRoutes: readonly ConsoleRoute[] = [
  { path: "/clients/:cid/tables", methods: { GET: showTables } },
];
