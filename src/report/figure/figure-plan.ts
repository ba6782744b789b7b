/** What a figure asks of the tables: a question for each metric, with its own times. */
import type { Filter } from "../../filter/filter.ts";
import { parseExact } from "../../json/exact.ts";
import { DAY_MS, type Interval, periodsOf, resolveRange, type Span } from "../time/calendar.ts";
import { REPORT_ROWS_MAX } from "../definition/definition-limits.ts";
import { AllTime, type Extent, type Periods, valuesIn } from "./all-time.ts";
import { Figure, intervalOf } from "../definition/figure.ts";
import { allOfFilters, chosenFilter, storedFiltersOf } from "../definition/filters.ts";
import { columnOf, type Range, valuesOf } from "../definition/members.ts";
import type { FigureMetric } from "../definition/metric.ts";
import type { Answer, Question } from "../engine/question.ts";
import { type Run, newScan, tableOf } from "../run.ts";
import type { ScanOptions } from "../engine/scan.ts";
import { tooLarge } from "../too-large.ts";

/** A metric, ready to be asked. */
export interface MetricPlan {
  readonly metric: FigureMetric;
  readonly question: Omit<Question, "range" | "bounds">;
  /** Absent for all time, and where there are no dates. */
  readonly span: Span | undefined;
  /** Undefined for interval none: the one value counts for each period of the others. */
  readonly periods: Periods | undefined;
  /** Periods before those, which the perspective looks back to. */
  readonly before: Periods | undefined;
  /** What it gives by those before and those, where it has been asked already. */
  readonly known?: Answer | undefined;
}

/** A figure, ready to be asked. */
export interface FigurePlan {
  readonly figure: Figure;
  readonly metrics: readonly MetricPlan[];
  /** How each question may be asked. */
  readonly options: ScanOptions;
}

/** A metric before its times are known. */
interface Draft {
  readonly metric: FigureMetric;
  readonly interval: Interval;
  readonly question: Omit<Question, "range" | "bounds">;
  readonly range: Range | undefined;
  /** What the range says; undefined for all time. */
  readonly span: Span | undefined;
}

/** Days that a period has at most, so that going back so many reaches the one before. */
const DAYS_MAX: Readonly<Record<Exclude<Interval, "none">, number>> = {
  // An hour less a day where clocks are put back.
  hour: 2 / 24,
  day: 26 / 24,
  week: 8,
  month: 32,
  quarter: 93,
  year: 367,
};

/**
 * The questions of a figure.
 *
 * @throws Refusal report_too_large where it has more periods than rows are allowed, or
 * export_invalid where a table is gone.
 */
export async function planFigure(env: Env, run: Run): Promise<FigurePlan> {
  const figure = Figure.parse(parseExact(run.row.definition));
  const filters = storedFiltersOf(run.row.filters);
  const drafts: Draft[] = [];
  for (const [index, metric] of figure.metrics.entries()) {
    drafts.push(await draftOf(env, run, figure, metric, filters[index], index));
  }
  const options = newScan();
  const allTime = new AllTime(env, figure, run.now, options);
  const extents = await sharedExtents(drafts, allTime);
  const shared = { extents, whole: wholeOf(extents.values()), allTime };
  const metrics: MetricPlan[] = [];
  for (const draft of drafts) metrics.push(await planOf(figure, draft, shared));
  return { figure, metrics, options };
}

async function draftOf(
  env: Env,
  run: Run,
  figure: Figure,
  metric: FigureMetric,
  own: Filter | undefined,
  index: number,
): Promise<Draft> {
  const { operation, column, date_column: dateColumn } = metric;
  const groupings = metric.group_by ?? figure.group_by;
  const chosen = groupings.map((grouping) => {
    const values = valuesOf(grouping);
    return values === undefined ? undefined : chosenFilter(columnOf(grouping), values);
  });
  const table = await tableOf(env, run.clientId, metric.table_id, `metrics[${index}]`);
  const filter = allOfFilters([own, ...chosen]);
  const groupBy = groupings.map(columnOf);
  const question = { table, operation, column, filter, dateColumn, groupBy };
  const interval = intervalOf(figure, metric);
  if (dateColumn === undefined) {
    return { metric, interval, question, range: undefined, span: undefined };
  }
  const range = metric.range ?? figure.range;
  const span = resolveRange(range, run.now, figure.time_zone, figure.week_start);
  return { metric, interval, question, range, span: span === "all_time" ? undefined : span };
}

/** Whether a metric shows periods of all time that are the figure's. */
function isShared({ metric, interval, question, span }: Draft): boolean {
  const isDated = question.dateColumn !== undefined && interval !== "none";
  return isDated && metric.range === undefined && span === undefined;
}

