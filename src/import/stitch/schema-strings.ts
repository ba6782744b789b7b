/**
 * The keywords of strings: `minLength` and `maxLength` in code points, `pattern`, and
 * `format: date-time`. Other formats are ignored (wire.md 2.8).
 */
import { codePoints } from "../../json/code-points.ts";
import type { Json, JsonObject } from "../../json/exact.ts";
import { type Check, type Meter, shorten, show, Violation } from "./schema-check.ts";
import { isDateTime } from "./schema-date-time.ts";
import { compilePattern, type PatternSpace } from "./schema-pattern.ts";
import { readCount, readString } from "./schema-read.ts";

/** The checks of a string's keywords. */
export function stringChecks(
  schema: JsonObject,
  meter: Meter,
  patterns: PatternSpace,
  place: string,
): Check<string>[] {
  const checks: Check<string>[] = [];
  const min = readCount(schema, "minLength", place) ?? 0;
  const max = readCount(schema, "maxLength", place) ?? Infinity;
  if (min > 0 || max < Infinity) checks.push(lengthCheck(min, max, meter));
  const pattern = readString(schema, "pattern", place);
  if (pattern !== undefined) checks.push(patternCheck(pattern, meter, patterns, place));
  if (readString(schema, "format", place) === "date-time") checks.push(dateTimeCheck(meter));
  return checks;
}

function lengthCheck(min: number, max: number, meter: Meter): Check<string> {
  return function checkLength(value) {
    // Code units bound the code points from both sides, so few strings are counted.
    if (value.length <= max && value.length >= min * 2) return undefined;
    meter.spendOnText(value);
    const length = codePoints(value);
    if (length >= min && length <= max) return undefined;
    const expected = length < min ? `minLength: ${min}` : `maxLength: ${max}`;
    return new Violation(value, () => `expected ${expected}, actual: ${length}`);
  };
}

function patternCheck(
  source: string,
  meter: Meter,
  patterns: PatternSpace,
  place: string,
): Check<string> {
  const pattern = compilePattern(source, patterns, `${place}/pattern`);
  const describe = (value: Json): string =>
    `${show(value)} does not match pattern ${shorten(source)}`;
  return function checkPattern(value) {
    return pattern.matches(value, meter) ? undefined : new Violation(value, describe);
  };
}

function dateTimeCheck(meter: Meter): Check<string> {
  const describe = (value: Json): string => `${show(value)} is not a valid date-time`;
  return function checkDateTime(value) {
    meter.spendOnText(value);
    return isDateTime(value) ? undefined : new Violation(value, describe);
  };
}
