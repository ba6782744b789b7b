/** `/0.1/figure` and `/0.1/chart`: what programs see of reports (wire.md 4.3). */
import { type Context, Hono } from "hono";
import { jsonAnswer, NO_STORE } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { exportChart } from "./chart/cohort-evaluate.ts";
import { exportFigure } from "./figure/evaluate.ts";
import { readOptions } from "./options.ts";
import { findReport, type ReportKind, type ReportRow, selectReports } from "./store.ts";

interface ReportEnv {
  Bindings: Env;
  /** Whose key the request has; set before these routes are reached. */
  Variables: { clientId: number };
}
type ReportContext = Context<ReportEnv>;

/** Paths are relative to `/0.1`; the export surface checks access and answers what is thrown. */
export const reportApp = new Hono<ReportEnv>();

const METHODS = ["GET", "POST"];

for (const kind of ["figure", "chart"] as const) {
  reportApp.get(`/${kind}`, async (c) => {
    const { results } = await selectReports(c.env, c.var.clientId, kind).all<ReportRow>();
    const elements = Object.fromEntries(results.map((row) => [row.id, elementOf(row)]));
    return json({ [`${kind}Exports`]: elements });
  });

  reportApp.on(METHODS, `/${kind}/:id/info`, async (c) => {
    const row = await reportOf(c, kind);
    return json({ ...elementOf(row), lastExport: lastExportOf(row) });
  });

  reportApp.on(METHODS, `/${kind}/:id/export`, async (c) => {
    const row = await reportOf(c, kind);
    const options = await readOptions(c.req.raw);
    const run = kind === "figure" ? exportFigure : exportChart;
    const text = await run(c.env, { clientId: c.var.clientId, row, now: Date.now() }, options);
    if (options.format === "json") return jsonAnswer(200, text);
    const headers = { "Content-Type": "text/csv; charset=UTF-8", ...NO_STORE };
    // A lone surrogate, which is no character, would be three bytes that are no UTF-8.
    return new Response(text.toWellFormed(), { status: 200, headers });
  });
}

/** A report in a list (wire.md 4.3). */
function elementOf({ id, name, type, owner_email: ownerEmail }: ReportRow): object {
  return { id, name, presentationType: type, ownerEmail };
}

/** What the last export left out: values that are no dates, and values that are no numbers. */
function lastExportOf(row: ReportRow): object | null {
  const { last_run_at: at, last_not_dates: notDates, last_not_numbers: notNumbers } = row;
  return at === null ? null : { at: new Date(at).toISOString(), notDates, notNumbers };
}

async function reportOf(c: ReportContext, kind: ReportKind) {
  const text = c.req.param("id") ?? "";
  const id = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
  const row = await findReport(c.env, c.var.clientId, kind, id);
  if (row === null) throw new Refusal("not_found");
  return row;
}

function json(body: unknown): Response {
  return jsonAnswer(200, JSON.stringify(body));
}
