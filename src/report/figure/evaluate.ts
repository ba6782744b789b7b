/**
 * Figures: from a definition to its rows. Metrics are asked (figure-series.ts), formulas are
 * reckoned from their values, groups are sorted and cut, and the file is written.
 */
import type { Amount } from "../math/amount.ts";
import { periodOf } from "../engine/reference.ts";
import { REPORT_ROWS_MAX } from "../definition/definition-limits.ts";
import { dimensionsOf, type Figure, letterOf } from "../definition/figure.ts";
import { figureFile } from "./figure-file.ts";
import type { Periods } from "./all-time.ts";
import { type FigurePlan, planFigure } from "./figure-plan.ts";
import { askFigure, askTotals, groupKey, groupOf, type Series } from "./figure-series.ts";
import { evaluateFormula, parseFormula } from "../math/formula.ts";
import type { ReportOptions } from "../options.ts";
import { orderGroups } from "./order.ts";
import type { ExportRun, Reckoned, Run } from "../run.ts";
import { noteRun } from "../store.ts";
import { tooLarge } from "../too-large.ts";

/** A metric or a formula that is shown. */
export interface GridColumn {
  readonly label: string;
  /** Of a formula; undefined for a metric. */
  readonly format?: Figure["formulas"][number]["format"] | undefined;
  /** Its own periods, whose starts are among the rows'; undefined where each row has a value. */
  readonly periods: Periods | undefined;
  /** Whether it has a value for each group, and not one for all. */
  readonly isGrouped: boolean;
  /** The value at an instant for a group (groupKey); undefined where there is none. */
  readonly valueAt: (at: number, key: string) => Amount | undefined;
}

/** A figure's rows: one for each period and group. */
export interface Grid {
  readonly figure: Figure;
  /** The starts of the periods with their labels, ascending; undefined without any interval. */
  readonly dates: readonly { readonly at: number; readonly label: string }[] | undefined;
  readonly dimensions: readonly string[];
  /** The values of each group; one group without values where there is no grouping. */
  readonly groups: readonly (readonly string[])[];
  readonly columns: readonly GridColumn[];
}

/**
 * The file of a figure (wire.md 4.4), as text. What it left out is noted in the catalogue.
 *
 * @throws Refusal report_too_large, or export_invalid where a table is gone.
 */
export async function exportFigure(
  env: Env,
  run: ExportRun,
  options: ReportOptions,
): Promise<string> {
  const { text, ...left } = await reckonFigure(env, run, options);
  await noteRun(env, run.row.id, left, run.now);
  return text;
}

/**
 * The file of a figure, stored or not; nothing is written.
 *
 * @throws Refusal report_too_large, or export_invalid where a table is gone.
 */
export async function reckonFigure(env: Env, run: Run, options: ReportOptions): Promise<Reckoned> {
  const { grid, notDates, notNumbers } = await evaluate(env, run);
  return { text: figureFile(grid, options), notDates, notNumbers };
}

async function evaluate(
  env: Env,
  run: Run,
): Promise<{ readonly grid: Grid; readonly notDates: number; readonly notNumbers: number }> {
  const plan = await planFigure(env, run);
  const { figure } = plan;
  const { series, notDates, notNumbers } = await askFigure(env, plan);
  const dates = datesOf(series);
  const columns = columnsOf(figure, series);
  const groups = await groupsOf(env, plan, series, dates === undefined);
  const rows = groups.length * (dates?.length ?? 1);
  if (rows > REPORT_ROWS_MAX) {
    throw tooLarge(`The report has ${rows} rows; a report has at most ${REPORT_ROWS_MAX}.`);
  }
  const shown = columns.filter((_, index) => plan.metrics[index]?.metric.hidden !== true);
  const dimensions = dimensionsOf(figure);
  return { grid: { figure, dates, dimensions, groups, columns: shown }, notDates, notNumbers };
}

