/** The form of a figure: from its fields to a definition (docs/reports.md), and back. */
import { isObject, type Json, type JsonObject } from "../../json/exact.ts";
import {
  FORMULAS_MAX,
  GROUP_COLUMNS_MAX,
  METRICS_MAX,
} from "../../report/definition/definition-limits.ts";
import type { Form } from "../session/form.ts";
import {
  fieldText,
  memberOf,
  numberMember,
  objectOf,
  objectsOf,
  shownText,
  textMember,
  typedNumber,
} from "./members.ts";
import { type AskedMetric, askedMetric, metricMembers, shownMetric } from "./metric.ts";
import { type AskedRange, askedRange, rangeMember, shownRange } from "./range.ts";
import type { FormTables } from "./tables.ts";

/** A formula as it was typed. */
export interface AskedFormula {
  readonly label: string;
  readonly expression: string;
  readonly format: string;
}

/** A figure as it was typed; what does not go with its type stands there and has no effect. */
export interface AskedFigure {
  readonly name: string;
  readonly type: string;
  readonly chartKind: string;
  readonly isTransposed: boolean;
  readonly metrics: readonly AskedMetric[];
  readonly interval: string;
  readonly range: AskedRange;
  /** As many as there may be; empty where nothing is chosen. */
  readonly groups: readonly string[];
  readonly top: { readonly n: string; readonly by: string; readonly order: string };
  /** All lines, empty ones too. */
  readonly formulas: readonly AskedFormula[];
  readonly perspective: string;
  readonly window: string;
  readonly hidesFirst: boolean;
  readonly timeZone: string;
  readonly weekStart: string;
  readonly ownerEmail: string;
}

/** A line that nothing was typed in. */
export const NO_FORMULA: AskedFormula = { label: "", expression: "", format: "number" };

const indexes = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** How many of something a form has; `max` where it says more, or nonsense. */
function countIn(form: Form, name: string, max: number): number {
  const count = Number(fieldText(form, name));
  return Number.isInteger(count) && count >= 0 && count <= max ? count : max;
}

/** The figure of a form. */
export function askedFigure(form: Form): AskedFigure {
  const text = (name: string): string => fieldText(form, name);
  return {
    name: text("name"),
    type: text("type"),
    chartKind: text("chart_kind"),
    isTransposed: form.has("transposed"),
    metrics: indexes(countIn(form, "metrics", METRICS_MAX)).map((at) => askedMetric(form, at)),
    interval: text("interval"),
    range: askedRange(form, ""),
    groups: indexes(GROUP_COLUMNS_MAX).map((at) => text(`group${at}`)),
    top: { n: text("top_n"), by: text("top_by"), order: text("top_order") },
    formulas: indexes(countIn(form, "formulas", FORMULAS_MAX)).map((at) => ({
      label: text(`f${at}_label`),
      expression: text(`f${at}_expression`),
      format: text(`f${at}_format`),
    })),
    perspective: text("perspective"),
    window: text("window"),
    hidesFirst: form.has("hides_first"),
    timeZone: text("time_zone"),
    weekStart: text("week_start"),
    ownerEmail: text("owner_email"),
  };
}

/** Whether a line of the form is a formula. */
export function isFormula({ label, expression }: AskedFormula): boolean {
  return label.trim() !== "" || expression.trim() !== "";
}

/**
 * The definition that a form asks for. What the type has no use for is left out: a scalar has
 * neither periods nor groups.
 */
export function figureDefinition(asked: AskedFigure, tables: FormTables): Record<string, unknown> {
  const isScalar = asked.type === "scalar";
  return {
    name: asked.name,
    type: asked.type,
    ...(asked.chartKind === "line" ? {} : textMember("chart_kind", asked.chartKind)),
    ...(asked.isTransposed ? { transposed: true } : {}),
    ...textMember("owner_email", asked.ownerEmail.trim()),
    metrics: asked.metrics.map((metric) => metricMembers(metric, tables)),
    interval: isScalar ? "none" : asked.interval,
    range: rangeMember(asked.range),
    time_zone: asked.timeZone,
    week_start: asked.weekStart,
    ...(isScalar ? { group_by: [] } : groupMembers(asked)),
    formulas: asked.formulas.filter(isFormula),
    ...(isScalar ? {} : perspectiveMembers(asked)),
  };
}

function groupMembers({ groups, top }: AskedFigure): Record<string, unknown> {
  const columns = groups.filter((name) => name !== "");
  const n = top.n.trim().toLowerCase() === "all" ? "all" : typedNumber(top.n);
  if (columns.length === 0 || n === "") return { group_by: columns };
  return {
    group_by: columns,
    top: { n, ...textMember("by", top.by), ...textMember("order", top.order) },
  };
}

/** The perspective with the members that go with it. */
export function perspectiveMembers(
  asked: Pick<AskedFigure, "perspective" | "hidesFirst"> & { readonly window?: string },
): Record<string, unknown> {
  const { perspective, hidesFirst, window = "" } = asked;
  return {
    ...(perspective === "standard" ? {} : { perspective }),
    ...(perspective === "rolling_average" ? numberMember("window", window) : {}),
    ...(hidesFirst && perspective === "percent_of_first" ? { show_first: false } : {}),
  };
}

/** The figure of a definition, for a form. It may be less: compare.ts says whether it is. */
export function shownFigureForm(definition: JsonObject): AskedFigure {
  const text = (name: string, absent = ""): string => shownText(definition, name) || absent;
  const top = objectOf(memberOf(definition, "top"));
  const groups = groupColumns(memberOf(definition, "group_by"));
  return {
    name: text("name"),
    type: text("type", "chart"),
    chartKind: text("chart_kind", "line"),
    isTransposed: memberOf(definition, "transposed") === true,
    metrics: objectsOf(memberOf(definition, "metrics")).map(shownMetric),
    interval: text("interval", "none"),
    range: shownRange(memberOf(definition, "range")),
    groups: indexes(GROUP_COLUMNS_MAX).map((at) => groups[at] ?? ""),
    top: {
      n: shownText(top, "n"),
      by: shownText(top, "by"),
      order: shownText(top, "order"),
    },
    formulas: objectsOf(memberOf(definition, "formulas")).map((formula) => ({
      label: shownText(formula, "label"),
      expression: shownText(formula, "expression"),
      format: shownText(formula, "format") || "number",
    })),
    perspective: text("perspective", "standard"),
    window: text("window"),
    hidesFirst: memberOf(definition, "show_first") === false,
    timeZone: text("time_zone", "UTC"),
    weekStart: text("week_start", "monday"),
    ownerEmail: text("owner_email"),
  };
}

/** The names of the columns that are grouped by. */
function groupColumns(groupings: Json | undefined): readonly string[] {
  if (!Array.isArray(groupings)) return [];
  return groupings.map((each) => {
    if (typeof each === "string") return each;
    return isObject(each) ? shownText(each, "column") : "";
  });
}
