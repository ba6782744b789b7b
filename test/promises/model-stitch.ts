/** What push, validate and batch answer and store: wire.md 2 as code, by the model. */
import { keyFaults, type ModelIntegration, sameKeys } from "./model.ts";
import type {
  BatchMessage,
  BatchRequest,
  Expected,
  PushRequest,
  RecordDefect,
  Sender,
  StitchRecord,
} from "./model-requests.ts";
import { fieldOf } from "./model-values.ts";

type From = Sender<ModelIntegration>;

/** Longest string of a key on the Stitch surface (wire.md 2.5). */
const KEY_LENGTH_MAX = 256;

const FORBIDDEN = {
  status: "ERROR",
  error: "Forbidden",
  errors: { error: "Access token is not associated with this client." },
};
const NOT_AUTHENTICATED = { status: "ERROR", error: "Not Authenticated.", errors: null };
const BLANK = ["can't be blank"];
const NO_INTEGER = ["should be an integer", "should be a number"];

/** The texts of wire.md 2.6 for one wrong member. */
const REASONS: Readonly<Record<RecordDefect, object>> = {
  no_sequence: { sequence: BLANK },
  sequence_text: { sequence: NO_INTEGER },
  sequence_fraction: { sequence: ["should be an integer"] },
  sequence_low: { sequence: ["can not be below 0"] },
  sequence_high: { sequence: ["can not be above 9223372036854775807"] },
  table_blank: { table_name: BLANK },
  no_table: { table_name: BLANK },
  bad_action: { action: ["should be upsert, switch_view or activate_version"] },
  no_keys: { key_names: BLANK },
  keys_empty: { key_names: BLANK },
  keys_text: { key_names: ["should be an array of strings"] },
  key_properties: { key_names: BLANK, key_properties: ["unknown key"] },
  no_data: { data: BLANK },
  data_array: { data: ["data must be an object"] },
  version_text: { table_version: NO_INTEGER },
};

const KEY_REASONS = {
  key_missing: "data must include keys",
  key_null: "keys cannot not be null in data",
  key_not_scalar: "keys must be strings, numbers or booleans",
  key_too_long: "String keys cannot be longer than 256 characters",
} as const;

/** Push and validate (2.2 to 2.6); validate stores nothing. */
export function push(from: From, request: PushRequest): Expected {
  const { integration } = from;
  const isPush = request.endpoint === "push";
  if (integration === undefined) {
    const body = { status: "ERROR", error: "Not authorized.", errors: "Not authorized." };
    return isPush ? { status: 401, body } : { status: 403, body: NOT_AUTHENTICATED };
  }
  if (request.bad === "malformed") {
    return { status: 400, members: { message: "Malformed json in the body!", input: null } };
  }
  if (request.bad !== undefined) {
    return { status: 400, body: { status: "ERROR", message: "An array of records is expected" } };
  }
  const refusal = wrongClient(from, request) ?? wrongRecord(integration, request.records);
  if (refusal !== undefined) return refusal;
  if (!isPush) return { status: 200, body: { status: "OK", message: "Batch is valid!" } };
  for (const record of request.records) store(integration, record.table, record.keys, record);
  const isNamed = request.accept?.includes("application/json") ?? false;
  return { status: 201, body: isNamed ? { status: "OK", message: "Batch Accepted!" } : "" };
}

function wrongClient({ clientId }: From, request: PushRequest): Expected | undefined {
  const isPush = request.endpoint === "push";
  const clients = new Set(request.records.map(({ client }) => client));
  if (clients.has("absent")) return { status: isPush ? 401 : 403, body: NOT_AUTHENTICATED };
  if (clients.size > 1) {
    const reason = `The batch contains data points for multiple clients. Only client_id ${clientId} is allowed`;
    return { status: 422, members: { errors: [{ reason }] } };
  }
  if (!clients.has("foreign")) return undefined;
  return { status: 403, body: isPush ? FORBIDDEN : NOT_AUTHENTICATED };
}

/** The first wrong record (1.7); its reason is told where only one thing is wrong with it. */
function wrongRecord(
  integration: ModelIntegration,
  records: readonly StitchRecord[],
): Expected | undefined {
  const keysOf = new Map([...integration.tables].map(([name, { keyNames }]) => [name, keyNames]));
  for (const [index, record] of records.entries()) {
    const reasons = reasonsOf(record, keysOf);
    if (reasons.length > 0) {
      const [reason] = reasons;
      const errors = reasons.length === 1 ? { errors: [{ reason }] } : {};
      const error = "Request cannot be processed; see errors.";
      return { status: 422, members: { status: "ERROR", error, ...errors, record: index } };
    }
    if (record.action === "upsert" && !keysOf.has(record.table)) {
      keysOf.set(record.table, record.keys);
    }
  }
  return undefined;
}

