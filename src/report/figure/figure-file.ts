/** The file of a figure: csv, or json in one of its two shapes (wire.md 4.3 and 4.4). */
import { csvHeader, csvRecord } from "../../csv.ts";
import { type Json, numberFromText, stringifyExact } from "../../json/exact.ts";
import { type Amount, amountText } from "../math/amount.ts";
import type { Grid, GridColumn } from "./evaluate.ts";
import { groupKey } from "./figure-series.ts";
import type { ReportOptions } from "../options.ts";

/** The text of the file. What has no value is an empty field in csv, and 0 in json. */
export function figureFile(grid: Grid, { format, hasHeader }: ReportOptions): string {
  if (format === "csv") return (hasHeader ? headerOf(grid) : "") + csvOf(grid);
  if (grid.figure.type === "scalar") {
    const key = groupKey([]);
    const item = grid.columns.map((column) => ({ value: jsonNumber(column.valueAt(0, key)) }));
    return stringifyExact({ item });
  }
  const { type, chart_kind: kind = "line", name } = grid.figure;
  const series = grid.dates === undefined ? seriesByGroup(grid) : seriesByDate(grid, grid.dates);
  return stringifyExact({ chart: { name, type, kind }, series });
}

function headerOf({ dates, dimensions, columns }: Grid): string {
  const labels = columns.map(({ label }) => label);
  return csvHeader([...(dates === undefined ? [] : ["Date"]), ...dimensions, ...labels]);
}

/** One row for each period and group. */
function csvOf({ dates, groups, columns }: Grid): string {
  const lines: string[] = [];
  for (const date of dates ?? [undefined]) {
    for (const group of groups) {
      const key = groupKey(group);
      const values = columns.map(({ valueAt }) => csvNumber(valueAt(date?.at ?? 0, key)));
      lines.push(csvRecord([...(date === undefined ? [] : [date.label]), ...group, ...values]));
    }
  }
  return lines.join("");
}

type Series = { name: string; data: Json[] };
type Dates = NonNullable<Grid["dates"]>;

/** One series for each metric and group; a metric without groups has one. */
function seriesByDate({ groups, columns }: Grid, dates: Dates): Series[] {
  const shown = columns.length;
  return columns.flatMap((column) => {
    const points = datesOf(column, dates);
    return (column.isGrouped ? groups : [[]]).map((group) => ({
      name: nameOf(column.label, group, shown),
      data: points.map(({ at, label }): Json => [
        label,
        jsonNumber(column.valueAt(at, groupKey(group))),
      ]),
    }));
  });
}

/** The dates of a column: its own, where other columns have finer ones between them. */
function datesOf({ periods }: GridColumn, dates: Dates): Dates {
  if (periods === undefined) return dates;
  const own = new Set(periods.bounds.slice(0, -1));
  return dates.filter(({ at }) => own.has(at));
}

/** Without periods: one series for each metric, with a point for each group. */
function seriesByGroup({ groups, columns }: Grid): Series[] {
  return columns.map(({ label, valueAt }) => ({
    name: label,
    data: groups.map((group): Json => [
      group.length === 0 ? label : group.join(" - "),
      jsonNumber(valueAt(0, groupKey(group))),
    ]),
  }));
}

/** `Revenue`, `sku 1 - red`, and `Revenue - sku 1 - red` where there are several metrics. */
function nameOf(label: string, group: readonly string[], columns: number): string {
  if (group.length === 0) return label;
  return (columns > 1 ? [label, ...group] : group).join(" - ");
}

function csvNumber(value: Amount | undefined): Json {
  return value === undefined ? null : numberFromText(amountText(value));
}

function jsonNumber(value: Amount | undefined): Json {
  return csvNumber(value) ?? 0;
}
