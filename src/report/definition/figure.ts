/**
 * Figures: what their owners define (docs/reports.md).
 *
 *     {"name":"Revenue by month","type":"chart","interval":"month",
 *      "metrics":[{"label":"Revenue","table_id":3,"operation":"sum","column":"value",
 *                  "date_column":"created_at"}],
 *      "range":{"moving":"last_full_year"},"group_by":["sku"]}
 *
 * What the tables of the client have to say to it: check.ts.
 */
import * as z from "zod";
import { expecting } from "../../http/member-rules.ts";
import { parseFormula } from "../math/formula.ts";
import {
  EXPRESSION_LENGTH_MAX,
  FILTER_SETS_MAX,
  FORMULAS_MAX,
  METRICS_MAX,
} from "./definition-limits.ts";
import {
  columnOf,
  Flag,
  Groupings,
  IntervalName,
  Label,
  oneOf,
  OwnerEmail,
  Part,
  Range,
  ReportName,
  TimeZone,
  WeekStart,
} from "./members.ts";
import { checkPerspective, FigureMetric, PERSPECTIVE_MEMBERS, refuse } from "./metric.ts";

/** How a figure is shown (wire.md 4.3). */
export const FIGURE_TYPES = ["chart", "table", "scalar"] as const;

/** Kinds of charts (wire.md 5). They change the display only. */
export const CHART_KINDS = [
  "line",
  "bar",
  "stacked_bar",
  "column",
  "stacked_column",
  "pie",
  "area",
  "funnel",
  "scatter_plot",
  "bubble",
  "heatmap",
] as const;

const Formula = z.strictObject(
  {
    label: Label,
    expression: z
      .string({ error: expecting("a formula, as in A / B") })
      .max(EXPRESSION_LENGTH_MAX, {
        error: `must have at most ${EXPRESSION_LENGTH_MAX} characters`,
      }),
    format: oneOf(["number", "currency", "percent", "time"]).default("number"),
  },
  { error: expecting("an object") },
);

const TOP_RULE = 'an integer of 1 or more, or "all"';
const Top = z.strictObject(
  {
    n: z
      .custom<number | "all">()
      .refine((n) => n === "all" || (Number.isSafeInteger(n) && n >= 1), {
        error: expecting(TOP_RULE),
      }),
    /** The label of a metric or a formula, or a column of the grouping. */
    by: z.string({ error: expecting("a label or a column") }).optional(),
    /** desc by a label, asc by a column where it is absent. */
    order: oneOf(["asc", "desc"]).optional(),
  },
  { error: expecting("an object") },
);

const FilterSet = z.strictObject(
  { filters: Part, filter_logic: Part },
  { error: expecting("an object with filters and filter_logic") },
);

const Members = z.strictObject({
  name: ReportName,
  type: oneOf(FIGURE_TYPES).default("chart"),
  chart_kind: oneOf(CHART_KINDS).optional(),
  /** Whether a table has its group values as columns: display only. */
  transposed: Flag.optional(),
  owner_email: OwnerEmail.optional(),
  metrics: z
    .array(FigureMetric, { error: expecting("a list of metrics") })
    .min(1, { error: "must have a metric" })
    .max(METRICS_MAX, { error: `must have at most ${METRICS_MAX} metrics` }),
  filter_sets: z
    .record(Label, FilterSet, { error: expecting("an object of filter sets") })
    .refine((sets) => Object.keys(sets).length <= FILTER_SETS_MAX, {
      error: `must have at most ${FILTER_SETS_MAX} sets`,
    })
    .optional(),
  interval: IntervalName.default("none"),
  range: Range.default({ moving: "all_time" }),
  time_zone: TimeZone.default("UTC"),
  week_start: WeekStart.default("monday"),
  group_by: Groupings.default([]),
  top: Top.optional(),
  formulas: z
    .array(Formula, { error: expecting("a list of formulas") })
    .max(FORMULAS_MAX, { error: `must have at most ${FORMULAS_MAX} formulas` })
    .default([]),
  ...PERSPECTIVE_MEMBERS,
});

/** The body of `POST /admin/v1/clients/:cid/figures`, and the stored definition. */
export const Figure = Members.superRefine(checkPerspective)
  .superRefine(checkLabels)
  .superRefine(checkFormulas)
  .superRefine(checkFilterSets)
  .superRefine(checkGroupings)
  .superRefine(checkTop)
  .superRefine(checkForm);
