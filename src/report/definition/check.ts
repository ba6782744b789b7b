/**
 * Definitions against the catalogue: whether the tables are the client's, and have columns that
 * can be counted, added up, grouped by and taken for dates.
 */
import { DefinitionError, type Filter } from "../../filter/filter.ts";
import { quoted } from "../../filter/operands.ts";
import { readFilter } from "../../filter/read.ts";
import { storedFilter } from "../../filter/stored.ts";
import type { Json, JsonObject } from "../../json/exact.ts";
import { type Column, TYPE_BITS } from "../../warehouse/columns.ts";
import { findTable, listColumns } from "../../warehouse/read-tables.ts";
import { type Chart, memberColumnOf } from "./cohort.ts";
import type { Figure } from "./figure.ts";
import { columnOf, type Grouping } from "./members.ts";
import type { CohortMetric, FigureMetric } from "./metric.ts";

const { string, integer, decimal, timestamp } = TYPE_BITS;
const NUMBERS = integer | decimal;
const DATES = string | timestamp | NUMBERS;

/** The columns of the tables that a definition names, by the tables' ids. */
type Tables = ReadonlyMap<number, ReadonlyMap<string, Column>>;

/**
 * Checks a figure.
 *
 * @returns the filters of each metric as the catalogue keeps them: its own, then its set's.
 * @throws DefinitionError with the place: `metrics[0].column: …`.
 */
export async function checkFigure(
  env: Env,
  clientId: number,
  figure: Figure,
): Promise<JsonObject[][]> {
  const { metrics, filter_sets: sets = {} } = figure;
  const places = metrics.map(({ table_id: id }, index) => [`metrics[${index}]`, id] as const);
  const tables = await tablesOf(env, clientId, places);
  return metrics.map((metric, index) => {
    const place = `metrics[${index}]`;
    const columns = columnsOf(tables, metric);
    checkMetric(metric, columns, place);
    checkGroupings(figure, metric, columns, index);
    const { filter_set: name } = metric;
    const set = name === undefined ? undefined : sets[name];
    const own = filterAt(place, metric, columns);
    const shared = set === undefined ? undefined : filterAt(`filter_sets.${name}`, set, columns);
    return [own, shared].filter((filter) => filter !== undefined).map(storedFilter);
  });
}

/**
 * Checks a chart.
 *
 * @returns the filters of its metric, then those of `count_members_in`.
 * @throws DefinitionError with the place: `metric.column: …`.
 */
export async function checkChart(
  env: Env,
  clientId: number,
  chart: Chart,
): Promise<JsonObject[][]> {
  const { metric, cohort_date: date, cohort_by: by, count_members_in: counted } = chart;
  const places: [string, number][] = [["metric", metric.table_id]];
  if (counted !== undefined) places.push(["count_members_in", counted.table_id]);
  const tables = await tablesOf(env, clientId, places);
  const columns = columnsOf(tables, metric);
  checkMetric(metric, columns, "metric");
  if ("column" in date) dateColumn(columns, date.column, "cohort_date.column");
  else {
    known(columns, date.first_event_of, "cohort_date.first_event_of");
    if (date.date_column !== undefined) {
      dateColumn(columns, date.date_column, "cohort_date.date_column");
    }
  }
  if (by !== undefined) known(columns, columnOf(by), "cohort_by");
  const member = memberColumnOf(chart);
  if (member !== undefined) known(columns, member, "member_column");
  const lists = [filterAt("metric", metric, columns)];
  if (counted !== undefined) lists.push(checkCounted(counted, columnsOf(tables, counted)));
  return lists.map((filter) => (filter === undefined ? [] : [storedFilter(filter)]));
}

function checkCounted(
  counted: NonNullable<Chart["count_members_in"]>,
  columns: ReadonlyMap<string, Column>,
): Filter | undefined {
  const { date_column: date, group_column: group, member_column: member } = counted;
  const place = "count_members_in";
  if (date !== undefined) dateColumn(columns, date, `${place}.date_column`);
  if (group !== undefined) known(columns, group, `${place}.group_column`);
  if (member !== undefined) known(columns, member, `${place}.member_column`);
  return filterAt(place, counted, columns);
}

async function tablesOf(
  env: Env,
  clientId: number,
  places: readonly (readonly [place: string, tableId: number])[],
): Promise<Tables> {
  const tables = new Map<number, ReadonlyMap<string, Column>>();
  for (const [place, id] of places) {
    if (tables.has(id)) continue;
    const table = await findTable(env, clientId, id);
    if (table === undefined) {
      throw new DefinitionError(`${place}.table_id`, `the client has no table with the id ${id}`);
    }
    const columns = await listColumns(env, id);
    tables.set(id, new Map(columns.map((column) => [column.name, column])));
  }
  return tables;
}

function columnsOf(
  tables: Tables,
  { table_id: id }: { readonly table_id: number },
): ReadonlyMap<string, Column> {
  return tables.get(id) ?? new Map<string, Column>();
}

function checkMetric(
  metric: FigureMetric | CohortMetric,
  columns: ReadonlyMap<string, Column>,
  place: string,
): void {
  const { operation, column: name, date_column: date } = metric;
  if (name !== undefined) {
    const column = known(columns, name, `${place}.column`);
    if (operation !== "count_distinct" && (column.types & NUMBERS) === 0) {
      const rule = `${operation} needs numbers; the column ${quoted(name)} has had none`;
      throw new DefinitionError(`${place}.column`, rule);
    }
  }
  if (date !== undefined) dateColumn(columns, date, `${place}.date_column`);
}

/** The figure's own grouping is checked for each metric that it stands for. */
function checkGroupings(
  figure: Figure,
  metric: FigureMetric,
  columns: ReadonlyMap<string, Column>,
  index: number,
): void {
  const own = metric.group_by;
  const groupings: readonly Grouping[] = own ?? figure.group_by;
  for (const [at, grouping] of groupings.entries()) {
    const place = own === undefined ? `group_by[${at}]` : `metrics[${index}].group_by[${at}]`;
    known(columns, columnOf(grouping), place, own === undefined ? ` of metrics[${index}]` : "");
  }
}

function known(
  columns: ReadonlyMap<string, Column>,
  name: string,
  place: string,
  whose = "",
): Column {
  const column = columns.get(name);
  if (column !== undefined) return column;
  throw new DefinitionError(place, `the table${whose} has no column ${quoted(name)}`);
}

function dateColumn(columns: ReadonlyMap<string, Column>, name: string, place: string): void {
  const { types } = known(columns, name, place);
  if ((types & DATES) !== 0) return;
  const rule = `the column ${quoted(name)} has had no timestamps, texts or numbers`;
  throw new DefinitionError(place, rule);
}

/** The filter at a place, whose own complaints begin with `filters`. */
function filterAt(
  place: string,
  members: { readonly filters?: Json | undefined; readonly filter_logic?: Json | undefined },
  columns: ReadonlyMap<string, Column>,
): Filter | undefined {
  try {
    return readFilter(members.filters, members.filter_logic, [...columns.values()]);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    const end = error.message.indexOf(": ");
    const [inner, rule] = [error.message.slice(0, end), error.message.slice(end + 2)];
    throw new DefinitionError(`${place}.${inner}`, rule);
  }
}
