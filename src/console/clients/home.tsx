/** `/console/clients/:cid`: how a client is doing: imports, rows, problems. */
import type { FC } from "hono/jsx";
import { COUNTED_TABLES_MAX } from "../../admin/limits.ts";
import { api, refusalOf } from "../api.ts";
import { type ConsoleContext, type ConsoleRoute, pathId, seeOther } from "../context.ts";
import { integrationsOf } from "../integrations/list.tsx";
import { answerPage } from "../page.tsx";
import { counted, Empty, Facts, Grid, Panel, Time } from "../parts/display.tsx";
import { FormError, PostForm, Submit, TextField } from "../parts/forms.tsx";
import { type Rejection, RejectionList } from "../problems/rejections.tsx";
import { formOf } from "../session/form.ts";
import { tableLabels } from "../tables/list.tsx";
import { type Client, clientOf } from "./client.ts";

/** Refused requests on this page; the pages of the integrations have more. */
const PROBLEMS_SHOWN = 5;

/** An element of `GET /clients/:cid/table-counts`. */
interface TableCount {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
  readonly rows: number;
  readonly rows_are_exact: boolean;
  readonly counted_at: string;
}

/** What the settings' form says, to be shown again with the reason of its refusal. */
interface Settings {
  readonly name: string;
  readonly time_zone: string;
  readonly reason?: string | undefined;
}

async function showHome(context: ConsoleContext, settings?: Settings): Promise<Response> {
  const cid = pathId(context, "cid");
  const [client, integrations, { tables }, { rejections }] = await Promise.all([
    clientOf(context),
    integrationsOf(context),
    api<{ tables: TableCount[] }>(context, "GET", `/clients/${cid}/table-counts`),
    api<{ rejections: Rejection[] }>(context, "GET", `/clients/${cid}/rejections`),
  ]);
  const view = { title: client.name, client, section: "home" } as const;
  const status = settings === undefined ? 200 : 422;
  return answerPage(
    context,
    view,
    <>
      <Imports client={client} tables={tables} />
      <Panel title="Rows per table">
        <Tables client={client} tables={tables} labels={tableLabels(tables, integrations)} />
      </Panel>
      <Panel title="Problems" id="problems">
        <RejectionList rejections={rejections.slice(0, PROBLEMS_SHOWN)} />
        <p class="hint">
          Requests that were refused, of the last 7 days.{" "}
          <a href={`/console/clients/${cid}/integrations`}>All of them by integration</a>
        </p>
      </Panel>
      <SettingsPanel context={context} client={client} settings={settings ?? client} />
    </>,
    status,
  );
}

const Imports: FC<{ client: Client; tables: readonly TableCount[] }> = ({ client, tables }) => {
  const { count, last_started_at, last_ended_at } = client.imports;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  // The newest tables only are counted: where there may be others, they have more rows.
  const isAll = tables.length < COUNTED_TABLES_MAX;
  const isExact = isAll && tables.every((table) => table.rows_are_exact);
  return (
    <Panel title="Imports">
      <Facts
        facts={[
          ["Last import stored", <Time at={last_ended_at} seconds />],
          ["It began", <Time at={last_started_at} seconds />],
          ["Imports stored so far", <span class="number">{counted(count)}</span>],
          ["Rows", <Rows rows={rows} isExact={isExact} />],
          ["Client id", <span class="number">{client.id}</span>],
          ["Time zone", client.time_zone],
        ]}
      />
      <p class="hint">
        Imports are noted in steps of some seconds. Times on these pages are in UTC; the client's
        programs see theirs in its time zone.
      </p>
    </Panel>
  );
};

const Rows: FC<{ rows: number; isExact: boolean }> = ({ rows, isExact }) => (
  <span class="number">{isExact ? counted(rows) : `at least ${counted(rows)}`}</span>
);

interface TablesProps {
  readonly client: Client;
  readonly tables: readonly TableCount[];
  readonly labels: ReadonlyMap<number, string>;
}

const Tables: FC<TablesProps> = ({ client, tables, labels }) => {
  const home = `/console/clients/${client.id}`;
  if (tables.length === 0) {
    return (
      <Empty>
        <p>No data has arrived yet. Tables appear with the first import.</p>
        <p>
          <a href={`${home}/connect`}>Connect a program</a>, or send a test point from there.
        </p>
      </Empty>
    );
  }
  const isAll = tables.length < COUNTED_TABLES_MAX;
  const grid = (
    <Grid
      caption="The newest tables with their rows"
      rows={tables}
      columns={[
        {
          head: "Table",
          cell: ({ id, name }) => <a href={`${home}/tables/${id}`}>{labels.get(id) ?? name}</a>,
        },
        {
          head: "Rows",
          cell: ({ rows, rows_are_exact }) => <Rows rows={rows} isExact={rows_are_exact} />,
          isNumber: true,
        },
        { head: "Counted", cell: ({ counted_at }) => <Time at={counted_at} /> },
      ]}
    />
  );
  return (
    <>
      {grid}
      {isAll ? null : (
        <p class="hint">
          The newest {tables.length} tables are counted here.{" "}
          <a href={`${home}/tables`}>All tables</a>
        </p>
      )}
    </>
  );
};

const SettingsPanel: FC<{ context: ConsoleContext; client: Client; settings: Settings }> = (
  props,
) => {
  const { context, client, settings } = props;
  return (
    <Panel title="Settings" id="settings">
      <PostForm session={context.var.session} action={`/clients/${client.id}`}>
        <FormError reason={settings.reason} />
        <TextField label="Name" name="name" value={settings.name} required autocomplete="off" />
        <TextField
          label="Time zone"
          name="time_zone"
          value={settings.time_zone}
          autocomplete="off"
          hint="An IANA name like America/New_York: by it times are shown to the client's programs."
        />
        <Submit kind="other">Save</Submit>
      </PostForm>
    </Panel>
  );
};

async function changeClient(context: ConsoleContext): Promise<Response> {
  const cid = pathId(context, "cid");
  const form = await formOf(context);
  const settings = {
    name: form.get("name")?.[0] ?? "",
    time_zone: form.get("time_zone")?.[0]?.trim() ?? "",
  };
  const reason = await refusalOf(api(context, "PATCH", `/clients/${cid}`, settings));
  if (reason !== undefined) return showHome(context, { ...settings, reason });
  return seeOther(context, `/clients/${cid}`);
}

/** The paths of a client's own page. */
export const clientHomeRoutes: readonly ConsoleRoute[] = [
  {
    path: "/clients/:cid",
    methods: { GET: (context) => showHome(context), POST: changeClient },
  },
];
