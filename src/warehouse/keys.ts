/**
 * The identity of a row: its table and the canonical text of its key values, in the order of
 * the sorted key names (wire.md 1.5). Values are equal where JSON type and value are: 1, 1.0
 * and 1e0 are one key, 1 and "1" are two. Part of the stored format: never change it.
 */
import { Refusal } from "../http/errors.ts";
import { codePoints } from "../json/code-points.ts";
import { canonicalNumber } from "../json/decimal.ts";
import type { Json, JsonObject } from "../json/exact.ts";
import { KEY_LENGTH_MAX } from "./limits.ts";

/** Written before a non-negative integer, one letter per count of digits: A for 1, U for 21. */
const DIGITS_PREFIX = "ABCDEFGHIJKLMNOPQRSTU";

/** Key names without repetitions, in the order of their UTF-16 units. */
export function sortedKeyNames(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/** Whether two sorted lists of key names are the same. */
export function sameKeyNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

/**
 * The key text of a record, for example `C125`, `"x@y.z"` or `true,"a"`. Integers from 0 sort
 * by value, because their count of digits goes before them: exports come out in key order, and
 * growing ids are appended to the tree.
 *
 * @param names sorted and without repetitions.
 * @param lengthMax longest string value, in Unicode code points.
 * @throws Refusal key_missing, key_null, key_not_scalar or key_too_long.
 */
export function keyText(
  names: readonly string[],
  data: JsonObject,
  lengthMax: number,
  record: number,
): string {
  let text = "";
  for (const name of names) {
    if (!Object.hasOwn(data, name)) throw new Refusal("key_missing", { KEY: name }, record);
    if (text !== "") text += ",";
    text += valueText(name, data[name] ?? null, lengthMax, record);
  }
  if (text.length > KEY_LENGTH_MAX)
    throw tooLong(names.join(","), text.length, KEY_LENGTH_MAX, record);
  return text;
}

function valueText(name: string, value: Json, lengthMax: number, record: number): string {
  switch (typeof value) {
    case "number":
      // A safe integer is its own canonical text, which is the case worth a path of its own.
      return Number.isSafeInteger(value)
        ? ordered(String(value))
        : numberKey(name, String(value), record);
    case "string":
      if (value.length > lengthMax && codePoints(value) > lengthMax) {
        throw tooLong(name, codePoints(value), lengthMax, record);
      }
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      if (value === null) throw new Refusal("key_null", { KEY: name }, record);
      if (JSON.isRawJSON(value)) return numberKey(name, value.rawJSON, record);
      throw new Refusal("key_not_scalar", { KEY: name }, record);
  }
}

function numberKey(name: string, text: string, record: number): string {
  // Before any arithmetic: an exponent may itself have a million digits.
  if (text.length > KEY_LENGTH_MAX) throw tooLong(name, text.length, KEY_LENGTH_MAX, record);
  return ordered(canonicalNumber(text));
}

function ordered(canonical: string): string {
  return /^\d+$/.test(canonical)
    ? `${DIGITS_PREFIX[canonical.length - 1] ?? ""}${canonical}`
    : canonical;
}

function tooLong(key: string, n: number, limit: number, record: number): Refusal {
  return new Refusal("key_too_long", { KEY: key, N: n, LIMIT: limit }, record);
}

/** The refusal of a point whose key names are not those of its table. */
export function keyNamesDiffer(
  table: { readonly name: string; readonly keyNames: readonly string[] },
  record: number,
): Refusal {
  const names = table.keyNames.length === 0 ? "(none)" : table.keyNames.join(", ");
  return new Refusal("key_names_differ", { TABLE: table.name, NAMES: names }, record);
}
