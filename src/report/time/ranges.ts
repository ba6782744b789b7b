/** The time ranges of reports: fixed ones, and those that move with the time of the report. */
import { MONTHS, startOf, stepFrom, type WeekStart } from "./intervals.ts";
import { utcDay, type Zone, zoneOf } from "./zones.ts";

/** Days from one on and to another, or the words of a moving range. */
export type RangeOf = { readonly from: string; readonly to: string } | { readonly moving: string };

const UNITS = ["week", "month", "quarter", "year"] as const;
const NAMED = /^(this|last|last_full)_(week|month|quarter|year)$/;
const AGO =
  /^(\d{1,5}) (day|week|month|quarter|year)s? ago to (\d{1,5}) (day|week|month|quarter|year)s? ago$/i;

/** Days that a range may go back, about 1,900 years: dates have years from 0000 on. */
const DAYS_AGO_MAX = 700_000;

/** Days of a unit, about: by which the order of two of them is checked. */
const ABOUT_DAYS = { day: 1, week: 7, month: 30.4, quarter: 91.3, year: 365.2 } as const;
const OTHERS: ReadonlySet<string> = new Set(["today", "yesterday", "all_time"]);

/**
 * Whether these are the words of a moving range:
 *
 * | words | days |
 * |---|---|
 * | `today`, `yesterday` | the one |
 * | `this_week`, `this_month`, `this_quarter`, `this_year` | from its beginning to today |
 * | `last_full_week`, …, or `last_week`, … | the one before this one, whole |
 * | `91 days ago to 1 day ago` | both included; 0 days ago is today. Also weeks, months, quarters and years |
 * | `all_time` | whatever there is |
 *
 * As in the report builder of Magento BI (AdobeDocs, commerce-business-intelligence.en): "Last
 * Full" is the one completed last and "This" lasts until now (using-dshbrd-wide-filter-date-
 * ranges.md); a plain "Last" one is the whole one, too (time-options-visual-rpt-bldr.md).
 */
export function isMovingRange(words: string): boolean {
  const ago = agoOf(words);
  if (ago !== undefined) {
    const [first, last] = ago.map(aboutDays);
    return (first ?? 0) >= (last ?? 0) && (first ?? 0) <= DAYS_AGO_MAX;
  }
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
  const ago = agoOf(words === "yesterday" ? "1 day ago to 1 day ago" : words);
  if (ago !== undefined) {
    const [first, last] = ago.map((back) => daysBack(today, back));
    const { from, to } = days(zone, first ?? today, last ?? today);
    return { from, to: Math.max(from, to) };
  }
  const [, kind, name] = NAMED.exec(words) ?? [];
  const unit = UNITS.find((candidate) => candidate === name);
  if (unit === undefined) throw new RangeError(`no range: ${words}`);
  const start = startOf(today, unit, weekStart);
  if (kind === "this") return days(zone, start, today);
  return { from: zone.instantOf(stepFrom(start, unit, -1)), to: zone.instantOf(start) };
}

/** So many units back. */
interface Back {
  readonly count: number;
  readonly unit: keyof typeof ABOUT_DAYS;
}

/** Both ends of `2 weeks ago to 1 day ago`. */
function agoOf(words: string): readonly [Back, Back] | undefined {
  const match = AGO.exec(words);
  if (match === null) return undefined;
  const [, first = "", firstUnit, last = "", lastUnit] = match;
  return [backOf(first, firstUnit), backOf(last, lastUnit)];
}

function backOf(count: string, name = ""): Back {
  const unit = (["week", "month", "quarter", "year"] as const).find(
    (candidate) => candidate === name.toLowerCase(),
  );
  return { count: Number(count), unit: unit ?? "day" };
}

const aboutDays = ({ count, unit }: Back): number => count * ABOUT_DAYS[unit];

/** The local day so far back; the last of its month where that has no such day. */
function daysBack(today: number, { count, unit }: Back): number {
  if (unit === "day" || unit === "week") return stepFrom(today, unit, -count);
  const date = new Date(today);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() - count * MONTHS[unit]];
  const last = new Date(utcDay(year, month + 1, 0)).getUTCDate();
  return utcDay(year, month, Math.min(date.getUTCDate(), last));
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