export type Figure = z.infer<typeof Members>;

/** The letter by which formulas name a metric. */
export function letterOf(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

/** The columns that the groups of a figure are named by: its own, or its metrics' longest. */
export function dimensionsOf(figure: Pick<Figure, "group_by" | "metrics">): readonly string[] {
  let longest = figure.group_by;
  if (longest.length > 0) return longest.map(columnOf);
  for (const { group_by: own = [] } of figure.metrics) {
    if (own.length > longest.length) longest = own;
  }
  return longest.map(columnOf);
}

/** The interval of a metric: none without dates, else its own or the figure's. */
export function intervalOf(
  figure: Pick<Figure, "interval">,
  metric: FigureMetric,
): Figure["interval"] {
  return metric.date_column === undefined ? "none" : (metric.interval ?? figure.interval);
}

function checkLabels({ metrics, formulas }: Figure, context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [list, all] of [
    ["metrics", metrics],
    ["formulas", formulas],
  ] as const) {
    for (const [index, { label }] of all.entries()) {
      if (seen.has(label)) {
        refuse(context, [list, index, "label"], "is the label of another metric or formula");
      }
      seen.add(label);
    }
  }
  if (formulas.length === 0 && metrics.every(({ hidden }) => hidden === true)) {
    refuse(context, "metrics", "must have one that is not hidden, where there are no formulas");
  }
}

function checkFormulas({ metrics, formulas }: Figure, context: z.RefinementCtx): void {
  const letters = metrics.map((_, index) => letterOf(index));
  for (const [index, { expression }] of formulas.entries()) {
    try {
      parseFormula(expression, letters);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      refuse(context, ["formulas", index, "expression"], message);
    }
  }
}

function checkFilterSets({ metrics, filter_sets: sets = {} }: Figure, c: z.RefinementCtx): void {
  for (const [index, { filter_set: name }] of metrics.entries()) {
    if (name === undefined || Object.hasOwn(sets, name)) continue;
    refuse(c, ["metrics", index, "filter_set"], `there is no set ${JSON.stringify(name)}`);
  }
  for (const name of Object.keys(sets)) {
    if (metrics.some(({ filter_set: used }) => used === name)) continue;
    refuse(c, ["filter_sets", name], "is used by no metric, so it cannot be checked");
  }
}

function checkGroupings(figure: Figure, context: z.RefinementCtx): void {
  const { length } = dimensionsOf(figure);
  for (const [index, { group_by: own = [] }] of figure.metrics.entries()) {
    if (own.length === 0 || own.length === length) continue;
    const rule = `must be empty or have as many columns as the figure's grouping, ${length}`;
    refuse(context, ["metrics", index, "group_by"], rule);
  }
}

function checkTop(figure: Figure, context: z.RefinementCtx): void {
  const { top, metrics, formulas } = figure;
  if (top === undefined) return;
  const dimensions = dimensionsOf(figure);
  if (dimensions.length === 0) refuse(context, "top", "needs group_by");
  const names = [...metrics, ...formulas].map(({ label }) => label);
  if (top.by === undefined || names.includes(top.by) || dimensions.includes(top.by)) return;
  refuse(context, ["top", "by"], "is no label of a metric or formula, and no column of group_by");
}

function checkForm(figure: Figure, context: z.RefinementCtx): void {
  const { type, interval, metrics, perspective = "standard" } = figure;
  if (type !== "scalar") {
    const hasPeriods = metrics.some((metric) => intervalOf(figure, metric) !== "none");
    if (perspective !== "standard" && !hasPeriods) {
      refuse(context, "perspective", "needs an interval, and a metric with a date_column");
    }
  } else {
    if (interval !== "none") refuse(context, "interval", "must be none for a scalar");
    if (dimensionsOf(figure).length > 0) refuse(context, "group_by", "a scalar has none");
    if (perspective !== "standard") refuse(context, "perspective", "a scalar has none");
  }
  for (const [index, metric] of metrics.entries()) {
    const own = intervalOf(figure, metric);
    if (type === "scalar" && own !== "none") {
      refuse(context, ["metrics", index, "interval"], "must be none for a scalar");
    }
    if ((metric.perspective ?? "standard") !== "standard" && own === "none") {
      refuse(context, ["metrics", index, "perspective"], "needs an interval and a date_column");
    }
  }
}
