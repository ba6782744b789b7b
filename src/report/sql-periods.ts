/** Periods in SQL. */
import { SQL_PERIODS_MAX } from "./engine-limits.ts";
import { periodOf } from "./reference.ts";

/** An expression over the instant `d`, in ms, and what its results stand for. */
export interface SqlPeriods {
  readonly period: string;
  /** The index of the period of a result. */
  readonly periodOf: (result: number) => number;
}

/**
 * The period of an instant that is known to be between the first bound and the last.
 *
 * A few are told apart by halves. Many are counted in a unit of which all periods are made:
 * hours, or days.
 */
export function periodsInSql(bounds: readonly number[] | undefined): SqlPeriods {
  if (bounds === undefined) return { period: "0", periodOf: () => 0 };
  if (bounds.length <= SQL_PERIODS_MAX) {
    return { period: halves(bounds, 0, bounds.length - 1), periodOf: (result) => result };
  }
  const [start = 0] = bounds;
  const unit = bounds.reduce((divisor, bound) => commonDivisor(divisor, bound - start), 0);
  return {
    period: `(d - ${start}) / ${unit}`,
    periodOf: (result) => periodOf(bounds, start + result * unit),
  };
}

/** The periods from the bound at `low` to the one at `high`. */
function halves(bounds: readonly number[], low: number, high: number): string {
  if (high - low <= 1) return String(low);
  const middle = (low + high) >> 1;
  const [before, after] = [halves(bounds, low, middle), halves(bounds, middle, high)];
  return `CASE WHEN d < ${bounds[middle]} THEN ${before} ELSE ${after} END`;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
