import { isNumber, type Json, numberText, stringifyExact } from "../../json/exact.ts";
import { amountOf, amountText } from "../math/amount.ts";

/**
 * The text of a group: strings as they are, numbers by their value (`1.0` is `1`), `true` and
 * `false`, nothing for null, objects and arrays as compact JSON.
 */
export function groupText(value: Json): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (!isNumber(value)) return stringifyExact(value);
  const text = numberText(value);
  const amount = amountOf(text);
  return amount === undefined ? text : amountText(amount);
}
