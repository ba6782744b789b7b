/**
 * `enum` and `uniqueItems`: equality of JSON values, where 1, 1.0 and 1e0 are equal, 1 and "1"
 * are not, and the order of an object's members does not matter.
 */
import { canonicalNumber } from "../../json/decimal.ts";
import { isNumber, type Json, type JsonObject, type RawNumber } from "../../json/exact.ts";
import { type Check, type Meter, show, Violation } from "./schema-check.ts";
import { keyword, readList, wrongKeyword } from "./schema-read.ts";

/** The check of `enum`; undefined where the schema has none. */
export function enumCheck(schema: JsonObject, meter: Meter, place: string): Check | undefined {
  const allowed = readList(schema, "enum", place);
  if (allowed === undefined) return undefined;
  const keys = new Set(allowed.map((value) => equalityKey(value, meter)));
  const hasNested = allowed.some(isNested);
  const describe = (value: Json): string => `${show(value)} is not one of the values of enum`;
  return function checkEnum(value) {
    const isRight = (hasNested || !isNested(value)) && keys.has(equalityKey(value, meter));
    return isRight ? undefined : new Violation(value, describe);
  };
}

function isNested(value: Json): boolean {
  return typeof value === "object" && value !== null && !isNumber(value);
}

/** The check of `uniqueItems`; undefined where the schema does not ask for it. */
export function uniqueCheck(
  schema: JsonObject,
  meter: Meter,
  place: string,
): Check<Json[]> | undefined {
  const wanted = keyword(schema, "uniqueItems") ?? false;
  if (typeof wanted !== "boolean") throw wrongKeyword(`${place}/uniqueItems`, "boolean", wanted);
  if (!wanted) return undefined;
  const describe = (): string => "expected uniqueItems: two items are equal";
  return function checkUnique(value) {
    const keys = new Set<unknown>();
    for (const item of value) {
      meter.spend(1);
      const key = equalityKey(item, meter);
      if (keys.has(key)) return new Violation(value, describe);
      keys.add(key);
    }
    return undefined;
  };
}

/**
 * A value that two equal values share and no others: plain numbers, booleans and null
 * themselves, any other as a text whose first character tells the kinds apart.
 */
function equalityKey(value: Json, meter: Meter): number | boolean | null | string {
  if (typeof value === "string") {
    meter.spendOnText(value);
    return `"${value}`;
  }
  if (typeof value !== "object" || value === null) return value;
  if (isNumber(value)) return numberKey(value, meter);
  return canonicalText(value, meter);
}

/** The plain number where a raw number equals one, otherwise its canonical text. */
function numberKey(value: RawNumber, meter: Meter): number | string {
  meter.spendOnNumber(value.rawJSON);
  const double = Number(value.rawJSON);
  const text = canonicalNumber(value.rawJSON);
  if (!Number.isFinite(double)) return text;
  return canonicalNumber(String(double)) === text ? double : text;
}

/** The value as JSON text with sorted members and canonical numbers. */
function canonicalText(value: Json, meter: Meter): string {
  if (typeof value === "string") {
    meter.spendOnText(value);
    return JSON.stringify(value);
  }
  if (typeof value === "number") return canonicalNumber(String(value));
  if (typeof value !== "object" || value === null) return String(value);
  if (isNumber(value)) {
    meter.spendOnNumber(value.rawJSON);
    return canonicalNumber(value.rawJSON);
  }
  meter.enter();
  const text = Array.isArray(value)
    ? `[${value.map((item) => canonicalText(item, meter)).join()}]`
    : `{${canonicalMembers(value, meter).join()}}`;
  meter.leave();
  return text;
}

function canonicalMembers(value: JsonObject, meter: Meter): string[] {
  const names = Object.keys(value).toSorted();
  meter.spend(names.length);
  return names.map(
    (name) => `${JSON.stringify(name)}:${canonicalText(value[name] ?? null, meter)}`,
  );
}
