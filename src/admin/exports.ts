/** Raw exports from definitions: columns, filters and options (design.md 2, wire.md 4.2). */
import * as z from "zod";
import {
  definitionText,
  type ExportDefinition,
  readAsked,
  readDefinition,
} from "../export/definition.ts";
import { download } from "../export/download/download.ts";
import {
  type ExportRow,
  findExport,
  infoOf,
  selectExports,
  startExport,
  wakeExport,
} from "../export/exports.ts";
import { EXPORT_NAME_LENGTH_MAX } from "../export/limits.ts";
import { removeExport } from "../export/remove.ts";
import { shownFilter } from "../filter/stored.ts";
import { jsonAnswer, NO_STORE } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { expecting } from "../http/member-rules.ts";
import { type Json, parseExact } from "../json/exact.ts";
import { findTable, listColumns } from "../warehouse/read-tables.ts";
import { orInvalid, readMembers, text } from "./input.ts";
import { type AdminContext, type AdminRoute, idOf } from "./routes.ts";
import { CLIENT, listUnder } from "./store.ts";

/** Any text, stored without outer white space: the names of files are made fit (file-name.ts). */
const ExportName = text()
  .trim()
  .refine((name) => name !== "" && name.length <= EXPORT_NAME_LENGTH_MAX, {
    error: `must have 1 to ${EXPORT_NAME_LENGTH_MAX} characters`,
  })
  .meta({ minLength: 1, maxLength: EXPORT_NAME_LENGTH_MAX });

const tableIdError = expecting("the id of a table");

/** A part of the definition, which export/definition.ts checks: it knows the table's columns. */
const Part = z.custom<Json>().optional();

/** The body of `POST /clients/:cid/exports`; without a name the export has the table's. */
export const NewExport = z.strictObject({
  name: ExportName.optional(),
  table_id: z.int({ error: tableIdError }).min(1, { error: tableIdError }),
  columns: Part,
  filters: Part,
  filter_logic: Part,
  spreadsheet_safe: Part,
});

async function createExport(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  const clientId = idOf(context, "cid");
  const body = await readMembers(req.raw, NewExport, "", parseExact);
  const table = await findTable(env, clientId, body.table_id);
  if (table === undefined) throw new Refusal("not_found");
  const columns = await listColumns(env, table.id);
  const definition = await orInvalid(() => readAsked(body, columns));
  const row = await startExport(env, {
    clientId,
    tableId: table.id,
    name: body.name ?? table.name,
    definition: definitionText(definition),
  });
  return jsonAnswer(201, exportText(row, definition));
}

/** An export with its definition. */
function exportText(row: ExportRow, definition: ExportDefinition): string {
  const { columns = null, filter, spreadsheetSafe } = definition;
  return JSON.stringify({
    ...shortInfo(row, Date.now()),
    columns,
    ...shownFilter(filter),
    spreadsheet_safe: spreadsheetSafe,
  });
}

function shortInfo(row: ExportRow, now: number): Record<string, unknown> {
  return { ...infoOf(row, now), table_id: row.table_id };
}

async function listExports(context: AdminContext): Promise<Response> {
  const { CATALOG } = context.env;
  const clientId = idOf(context, "cid");
  const rows = await listUnder<ExportRow>(
    context.env,
    CATALOG.prepare(CLIENT).bind(clientId),
    selectExports(context.env, clientId),
  );
  const now = Date.now();
  return jsonAnswer(200, JSON.stringify({ exports: rows.map((row) => shortInfo(row, now)) }));
}

async function showExport(context: AdminContext): Promise<Response> {
  const [clientId, id] = [idOf(context, "cid"), idOf(context, "id")];
  const row = await findExport(context.env, clientId, id);
  if (row === null) throw new Refusal("not_found");
  await wakeExport(context.env, row);
  return jsonAnswer(200, exportText(row, readDefinition(row.definition)));
}

/** The body of `POST …/exports/:id/copy`; without a name the copy has the original's. */
export const ExportCopy = z.strictObject({ name: ExportName.optional() });

/** An export of the same definition, filled anew from the rows of now (wire.md 4.2). */
async function copyExport(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  const clientId = idOf(context, "cid");
  const { name } = await readMembers(req.raw, ExportCopy, "{}");
  const original = await findExport(env, clientId, idOf(context, "id"));
  if (original === null) throw new Refusal("not_found");
  const { table_id: tableId, definition } = original;
  const asked = { clientId, tableId, name: name ?? original.name, definition };
  const row = await startExport(env, asked);
  return jsonAnswer(201, exportText(row, readDefinition(row.definition)));
}

/** The file, as the Export API gives it: ranges and conditions included. */
function exportFile(context: AdminContext): Promise<Response> {
  const { env, req } = context;
  return download(env, idOf(context, "cid"), idOf(context, "id"), req.raw);
}

async function deleteExport(context: AdminContext): Promise<Response> {
  const [clientId, id] = [idOf(context, "cid"), idOf(context, "id")];
  if (!(await removeExport(context.env, clientId, id))) throw new Refusal("not_found");
  return new Response(null, { status: 204, headers: NO_STORE });
}

/** The paths of exports. */
export const exportRoutes: readonly AdminRoute[] = [
  { path: "/clients/:cid/exports", methods: { GET: listExports, POST: createExport } },
  { path: "/clients/:cid/exports/:id", methods: { GET: showExport, DELETE: deleteExport } },
  { path: "/clients/:cid/exports/:id/copy", methods: { POST: copyExport } },
  { path: "/clients/:cid/exports/:id/file", methods: { GET: exportFile } },
];
