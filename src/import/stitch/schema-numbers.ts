/**
 * The keywords of numbers, computed on decimals as written: `minimum`, `maximum`,
 * `exclusiveMinimum`, `exclusiveMaximum` (true or false beside a bound as in draft 4, or a
 * number of their own as in later drafts) and `multipleOf`.
 */
import { compareDecimals, isMultipleOf, parseDecimal } from "../../json/decimal.ts";
import {
  isNumber,
  type Json,
  type JsonObject,
  numberText,
  type RawNumber,
} from "../../json/exact.ts";
import { type Check, type Meter, show, showNumber, Violation } from "./schema-check.ts";
import { keyword, readNumber, unusable, wrongKeyword } from "./schema-read.ts";

type NumberCheck = Check<number | RawNumber>;

/** The checks of the bounds and of `multipleOf`. */
export function numberChecks(schema: JsonObject, meter: Meter, place: string): NumberCheck[] {
  return [
    ...boundChecks(schema, "minimum", "exclusiveMinimum", 1, meter, place),
    ...boundChecks(schema, "maximum", "exclusiveMaximum", -1, meter, place),
    ...multipleChecks(schema, meter, place),
  ];
}

/** `side` is 1 where values above the bound are right and -1 where values below it are. */
function boundChecks(
  schema: JsonObject,
  name: "minimum" | "maximum",
  exclusiveName: "exclusiveMinimum" | "exclusiveMaximum",
  side: 1 | -1,
  meter: Meter,
  place: string,
): NumberCheck[] {
  const bound = readNumber(schema, name, place);
  const exclusive = keyword(schema, exclusiveName);
  const checks: NumberCheck[] = [];
  if (bound !== undefined) {
    const isExclusive = exclusive === true;
    checks.push(boundCheck(bound, isExclusive ? exclusiveName : name, side, isExclusive, meter));
  }
  if (exclusive === undefined || typeof exclusive === "boolean") return checks;
  if (!isNumber(exclusive)) {
    throw wrongKeyword(`${place}/${exclusiveName}`, "boolean or number", exclusive);
  }
  const own = readNumber(schema, exclusiveName, place) ?? exclusive;
  return [...checks, boundCheck(own, exclusiveName, side, true, meter)];
}

function boundCheck(
  bound: number | RawNumber,
  name: string,
  side: 1 | -1,
  isExclusive: boolean,
  meter: Meter,
): NumberCheck {
  const describe = (value: Json): string =>
    `expected ${name}: ${showNumber(bound)}, actual: ${show(value)}`;
  const order = comparison(bound, meter);
  return function checkBound(value) {
    const distance = order(value) * side;
    const isRight = isExclusive ? distance > 0 : distance >= 0;
    return isRight ? undefined : new Violation(value, describe);
  };
}

/**
 * Compares numbers with one bound: negative where the number is below it. Rounding to doubles
 * never swaps two numbers, so doubles decide unless they are equal; two plain numbers whose
 * doubles are equal have the same text.
 */
function comparison(
  bound: number | RawNumber,
  meter: Meter,
): (value: number | RawNumber) => number {
  const boundText = numberText(bound);
  const boundDouble = Number(boundText);
  const boundDecimal = parseDecimal(boundText);
  return function compare(value) {
    if (typeof value !== "number") meter.spendOnNumber(value.rawJSON);
    const double = typeof value === "number" ? value : Number(value.rawJSON);
    if (double !== boundDouble) return double < boundDouble ? -1 : 1;
    if (typeof value === "number" && typeof bound === "number") return 0;
    return compareDecimals(parseDecimal(numberText(value)), boundDecimal);
  };
}

function multipleChecks(schema: JsonObject, meter: Meter, place: string): NumberCheck[] {
  const written = readNumber(schema, "multipleOf", place);
  if (written === undefined) return [];
  const divisor = parseDecimal(numberText(written));
  if (divisor.negative || divisor.digits === "") {
    throw unusable(`${place}/multipleOf: expected number above 0, found: ${showNumber(written)}`);
  }
  const describe = (value: Json): string =>
    `${show(value)} is not a multiple of ${showNumber(written)}`;
  // Singer taps write 1e-15 and the like: then only the places after the point matter.
  const places = divisor.digits === "1" && divisor.exponent <= 0n ? -divisor.exponent : undefined;

  const isRight = (value: number | RawNumber): boolean => {
    if (typeof value === "number" && places !== undefined) {
      if (Number.isInteger(value)) return true;
      const text = String(value);
      if (!text.includes("e")) return text.length - text.indexOf(".") - 1 <= places;
    }
    if (typeof value !== "number") meter.spendOnNumber(value.rawJSON);
    return isMultipleOf(parseDecimal(numberText(value)), divisor);
  };
  return [
    function checkMultiple(value) {
      return isRight(value) ? undefined : new Violation(value, describe);
    },
  ];
}