/** The periods of all metrics, those of the finer ones between those of the coarser. */
function datesOf(series: readonly Series[]): Grid["dates"] {
  const labels = new Map<number, string>();
  const all = series.map(({ periods }) => periods).filter((periods) => periods !== undefined);
  if (all.length === 0) return undefined;
  for (const periods of all) {
    for (const [index, label] of periods.labels.entries()) {
      const at = periods.bounds[index] ?? 0;
      // An hour says more than a day.
      if (label.length >= (labels.get(at)?.length ?? 0)) labels.set(at, label);
    }
  }
  const hasHours = all.some(({ interval }) => interval === "hour");
  return [...labels]
    .sort(([a], [b]) => a - b)
    .map(([at, label]) => ({
      at,
      label: hasHours && !label.includes("T") ? `${label}T00:00:00` : label,
    }));
}

/** Metrics and then formulas, hidden ones among them. */
function columnsOf(figure: Figure, series: readonly Series[]): readonly GridColumn[] {
  const metrics = figure.metrics.map(({ label }, index): GridColumn => {
    const own = series[index];
    if (own === undefined) throw new Error("a metric has no series");
    const { periods, isGrouped } = own;
    return { label, periods, isGrouped, valueAt: valueIn(own) };
  });
  const letters = metrics.map((_, index) => letterOf(index));
  const formulas = figure.formulas.map(({ label, expression, format }): GridColumn => {
    const formula = parseFormula(expression, letters);
    return {
      label,
      format,
      periods: undefined,
      isGrouped: metrics.some(({ isGrouped }) => isGrouped),
      valueAt: (at, key) =>
        evaluateFormula(formula, (letter) => metrics[letters.indexOf(letter)]?.valueAt(at, key)),
    };
  });
  return [...metrics, ...formulas];
}

/** Looks values up; a metric without groups, or without periods, has the same one for all. */
function valueIn({ periods, isGrouped, values }: Series): GridColumn["valueAt"] {
  return (at, key) => {
    const index = periods === undefined ? 0 : periodOf(periods.bounds, at);
    if (index < 0) return undefined;
    const own = values.get(isGrouped ? key : groupKey([]));
    return own === undefined ? ZERO : own[index];
  };
}

const ZERO: Amount = { units: 0n, scale: 0 };

/** The groups in the order in which they are shown, and no more than are wanted. */
async function groupsOf(
  env: Env,
  plan: FigurePlan,
  series: readonly Series[],
  isWithoutPeriods: boolean,
): Promise<readonly (readonly string[])[]> {
  const { figure } = plan;
  if (dimensionsOf(figure).length === 0) return [[]];
  const keys = new Set(
    series.filter(({ isGrouped }) => isGrouped).flatMap(({ shown }) => [...shown]),
  );
  const labels = [...figure.metrics, ...figure.formulas].map(({ label }) => label);
  const by = sortedBy(figure, isWithoutPeriods);
  const index = by === undefined ? -1 : labels.indexOf(by);
  let rank: ((key: string) => Amount | undefined) | undefined;
  if (index !== -1) {
    const totals = isWithoutPeriods ? series : await askTotals(env, plan);
    const column = columnsOf(figure, totals)[index];
    rank = (key) => column?.valueAt(0, key);
  }
  const ordered = orderGroups([...keys].map(groupOf), {
    rank: rank && ((group) => rank(groupKey(group))),
    dimension: index === -1 && by !== undefined ? dimensionsOf(figure).indexOf(by) : undefined,
    order: figure.top?.order ?? (index === -1 ? "asc" : "desc"),
  });
  const n = figure.top?.n ?? "all";
  return n === "all" ? ordered : ordered.slice(0, n);
}

/**
 * By what groups are sorted (wire.md 5): what the figure says; else without periods the only
 * metric, or the groupings in order where there are several, and with periods the groupings.
 */
function sortedBy(
  { top, metrics, formulas }: Figure,
  isWithoutPeriods: boolean,
): string | undefined {
  if (top?.by !== undefined) return top.by;
  if (!isWithoutPeriods && top === undefined) return undefined;
  const shown = [...metrics.filter(({ hidden }) => hidden !== true), ...formulas];
  return shown.length === 1 ? shown[0]?.label : undefined;
}
