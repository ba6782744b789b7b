/**
 * What is said in the document of members whose schema in the code does not say it: parts that
 * other code checks, and words for people. By the name of the schema and the path of the member,
 * with `[]` for the elements of a list and `|0` for a form of several.
 */
import {
  LABEL_LENGTH_MAX,
  REPORT_NAME_LENGTH_MAX,
} from "../../report/definition/definition-limits.ts";
import type { JsonSchema } from "../openapi.ts";

const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const says = (description: string): JsonSchema => ({ description });
const line = (maxLength: number, description: string): JsonSchema => ({
  minLength: 1,
  maxLength,
  description,
});

const FILTERS = { filters: ref("Filters"), filter_logic: ref("FilterLogic") };

const METRIC: Readonly<Record<string, JsonSchema>> = {
  ...FILTERS,
  label: line(LABEL_LENGTH_MAX, "The name of the series."),
  table_id: says("A table of the client."),
  operation: says("What is made of the column's values in a period and group."),
  column: says("Needed for every operation but `count`, which takes none."),
  date_column: says("The date of a row; without it there are no periods."),
};

const SHARED: Readonly<Record<string, JsonSchema>> = {
  name: line(REPORT_NAME_LENGTH_MAX, "The name of the report."),
  owner_email: line(LABEL_LENGTH_MAX, "Shown in lists; nothing is sent to it."),
  time_zone: says("A time zone of the IANA database, as in `Europe/Berlin`."),
  week_start: says("The first day of weeks."),
  show_first: says("Whether percent_of_first shows the first value, which is 100."),
};

const RANGE =
  "Days from one to another, both included; or a range that moves: `today`, `yesterday`, `this_month`, `last_full_month`, `all_time`, `91 days ago to 1 day ago` and the like.";

const FIGURE: Readonly<Record<string, JsonSchema>> = {
  ...SHARED,
  chart_kind: says("How a chart is drawn; the data is the same."),
  transposed: says("Whether a table has its groups as columns; the data is the same."),
  type: says("How it is shown; a scalar has one value for each metric and formula."),
  metrics: says("Formulas call them A, B, C in their order."),
  ...under("metrics[].", {
    ...METRIC,
    filter_set: line(LABEL_LENGTH_MAX, "A name in `filter_sets`, whose filters apply as well."),
    hidden: says("Whether it is only an input of formulas."),
    range: says("Instead of the figure's."),
    interval: says("Instead of the figure's."),
    group_by: says("Instead of the figure's: none, or as many columns."),
    "group_by[]|1.values[]": ref("ChosenValue"),
  }),
  "filter_sets.*.filters": ref("Filters"),
  "filter_sets.*.filter_logic": ref("FilterLogic"),
  filter_sets: says("Filters that several metrics use, by name."),
  interval: says("The length of a period."),
  range: says(RANGE),
  group_by: says("Columns, or columns with the values that are shown."),
  "group_by[]|1.values[]": ref("ChosenValue"),
  top: says("Only the first or last groups."),
  "top.n": ref("TopCount"),
  "top.by": says("The label of a metric or formula, or a column of the grouping."),
  "top.order": says("By a label `desc`, by a column `asc` if absent."),
  "formulas[].label": line(LABEL_LENGTH_MAX, "The name of the series."),
  "formulas[].expression": says("Arithmetic of metrics, as in `A / B`."),
  perspective: says("How values follow each other."),
  window: says("The periods of a rolling average."),
};

const CHART: Readonly<Record<string, JsonSchema>> = {
  ...SHARED,
  ...under("metric.", METRIC),
  cohort_date: says("When a row's cohort began: a date of the row, or the first one of a member."),
  cohort_by: says("Cohorts without dates: the values of this column."),
  "cohort_by|1.values[]": ref("ChosenValue"),
  action_range: says("With `cohort_by`: only what began in this range."),
  cohorts: says("The last so many (12 if absent), all, those of chosen days, or of a range."),
  periods: says("How many periods are shown of each cohort."),
  min_periods: says(
    "Complete periods that a cohort must have; 1 if absent, 0 takes the running one.",
  ),
  member_column: says("What names a member."),
  count_members_in: says("Where members are counted, if not among the metric's rows."),
  "count_members_in.filters": ref("Filters"),
  "count_members_in.filter_logic": ref("FilterLogic"),
  perspective: says("How values follow each other."),
};

function under(
  place: string,
  notes: Readonly<Record<string, JsonSchema>>,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(notes).map(([name, note]) => [place + name, note]));
}

/** See above. */
export const NOTES: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>> = {
  NewClient: {
    id: says("A free one if absent."),
    time_zone: says("A time zone of the IANA database, as in `Europe/Berlin`."),
  },
  ClientChange: { time_zone: says("A time zone of the IANA database.") },
  NewIntegration: {
    nested_values: says("`json`: objects and arrays stay JSON. `tables`: columns and subtables."),
  },
  NewExportKey: {
    allowed_ips: says("Addresses and ranges that may use the key; an empty list admits nobody."),
  },
  ExportKeyChange: { "": { minProperties: 1 } },
  NewExport: {
    ...FILTERS,
    name: says("The table's if absent."),
    table_id: says("A table of the client."),
    columns: ref("ExportColumns"),
    spreadsheet_safe: ref("SpreadsheetSafe"),
  },
  ExportCopy: { name: says("The original's if absent.") },
  Figure: FIGURE,
  StoredFigure: FIGURE,
  Chart: CHART,
  StoredChart: CHART,
};
