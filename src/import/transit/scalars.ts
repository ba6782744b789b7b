/** Transit's scalars: a letter that names the type, and a text (wire.md 2.7). */
import { integerText, numberFromText } from "../../json/exact.ts";
import type { Json, RawNumber } from "../../json/exact.ts";

/** Most characters of a body that an error message repeats. */
const SHOWN_LENGTH_MAX = 40;

/** An int64 in decimal has at most 19 digits and a sign. */
const INT64_TEXT_LENGTH_MAX = 20;

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const INTEGER = /^([+-]?)(\d+)$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d+)?$/;

/** What is no number, as the writers spell it; Python's Decimal writes `~fNaN`, `~fInfinity`. */
const NOT_FINITE = /^[+-]?(?:s?nan\d*|inf(?:inity)?)$/i;

const EPOCH_MS = /^[+-]?\d+$/;

/** RFC 3339; writers leave the offset out for UTC and do not pad years to four digits. */
const TIMESTAMP =
  /^([+-]?)(\d{1,6})(-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-]\d\d):?(\d\d))?$/;

const UUID = /^([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})$/i;

/** A malformed scalar, told in words a user can search the body for. */
function malformed(expected: string, found: string): SyntaxError {
  const shown = JSON.stringify(found.slice(0, SHOWN_LENGTH_MAX));
  return new SyntaxError(`Transit: expected ${expected}, found ${shown}`);
}

type ScalarReader = (text: string) => Json;

const READERS: ReadonlyMap<string, ScalarReader> = new Map<string, ScalarReader>([
  ["_", () => null],
  ["?", readBoolean],
  ["i", readInteger],
  ["n", readInteger],
  ["d", readDecimal],
  ["f", readDecimal],
  ["z", readNotFinite],
  ["m", readEpochMs],
  ["t", readTimestamp],
  ["u", readUuid],
]);

/**
 * The value of a scalar by its one-letter tag and its text: (`f`, `58.40`) is the number 58.40,
 * (`m`, `0`) the string `1970-01-01T00:00:00.000Z`. Tags whose value is their text (`:`, `$`,
 * `b`, `c`, `r`) and tags unknown to Transit give the text: upper-case letters are for
 * applications to define, and the text is all that is known of theirs.
 *
 * @throws SyntaxError where the text is none of the tag's type.
 */
export function readScalar(tag: string, text: string): Json {
  const reader = READERS.get(tag);
  return reader === undefined ? text : reader(text);
}

/** Whether {@link readScalar} does more with the tag than to return the text. */
export function isTypedScalar(tag: string): boolean {
  return READERS.has(tag);
}

function readBoolean(text: string): boolean {
  if (text === "t") return true;
  if (text === "f") return false;
  throw malformed("~?t or ~?f", text);
}

function readInteger(text: string): number | RawNumber {
  const match = INTEGER.exec(text);
  if (match === null) throw malformed("an integer", text);
  const [, sign = "", digits = ""] = match;
  const trimmed = withoutLeadingZeros(digits);
  return numberFromText(sign === "-" && trimmed !== "0" ? `-${trimmed}` : trimmed);
}

/** Every digit is kept; what JSON does not know (`+5`, `.5`, `5.`, `007`) is made what it knows. */
function readDecimal(text: string): number | RawNumber | null {
  if (JSON_NUMBER.test(text)) return numberFromText(text);
  if (NOT_FINITE.test(text)) return null;
  const match = DECIMAL.exec(text);
  const [, sign = "", whole = "", fraction = "", exponent = ""] = match ?? [];
  if (whole === "" && fraction === "") throw malformed("a number", text);
  const minus = sign === "-" ? "-" : "";
  const point = fraction === "" ? "" : `.${fraction}`;
  return numberFromText(minus + withoutLeadingZeros(whole) + point + exponent);
}

/** At least one digit: `0` for the empty text. */
function withoutLeadingZeros(digits: string): string {
  return digits.replace(/^0+(?=\d)/, "") || "0";
}

/** NaN and the infinities: null, because JSON has no such numbers. */
function readNotFinite(text: string): null {
  if (NOT_FINITE.test(text)) return null;
  throw malformed("~zNaN, ~zINF or ~z-INF", text);
}

function readEpochMs(text: string): string {
  if (!EPOCH_MS.test(text)) throw malformed("milliseconds since 1970", text);
  const found = isoText(Number(text));
  if (found !== undefined) return found;
  throw malformed("milliseconds between the years -271821 and 275760", text);
}

/** Digits beyond milliseconds are cut off. */
function readTimestamp(text: string): string {
  // Most timestamps are as they shall be, and to find that out is half of the work below.
  if (isoText(text) === text) return text;
  const match = TIMESTAMP.exec(text);
  const [, sign = "", year = "", day = "", time = "", fraction = "", hours, minutes] = match ?? [];
  const isWide = sign === "-" || year.length > 4;
  const fullYear = isWide ? (sign || "+") + year.padStart(6, "0") : year.padStart(4, "0");
  const ms = fraction.slice(0, 3).padEnd(3, "0");
  const offset = hours === undefined ? "Z" : `${hours}:${minutes}`;
  const found = isoText(`${fullYear}${day}T${time}.${ms}${offset}`);
  // Whether the day exists: Date reads 30 February as 1 March.
  const isInCalendar = isoText(`${fullYear}${day}T00:00:00Z`)?.startsWith(fullYear + day);
  if (match !== null && found !== undefined && isInCalendar === true) return found;
  throw malformed("a timestamp of RFC 3339", text);
}

/** The instant in UTC with milliseconds; undefined where Date does not know it. */
function isoText(instant: string | number): string | undefined {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function readUuid(text: string): string {
  const match = UUID.exec(text);
  if (match === null) throw malformed("a UUID", text);
  return match.slice(1).join("-").toLowerCase();
}

/**
 * The UUID `["~#u", [hi, lo]]`: its upper and lower half, each a signed int64.
 *
 * @throws SyntaxError where there are not two such integers.
 */
export function uuidOfHalves(halves: readonly Json[]): string {
  if (halves.length !== 2) throw malformed("the two halves of a UUID", JSON.stringify(halves));
  return readUuid(halves.map(int64Hex).join(""));
}

function int64Hex(value: Json): string {
  const text = integerText(value);
  // The length first: to make a BigInt of a million digits takes seconds.
  if (text !== undefined && text.length <= INT64_TEXT_LENGTH_MAX) {
    const integer = BigInt(text);
    if (BigInt.asIntN(64, integer) === integer) {
      return BigInt.asUintN(64, integer).toString(16).padStart(16, "0");
    }
  }
  throw malformed("a half of a UUID, an int64", JSON.stringify(value));
}