function reasonsOf(
  record: StitchRecord,
  keysOf: ReadonlyMap<string, readonly string[]>,
): readonly object[] {
  const { action, defect, fields, keys, table } = record;
  const reasons: object[] = defect === undefined ? [] : [REASONS[defect]];
  if (action !== "upsert" || defect === "bad_action") return reasons;
  const hasKeys = !["no_keys", "keys_empty", "keys_text", "key_properties"].includes(defect ?? "");
  const hasData = defect !== "no_data" && defect !== "data_array";
  if (hasKeys && hasData) {
    for (const { fault } of keyFaults(keys, fields, KEY_LENGTH_MAX)) {
      reasons.push({ data: [KEY_REASONS[fault]] });
    }
  }
  const known = defect === "no_table" || defect === "table_blank" ? undefined : keysOf.get(table);
  if (hasKeys && known !== undefined && !sameKeys(known, keys)) {
    reasons.push({ key_names: [`table ${table} has the keys ${namesText(known)}`] });
  }
  return reasons;
}

function namesText(names: readonly string[]): string {
  return names.length === 0 ? "(none)" : names.join(", ");
}

/** One record or message takes effect (2.9). */
function store(
  integration: ModelIntegration,
  table: string,
  keys: readonly string[],
  { action, fields, sequence, version = "0" }: Omit<BatchMessage, "defect">,
  timestamps: readonly string[] = [],
): void {
  if (action !== "upsert") {
    integration.tables.get(table)?.activate(BigInt(version));
    return;
  }
  const row = { sequence: BigInt(sequence), version: BigInt(version), fields, timestamps };
  integration.tableFor(table, keys).write(row);
}

/** Batch (2.8). */
export function batch({ integration }: From, request: BatchRequest): Expected {
  if (integration === undefined) return { status: 401, body: { message: "Not Authorized" } };
  if (request.bad === "malformed") {
    return { status: 400, members: { message: "Malformed json in the body!" } };
  }
  const refusal = wrongBatch(integration, request);
  if (refusal !== undefined) return refusal;
  const { keys, messages, schema, table } = request;
  const timestamps = schema === "types" ? ["when"] : [];
  for (const message of messages) {
    const version = message.version ?? request.version;
    store(integration, table, keys, { ...message, version }, timestamps);
  }
  return { status: 201, body: { status: "OK", message: "Batch Accepted!" } };
}

function wrongBatch(integration: ModelIntegration, request: BatchRequest): Expected | undefined {
  const failed = "Request failed validation:";
  const { client, bad, keys, messages, schema, table } = request;
  // A body that is wrong in two ways: which is told first is not documented.
  const isForeign = client === "foreign";
  if (isForeign && bad === undefined) return { status: 403, body: FORBIDDEN };
  if (bad === "no_messages") {
    return { status: 400, members: { error: `${failed}#: required key [messages] not found` } };
  }
  if (bad === "extra") {
    return {
      status: 400,
      members: { error: `${failed}#: extraneous key [extra] is not permitted` },
    };
  }
  const known = integration.tables.get(table)?.keyNames;
  const isOther = known !== undefined && !sameKeys(known, keys);
  for (const [index, message] of messages.entries()) {
    const errors = messageErrors(message, index, keys, schema);
    if (isOther && message.action === "upsert") {
      errors.push(`${failed}#/key_names: table ${table} has the keys ${namesText(known)}`);
    }
    const [error] = errors;
    if (errors.length === 1) return { status: 400, members: { error, record: index } };
    if (errors.length > 1) return { status: 400, members: { record: index } };
  }
  return undefined;
}

function messageErrors(
  { action, defect, fields }: BatchMessage,
  index: number,
  keys: readonly string[],
  schema: BatchRequest["schema"],
): string[] {
  const errors = defect === undefined ? [] : [defectError(defect, index)];
  if (action !== "upsert" || defect === "no_action") return errors;
  const text = fieldOf(fields, "s");
  if (schema === "text" && text === "null") {
    errors.push(`Record ${index} did not conform to schema: #/s: expected: string, found: null`);
  }
  for (const { name, fault } of keyFaults(keys, fields, KEY_LENGTH_MAX)) {
    const wrong = `Record ${index} did not conform to schema: #/${name}: `;
    if (fault === "key_missing" || fault === "key_null") {
      errors.push(`Record is missing key property ${name}`);
    } else if (fault === "key_too_long") {
      errors.push(`${wrong}expected maxLength: 256, actual: 257`);
    } else errors.push(`${wrong}keys must be strings, numbers or booleans`);
  }
  return errors;
}

function defectError(defect: NonNullable<BatchMessage["defect"]>, index: number): string {
  const failed = "Request failed validation:";
  const at = `#/messages/${index}`;
  switch (defect) {
    case "sequence_text":
      return `${failed}${at}/sequence: expected type: Integer, found: String`;
    case "sequence_high":
      return `${failed}#: sequence can not be above 9223372036854775807`;
    default: {
      const arg = defect === "no_action" ? "action" : "sequence";
      return `${failed}${at}: #: 0 subschemas matched instead of one ${at}: 2 schema violations found ${at}: required key [${arg}] not found ${at}: extraneous key [data] is not permitted ${at}: required key [${arg}] not found`;
    }
  }
}
