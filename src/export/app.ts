/** The export surface, `/0.1` (wire.md 4). Access is checked before anything else. */
import { type Context, Hono } from "hono";
import { errorAnswer, jsonAnswer } from "../http/answer.ts";
import { callOf } from "../http/calls/call.ts";
import { Refusal } from "../http/errors.ts";
import { type Fields, flagOf, readFields } from "../http/form.ts";
import { reportApp } from "../report/app.ts";
import { findTable, listColumns, listTables, type TableInfo } from "../warehouse/read-tables.ts";
import { asRefusal } from "../warehouse/store-errors.ts";
import { exportClient } from "./access.ts";
import { definitionText, readDefinition } from "./definition.ts";
import { download } from "./download/download.ts";
import {
  type ExportRow,
  findExport,
  infoOf,
  type NewExport,
  selectExports,
  startExport,
  wakeExport,
} from "./exports.ts";
import { EXPORT_NAME_LENGTH_MAX } from "./limits.ts";
import { updateStatus } from "./update-status.ts";

interface ExportEnv {
  Bindings: Env;
  Variables: { clientId: number };
}
type ExportContext = Context<ExportEnv>;

/** Paths are relative to `/0.1`. */
export const exportApp = new Hono<ExportEnv>();

exportApp.use("*", async function checkAccess(c, next) {
  c.set("clientId", await exportClient(c.req.raw, c.env));
  await next();
});

exportApp.get("/export", async (c) => {
  const { results } = await selectExports(c.env, c.var.clientId).all<ExportRow>();
  const now = Date.now();
  return json(200, { exports: results.map((row) => infoOf(row, now)) });
});

exportApp.get("/export/:id", (c) => download(c.env, c.var.clientId, idOf(c, "id"), c.req.raw));

exportApp.get("/export/:id/info", async (c) => json(200, infoOf(await exportOf(c), Date.now())));

exportApp.post("/export/:id/copy", async (c) => {
  const original = await exportOf(c);
  const fields = await readFields(c.req.raw);
  const name = nameOf(fields) ?? original.name;
  const definition = withFlag(original.definition, fields);
  return json(201, await started(c, { tableId: original.table_id, name, definition }));
});

exportApp.get("/client/:cid/table", async (c) => {
  checkClient(c);
  const tables = await listTables(c.env, c.var.clientId);
  return json(200, { tables: tables.map(({ id, name }) => ({ id, name })) });
});

exportApp.get("/client/:cid/table/:tid", async (c) => {
  checkClient(c);
  const table = await tableOf(c);
  const columns = await listColumns(c.env, table.id);
  return json(200, { columns: columns.map(({ name, type }) => ({ name, type })) });
});

exportApp.post("/client/:cid/table/:tid/export", async (c) => {
  checkClient(c);
  const table = await tableOf(c);
  const { id: tableId, name } = table;
  const definition = withFlag("{}", await readFields(c.req.raw));
  return json(200, await started(c, { tableId, name, definition }));
});

exportApp.get("/client/:cid/fullupdatestatus", async (c) => {
  checkClient(c);
  return json(200, await updateStatus(c.env, c.var.clientId));
});

// Figures and charts.
exportApp.route("/", reportApp);

exportApp.all("/client/:cid/*", (c) => {
  checkClient(c);
  throw new Refusal("not_found");
});

exportApp.all("*", () => {
  throw new Refusal("not_found");
});

exportApp.onError((error, c) => errorAnswer("export", c.req.raw, asRefusal(error)));

function json(status: number, body: unknown): Response {
  return jsonAnswer(status, JSON.stringify(body));
}

/** A client in the path must be the key's own; the answer is the one of a missing key. */
function checkClient(c: ExportContext): void {
  if (c.req.param("cid") !== String(c.var.clientId)) throw new Refusal("export_forbidden");
}

function idOf(c: ExportContext, name: string): number {
  const text = c.req.param(name) ?? "";
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new Refusal("not_found");
  return Number(text);
}

async function exportOf(c: ExportContext): Promise<ExportRow> {
  const row = await findExport(c.env, c.var.clientId, idOf(c, "id"));
  if (row === null) throw new Refusal("not_found");
  await wakeExport(c.env, row);
  return row;
}

async function tableOf(c: ExportContext): Promise<TableInfo> {
  const table = await findTable(c.env, c.var.clientId, idOf(c, "tid"));
  if (table === undefined) throw new Refusal("not_found");
  callOf(c.req.raw).table = table.name;
  return table;
}

async function started(c: ExportContext, wanted: Omit<NewExport, "clientId">): Promise<unknown> {
  const row = await startExport(c.env, { clientId: c.var.clientId, ...wanted });
  return { ...infoOf(row, Date.now()), export_id: row.id };
}

function nameOf(fields: Fields): string | undefined {
  const name = fields("name");
  if (name !== undefined && name.length > EXPORT_NAME_LENGTH_MAX) {
    const REASON = `The name is longer than ${EXPORT_NAME_LENGTH_MAX} characters.`;
    throw new Refusal("export_invalid", { REASON });
  }
  return name;
}

/** The stored definition, with what the field `spreadsheet_safe` says where it is there. */
function withFlag(definition: string, fields: Fields): string {
  const text = fields("spreadsheet_safe");
  if (text === undefined) return definition;
  const spreadsheetSafe = flagOf(text);
  if (spreadsheetSafe === undefined) {
    const REASON = "spreadsheet_safe must be 1, true, 0 or false.";
    throw new Refusal("export_invalid", { REASON });
  }
  return definitionText({ ...readDefinition(definition), spreadsheetSafe });
}
