/**
 * Reads the values of keywords and refuses a schema whose keyword has a value of a wrong type.
 * A keyword that is present but null is wrong, too, as JSON Schema has it.
 */
import { parseDecimal, isIntegral } from "../../json/decimal.ts";
import {
  isNumber,
  isObject,
  type Json,
  type JsonObject,
  type RawNumber,
} from "../../json/exact.ts";
import { numberText } from "../../json/exact.ts";
import { Refusal } from "../../http/errors.ts";
import { shorten } from "./schema-check.ts";

/** Characters of a reason; a schema can put text of any length into a place. */
const REASON_CHARACTERS_MAX = 500;

/**
 * Characters of a number in a schema. Arithmetic with it takes time in its length, for each
 * record; real ones have at most a few dozen.
 */
const NUMBER_CHARACTERS_MAX = 400;

/** The refusal of a schema that cannot be used (wire.md 2.8 "unusable schema"). */
export function unusable(reason: string): Refusal {
  return new Refusal("batch_schema_unusable", { REASON: shorten(reason, REASON_CHARACTERS_MAX) });
}

/** The refusal of a keyword; `place` is a pointer to it, such as `#/properties/id/required`. */
export function wrongKeyword(place: string, expected: string, found: Json): Refusal {
  return unusable(`${place}: expected ${expected}, found: ${kindOf(found)}`);
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  if (isNumber(value)) return "number";
  return Array.isArray(value) ? "array" : typeof value;
}

/** A keyword's value, undefined where the schema does not have it. */
export function keyword(schema: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(schema, name) ? schema[name] : undefined;
}

/** A number. */
export function readNumber(
  schema: JsonObject,
  name: string,
  place: string,
): number | RawNumber | undefined {
  const value = keyword(schema, name);
  if (value === undefined) return undefined;
  if (!isNumber(value)) throw wrongKeyword(`${place}/${name}`, "number", value);
  if (numberText(value).length > NUMBER_CHARACTERS_MAX) {
    throw unusable(`${place}/${name}: longer than ${NUMBER_CHARACTERS_MAX} characters`);
  }
  return value;
}

/** A count: an integer from 0, also written 10.0; Infinity beyond what a double holds. */
export function readCount(schema: JsonObject, name: string, place: string): number | undefined {
  const value = readNumber(schema, name, place);
  if (value === undefined) return undefined;
  const decimal = parseDecimal(numberText(value));
  if (decimal.negative || !isIntegral(decimal)) {
    throw unusable(`${place}/${name}: expected integer from 0, found: ${numberText(value)}`);
  }
  return Number(numberText(value));
}

/** A list of names, each once. */
export function readNames(value: Json, place: string): Set<string> {
  const names = new Set<string>();
  if (!Array.isArray(value)) throw wrongKeyword(place, "array of strings", value);
  for (const name of value) {
    if (typeof name !== "string") throw wrongKeyword(place, "array of strings", value);
    names.add(name);
  }
  return names;
}

/** An object whose members are read by the caller. */
export function readObject(
  schema: JsonObject,
  name: string,
  place: string,
): JsonObject | undefined {
  const value = keyword(schema, name);
  if (value === undefined) return undefined;
  if (!isObject(value)) throw wrongKeyword(`${place}/${name}`, "object", value);
  return value;
}

/** A list with at least one member. */
export function readList(schema: JsonObject, name: string, place: string): Json[] | undefined {
  const value = keyword(schema, name);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongKeyword(`${place}/${name}`, "array", value);
  if (value.length === 0) throw unusable(`${place}/${name}: expected at least 1 item`);
  return value;
}

/** A text. */
export function readString(schema: JsonObject, name: string, place: string): string | undefined {
  const value = keyword(schema, name);
  if (value === undefined || typeof value === "string") return value;
  throw wrongKeyword(`${place}/${name}`, "string", value);
}
