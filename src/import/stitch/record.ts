/**
 * The members of one record of push and validate (wire.md 2.4 and 2.6). A right record costs
 * a handful of comparisons; the texts are made only for a wrong one.
 */
import { type ErrorRow, ERRORS, Refusal } from "../../http/errors.ts";
import {
  QUOTED_LENGTH_MAX,
  STITCH_KEY_LENGTH_MAX,
  TABLE_NAME_LENGTH_MAX,
} from "../../http/limits.ts";
import { isObject, type Json, type JsonObject } from "../../json/exact.ts";
import { keyText, sortedKeyNames } from "../../warehouse/keys.ts";
import { KEY_NAMES_MAX } from "../../warehouse/limits.ts";
import { int64Problem, int64Text } from "../int64.ts";
import { isTableName } from "../table-name.ts";

/** Actions that make a version of a table current; both mean the same (wire.md 2.9). */
const SWITCHES: ReadonlySet<unknown> = new Set(["switch_view", "activate_version"]);

const MEMBERS: ReadonlySet<string> = new Set([
  "client_id",
  "table_name",
  "sequence",
  "action",
  "key_names",
  "data",
  "table_version",
  "namespace",
]);

/** The texts that name what is wrong with a member; also in docs/errors.md. */
export const MEMBER_TEXTS = {
  blank: "can't be blank",
  integer: "should be an integer",
  number: "should be a number",
  string: "should be a string",
  strings: "should be an array of strings",
  above: "can not be above 9223372036854775807",
  below: "can not be below 0",
  action: "should be upsert, switch_view or activate_version",
  object: "data must be an object",
  tableName: `can not be longer than ${TABLE_NAME_LENGTH_MAX} characters`,
  keyNames: `can not have more than ${KEY_NAMES_MAX} names`,
  unknown: "unknown key",
} as const;

/** A record whose members are right, as far as they do not depend on its table. */
export type StitchRecord =
  | {
      readonly action: "upsert";
      readonly table: string;
      readonly sequence: string;
      readonly version: string;
      readonly keyNames: readonly string[];
      readonly data: JsonObject;
    }
  | { readonly action: "activate"; readonly table: string; readonly version: string };

/** Wrong members and what is wrong with each: the `reason` of a 422. */
export type MemberProblems = Readonly<Record<string, readonly string[]>>;

/** Reads a record. Its `client_id` is checked for its type only. */
export function readRecord(
  record: JsonObject,
): { readonly record: StitchRecord } | { readonly problems: MemberProblems } {
  const { table_name: table, sequence, action, key_names: keyNames, data } = record;
  const sequenceText = int64Text(sequence);
  const version = versionText(record["table_version"]);
  const isSwitch = SWITCHES.has(action);
  if (
    int64Text(record["client_id"]) === undefined ||
    !isTableName(table) ||
    sequenceText === undefined ||
    version === undefined ||
    (action !== "upsert" && !isSwitch)
  ) {
    return { problems: memberProblems(record) };
  }
  if (isSwitch) return { record: { action: "activate", table, version } };
  if (!isKeyNames(keyNames) || !isObject(data)) return { problems: memberProblems(record) };
  return {
    record: { action: "upsert", table, sequence: sequenceText, version, keyNames, data },
  };
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

function isKeyNames(value: Json | undefined): value is string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= KEY_NAMES_MAX &&
    value.every((name) => typeof name === "string")
  );
}

function versionText(value: Json | undefined): string | undefined {
  return value === undefined || value === null ? "0" : int64Text(value);
}

/** All wrong members of a record; the slow path. */
function memberProblems(record: JsonObject): MemberProblems {
  const problems: Record<string, readonly string[]> = {};
  const check = (member: string, find: (value: Json) => readonly string[]): void => {
    const value = Object.hasOwn(record, member) ? (record[member] ?? null) : null;
    const found = value === null ? [MEMBER_TEXTS.blank] : find(value);
    if (found.length > 0) problems[member] = found;
  };
  check("client_id", int64Problems);
  check("table_name", tableNameProblems);
  check("sequence", int64Problems);
  check("action", actionProblems);
  if (!SWITCHES.has(record["action"])) {
    check("key_names", keyNamesProblems);
    check("data", (value) => dataProblems(value, record["key_names"]));
  }
  if (versionText(record["table_version"]) === undefined) check("table_version", int64Problems);
  const isMissingOne = Object.keys(problems).some((member) => !Object.hasOwn(record, member));
  return isMissingOne ? { ...problems, ...unknownMembers(record) } : problems;
}

/** Most unknown members that an answer names: a body may have a million. */
const UNKNOWN_MEMBERS_MAX = 100;

/** The documented answer to `key_properties` in place of `key_names` (wire.md 2.6). */
function unknownMembers(record: JsonObject): MemberProblems {
  const unknown = Object.keys(record)
    .filter((member) => !MEMBERS.has(member))
    .slice(0, UNKNOWN_MEMBERS_MAX)
    .map((member) => member.slice(0, QUOTED_LENGTH_MAX));
  return Object.fromEntries(unknown.map((member) => [member, [MEMBER_TEXTS.unknown]]));
}

function int64Problems(value: Json): readonly string[] {
  if (int64Text(value) !== undefined) return [];
  switch (int64Problem(value)) {
    case "no number":
      return [MEMBER_TEXTS.integer, MEMBER_TEXTS.number];
    case "no integer":
      return [MEMBER_TEXTS.integer];
    case "too low":
      return [MEMBER_TEXTS.below];
    case "too high":
      return [MEMBER_TEXTS.above];
  }
}

function tableNameProblems(value: Json): readonly string[] {
  if (typeof value !== "string") return [MEMBER_TEXTS.string];
  if (isBlank(value)) return [MEMBER_TEXTS.blank];
  return isTableName(value) ? [] : [MEMBER_TEXTS.tableName];
}

function actionProblems(value: Json): readonly string[] {
  if (typeof value !== "string") return [MEMBER_TEXTS.string];
  if (isBlank(value)) return [MEMBER_TEXTS.blank];
  return value === "upsert" || SWITCHES.has(value) ? [] : [MEMBER_TEXTS.action];
}

/** What is wrong with the data, and with its key fields where the names of these are right. */
function dataProblems(value: Json, keyNames: Json | undefined): readonly string[] {
  if (!isObject(value)) return [MEMBER_TEXTS.object];
  if (!isKeyNames(keyNames)) return [];
  try {
    keyText(sortedKeyNames(keyNames), value, STITCH_KEY_LENGTH_MAX, 0);
    return [];
  } catch (error) {
    if (error instanceof Refusal) return keyTexts(ERRORS[error.code]);
    throw error;
  }
}

/** The texts of a refused key, as they stand in its own answer. */
function keyTexts({ answers }: ErrorRow): readonly string[] {
  const body = JSON.parse(answers.push?.body ?? "null") as {
    readonly errors: readonly [{ readonly reason: { readonly data: readonly string[] } }];
  };
  return body.errors[0].reason.data;
}

function keyNamesProblems(value: Json): readonly string[] {
  if (Array.isArray(value) && value.length === 0) return [MEMBER_TEXTS.blank];
  if (!Array.isArray(value) || value.some((name) => typeof name !== "string")) {
    return [MEMBER_TEXTS.strings];
  }
  return isKeyNames(value) ? [] : [MEMBER_TEXTS.keyNames];
}
