/** The admin API: figures and cohort charts (docs/reports.md). */
import type { Operation } from "../operation.ts";
import { adminOperation, AT, body, json, NOTHING } from "./admin-parts.ts";

const FIGURE = {
  name: "Revenue by month",
  type: "chart",
  metrics: [
    {
      label: "Revenue",
      table_id: 1,
      operation: "sum",
      column: "total",
      date_column: "created_at",
      filters: [{ id: "A", column: "status", operator: "equal", value: "complete" }],
    },
    { label: "Orders", table_id: 1, operation: "count", date_column: "created_at" },
  ],
  interval: "month",
  range: { from: "2019-01-01", to: "2019-12-31" },
  formulas: [{ label: "Average order", expression: "A / B", format: "currency" }],
};

const SCALAR = {
  name: "Revenue",
  type: "scalar",
  metrics: [{ label: "Revenue", table_id: 1, operation: "sum", column: "total" }],
};

const CHART = {
  name: "Revenue by cohort",
  metric: {
    label: "Revenue",
    table_id: 1,
    operation: "sum",
    column: "total",
    date_column: "created_at",
  },
  cohort_date: { first_event_of: "status" },
  interval: "month",
  cohorts: "all",
  periods: 3,
};

/** What a stored definition has besides: what was left out is filled in. */
const FIGURE_DEFAULTS = {
  time_zone: "UTC",
  week_start: "monday",
  group_by: [],
};
const CHART_DEFAULTS = { perspective: "standard", time_zone: "UTC", week_start: "monday" };
const TIMES = { created_at: AT, updated_at: AT };

const KINDS = {
  figure: {
    one: "figure",
    many: "figures",
    schema: "Figure",
    stored: "StoredFigure",
    list: "AdminFigureList",
    examples: { monthly: FIGURE, scalar: SCALAR },
    definition: { id: 1, ...FIGURE, ...FIGURE_DEFAULTS, ...TIMES },
    data: {
      chart: { name: "Revenue by month", type: "chart" },
      series: [{ name: "Revenue", data: [["2019-08-01", 58.4]] }],
    },
  },
  chart: {
    one: "cohort chart",
    many: "cohort charts",
    schema: "Chart",
    stored: "StoredChart",
    list: "AdminChartList",
    examples: { monthly: CHART },
    definition: { id: 1, ...CHART, ...CHART_DEFAULTS, ...TIMES },
    data: {
      chart: { name: "Revenue by cohort", type: "cohort", interval: "month" },
      series: [{ name: "Aug 2019", data: [["Month 1", 58.4]] }],
    },
  },
} as const;

function listAndMake(kind: keyof typeof KINDS): readonly Operation[] {
  const { many, one, schema, stored, list, examples, definition, data } = KINDS[kind];
  const shown = { data, left_out: { not_dates: 0, not_numbers: 0 } };
  const Name = schema;
  const path = `/clients/{cid}/${kind}s`;
  const row = { id: 1, name: definition.name, type: "chart", owner_email: null, ...TIMES };
  return [
    adminOperation({
      id: `list${Name}s`,
      method: "get",
      path,
      summary: `List the ${many} of a client`,
      answers: { 200: json("Without their definitions.", list, { [`${kind}s`]: [row] }) },
    }),
    adminOperation({
      id: `create${Name}`,
      method: "post",
      path,
      summary: `Make a ${one}`,
      body: body(schema, examples),
      answers: { 201: json("Made.", stored, definition) },
      errors: ["admin_conflict"],
    }),
    adminOperation({
      id: `preview${Name}`,
      method: "post",
      path: `${path}/preview`,
      summary: `What a ${one} would show`,
      description: "Nothing is stored.",
      body: body(schema, { monthly: examples.monthly }),
      answers: { 200: json("The data, and what it leaves out.", "ReportAnswer", shown) },
      errors: ["report_too_large"],
    }),
  ];
}

function one(kind: keyof typeof KINDS): readonly Operation[] {
  const { one: what, schema, stored, examples, definition, data } = KINDS[kind];
  const path = `/clients/{cid}/${kind}s/{id}`;
  const shown = { data, left_out: { not_dates: 0, not_numbers: 0 } };
  return [
    adminOperation({
      id: `show${schema}`,
      method: "get",
      path,
      what: `a ${what}`,
      summary: `One ${what} with its definition`,
      answers: { 200: json("The definition.", stored, definition) },
    }),
    adminOperation({
      id: `change${schema}`,
      method: "put",
      path,
      what: `a ${what}`,
      summary: `Replace the definition of a ${what}`,
      body: body(schema, examples),
      answers: { 200: json("As it is now.", stored, definition) },
    }),
    adminOperation({
      id: `delete${schema}`,
      method: "delete",
      path,
      what: `a ${what}`,
      summary: `Delete a ${what}`,
      answers: { 204: NOTHING },
    }),
    adminOperation({
      id: `show${schema}Data`,
      method: "get",
      path: `${path}/data`,
      what: `a ${what}`,
      summary: `What a ${what} shows now`,
      answers: { 200: json("The data, and what it leaves out.", "ReportAnswer", shown) },
      errors: ["admin_invalid", "report_too_large"],
    }),
  ];
}

/** The operations of reports. */
export const adminReportOperations: readonly Operation[] = (["figure", "chart"] as const).flatMap(
  (kind) => [...listAndMake(kind), ...one(kind)],
);
