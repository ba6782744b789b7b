/**
 * `format: date-time`: RFC 3339 section 5.6 with real calendar dates.
 *
 * Taken as the RFC has it: `t` and `z` in lower case, a space in place of the T, a fraction of
 * any length, and the second 60 where it is 23:59:60 in UTC. Beyond it: an offset without colon,
 * `2020-01-13T21:25:03+0000` (wire.md 2.8). A time without an offset is no date-time.
 */
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)$/;

const ZERO = "0".charCodeAt(0);
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const DAY_MINUTES = 24 * 60;

/** Whether a text is a date-time. Takes time in its length. */
export function isDateTime(text: string): boolean {
  if (!DATE_TIME.test(text)) return false;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!isDate(text) || hour > 23 || minute > 59 || second > 60) return false;
  const offset = offsetMinutes(text);
  if (offset === undefined) return false;
  if (second < 60) return true;
  const utc = hour * 60 + minute - offset;
  return (utc + 2 * DAY_MINUTES) % DAY_MINUTES === DAY_MINUTES - 1;
}

function isDate(text: string): boolean {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const isLeapDay = month === 2 && day === 29;
  if (isLeapDay) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (DAYS[month - 1] ?? 0);
}

/** Minutes east of UTC; undefined where the offset is out of range. */
function offsetMinutes(text: string): number | undefined {
  const last = text.charAt(text.length - 1);
  if (last === "Z" || last === "z") return 0;
  const hasColon = text.charAt(text.length - 3) === ":";
  const start = text.length - (hasColon ? 6 : 5);
  const hours = twoDigits(text, start + 1);
  const minutes = twoDigits(text, text.length - 2);
  if (hours > 23 || minutes > 59) return undefined;
  const sign = text.charAt(start) === "-" ? -1 : 1;
  return sign * (hours * 60 + minutes);
}

function twoDigits(text: string, index: number): number {
  return (text.charCodeAt(index) - ZERO) * 10 + text.charCodeAt(index + 1) - ZERO;
}
