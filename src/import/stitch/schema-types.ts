/**
 * `type`: the seven type names of JSON Schema, alone or in a list.
 */
import { isIntegral, parseDecimal } from "../../json/decimal.ts";
import {
  isNumber,
  type Json,
  type JsonObject,
  numberText,
  type RawNumber,
} from "../../json/exact.ts";
import { type Meter, shorten, Violation } from "./schema-check.ts";
import { keyword, unusable, wrongKeyword } from "./schema-read.ts";

/** One bit a type; an integer has that of a number, too. */
export const TYPE_BITS = {
  null: 1,
  boolean: 2,
  string: 4,
  array: 8,
  object: 16,
  number: 32 | 64,
  integer: 64,
} as const;

type TypeName = keyof typeof TYPE_BITS;

function isTypeName(name: string): name is TypeName {
  return Object.hasOwn(TYPE_BITS, name);
}

/** Characters up to which an answer tells integers from numbers; telling takes time. */
const NAMED_CHARACTERS_MAX = 1_000;

/** The JSON Schema name of a value's type; `integer` for 1, 1.0 and 1e2. */
export function typeName(value: Json): TypeName {
  if (value === null) return "null";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "string") return "string";
  if (Array.isArray(value)) return "array";
  if (isNumber(value)) {
    const isShort = numberText(value).length <= NAMED_CHARACTERS_MAX;
    return isShort && isInteger(value) ? "integer" : "number";
  }
  return "object";
}

/** Whether a number has no fraction; `1.0`, `1e2` and `1e400` have none. */
function isInteger(value: number | RawNumber): boolean {
  if (typeof value === "number") return Number.isInteger(value);
  return isIntegral(parseDecimal(value.rawJSON));
}

/** `type`, asked with the bit of the value's kind, which the caller has found out anyway. */
export interface TypeRule {
  /** For all values but numbers. */
  check(value: Json, bit: number): Violation | undefined;
  checkNumber(value: number | RawNumber): Violation | undefined;
}

/** The rule of `type`; one that allows everything where the schema has none. */
export function typeRule(schema: JsonObject, meter: Meter, place: string): TypeRule {
  const type = keyword(schema, "type");
  const names = type === undefined ? [] : typeNames(type, `${place}/type`);
  const allowed =
    type === undefined ? ALL_BITS : names.reduce((bits, name) => bits | TYPE_BITS[name], 0);
  const describe = (value: Json): string => typeReason(names, value);
  const violation = (value: Json): Violation => new Violation(value, describe, names);
  return {
    check: (value, bit) => ((allowed & bit) === 0 ? violation(value) : undefined),
    checkNumber(value) {
      const numbers = allowed & TYPE_BITS.number;
      if (numbers === TYPE_BITS.number) return undefined;
      if (numbers === 0) return violation(value);
      if (typeof value !== "number") meter.spendOnNumber(value.rawJSON);
      return isInteger(value) ? undefined : violation(value);
    },
  };
}

const ALL_BITS = Object.values(TYPE_BITS).reduce<number>((bits, bit) => bits | bit, 0);

/** `expected: integer, found: string`, with several expected types in brackets. */
export function typeReason(names: readonly string[], value: Json): string {
  const expected = names.length === 1 ? names[0] : `[${names.join(", ")}]`;
  return `expected: ${expected}, found: ${typeName(value)}`;
}

function typeNames(value: Json, place: string): TypeName[] {
  if (typeof value !== "string" && !Array.isArray(value)) {
    throw wrongKeyword(place, "string or array of strings", value);
  }
  const names = new Set<TypeName>();
  for (const name of typeof value === "string" ? [value] : value) {
    if (typeof name !== "string") throw wrongKeyword(place, "array of strings", value);
    // The one reason whose words wire.md 2.8 gives.
    if (!isTypeName(name)) throw unusable(`unknown type: [${shorten(name)}]`);
    names.add(name);
  }
  if (names.size === 0) throw unusable(`${place}: expected at least 1 type`);
  return [...names];
}
