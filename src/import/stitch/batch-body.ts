/** The members of a batch and of its messages (wire.md 2.8), without the records themselves. */
import { Refusal } from "../../http/errors.ts";
import { BATCH_MESSAGES_MAX, QUOTED_LENGTH_MAX, TABLE_NAME_LENGTH_MAX } from "../../http/limits.ts";
import { codePoints } from "../../json/code-points.ts";
import { integerText, isNumber, isObject, type Json, type JsonObject } from "../../json/exact.ts";
import { KEY_NAMES_MAX } from "../../warehouse/limits.ts";
import { int64Problem, int64Text } from "../int64.ts";
import { isTableName } from "../table-name.ts";
import { MEMBER_TEXTS } from "./record.ts";

/** A batch whose own members are right. */
export interface BatchBody {
  readonly table: string;
  readonly schema: JsonObject;
  readonly messages: readonly Json[];
  /** Empty for an append-only table. */
  readonly keyNames: readonly string[];
  readonly version: string;
  /** As sent; undefined where it was not. */
  readonly clientId: Json | undefined;
}

/** A message whose members are right. */
export type BatchMessage =
  | {
      readonly action: "upsert";
      readonly sequence: string;
      readonly version: string;
      readonly data: JsonObject;
    }
  | { readonly action: "activate"; readonly version: string };

const REQUIRED = ["table_name", "schema", "messages"] as const;

const MEMBERS: ReadonlySet<string> = new Set([
  ...REQUIRED,
  "key_names",
  "table_version",
  "bookmark_names",
  "namespace",
  "client_id",
]);

/** @throws Refusal batch_member_missing, …_unknown, …_type, …_value or batch_message_count. */
export function readBatchBody(body: Json): BatchBody {
  if (!isObject(body)) throw wrongType("", "JSONObject", body);
  for (const member of REQUIRED) {
    if (!Object.hasOwn(body, member)) throw new Refusal("batch_member_missing", { ARG: member });
  }
  const unknown = Object.keys(body).find((member) => !MEMBERS.has(member));
  if (unknown !== undefined) {
    throw new Refusal("batch_member_unknown", { ARG: unknown.slice(0, QUOTED_LENGTH_MAX) });
  }
  const { table_name: table = null, schema = null, messages = null } = body;
  checkTableName(table);
  if (!isObject(schema)) throw wrongType("/schema", "JSONObject", schema);
  checkMessageCount(messages);
  return {
    table,
    schema,
    messages,
    keyNames: readKeyNames(body["key_names"]),
    version: readVersion(body["table_version"], "", "0"),
    clientId: body["client_id"],
  };
}

function checkTableName(table: Json): asserts table is string {
  if (typeof table !== "string") throw wrongType("/table_name", "String", table);
  if (isTableName(table)) return;
  const length = codePoints(table);
  const REASON =
    length > TABLE_NAME_LENGTH_MAX
      ? `expected maxLength: ${TABLE_NAME_LENGTH_MAX}, actual: ${length}`
      : "expected minLength: 1, actual: 0";
  throw new Refusal("batch_member_value", { PLACE: "/table_name", REASON });
}

function checkMessageCount(messages: Json): asserts messages is Json[] {
  if (!Array.isArray(messages)) throw wrongType("/messages", "JSONArray", messages);
  const N = messages.length;
  if (N === 0) throw new Refusal("batch_message_count", { BOUND: "minimum", LIMIT: 1, N });
  if (N > BATCH_MESSAGES_MAX) {
    throw new Refusal("batch_message_count", { BOUND: "maximum", LIMIT: BATCH_MESSAGES_MAX, N });
  }
}

function readKeyNames(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType("/key_names", "JSONArray", value);
  if (value.length > KEY_NAMES_MAX) {
    const REASON = `expected maximum item count: ${KEY_NAMES_MAX}, found: ${value.length}`;
    throw new Refusal("batch_member_value", { PLACE: "/key_names", REASON });
  }
  return value.map((name, index) => {
    if (typeof name !== "string") throw wrongType(`/key_names/${index}`, "String", name);
    return name;
  });
}

/**
 * Reads one message; members that are not documented are let through, as clients send them.
 *
 * @param batchVersion the version of the body, which a message's own overrides.
 * @throws Refusal batch_message_member_missing, batch_sequence, batch_member_type or _value.
 */
export function readMessage(message: Json, batchVersion: string, index: number): BatchMessage {
  const place = `/messages/${index}`;
  if (!isObject(message)) throw wrongType(place, "JSONObject", message, index);
  const { action = null, data = null } = message;
  const sequence = readSequence(required(message, "sequence", index), index);
  required(message, "action", index);
  // Null stands for absent, as in the body: version 0 would mark the row for deletion.
  const version = readVersion(message["table_version"], place, batchVersion, index);
  switch (action) {
    case "upsert":
      required(message, "data", index);
      if (!isObject(data)) throw wrongType(`${place}/data`, "JSONObject", data, index);
      return { action, sequence, version, data };
    case "activate_version":
    case "switch_view":
      return { action: "activate", version };
    default:
      if (typeof action !== "string") throw wrongType(`${place}/action`, "String", action, index);
      throw new Refusal(
        "batch_member_value",
        { PLACE: `${place}/action`, REASON: MEMBER_TEXTS.action },
        index,
      );
  }
}

function required(message: JsonObject, member: string, index: number): Json {
  const value = message[member];
  if (value === undefined)
    throw new Refusal("batch_message_member_missing", { ARG: member }, index);
  return value;
}

function readSequence(value: Json, index: number): string {
  const text = int64Text(value);
  if (text !== undefined) return text;
  switch (int64Problem(value)) {
    case "too high":
      throw new Refusal("batch_sequence", { REASON: `sequence ${MEMBER_TEXTS.above}` }, index);
    case "too low":
      throw new Refusal("batch_sequence", { REASON: `sequence ${MEMBER_TEXTS.below}` }, index);
    default:
      throw wrongType(`/messages/${index}/sequence`, "Integer", value, index);
  }
}

function readVersion(
  value: Json | undefined,
  place: string,
  absent: string,
  index?: number,
): string {
  if (value === undefined || value === null) return absent;
  const text = int64Text(value);
  if (text !== undefined) return text;
  const PLACE = `${place}/table_version`;
  switch (int64Problem(value)) {
    case "too high":
      throw new Refusal("batch_member_value", { PLACE, REASON: MEMBER_TEXTS.above }, index);
    case "too low":
      throw new Refusal("batch_member_value", { PLACE, REASON: MEMBER_TEXTS.below }, index);
    default:
      throw wrongType(PLACE, "Integer", value, index);
  }
}

function wrongType(place: string, expected: string, found: Json, index?: number): Refusal {
  const params = { PLACE: place, EXPECTED: expected, FOUND: typeName(found) };
  return new Refusal("batch_member_type", params, index);
}

/** The names that the hosted service used for JSON types. */
function typeName(value: Json): string {
  if (value === null) return "Null";
  if (isNumber(value)) return integerText(value) === undefined ? "Number" : "Integer";
  if (typeof value === "string") return "String";
  if (typeof value === "boolean") return "Boolean";
  return Array.isArray(value) ? "JSONArray" : "JSONObject";
}
