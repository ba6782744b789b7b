/** `POST /v2/import/batch`, the endpoint of singer-io/target-stitch (wire.md 2.8). */
import { mediaType } from "../../http/accept.ts";
import { jsonAnswer } from "../../http/answer.ts";
import { type Admission, withAdmission } from "../../http/admission.ts";
import { readBody } from "../../http/body.ts";
import { callOf } from "../../http/calls/call.ts";
import { Refusal } from "../../http/errors.ts";
import { noteImport } from "../../http/calls/import-jobs.ts";
import type { Importer } from "../../http/credentials/import-tokens.ts";
import { BATCH_BODY_BYTES_MAX, STITCH_KEY_LENGTH_MAX } from "../../http/limits.ts";
import { parseBody } from "../../http/parse.ts";
import { integerText, type JsonObject, parseExact } from "../../json/exact.ts";
import { ImportPlan } from "../../warehouse/plan.ts";
import { requireImporter } from "../importer.ts";
import { type BatchBody, readBatchBody, readMessage } from "./batch-body.ts";
import { compileSchema, type RecordSchema } from "./schema.ts";

/** Stores the messages of a batch. */
export async function batch(
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  await withAdmission(async (admission) => {
    const plan = await plannedImport(request, env, context, admission);
    await plan.commit();
    noteImport(env, context, plan, callOf(request).startedAt);
  });
  return jsonAnswer(201, '{"status":"OK","message":"Batch Accepted!"}');
}

async function plannedImport(
  request: Request,
  env: Env,
  context: ExecutionContext,
  admission: Admission,
): Promise<ImportPlan> {
  const importer = await requireImporter(request, env, context);
  admission.enter(importer);
  if (mediaType(request.headers.get("content-type")) !== "application/json") {
    throw new Refusal("content_type");
  }
  const bytes = await readBody(request, BATCH_BODY_BYTES_MAX, admission);
  const call = callOf(request);
  call.noteBody(bytes);
  const body = readBatchBody(parseBody(bytes, admission, parseExact));
  call.table = body.table;
  call.noteRecords(body.messages);
  checkClient(body, importer);
  const schema = compileSchema(body.schema);
  const plan = await ImportPlan.open(env, importer, new Set([body.table]));
  body.messages.forEach((_, index) => {
    addMessage(plan, body, schema, index);
  });
  call.dropLargeBody();
  return plan;
}

function checkClient({ clientId }: BatchBody, importer: Importer): void {
  if (clientId === undefined) return;
  if (integerText(clientId) !== String(importer.clientId)) throw new Refusal("client_foreign");
}

function addMessage(plan: ImportPlan, body: BatchBody, schema: RecordSchema, index: number): void {
  const { table, keyNames } = body;
  const message = readMessage(body.messages[index] ?? null, body.version, index);
  if (message.action === "activate") {
    plan.activate(index, table, message.version);
    return;
  }
  const { data, sequence, version } = message;
  checkRecord(schema, data, index);
  plan.upsert({
    record: index,
    table,
    keyNames,
    sequence,
    version,
    data,
    keyLengthMax: STITCH_KEY_LENGTH_MAX,
    timestampFields: schema.timestampFields,
  });
}

function checkRecord(schema: RecordSchema, data: JsonObject, index: number): void {
  const problem = schema.check(data);
  if (problem === undefined) return;
  const params = { FIELD: problem.field, REASON: problem.reason };
  throw new Refusal("batch_record_schema", params, index);
}
