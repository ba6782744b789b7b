/** The intervals of reports, in local time (zones.ts): where their periods begin. */
import { DAY_MS, utcDay } from "./zones.ts";

/** wire.md 5, time. */
export const INTERVALS = ["none", "hour", "day", "week", "month", "quarter", "year"] as const;
export type Interval = (typeof INTERVALS)[number];

/** The day with which weeks begin. */
export type WeekStart = "monday" | "sunday";

const HOUR_MS = 3_600_000;

/** Months of a period. */
export const MONTHS = { month: 1, quarter: 3, year: 12 } as const;

type Dated = Exclude<Interval, "none">;

/** The beginning of the period that a local time is in. */
export function startOf(local: number, interval: Dated, weekStart: WeekStart): number {
  const day = Math.floor(local / DAY_MS) * DAY_MS;
  switch (interval) {
    case "hour":
      return Math.floor(local / HOUR_MS) * HOUR_MS;
    case "day":
      return day;
    case "week":
      return day - ((new Date(day).getUTCDay() + (weekStart === "monday" ? 6 : 0)) % 7) * DAY_MS;
    default: {
      const date = new Date(day);
      const month = date.getUTCMonth();
      return utcDay(date.getUTCFullYear(), month - (month % MONTHS[interval]), 1);
    }
  }
}

/**
 * The beginning of a period so many after one that begins at a local time, or before it where
 * `count` is negative.
 */
export function stepFrom(start: number, interval: Dated, count: number): number {
  switch (interval) {
    case "hour":
      return start + count * HOUR_MS;
    case "day":
      return start + count * DAY_MS;
    case "week":
      return start + count * 7 * DAY_MS;
    default: {
      const date = new Date(start);
      return utcDay(date.getUTCFullYear(), date.getUTCMonth() + count * MONTHS[interval], 1);
    }
  }
}

/** A local time as the label of a period: `2019-08-01`, of an hour `2019-08-01T14:00:00`. */
export function labelOf(local: number, interval: Interval): string {
  const date = new Date(local);
  const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()];
  const text = `${padded(date.getUTCFullYear(), 4)}-${padded(month, 2)}-${padded(day, 2)}`;
  return interval === "hour" ? `${text}T${padded(date.getUTCHours(), 2)}:00:00` : text;
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
