/** The time ranges of reports: fixed ones, and those that move with the time of the report. */
import { startOf, stepFrom, type WeekStart } from "./intervals.ts";
import { utcDay, type Zone, zoneOf } from "./zones.ts";

/** Days from one on and to another, or the words of a moving range. */
export type RangeOf = { readonly from: string; readonly to: string } | { readonly moving: string };

const UNITS = ["week", "month", "quarter", "year"] as const;
const NAMED = /^(this|last|last_full)_(week|month|quarter|year)$/;
const DAYS_AGO = /^(\d{1,5}) days? ago to (\d{1,5}) days? ago$/;
const OTHERS: ReadonlySet<string> = new Set(["today", "yesterday", "all_time"]);

/**
 * Whether these are the words of a moving range:
 *
 * | words | days |
 * |---|---|
 * | `today`, `yesterday` | the one |
 * | `this_week`, `this_month`, `this_quarter`, `this_year` | from its beginning to today |
 * | `last_full_week`, …, or `last_week`, … | the one before this one, whole |
 * | `91 days ago to 1 day ago` | both included; 0 days ago is today |
 * | `all_time` | whatever there is |
 *
 * The report builder of Magento BI shows "This" and "Last Full" ones (AdobeDocs,
 * commerce-business-intelligence.en, moving_date_ranges.png); that a plain "Last" one is the
 * same as the full one is decided here.
 */
export function isMovingRange(words: string): boolean {
  const ago = DAYS_AGO.exec(words);
  if (ago !== null) return Number(ago[1]) >= Number(ago[2]);
  return OTHERS.has(words) || NAMED.test(words);
}

/**
 * The instants of a range, from and before `to`, in ms since 1970.
 *
 * @param range whose words {@link isMovingRange} knows, or whose days exist and are in order.
 * @param now the time of the report.
 */
export function resolveRange(
  range: RangeOf,
  now: number,
  timeZone: string,
  weekStart: WeekStart,
): { from: number; to: number } | "all_time" {
  const zone = zoneOf(timeZone);
  if ("from" in range) return days(zone, dayOf(range.from), dayOf(range.to));
  const today = startOf(zone.localOf(now), "day", weekStart);
  const words = range.moving;
  if (words === "all_time") return words;
  if (words === "today") return days(zone, today, today);
  const ago = words === "yesterday" ? ["", "1", "1"] : DAYS_AGO.exec(words);
  if (ago !== null) {
    const [first, last] = [Number(ago[1]), Number(ago[2])];
    return days(zone, stepFrom(today, "day", -first), stepFrom(today, "day", -last));
  }
  const [, kind, name] = NAMED.exec(words) ?? [];
  const unit = UNITS.find((candidate) => candidate === name);
  if (unit === undefined) throw new RangeError(`no range: ${words}`);
  const start = startOf(today, unit, weekStart);
  if (kind === "this") return days(zone, start, today);
  return { from: zone.instantOf(stepFrom(start, unit, -1)), to: zone.instantOf(start) };
}

/** From the beginning of one local day to the end of another. */
function days(zone: Zone, first: number, last: number): { from: number; to: number } {
  return { from: zone.instantOf(first), to: zone.instantOf(stepFrom(last, "day", 1)) };
}

/** `2019-01-31` as a local time. */
function dayOf(text: string): number {
  const [year, month, day] = text.split("-").map(Number);
  return utcDay(year ?? NaN, (month ?? NaN) - 1, day ?? NaN);
}
