/** Charts: from a definition to the values of its cohorts. */
import type { Filter } from "../../filter/filter.ts";
import { parseExact } from "../../json/exact.ts";
import type { TableInfo } from "../../warehouse/read-tables.ts";
import type { Amount } from "../math/amount.ts";
import { Chart, memberColumnOf } from "../definition/cohort.ts";
import {
  askCohorts,
  type CohortAnswer,
  type CohortCells,
  type CohortQuestion,
} from "./cohort-cells.ts";
import { cohortFile, type CohortRow, nameOf, rowOf } from "./cohort-file.ts";
import { planDated, spanOf, type Timeline, timelineOf } from "./cohort-plan.ts";
import type { Span } from "../time/calendar.ts";
import { REPORT_ROWS_MAX } from "../definition/definition-limits.ts";
import { ask } from "../engine/engine.ts";
import { dateExtent } from "../engine/extent.ts";
import { storedFiltersOf } from "../definition/filters.ts";
import { groupText } from "../engine/group-text.ts";
import { columnOf, valuesOf } from "../definition/members.ts";
import type { ReportOptions } from "../options.ts";
import { compareTexts } from "../figure/order.ts";
import { type ExportRun, newScan, type Reckoned, type Run, tableOf } from "../run.ts";
import type { ScanOptions } from "../engine/scan.ts";
import { noteRun } from "../store.ts";
import { tooLarge } from "../too-large.ts";
import { whole } from "../math/whole.ts";

/** A chart that is evaluated. */
interface Evaluation {
  readonly env: Env;
  readonly options: ScanOptions;
  readonly chart: Chart;
  readonly now: number;
  readonly table: TableInfo;
  readonly filter: Filter | undefined;
  /** Where members are counted, if not among the metric's rows. */
  readonly counted: { readonly table: TableInfo; readonly filter: Filter | undefined } | undefined;
}

/** The cohorts of a chart in their order, and what was left out. */
interface Cohorts extends Pick<CohortAnswer, "notDates" | "notNumbers"> {
  readonly rows: readonly CohortRow[];
}

/**
 * The file of a chart (wire.md 4.4), as text. What it left out is noted in the catalogue.
 *
 * @throws Refusal report_too_large, or export_invalid where a table is gone.
 */
export async function exportChart(
  env: Env,
  run: ExportRun,
  options: ReportOptions,
): Promise<string> {
  const { text, ...left } = await reckonChart(env, run, options);
  await noteRun(env, run.row.id, left, run.now);
  return text;
}

/**
 * The file of a chart, stored or not; nothing is written.
 *
 * @throws Refusal report_too_large, or export_invalid where a table is gone.
 */
export async function reckonChart(env: Env, run: Run, options: ReportOptions): Promise<Reckoned> {
  const chart = Chart.parse(parseExact(run.row.definition));
  const evaluation = await evaluationOf(env, run, chart);
  const evaluate = chart.cohort_by === undefined ? dated : undated;
  const { rows, notDates, notNumbers } = await evaluate(evaluation);
  return { text: cohortFile(chart, rows, options), notDates, notNumbers };
}

async function evaluationOf(env: Env, run: Run, chart: Chart): Promise<Evaluation> {
  const [filter, countFilter] = storedFiltersOf(run.row.filters);
  const { metric, count_members_in: counted } = chart;
  return {
    env,
    options: newScan(),
    chart,
    now: run.now,
    table: await tableOf(env, run.clientId, metric.table_id, "metric"),
    filter,
    counted:
      counted === undefined
        ? undefined
        : {
            table: await tableOf(env, run.clientId, counted.table_id, "count_members_in"),
            filter: countFilter,
          },
  };
}

/** Cohorts are periods: `Dec 2014`. */
async function dated(evaluation: Evaluation): Promise<Cohorts> {
  const { chart, now } = evaluation;
  const { column } = beganOf(chart);
  const plan = await planDated(chart, now, () => extentOf(evaluation, column));
  const chosen = new Set(plan.cohorts.map(String));
  const answer = await askRows(evaluation, plan, { chosen });
  const counted = await countedByPeriod(evaluation, plan);
  const rows = plan.cohorts.map((index) => {
    const cells = answer.cohorts.get(String(index));
    const members = counted?.get(index) ?? membersOf(cells, counted !== undefined);
    const begun = Math.min(chart.periods, plan.running - index + 1);
    return rowOf(chart, nameOf(plan.labels[index] ?? "", chart.interval), cells, members, begun);
  });
  return { rows, notDates: answer.notDates, notNumbers: answer.notNumbers };
}

