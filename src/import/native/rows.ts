/** `POST /api/v1/tables/:table/rows`: the import for new programs (docs/native-import.md). */
import { freeBytes } from "../../buffer.ts";
import { type Admission, withAdmission } from "../../http/admission.ts";
import { readBody } from "../../http/body.ts";
import { callOf } from "../../http/calls/call.ts";
import { Refusal } from "../../http/errors.ts";
import { noteImport } from "../../http/calls/import-jobs.ts";
import { SMALL_BODY_BYTES } from "../../http/limits.ts";
import type { Importer } from "../../http/credentials/import-tokens.ts";
import { decodeText, weightOf } from "../../http/parse.ts";
import { noteRejection } from "../../http/rejections/rejections.ts";
import { ImportPlan } from "../../warehouse/plan.ts";
import { findTables } from "../../warehouse/tables.ts";
import { NO_ROWS, type Tally } from "../../warehouse/tally.ts";
import { requireImporter } from "../importer.ts";
import { isTableName } from "../table-name.ts";
import { BadRecords, nativeAnswer } from "./answer.ts";
import { claimKey, fingerprintOf } from "./idempotency.ts";
import { NATIVE_BODY_BYTES_MAX } from "./limits.ts";
import { type NativeOptions, readOptions } from "./options.ts";
import { addPoints, rethrowAsOwn } from "./points.ts";
import { type BodyFormat, formatOf, readRecords } from "./records.ts";

/** Which part of the path `/api/v1/tables/:table/rows` the table is; the first one is empty. */
const TABLE_PART = 4;

/** What is known of a request before its body is read. */
interface Job {
  readonly request: Request;
  readonly env: Env;
  readonly context: ExecutionContext;
  readonly importer: Importer;
  readonly table: string;
  readonly options: NativeOptions;
  readonly format: BodyFormat;
}

/** What became of the rows. */
interface Outcome {
  readonly tally: Tally;
  readonly headers: Readonly<Record<string, string>>;
}

/** Stores the records of a request, or says what would become of them. */
export async function importRows(
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  const importer = await requireImporter(request, env, context);
  const table = tableOf(request);
  const options = readOptions(request);
  callOf(request).isDryRun = options.isDryRun;
  const format = formatOf(request.headers.get("content-type"));
  const job: Job = { request, env, context, importer, table, options, format };
  return withAdmission(async (admission) => {
    admission.enter(importer, table);
    const { plan, received, bad, fingerprint } = await plannedImport(job, admission);
    const { tally, headers } = await carriedOut(job, plan, fingerprint).catch(rethrowAsOwn);
    if (!options.isDryRun) noteImport(env, context, plan, callOf(request).startedAt);
    return nativeAnswer(received, tally, bad, options.isDryRun, headers);
  });
}

/**
 * The table that the path names. The router's own decoding is not used: it takes bytes that are
 * no UTF-8 as they stand, so that two paths would name one table.
 *
 * @throws Refusal table_name_bad.
 */
function tableOf(request: Request): string {
  const encoded = new URL(request.url).pathname.split("/")[TABLE_PART];
  const table = encoded === undefined ? undefined : decoded(encoded);
  if (!isTableName(table)) throw new Refusal("table_name_bad");
  callOf(request).table = table;
  return table;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

interface Planned {
  readonly plan: ImportPlan;
  readonly received: number;
  readonly bad: BadRecords;
  /** Only where the request has an Idempotency-Key that counts. */
  readonly fingerprint: string | undefined;
}

/** Reads and checks everything; writes nothing. */
async function plannedImport(job: Job, admission: Admission): Promise<Planned> {
  const { request, env, context, importer, table, options, format } = job;
  const call = callOf(request);
  const bytes = await readBody(request, NATIVE_BODY_BYTES_MAX, admission);
  call.noteBody(bytes);
  const records = readRecords(decodeText(bytes), format, weightOf(bytes.byteLength, admission));
  call.noteRecords(records.parsed);
  call.recordCount = records.count;
  const keyNames = options.keyNames ?? (await keyNamesOf(env, importer, table));
  const fingerprint = isIdempotent(options, keyNames)
    ? fingerprintOf(askedOf(job), bytes)
    : undefined;
  const isOnce = fingerprint !== undefined;
  if (bytes.byteLength > SMALL_BODY_BYTES) freeBytes(bytes);
  const plan = await ImportPlan.open(env, importer, new Set([table]), { isCounted: true, isOnce });
  const bad = new BadRecords();
  addPoints(plan, records, { ...options, table, keyNames }, bad);
  // While the records are there. A commit that fails is noted on its own.
  if (bad.first !== undefined) noteRejection(env, context, call, bad.first, 207);
  call.dropLargeBody();
  if (bad.total > 0) call.acceptedCount = records.count - bad.total;
  return { plan, received: records.count, bad, fingerprint };
}

/** @throws Refusal keys_missing where there is no such table. */
async function keyNamesOf(env: Env, importer: Importer, table: string): Promise<readonly string[]> {
  const found = await findTables(env, importer, new Set([table]));
  const record = found.get(table);
  if (record === undefined) throw new Refusal("keys_missing");
  return record.keyNames;
}

async function carriedOut(
  { env, importer, options }: Job,
  plan: ImportPlan,
  fingerprint: string | undefined,
): Promise<Outcome> {
  // Every record may have been skipped.
  if (plan.isEmpty) return { tally: NO_ROWS, headers: {} };
  if (options.isDryRun) {
    await plan.check();
    return { tally: await plan.tally(), headers: {} };
  }
  const key = options.idempotencyKey;
  if (key === undefined || fingerprint === undefined) {
    return { tally: await plan.commitCounted(), headers: {} };
  }
  const { id, isRepeat } = await claimKey(env, importer.integrationId, key, fingerprint);
  const tally = await plan.commitCounted({ id });
  return { tally, headers: isRepeat ? { "Idempotency-Replayed": "true" } : {} };
}

/**
 * Whether there is an Idempotency-Key that counts. With sequences a repeat is harmless anyhow,
 * but in a table without keys, where nothing can be stale.
 */
function isIdempotent(
  { idempotencyKey, sequence, isDryRun }: NativeOptions,
  keyNames: readonly string[],
): boolean {
  if (idempotencyKey === undefined || isDryRun) return false;
  return sequence.kind === "none" || keyNames.length === 0;
}

/** What decides, besides the body, what a request with an Idempotency-Key stores. */
function askedOf({ table, options, format }: Job): readonly unknown[] {
  const { keyNames, sequence, skipsBad } = options;
  return [table, keyNames ?? null, sequence, skipsBad, format];
}
