/** Figures and charts: what owners define, for `/0.1/figure` and `/0.1/chart` (docs/reports.md). */
import type * as z from "zod";
import { Buffer } from "../buffer.ts";
import { jsonAnswer, NO_STORE } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { isObject, type JsonObject, parseExact, stringifyExact } from "../json/exact.ts";
import { checkChart, checkFigure } from "../report/definition/check.ts";
import { Chart } from "../report/definition/cohort.ts";
import { REPORT_BYTES_MAX, REPORTS_MAX } from "../report/definition/definition-limits.ts";
import { Figure } from "../report/definition/figure.ts";
import {
  deleteReport,
  findReport,
  insertReport,
  type NewReport,
  type ReportKind,
  type ReportRow,
  selectReports,
  updateReport,
} from "../report/store.ts";
import { invalid, orInvalid, readMembers } from "./input.ts";
import { type AdminContext, type AdminRoute, idOf, timeText } from "./routes.ts";
import { CLIENT, insertUnder, listUnder } from "./store.ts";

/** What is different between the kinds of reports. */
export interface Kind<Definition> {
  readonly kind: ReportKind;
  /** Members of its definition, without the catalogue's word. */
  readonly schema: z.ZodType<Definition>;
  /** The catalogue's word: the checked filters of its metrics (report/definition/check.ts). */
  readonly check: (env: Env, clientId: number, asked: Definition) => Promise<JsonObject[][]>;
  readonly typeOf: (asked: Definition) => string;
}

/** What both kinds have. */
export interface Named {
  readonly name: string;
  readonly owner_email?: string | undefined;
}

/** Figures. */
export const FIGURE: Kind<Figure> = {
  kind: "figure",
  schema: Figure,
  check: checkFigure,
  typeOf: ({ type }) => type,
};

/** Cohort charts. */
export const CHART: Kind<Chart> = {
  kind: "chart",
  schema: Chart,
  check: checkChart,
  typeOf: () => "chart",
};

/**
 * To be asked before a definition is read: where the client is unknown, so are all its tables.
 *
 * @throws Refusal not_found
 */
export async function requireClient(context: AdminContext): Promise<void> {
  const client = context.env.CATALOG.prepare(CLIENT).bind(idOf(context, "cid"));
  if ((await client.first()) === null) throw new Refusal("not_found");
}

/**
 * The definition that a request asks for, checked.
 *
 * @throws Refusal admin_invalid with place and reason, or
 * what reading a body throws (http/body.ts).
 */
export async function readReport<Definition extends Named>(
  context: AdminContext,
  { schema, check, typeOf }: Kind<Definition>,
): Promise<NewReport> {
  const asked = await readMembers(context.req.raw, schema, "", parseExact);
  const filters = await orInvalid(() => check(context.env, idOf(context, "cid"), asked));
  const texts = {
    definition: JSON.stringify(asked),
    filters: stringifyExact(filters),
  };
  const bytes = Buffer.byteLength(texts.definition) + Buffer.byteLength(texts.filters);
  if (bytes > REPORT_BYTES_MAX) {
    throw invalid(`The definition takes ${bytes} of at most ${REPORT_BYTES_MAX} bytes.`);
  }
  return {
    name: asked.name,
    type: typeOf(asked),
    ownerEmail: asked.owner_email ?? null,
    ...texts,
  };
}

type Times = Pick<ReportRow, "id" | "created_at" | "updated_at">;

/** A report: its id, its definition as it is stored, its times. */
function reportText({ id, created_at, updated_at }: Times, definition: string): string {
  const members = parseExact(definition);
  if (!isObject(members)) throw new Error("a definition is no object");
  const times = { created_at: timeText(created_at), updated_at: timeText(updated_at) };
  return stringifyExact({ id, ...members, ...times });
}

/** A report in a list, which has no definitions: they are large. */
function listed(row: ReportRow): Record<string, unknown> {
  const { id, name, type, owner_email } = row;
  const times = { created_at: timeText(row.created_at), updated_at: timeText(row.updated_at) };
  return { id, name, type, owner_email, ...times };
}

async function createReport<Definition extends Named>(
  kind: Kind<Definition>,
  context: AdminContext,
): Promise<Response> {
  const { env } = context;
  const clientId = idOf(context, "cid");
  await requireClient(context);
  const report = await readReport(context, kind);
  const now = Date.now();
  const id = await insertUnder(
    env,
    env.CATALOG.prepare(CLIENT).bind(clientId),
    insertReport(env, { clientId, kind: kind.kind }, report, now, REPORTS_MAX),
    `A client has at most ${REPORTS_MAX} ${kind.kind}s.`,
  );
  const text = reportText({ id, created_at: now, updated_at: now }, report.definition);
  return jsonAnswer(201, text);
}

async function listReports(kind: ReportKind, context: AdminContext): Promise<Response> {
  const { env } = context;
  const clientId = idOf(context, "cid");
  const rows = await listUnder<ReportRow>(
    env,
    env.CATALOG.prepare(CLIENT).bind(clientId),
    selectReports(env, clientId, kind),
  );
  return jsonAnswer(200, JSON.stringify({ [`${kind}s`]: rows.map(listed) }));
}

async function showReport(kind: ReportKind, context: AdminContext): Promise<Response> {
  const [clientId, id] = [idOf(context, "cid"), idOf(context, "id")];
  const row = await findReport(context.env, clientId, kind, id);
  if (row === null) throw new Refusal("not_found");
  return jsonAnswer(200, reportText(row, row.definition));
}

async function changeReport<Definition extends Named>(
  kind: Kind<Definition>,
  context: AdminContext,
): Promise<Response> {
  const [clientId, id] = [idOf(context, "cid"), idOf(context, "id")];
  const found = await findReport(context.env, clientId, kind.kind, id);
  if (found === null) throw new Refusal("not_found");
  const report = await readReport(context, kind);
  const place = { id, clientId, kind: kind.kind };
  const row = await updateReport(context.env, place, report, Date.now());
  if (row === null) throw new Refusal("not_found");
  return jsonAnswer(200, reportText(row, report.definition));
}

async function removeReport(kind: ReportKind, context: AdminContext): Promise<Response> {
  const [clientId, id] = [idOf(context, "cid"), idOf(context, "id")];
  if (!(await deleteReport(context.env, clientId, kind, id))) throw new Refusal("not_found");
  return new Response(null, { status: 204, headers: NO_STORE });
}

function routesOf<Definition extends Named>(kind: Kind<Definition>): readonly AdminRoute[] {
  const name = kind.kind;
  return [
    {
      path: `/clients/:cid/${name}s`,
      methods: {
        GET: (context) => listReports(name, context),
        POST: (context) => createReport(kind, context),
      },
    },
    {
      path: `/clients/:cid/${name}s/:id`,
      methods: {
        GET: (context) => showReport(name, context),
        PUT: (context) => changeReport(kind, context),
        DELETE: (context) => removeReport(name, context),
      },
    },
  ];
}

/** The paths of figures and charts. */
export const reportRoutes: readonly AdminRoute[] = [...routesOf(FIGURE), ...routesOf(CHART)];