/** The dates of each metric that shares all time with others. */
async function sharedExtents(
  drafts: readonly Draft[],
  allTime: AllTime,
): Promise<ReadonlyMap<Draft, Extent>> {
  const shared = drafts.filter(isShared);
  // Whole months would begin before the first day of others.
  const isOneInterval = new Set(shared.map(({ interval }) => interval)).size === 1;
  const extents = new Map<Draft, Extent>();
  for (const draft of shared) {
    const { question, interval } = draft;
    extents.set(draft, await allTime.extentOf(question, interval, isOneInterval));
  }
  return extents;
}

/** From the first date of any of the metrics to the last. */
function wholeOf(extents: Iterable<Extent>): Span | undefined {
  let all: Span | undefined;
  for (const { span } of extents) {
    if (span === undefined) continue;
    const { from, to } = all ?? span;
    all = { from: Math.min(from, span.from), to: Math.max(to, span.to) };
  }
  return all;
}

/** What the plans of metrics have to know of each other. */
interface Shared {
  readonly extents: ReadonlyMap<Draft, Extent>;
  readonly whole: Span | undefined;
  readonly allTime: AllTime;
}

async function planOf(figure: Figure, draft: Draft, shared: Shared): Promise<MetricPlan> {
  const { metric, interval, question, span } = draft;
  if (interval === "none") {
    return { metric, question, span, periods: undefined, before: undefined };
  }
  const extent =
    shared.extents.get(draft) ??
    (span === undefined ? await shared.allTime.extentOf(question, interval, true) : { span });
  const own = shared.extents.has(draft) ? shared.whole : extent.span;
  if (own === undefined) {
    const none = { interval, bounds: [], labels: [] };
    const answer = extent.guessed?.answer;
    const known = answer && { ...answer, cells: [] };
    return { metric, question, span, periods: none, before: undefined, known };
  }
  const periods = periodsIn(figure, interval, own);
  const before = periodsBefore(figure, metric, periods);
  const skipped = before?.labels.length ?? 0;
  const known = extent.guessed && valuesIn(extent.guessed, periods.bounds, skipped);
  return { metric, question, span: own, periods, before, known };
}

function periodsIn(
  { time_zone: timeZone, week_start: weekStart }: Figure,
  interval: Exclude<Interval, "none">,
  span: Span,
): Periods {
  // Before they are made: hours of a thousand years are millions.
  const least = (span.to - span.from) / (DAYS_MAX[interval] * DAY_MS);
  if (least > REPORT_ROWS_MAX) throw tooMany(Math.floor(least));
  const { bounds, labels } = periodsOf(span, interval, timeZone, weekStart);
  if (labels.length > REPORT_ROWS_MAX) throw tooMany(labels.length);
  return { interval, bounds, labels };
}

function tooMany(periods: number): Error {
  return tooLarge(
    `The report has ${periods} periods or more; a report has at most ${REPORT_ROWS_MAX} rows.`,
  );
}

/** The periods that the perspective of a metric looks back to, though they are not shown. */
function periodsBefore(
  figure: Figure,
  metric: FigureMetric,
  { interval, bounds }: Periods,
): Periods | undefined {
  const [start] = bounds;
  const count = lookBack(perspectiveOf(figure, metric), interval);
  if (start === undefined || count === 0 || interval === "none") return undefined;
  const from = start - Math.ceil(count * DAYS_MAX[interval] * DAY_MS);
  const { time_zone: timeZone, week_start: weekStart } = figure;
  const all = periodsOf({ from, to: start }, interval, timeZone, weekStart);
  const labels = all.labels.slice(-count);
  return { interval, bounds: all.bounds.slice(-count - 1), labels };
}

/** Periods of a year, at most. */
const YEAR_PERIODS = { none: 0, hour: 8_784, day: 366, week: 53, month: 12, quarter: 4, year: 1 };

/** How many periods before the first one a perspective looks at. */
function lookBack({ perspective, window = 1 }: PerspectiveOf, interval: Interval): number {
  if (perspective === "rolling_average") return window - 1;
  if (perspective.endsWith("previous_period")) return 1;
  return perspective.endsWith("previous_year") ? YEAR_PERIODS[interval] : 0;
}

/** A perspective with what belongs to it. */
export interface PerspectiveOf {
  readonly perspective: NonNullable<FigureMetric["perspective"]>;
  readonly window?: number | undefined;
  readonly showFirst: boolean;
}

/** The perspective of a metric: its own, or the figure's. */
export function perspectiveOf(figure: Figure, metric: FigureMetric): PerspectiveOf {
  const own = metric.perspective === undefined ? figure : metric;
  const { perspective = "standard", window, show_first: showFirst = true } = own;
  return { perspective, window, showFirst };
}
