/** The order of numbers and of texts, exact and fast: filters compare millions of values. */
import { canonicalNumber, compareDecimals, parseDecimal } from "../json/decimal.ts";
import { numberText, type RawNumber } from "../json/exact.ts";

/** A number of JSON, plain or raw. */
export type JsonNumber = number | RawNumber;

/** The order of a value and what it is compared with: negative, 0 or positive. */
export type Order<Value> = (value: Value) => number;

/**
 * Compares numbers with a number, exactly.
 *
 * Reading a decimal as a double keeps the order or makes two numbers equal, never turns it
 * round. So doubles that differ say it all, and equal ones too where both numbers are plain:
 * their source texts are those of the doubles (json/exact.ts). Decimals decide the few others.
 */
export function numberOrder(operand: JsonNumber): Order<JsonNumber> {
  const double = toDouble(operand);
  const isPlain = typeof operand === "number";
  const decimal = parseDecimal(numberText(operand));
  return (value) => {
    const other = toDouble(value);
    if (other !== double) return other < double ? -1 : 1;
    if (isPlain && typeof value === "number") return 0;
    return compareDecimals(parseDecimal(numberText(value)), decimal);
  };
}

/** Whether a number is one of these, exactly. */
export function isNumberAmong(operands: readonly JsonNumber[]): (value: JsonNumber) => boolean {
  const plain = new Set(operands.filter((operand) => typeof operand === "number"));
  const doubles = new Set(operands.map(toDouble));
  const exact = new Set(operands.map((operand) => canonicalNumber(numberText(operand))));
  return (value) => {
    if (typeof value === "number" && plain.has(value)) return true;
    return doubles.has(toDouble(value)) && exact.has(canonicalNumber(numberText(value)));
  };
}

/** The nearest double; an infinity for what is beyond them. */
function toDouble(value: JsonNumber): number {
  return typeof value === "number" ? value : Number(value.rawJSON);
}

/** A surrogate, or a unit above them: what makes the order of units differ from code points. */
const HIGH_UNIT = /[\ud800-\uffff]/;

/**
 * Compares texts with a text by code points, which is the order of their UTF-8.
 *
 * JavaScript compares UTF-16 units, where the surrogates of a character beyond U+FFFF come
 * before U+E000 to U+FFFF. That matters only where both texts have units of such size.
 */
export function textOrder(operand: string): Order<string> {
  const order = HIGH_UNIT.test(operand) ? codePointOrder : unitOrder;
  return (value) => order(value, operand);
}

function unitOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function codePointOrder(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [unitA, unitB] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates after all other units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x1_0000 : unit;
}
