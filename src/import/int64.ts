/** Sequences and table versions: int64 on the wire, text in here (wire.md 2.4). */
import { integerText, isNumber, type Json } from "../json/exact.ts";
import { INT64_MAX } from "../http/limits.ts";

/** 2^63 as a double. A plain number below it is below the limit: doubles are sparse up there. */
const TWO_TO_63 = 2 ** 63;

/** Digits of the highest int64: more digits need no arithmetic. */
const DIGITS_MAX = 19;

/**
 * The digits of an integer from 0 to 9223372036854775807; undefined for anything else, see
 * {@link int64Problem}.
 */
export function int64Text(value: Json | undefined): string | undefined {
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= 0 && value < TWO_TO_63 ? String(value) : undefined;
  }
  const text = integerText(value);
  if (text === undefined || text.startsWith("-") || text.length > DIGITS_MAX) return undefined;
  return BigInt(text) <= INT64_MAX ? text : undefined;
}

/** What is wrong with a value that {@link int64Text} does not take. */
export type Int64Problem = "no number" | "no integer" | "too low" | "too high";

/** See {@link Int64Problem}. */
export function int64Problem(value: Json): Int64Problem {
  if (!isNumber(value)) return "no number";
  const text = integerText(value);
  if (text === undefined) return "no integer";
  return text.startsWith("-") ? "too low" : "too high";
}
