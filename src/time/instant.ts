/**
 * The dates that clients send: `2019-08-01 14:22:32` (wire.md 3.2), ISO 8601 with its zone, and
 * milliseconds since 1970. `Date.parse` is no help: it takes `2019-02-30` and guesses at
 * what it does not know.
 */
import { isNumber, type Json, numberText } from "../json/exact.ts";

/** The calendar repeats itself after 400 years: 97 of them are leap years. */
const CYCLE_YEARS = 400;
const CYCLE_MS = 146_097 * 86_400_000;

/** The first and the last instant of the years 0000 to 9999, in ms since 1970. */
const FIRST_MS = -62_167_219_200_000;
const END_MS = 253_402_300_800_000;

/** UTF-16 units of `2019-08-01` and of `2019-08-01 14:22:32`. */
const DATE_LENGTH = 10;
const TIME_LENGTH = 19;
const ZERO = "0".charCodeAt(0);

/** Digits of a fraction that count: a double has room for microseconds, up to the year 2109. */
const FRACTION_DIGITS = 6;

/**
 * The instant that a value says, in ms since 1970; a fraction of it may be more exact than
 * that. Undefined where the value is no date.
 *
 * | value | instant |
 * |---|---|
 * | `"2019-08-01"` | its midnight in UTC |
 * | `"2019-08-01 14:22:32"`, with `T` or a space, `.` and any fraction | in UTC |
 * | the same with `Z`, `+02:00` or `+0200` | in that zone |
 * | `1564669352000`, a number | ms since 1970; with a fraction, too |
 *
 * No dates are: days that no month has, hours from 24 on, the second 60, a time without seconds,
 * a text of digits, lower-case `t` and `z`, and what lies outside the years 0000 to 9999 of UTC.
 * Digits after the microseconds are cut, so that an instant stays in its second.
 */
export function instantOf(value: Json): number | undefined {
  if (typeof value === "string") return withinYears(instantOfText(value));
  return isNumber(value) ? withinYears(Number(numberText(value))) : undefined;
}

/** Undefined for NaN, too. */
function withinYears(instant: number): number | undefined {
  return instant >= FIRST_MS && instant < END_MS ? instant : undefined;
}

/*
 * Below, NaN stands for what is no date, and makes NaN of all that is reckoned with it. A RegExp
 * with groups would be shorter, and takes three times as long.
 */

function instantOfText(text: string): number {
  const midnight = midnightOf(text);
  if (text.length === DATE_LENGTH) return midnight;
  const separator = text.charAt(DATE_LENGTH);
  if (separator !== " " && separator !== "T") return NaN;
  const isTime = text.charAt(13) === ":" && text.charAt(16) === ":";
  const seconds = isTime ? secondsOf(text, 11, 14) + below(60, digits(text, 17, 2)) : NaN;
  const fractionEnd = text.charAt(TIME_LENGTH) === "." ? digitsEnd(text, TIME_LENGTH + 1) : 0;
  const zone = Math.max(TIME_LENGTH, fractionEnd);
  const start = midnight + (seconds - offsetSeconds(text, zone)) * 1000;
  return fractionEnd === 0 ? start : withFraction(start, text.slice(TIME_LENGTH + 1, zone));
}

function midnightOf(text: string): number {
  if (text.charAt(4) !== "-" || text.charAt(7) !== "-") return NaN;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)];
  // Date.UTC takes the years 0 to 99 for those from 1900 on.
  const later = Date.UTC(year + CYCLE_YEARS, month - 1, day);
  // A month has 28 days at least, and what it does not have becomes the next one's.
  if (month > 12 || day < 1 || month < 1) return NaN;
  if (day > 28 && new Date(later).getUTCDate() !== day) return NaN;
  return later - CYCLE_MS;
}

/** Hours and minutes in seconds, from the places of their digits. */
function secondsOf(text: string, hours: number, minutes: number): number {
  return below(24, digits(text, hours, 2)) * 3600 + below(60, digits(text, minutes, 2)) * 60;
}

/** Seconds east of UTC that stand from a place to the end: `Z`, `+02:00`, `-0200` or nothing. */
function offsetSeconds(text: string, at: number): number {
  const length = text.length - at;
  if (length === 0) return 0;
  const sign = text.charAt(at);
  if (length === 1) return sign === "Z" ? 0 : NaN;
  const hasColon = length === 6 && text.charAt(at + 3) === ":";
  if ((sign !== "+" && sign !== "-") || (length !== 5 && !hasColon)) return NaN;
  const seconds = secondsOf(text, at + 1, text.length - 2);
  return sign === "-" ? -seconds : seconds;
}

/** Far from 1970 a double has no microseconds, and would round 0.999999 up to the next second. */
function withFraction(start: number, fraction: string): number {
  if (fraction === "") return NaN;
  const instant = start + Number(`0.${fraction.slice(0, FRACTION_DIGITS)}`) * 1000;
  return instant >= start + 1000 ? start + 999 : instant;
}

function below(limit: number, value: number): number {
  return value < limit ? value : NaN;
}

/** A number of so many digits, or NaN. */
function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  while (!Number.isNaN(digits(text, at, 1))) at += 1;
  return at;
}
