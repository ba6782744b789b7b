/** The values of a figure's metrics: by period and group, in their perspectives. */
import type { Amount } from "../math/amount.ts";
import { SERIES_VALUES_MAX } from "../definition/definition-limits.ts";
import { ask } from "../engine/engine.ts";
import type { Periods } from "./all-time.ts";
import {
  type FigurePlan,
  type MetricPlan,
  type PerspectiveOf,
  perspectiveOf,
} from "./figure-plan.ts";
import { applyPerspective } from "../math/perspective.ts";
import type { Span } from "../time/calendar.ts";
import type { Answer } from "../engine/question.ts";
import type { ScanOptions } from "../engine/scan.ts";
import { tooLarge } from "../too-large.ts";
import { whole } from "../math/whole.ts";

/** The values of a metric. */
export interface Series {
  /** Undefined for interval none: there is one value, which counts for every period. */
  readonly periods: Periods | undefined;
  /** Whether it has a value for each group, and not one for all of them. */
  readonly isGrouped: boolean;
  /** By the texts of groups (groupKey), then by period. A period without rows is 0. */
  readonly values: ReadonlyMap<string, readonly (Amount | undefined)[]>;
  /** The groups among them that have rows in the range. */
  readonly shown: ReadonlySet<string>;
}

/** The series of the metrics, in their order, and what was left out of all. */
export interface AllSeries extends Pick<Answer, "notDates" | "notNumbers"> {
  readonly series: readonly Series[];
}

const ZERO = whole(0);

/** One text for the values of a group. */
export function groupKey(group: readonly string[]): string {
  return JSON.stringify(group);
}

/** The values of a group from its text. */
export function groupOf(key: string): readonly string[] {
  return JSON.parse(key) as string[];
}

/** Asks for all metrics, one after the other: each question works on several shards at once. */
export async function askFigure(
  env: Env,
  { figure, metrics, options }: FigurePlan,
): Promise<AllSeries> {
  const series: Series[] = [];
  let [notDates, notNumbers] = [0, 0];
  for (const plan of metrics) {
    const answer = plan.known ?? (await askMetric(env, plan, options));
    notDates += answer.notDates;
    notNumbers += answer.notNumbers;
    series.push(inPerspective(plan, perspectiveOf(figure, plan.metric), seriesOf(plan, answer)));
  }
  return { series, notDates, notNumbers };
}

/** Asks for one value of each group over the whole range: what a figure is sorted by. */
export async function askTotals(
  env: Env,
  { metrics, options }: FigurePlan,
): Promise<readonly Series[]> {
  const series: Series[] = [];
  for (const { metric, question, span, periods } of metrics) {
    const isEmpty = periods !== undefined && periods.labels.length === 0;
    const plan = { metric, question, span, periods: undefined, before: undefined };
    const answer = isEmpty ? NOTHING : await askMetric(env, plan, options);
    series.push(seriesOf(plan, answer));
  }
  return series;
}

const NOTHING: Answer = { cells: [], notDates: 0, notNumbers: 0 };

async function askMetric(env: Env, plan: MetricPlan, options: ScanOptions): Promise<Answer> {
  const { question, span, periods, before } = plan;
  if (periods === undefined) return ask(env, { ...question, range: span }, options);
  // No row has a date, so there is no period; what was sent in place of dates is counted.
  if (span === undefined) return { ...(await ask(env, question, options)), cells: [] };
  if (before === undefined)
    return ask(env, { ...question, range: span, bounds: periods.bounds }, options);
  return askLookingBack(env, { question, span, periods, before }, options);
}

/**
 * Asks for the periods before the range as well. Where the range begins within a period, what
 * lies in that period before it is a period of its own, which is left out.
 */
async function askLookingBack(
  env: Env,
  plan: Pick<MetricPlan, "question"> & { span: Span; periods: Periods; before: Periods },
  options: ScanOptions,
): Promise<Answer> {
  const { question, span, periods, before } = plan;
  const [start = span.from, ...others] = periods.bounds;
  const surplus = start < span.from ? before.labels.length : -1;
  const first = surplus < 0 ? [start] : [start, span.from];
  const bounds = [...before.bounds.slice(0, -1), ...first, ...others];
  const range = { from: bounds[0] ?? span.from, to: span.to };
  const answer = await ask(env, { ...question, range, bounds }, options);
  if (surplus < 0) return answer;
  const cells = answer.cells.filter(({ period }) => period !== surplus);
  const shifted = cells.map((cell) => ({
    ...cell,
    period: cell.period > surplus ? cell.period - 1 : cell.period,
  }));
  return { ...answer, cells: shifted };
}

/** The plain values of a metric; those of the periods before are there, too. */
function seriesOf({ question, periods, before }: MetricPlan, { cells }: Answer): Series {
  const skipped = before?.labels.length ?? 0;
  const count = skipped + (periods?.labels.length ?? 1);
  const byGroup = new Map<string, Amount[]>();
  // A group that only has rows before the range is none of the figure's, unless another metric
  // shows it.
  const shown = new Set<string>(question.groupBy.length === 0 ? [groupKey([])] : []);
  for (const { period, group, value } of cells) {
    const key = groupKey(group);
    const values = byGroup.get(key) ?? zeros(count);
    values[period] = value;
    byGroup.set(key, values);
    if (period >= skipped) shown.add(key);
    if (byGroup.size * count > SERIES_VALUES_MAX) throw tooLarge("The report has too many groups.");
  }
  for (const key of shown) if (!byGroup.has(key)) byGroup.set(key, zeros(count));
  return { periods, isGrouped: question.groupBy.length > 0, values: byGroup, shown };
}

function zeros(count: number): Amount[] {
  return Array.from({ length: count }, () => ZERO);
}

/** The shown periods of a series, each as the perspective makes it. */
function inPerspective(
  { periods, before }: MetricPlan,
  options: PerspectiveOf,
  series: Series,
): Series {
  if (periods === undefined) return series;
  const labels = [...(before?.labels ?? []), ...periods.labels];
  const isFirstHidden = options.perspective === "percent_of_first" && !options.showFirst;
  const skipped = (before?.labels.length ?? 0) + (isFirstHidden ? 1 : 0);
  const values = new Map<string, readonly (Amount | undefined)[]>();
  for (const [key, own] of series.values) {
    const seen = applyPerspective(own, { ...options, interval: periods.interval, labels });
    values.set(key, seen.slice(skipped));
  }
  if (!isFirstHidden) return { ...series, values };
  const { interval, bounds } = periods;
  const rest = { interval, bounds: bounds.slice(1), labels: periods.labels.slice(1) };
  return { ...series, periods: rest, values };
}
