/**
 * The RJMetrics import: authenticate and push, on /v2 and /v1 (wire.md 3). The sandbox is the
 * same handlers without the commit.
 */
import { NO_STORE, rjmetricsHeaders } from "../../http/answer.ts";
import { withAdmission } from "../../http/admission.ts";
import { readBody } from "../../http/body.ts";
import { callOf } from "../../http/calls/call.ts";
import { Refusal } from "../../http/errors.ts";
import { noteImport } from "../../http/calls/import-jobs.ts";
import type { Importer } from "../../http/credentials/import-tokens.ts";
import { RJMETRICS_BODY_BYTES_MAX, TABLE_NAME_LENGTH_MAX } from "../../http/limits.ts";
import { parseBody } from "../../http/parse.ts";
import { countedImporter } from "../../http/credentials/rate-limits.ts";
import { settingsOf } from "../../http/settings.ts";
import { type Json, parseExact } from "../../json/exact.ts";
import { NO_SEQUENCE } from "../../warehouse/chunks.ts";
import { KEY_LENGTH_MAX } from "../../warehouse/limits.ts";
import { ImportPlan } from "../../warehouse/plan.ts";
import { type ApiVersion, readElements, readPoint } from "./points.ts";

/** What the path of a request says. */
export interface RjmetricsCall {
  readonly version: ApiVersion;
  readonly isSandbox: boolean;
  /** As it stands in the path, decoded. */
  readonly clientId: string;
}

/** `GET /v2/client/:cid/authenticate?apikey=:key`. */
export async function authenticate(
  call: RjmetricsCall,
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  await importerOf(call, request, env, context);
  return answer(request, 200, "authenticated");
}

/** `POST /v2/client/:cid/table/:table/data?apikey=:key`. */
export async function pushTable(
  call: RjmetricsCall & { readonly table: string },
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  const importer = await importerOf(call, request, env, context);
  const { table } = call;
  const noted = callOf(request);
  noted.table = table;
  if (!/^[A-Za-z0-9_]+$/.test(table) || table.length > TABLE_NAME_LENGTH_MAX) {
    throw new Refusal("table_name_bad");
  }
  await withAdmission(async (admission) => {
    admission.enter(importer, table);
    const bytes = await readBody(request, RJMETRICS_BODY_BYTES_MAX, admission);
    noted.noteBody(bytes);
    const body = parseBody(bytes, admission, parseExact);
    const elements = readElements(body, settingsOf(env).rjmetricsPointsMax);
    noted.noteRecords(elements);
    const plan = await ImportPlan.open(env, importer, new Set([table]));
    elements.forEach((element, record) => {
      addPoint(plan, call, element, record);
    });
    noted.dropLargeBody();
    // The sandbox persists nothing: no row, no table, no column (wire.md 3.5).
    if (call.isSandbox) return plan.check();
    await plan.commit();
    noteImport(env, context, plan, callOf(request).startedAt);
  });
  return answer(request, 201, "created");
}

async function importerOf(
  { clientId, isSandbox }: RjmetricsCall,
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Importer> {
  callOf(request).isSandbox = isSandbox;
  const apikey = new URL(request.url).searchParams.get("apikey");
  const importer = await countedImporter(request, env, context, apikey);
  if (importer === undefined || String(importer.clientId) !== clientId) {
    throw new Refusal("unauthorized");
  }
  return importer;
}

function addPoint(
  plan: ImportPlan,
  { version, table }: RjmetricsCall & { readonly table: string },
  element: Json,
  record: number,
): void {
  const { keyNames, data } = readPoint(element, version, record);
  plan.upsert({
    record,
    table,
    keyNames,
    // The last write wins, whatever came before (wire.md 3.3).
    sequence: NO_SEQUENCE,
    version: "0",
    data,
    keyLengthMax: KEY_LENGTH_MAX,
  });
}

/** The one shape of success, typed as the client wants it (wire.md 3.1 and 3.2). */
export function answer(request: Request, code: number, message: string): Response {
  const headers = { ...rjmetricsHeaders(request), ...NO_STORE };
  return new Response(JSON.stringify({ code, message }), { status: code, headers });
}
