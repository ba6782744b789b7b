/** `POST /v2/import/push` and `/validate` (wire.md 2.1 to 2.7). */
import { mediaType, names } from "../../http/accept.ts";
import { jsonAnswer, NO_STORE } from "../../http/answer.ts";
import { type Admission, withAdmission } from "../../http/admission.ts";
import { readBody } from "../../http/body.ts";
import { callOf } from "../../http/calls/call.ts";
import { Refusal } from "../../http/errors.ts";
import { noteImport } from "../../http/calls/import-jobs.ts";
import type { Importer } from "../../http/credentials/import-tokens.ts";
import { QUOTED_LENGTH_MAX, STITCH_KEY_LENGTH_MAX } from "../../http/limits.ts";
import { parseBody } from "../../http/parse.ts";
import { type Settings, settingsOf } from "../../http/settings.ts";
import { integerText, isObject, type Json, parseExact } from "../../json/exact.ts";
import type { Weight } from "../../json/weight.ts";
import { REQUEST_TABLES_MAX } from "../../warehouse/limits.ts";
import { ImportPlan } from "../../warehouse/plan.ts";
import { requireImporter } from "../importer.ts";
import { isTableName } from "../table-name.ts";
import { decodeTransit } from "../transit/decode.ts";
import { readRecord } from "./record.ts";

/** Stores the records of a request. */
export async function push(
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  await withAdmission(async (admission) => {
    const plan = await plannedImport(request, env, context, admission);
    await plan.commit();
    noteImport(env, context, plan, callOf(request).startedAt);
  });
  // 201 with an empty body, or with the later documents' JSON for those that ask for it.
  if (!names(request.headers.get("accept"), "application/json")) {
    return new Response(null, { status: 201, headers: { ...NO_STORE, Vary: "Accept" } });
  }
  return jsonAnswer(201, '{"status":"OK","message":"Batch Accepted!"}', { Vary: "Accept" });
}

/** Checks all that push checks and stores nothing. */
export async function validate(
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  await withAdmission(async (admission) => {
    const plan = await plannedImport(request, env, context, admission);
    await plan.check();
  });
  return jsonAnswer(200, '{"status":"OK","message":"Batch is valid!"}');
}

/** The checks in the order of wire.md 2.3; path and method are the router's. */
async function plannedImport(
  request: Request,
  env: Env,
  context: ExecutionContext,
  admission: Admission,
): Promise<ImportPlan> {
  const importer = await requireImporter(request, env, context);
  admission.enter(importer);
  const settings = settingsOf(env);
  const parse = parserFor(request.headers.get("content-type"));
  const bytes = await readBody(request, settings.pushBodyBytesMax, admission);
  const call = callOf(request);
  call.noteBody(bytes);
  const body = parseBody(bytes, admission, parse);
  const records = readRecords(body, settings);
  call.noteRecords(records);
  checkClients(records, importer);
  const tables = tableNames(records);
  if (tables.size === 1) [call.table] = tables;
  const plan = await ImportPlan.open(env, importer, tables);
  records.forEach((record, index) => {
    addRecord(plan, tables, record, index);
  });
  call.dropLargeBody();
  return plan;
}

function parserFor(contentType: string | null): (text: string, weight: Weight) => Json {
  switch (mediaType(contentType)) {
    case "application/json":
      return parseExact;
    case "application/transit+json":
      return decodeTransit;
    default:
      throw new Refusal("content_type", { TYPE: (contentType ?? "").slice(0, QUOTED_LENGTH_MAX) });
  }
}

function readRecords(body: Json, { pushRecordsMax }: Settings): Json[] {
  if (!Array.isArray(body) || body.length === 0) throw new Refusal("array_expected");
  if (body.length > pushRecordsMax) {
    throw new Refusal("records_too_many", { N: body.length, LIMIT: pushRecordsMax });
  }
  return body;
}

/**
 * The second step of authentication: missing, several, foreign, in this order (wire.md 2.3).
 * The bodies of 401 and 403 are fixed; only a 422 names the record (wire.md 1.7).
 */
function checkClients(records: readonly Json[], { clientId: own }: Importer): void {
  const clientIds = new Set<string>();
  let firstForeign: number | undefined;
  let last: Json | undefined;
  for (const [index, record] of records.entries()) {
    const clientId = isObject(record) ? record["client_id"] : undefined;
    if (clientId === undefined || clientId === null) throw new Refusal("client_missing");
    if (clientId === last) continue;
    last = clientId;
    // One of a wrong type is a wrong member of its record, and is refused with it.
    const text = integerText(clientId);
    if (text === undefined) continue;
    clientIds.add(text);
    if (text !== String(own)) firstForeign ??= index;
  }
  if (clientIds.size > 1) throw new Refusal("clients_several", { CLIENT: own }, firstForeign);
  if (firstForeign !== undefined) throw new Refusal("client_foreign");
}

/** The tables that the request may write to: the first so many that it names. */
function tableNames(records: readonly Json[]): ReadonlySet<string> {
  const found = new Set<string>();
  let last: Json | undefined;
  for (const record of records) {
    const name = isObject(record) ? record["table_name"] : undefined;
    if (name === last) continue;
    last = name;
    if (isTableName(name)) found.add(name);
    if (found.size === REQUEST_TABLES_MAX) break;
  }
  return found;
}

function addRecord(
  plan: ImportPlan,
  tables: ReadonlySet<string>,
  value: Json,
  index: number,
): void {
  const read = readRecord(isObject(value) ? value : {});
  if ("problems" in read) throw new Refusal("record_members", { REASON: read.problems }, index);
  const { record } = read;
  if (!tables.has(record.table)) {
    throw new Refusal("tables_too_many", { LIMIT: REQUEST_TABLES_MAX }, index);
  }
  if (record.action === "activate") {
    plan.activate(index, record.table, record.version);
    return;
  }
  const { table, keyNames, sequence, version, data } = record;
  const keyLengthMax = STITCH_KEY_LENGTH_MAX;
  plan.upsert({ record: index, table, keyNames, sequence, version, data, keyLengthMax });
}
