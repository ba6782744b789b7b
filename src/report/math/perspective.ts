/** Perspectives: how the values of one series follow each other (wire.md 5). */
import { add, type Amount, divide, multiply, subtract } from "./amount.ts";
import type { Interval } from "../time/intervals.ts";

export const PERSPECTIVES = [
  "standard",
  "cumulative",
  "change_previous_period",
  "change_previous_year",
  "percent_change_previous_period",
  "percent_change_previous_year",
  "percent_of_first",
  "rolling_average",
] as const;
export type Perspective = (typeof PERSPECTIVES)[number];

/** A series' values by period; undefined where there is none. */
export type Values = readonly (Amount | undefined)[];

/** What a perspective needs to know of the periods. */
export interface PerspectiveOptions {
  readonly perspective: Perspective;
  /** Periods of a rolling average, the period itself included. */
  readonly window?: number | undefined;
  readonly interval: Interval;
  /** The first day or hour of each period (calendar.ts). */
  readonly labels: readonly string[];
}

const HUNDRED: Amount = { units: 100n, scale: 0 };

/** Weeks that a week is compared with, a year before: no calendar has a better one. */
const YEAR_WEEKS = 52;

/**
 * The values as a perspective shows them. A value is undefined where it, or what it is compared
 * with, is: before the first period, a year ago where there is no such period, by a divisor of
 * zero.
 *
 * | perspective | value |
 * |---|---|
 * | `cumulative` | the sum of all periods so far; periods without a value add nothing |
 * | `change_…` | the difference |
 * | `percent_change_…` | the difference in percent of the earlier value: 50 for half more |
 * | `percent_of_first` | in percent of the first value that is not zero: 100 for as much |
 * | `rolling_average` | the average of the last `window` periods; of those that there are, at first |
 *
 * The same period a year ago is the one whose first day, or hour, has the same date in the year
 * before (29 February has none); of weeks the one 52 weeks ago.
 */
export function applyPerspective(values: Values, options: PerspectiveOptions): Values {
  switch (options.perspective) {
    case "standard":
      return values;
    case "cumulative":
      return cumulative(values);
    case "change_previous_period":
      return values.map((value, i) => change(value, values[i - 1]));
    case "percent_change_previous_period":
      return values.map((value, i) => percentChange(value, values[i - 1]));
    case "change_previous_year":
      return aYearAgo(values, options).map((earlier, i) => change(values[i], earlier));
    case "percent_change_previous_year":
      return aYearAgo(values, options).map((earlier, i) => percentChange(values[i], earlier));
    case "percent_of_first":
      return percentOfFirst(values);
    case "rolling_average":
      return values.map((_, i) =>
        average(values.slice(Math.max(0, i + 1 - (options.window ?? 1)), i + 1)),
      );
  }
}

function cumulative(values: Values): Values {
  let sum: Amount = { units: 0n, scale: 0 };
  return values.map((value) => {
    if (value !== undefined) sum = add(sum, value);
    return sum;
  });
}

function change(value: Amount | undefined, earlier: Amount | undefined): Amount | undefined {
  return value === undefined || earlier === undefined ? undefined : subtract(value, earlier);
}

function percentChange(value: Amount | undefined, earlier: Amount | undefined): Amount | undefined {
  return percent(change(value, earlier), earlier);
}

function percent(value: Amount | undefined, of: Amount | undefined): Amount | undefined {
  return value === undefined || of === undefined ? undefined : divide(multiply(value, HUNDRED), of);
}

function percentOfFirst(values: Values): Values {
  const first = values.find((value) => value !== undefined && value.units !== 0n);
  return values.map((value) => percent(value, first));
}

function average(values: Values): Amount | undefined {
  const all = values.filter((value) => value !== undefined);
  const count: Amount = { units: BigInt(all.length), scale: 0 };
  const [first, ...others] = all;
  return first === undefined ? undefined : divide(others.reduce(add, first), count);
}

function aYearAgo(values: Values, { interval, labels }: PerspectiveOptions): Values {
  if (interval === "week") return values.map((_, i) => values[i - YEAR_WEEKS]);
  const places = new Map(labels.map((label, index) => [label, index]));
  return labels.map((label) => {
    const place = places.get(yearBefore(label));
    return place === undefined ? undefined : values[place];
  });
}

function yearBefore(label: string): string {
  return String(Number(label.slice(0, 4)) - 1).padStart(4, "0") + label.slice(4);
}
