/** `/console/clients/:cid/exports/new`: a table, then its columns and filters. */
import type { FC } from "hono/jsx";
import { api, attempt } from "../api.ts";
import { type Client, clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId, seeOther } from "../context.ts";
import { FilterFields } from "../filters/filter-fields.tsx";
import {
  type AskedFilters,
  askedFilters,
  filterMembers,
  NO_FILTERS,
} from "../filters/filters-of.ts";
import { integrationsOf } from "../integrations/list.tsx";
import { answerPage, type View } from "../page.tsx";
import { Empty, Panel } from "../parts/display.tsx";
import {
  CheckField,
  FormError,
  nameOfValue,
  nameValue,
  PostForm,
  SelectField,
  Submit,
  TextField,
} from "../parts/forms.tsx";
import { formOf } from "../session/form.ts";
import { tableLabels, tablesOf } from "../tables/list.tsx";
import { type Table, tableOf } from "../tables/table.tsx";

/** What the form says; no columns are all of them. */
interface Asked {
  readonly name: string;
  readonly columns: readonly string[];
  readonly filters: AskedFilters;
  readonly isSafe: boolean;
  readonly reason?: string;
}

const NOTHING: Asked = { name: "", columns: [], filters: NO_FILTERS, isSafe: false };

const viewOf = (client: Client, title: string): View => ({
  title,
  client,
  section: "exports",
  trail: [{ label: "Raw exports", path: `/clients/${client.id}/exports` }],
});

async function showNew(context: ConsoleContext): Promise<Response> {
  const tid = context.req.query("table") ?? "";
  if (/^[1-9]\d*$/.test(tid)) return showForm(context, tid, NOTHING);
  const [client, tables, integrations] = await Promise.all([
    clientOf(context),
    tablesOf(context),
    integrationsOf(context),
  ]);
  const labels = tableLabels(tables, integrations);
  const choices = [...labels].map(([id, label]) => ({ value: String(id), label }));
  return answerPage(
    context,
    viewOf(client, "New export"),
    <Panel title="Which table?">
      {choices.length === 0 ? (
        <Empty>
          <p>There is no table yet: nothing was imported.</p>
        </Empty>
      ) : (
        <form method="get" action={`/console/clients/${client.id}/exports/new`} class="form">
          <SelectField label="Table" name="table" choices={choices} />
          <Submit>Go on</Submit>
        </form>
      )}
    </Panel>,
  );
}

async function showForm(context: ConsoleContext, tid: string, asked: Asked): Promise<Response> {
  const [client, table] = await Promise.all([clientOf(context), tableOf(context, tid)]);
  return answerPage(
    context,
    viewOf(client, `New export of ${table.name}`),
    <Panel title="What is exported">
      <PostForm
        session={context.var.session}
        action={`/clients/${client.id}/exports`}
        class="form wide"
      >
        <FormError reason={asked.reason} />
        <input type="hidden" name="table" value={tid} />
        <TextField
          label="Name"
          name="name"
          value={asked.name}
          placeholder={table.name}
          autocomplete="off"
          hint="The file in the zip is called <name>.csv. Empty: the table's name."
        />
        <ColumnChoice table={table} chosen={asked.columns} />
        <FilterFields prefix="" columns={table.columns} asked={asked.filters} />
        <CheckField
          label="Safe for spreadsheets"
          name="spreadsheet_safe"
          checked={asked.isSafe}
          hint="Texts that a spreadsheet would take for a formula begin with an apostrophe."
        />
        <div class="row">
          <Submit>Export</Submit>
          <button
            type="submit"
            name="more"
            value="1"
            class="button"
            formaction={`/console/clients/${client.id}/exports#filters`}
          >
            Add conditions
          </button>
        </div>
      </PostForm>
    </Panel>,
    asked.reason === undefined ? 200 : 422,
  );
}

const ColumnChoice: FC<{ table: Table; chosen: readonly string[] }> = ({ table, chosen }) => (
  <fieldset>
    <legend>Columns</legend>
    <p class="hint">None chosen: all of them, in the order of their first appearance.</p>
    <div class="fields">
      {table.columns.map(({ name, type }, index) => (
        <CheckField
          index={index}
          label={`${name} (${type})`}
          name="column"
          value={nameValue(name)}
          checked={chosen.includes(name)}
        />
      ))}
    </div>
  </fieldset>
);

async function createExport(context: ConsoleContext): Promise<Response> {
  const form = await formOf(context);
  const tid = form.get("table")?.[0] ?? "";
  const asked: Asked = {
    name: form.get("name")?.[0]?.trim() ?? "",
    columns: (form.get("column") ?? []).map(nameOfValue),
    filters: askedFilters(form, ""),
    isSafe: form.has("spreadsheet_safe"),
  };
  if (!/^[1-9]\d*$/.test(tid)) return showNew(context);
  if (form.has("more")) return showForm(context, tid, asked);
  const table = await tableOf(context, tid);
  const body = {
    table_id: Number(tid),
    ...(asked.name === "" ? {} : { name: asked.name }),
    ...(asked.columns.length === 0 ? {} : { columns: asked.columns }),
    ...filterMembers(asked.filters, table.columns),
    spreadsheet_safe: asked.isSafe,
  };
  const path = `/clients/${pathId(context, "cid")}/exports`;
  const created = await attempt(api<{ id: number }>(context, "POST", path, body));
  if (!created.ok) return showForm(context, tid, { ...asked, reason: created.reason });
  return seeOther(context, `${path}/${created.value.id}`);
}

/** The paths of new exports. */
export const newExportRoutes: readonly ConsoleRoute[] = [
  { path: "/clients/:cid/exports/new", methods: { GET: showNew } },
  { path: "/clients/:cid/exports", methods: { POST: createExport } },
];