/** Cohorts are the values of a column, whenever they began. */
async function undated(evaluation: Evaluation): Promise<Cohorts> {
  const { chart, now } = evaluation;
  const { cohort_by: by, metric } = chart;
  if (by === undefined) throw new Error("the cohorts of the chart are periods");
  const beganIn = chart.action_range && spanOf(chart.action_range, now, chart);
  const span = await spanOfAll(evaluation, [beganOf(chart).column, metric.date_column ?? ""]);
  const timeline = span === undefined ? { bounds: [], labels: [] } : timelineOf(span, chart);
  const chosen = valuesOf(by)?.map(groupText);
  const answer = await askRows(evaluation, timeline, {
    beganIn,
    cohortColumn: columnOf(by),
    chosen: chosen === undefined ? undefined : new Set(chosen),
  });
  const names = chosen ?? [...answer.cohorts.keys()].sort(compareTexts);
  const counted = await countedByGroup(evaluation, beganIn);
  const rows = [...new Set(names)].map((name) => {
    const cells = answer.cohorts.get(name);
    const members = counted?.get(name) ?? membersOf(cells, counted !== undefined);
    return rowOf(chart, name, cells, members, chart.periods);
  });
  return { rows, notDates: answer.notDates, notNumbers: answer.notNumbers };
}

/** Which cohorts are asked for, and which rows. */
type Asked = Pick<CohortQuestion, "beganIn" | "cohortColumn" | "chosen">;

function askRows(
  { env, chart, table, filter, counted, options }: Evaluation,
  { bounds }: Timeline,
  asked: Asked,
): Promise<CohortAnswer> {
  const { metric, periods, perspective } = chart;
  const { operation, column, date_column: dateColumn = "" } = metric;
  const began = beganOf(chart);
  const countsMembers = counted === undefined && perspective.endsWith("per_member");
  const memberColumn = countsMembers ? memberColumnOf(chart) : undefined;
  const question = { table, operation, column, filter, dateColumn, began, bounds, periods };
  return askCohorts(env, { ...question, ...asked, memberColumn }, options, (cohorts) => {
    checkSize(cohorts, periods);
  });
}

/** Which date begins a cohort. */
function beganOf({ cohort_date: date, metric }: Chart): {
  readonly column: string;
  readonly firstOf?: string;
} {
  if ("column" in date) return { column: date.column };
  return {
    column: date.date_column ?? metric.date_column ?? "",
    firstOf: date.first_event_of,
  };
}

function extentOf(
  { env, chart, table, filter, options }: Evaluation,
  dateColumn: string,
): Promise<Span | undefined> {
  const { operation, column } = chart.metric;
  return dateExtent(env, { table, operation, column, filter, dateColumn, groupBy: [] }, options);
}

/** From the first to the last date of any of the columns. */
async function spanOfAll(
  evaluation: Evaluation,
  columns: readonly string[],
): Promise<Span | undefined> {
  let all: Span | undefined;
  for (const column of new Set(columns)) {
    const span = await extentOf(evaluation, column);
    if (span === undefined) continue;
    const { from, to } = all ?? span;
    all = { from: Math.min(from, span.from), to: Math.max(to, span.to) };
  }
  return all;
}

/** The members of each period in the table where they are counted. */
async function countedByPeriod(
  { env, chart, counted, options }: Evaluation,
  { bounds }: Timeline,
): Promise<ReadonlyMap<number, Amount> | undefined> {
  const asked = chart.count_members_in;
  if (asked === undefined || counted === undefined) return undefined;
  const [from = 0, to = 0] = [bounds[0], bounds.at(-1)];
  const { date_column: dateColumn } = asked;
  const question = { ...memberQuestion(asked.member_column), ...counted, dateColumn };
  const { cells } = await ask(
    env,
    { ...question, range: { from, to }, bounds, groupBy: [] },
    options,
  );
  return new Map(cells.map(({ period, value }) => [period, value]));
}

/** The members of each value of the column by which cohorts are made. */
async function countedByGroup(
  { env, chart, counted, options }: Evaluation,
  range: Span | undefined,
): Promise<ReadonlyMap<string, Amount> | undefined> {
  const asked = chart.count_members_in;
  if (asked === undefined || counted === undefined) return undefined;
  const { date_column: dateColumn, group_column: column = "" } = asked;
  const question = { ...memberQuestion(asked.member_column), ...counted, groupBy: [column] };
  const { cells } = await ask(
    env,
    range === undefined ? question : { ...question, dateColumn, range },
    options,
  );
  return new Map(cells.map(({ group, value }) => [group[0] ?? "", value]));
}

function memberQuestion(column: string | undefined) {
  return column === undefined
    ? { operation: "count" as const }
    : { operation: "count_distinct" as const, column };
}

function membersOf(cells: CohortCells | undefined, isCountedElsewhere: boolean): Amount {
  return isCountedElsewhere ? whole(0) : (cells?.members ?? whole(0));
}

function checkSize(cohorts: number, periods: number): void {
  if (cohorts * periods <= REPORT_ROWS_MAX) return;
  throw tooLarge(
    `The chart has ${cohorts} cohorts of ${periods} periods, more than ${REPORT_ROWS_MAX} values.`,
  );
}
