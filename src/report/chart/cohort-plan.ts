/** Which cohorts a chart has, and the periods on which they are counted. */
import type { Range } from "../definition/members.ts";
import { DAY_MS, periodsOf, resolveRange, type Span } from "../time/calendar.ts";
import { type Chart, COHORTS_WITHOUT_WORD, MIN_PERIODS_DEFAULT } from "../definition/cohort.ts";
import { periodOf } from "../engine/reference.ts";
import { COHORT_TIMELINE_MAX, COHORTS_MAX } from "../definition/definition-limits.ts";
import { tooLarge } from "../too-large.ts";

/** Periods without a gap. */
export interface Timeline {
  /** The starts of the periods, and the end of the last. */
  readonly bounds: readonly number[];
  /** The first day of each. */
  readonly labels: readonly string[];
}

/** A timeline, and the periods of it that are cohorts. */
export interface DatedPlan extends Timeline {
  /** Indexes, ascending. */
  readonly cohorts: readonly number[];
  /** The index of the period that has not ended. */
  readonly running: number;
}

/** Days that a period has at most, so that going back so many reaches its beginning. */
const DAYS_MAX = { week: 7, month: 31, quarter: 92, year: 366 } as const;

type Clock = Pick<Chart, "interval" | "time_zone" | "week_start">;

/** The whole periods that a span touches. */
export function timelineOf({ from, to }: Span, clock: Clock): Timeline {
  const { interval, time_zone: timeZone, week_start: weekStart } = clock;
  if ((to - from) / (DAYS_MAX[interval] * DAY_MS) > COHORT_TIMELINE_MAX) {
    throw tooLarge(`The chart spans more than ${COHORT_TIMELINE_MAX} periods.`);
  }
  const { bounds, labels } = periodsOf({ from, to }, interval, timeZone, weekStart);
  return { bounds, labels };
}

/** A range as a span; undefined for all time. */
export function spanOf(range: Range, now: number, clock: Clock): Span | undefined {
  const span = resolveRange(range, now, clock.time_zone, clock.week_start);
  return span === "all_time" ? undefined : span;
}

/**
 * The cohorts of a chart whose cohorts are periods. Each has as many complete periods as the
 * chart asks for; with `min_periods` 0 the running one may be a cohort, too.
 *
 * @param extent asks for the first and the last beginning there is, where all are wanted.
 */
export async function planDated(
  chart: Chart,
  now: number,
  extent: () => Promise<Span | undefined>,
): Promise<DatedPlan> {
  const { cohorts = COHORTS_WITHOUT_WORD, min_periods: min = MIN_PERIODS_DEFAULT } = chart;
  const earliest = await earliestOf(chart, now, extent);
  const { bounds, labels } = timelineOf({ from: Math.min(earliest, now), to: now + 1 }, chart);
  const running = labels.length - 1;
  const last = running - min;
  const all = Array.from({ length: Math.max(0, last + 1) }, (_, index) => index);
  const chosen = all.filter(chooser(chart, now, bounds));
  const wanted = typeof cohorts === "number" ? chosen.slice(-cohorts) : chosen;
  if (wanted.length > COHORTS_MAX) {
    throw tooLarge(`The chart has ${wanted.length} cohorts, more than ${COHORTS_MAX}.`);
  }
  return { bounds, labels, cohorts: wanted, running };
}

/** An instant in or before the first period that can be a cohort. */
async function earliestOf(
  chart: Chart,
  now: number,
  extent: () => Promise<Span | undefined>,
): Promise<number> {
  const { cohorts = COHORTS_WITHOUT_WORD, min_periods: min = MIN_PERIODS_DEFAULT } = chart;
  const back = (periods: number): number => now - periods * DAYS_MAX[chart.interval] * DAY_MS;
  if (typeof cohorts === "number") return back(cohorts + min);
  if (typeof cohorts === "object" && "chosen" in cohorts) {
    return Math.min(...cohorts.chosen.map((day) => dayOf(day, chart, now)));
  }
  const span = cohorts === "all" ? undefined : spanOf(cohorts.range, now, chart);
  return span?.from ?? (await extent())?.from ?? now;
}

/** Says of the index of a period whether its cohort is wanted. */
function chooser(chart: Chart, now: number, bounds: readonly number[]): (i: number) => boolean {
  const { cohorts } = chart;
  if (cohorts === undefined || typeof cohorts !== "object") return () => true;
  if ("chosen" in cohorts) {
    const days = cohorts.chosen.map((day) => periodOf(bounds, dayOf(day, chart, now)));
    const indexes = new Set(days);
    return (index) => indexes.has(index);
  }
  const span = spanOf(cohorts.range, now, chart);
  if (span === undefined) return () => true;
  return (index) => (bounds[index] ?? 0) < span.to && (bounds[index + 1] ?? 0) > span.from;
}

/** The first instant of a day in the chart's time zone. */
function dayOf(day: string, chart: Chart, now: number): number {
  return spanOf({ from: day, to: day }, now, chart)?.from ?? now;
}
