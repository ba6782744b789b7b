/** Periods in SQL. */
import { SQL_PERIODS_MAX } from "./engine-limits.ts";
import { periodOf } from "./reference.ts";
import { NotInSql } from "./sql-text.ts";

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
    return { period: halves("d", bounds, () => true), periodOf: (result) => result };
  }
  const [start = 0] = bounds;
  const unit = unitOf(bounds);
  return {
    period: `(d - ${start}) / ${unit}`,
    periodOf: (result) => periodOf(bounds, start + result * unit),
  };
}

/**
 * The index of the period of an instant, NULL where it is in none that is wanted, or is no
 * instant.
 *
 * @throws NotInSql where there are too many periods, which are not of one length.
 */
export function indexInSql(
  instant: string,
  bounds: readonly number[],
  isWanted: (index: number) => boolean,
): string {
  const [start = 0, end = 0] = [bounds[0], bounds.at(-1)];
  const wanted = bounds.slice(1).filter((_, index) => isWanted(index)).length;
  if (wanted === 0) return "NULL";
  const isWithin = `${instant} >= ${start} AND ${instant} < ${end}`;
  if (wanted <= SQL_PERIODS_MAX) {
    return `CASE WHEN ${isWithin} THEN ${halves(instant, bounds, isWanted)} END`;
  }
  const [unit, count] = [unitOf(bounds), bounds.length - 1];
  if (wanted < count || start + count * unit !== end) throw new NotInSql();
  return `CASE WHEN ${isWithin} THEN (${instant} - ${start}) / ${unit} END`;
}

/** The index of a period, found by halves; NULL for those that are not wanted. */
function halves(
  instant: string,
  bounds: readonly number[],
  isWanted: (index: number) => boolean,
): string {
  const between = (low: number, high: number): string => {
    if (high - low <= 1) return isWanted(low) ? String(low) : "NULL";
    const middle = (low + high) >> 1;
    const [before, after] = [between(low, middle), between(middle, high)];
    if (before === after) return before;
    return `CASE WHEN ${instant} < ${bounds[middle]} THEN ${before} ELSE ${after} END`;
  };
  return between(0, bounds.length - 1);
}

/** The greatest unit of which all periods are made, in ms. */
function unitOf(bounds: readonly number[]): number {
  const [start = 0] = bounds;
  return bounds.reduce((divisor, bound) => commonDivisor(divisor, bound - start), 0);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
