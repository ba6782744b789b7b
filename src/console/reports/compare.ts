/**
 * Whether a form can hold a stored definition: it can where the definition that comes out of the
 * form is the one that went in. So nothing that the form does not know is lost when it is saved.
 */
import {
  isObject,
  type Json,
  type JsonObject,
  parseExact,
  stringifyExact,
} from "../../json/exact.ts";
import { letterOf } from "../filters/filters-of.ts";
import { memberOf, shownText } from "./members.ts";
import { rangeMember, shownRange } from "./range.ts";

/** What a definition says where it has no such member (docs/reports.md). */
const ABSENT: Readonly<Record<string, Json>> = {
  type: "chart",
  chart_kind: "line",
  interval: "none",
  range: { moving: "all_time" },
  action_range: { moving: "all_time" },
  group_by: [],
  formulas: [],
  transposed: false,
  perspective: "standard",
  show_first: true,
  time_zone: "UTC",
  week_start: "monday",
};

/** Members of charts that have other defaults, or of the catalogue. */
const CHART_ABSENT: Readonly<Record<string, Json>> = { ...ABSENT, interval: "month", periods: 12 };

/**
 * The first member that a form would lose or change, by its place (`metrics[0].range`); undefined
 * where it would lose nothing.
 *
 * @param stored a definition as the admin API shows it, without id and times.
 * @param made what the form makes of it.
 */
export function lostMember(
  kind: "figure" | "chart",
  stored: JsonObject,
  made: Record<string, unknown>,
): string | undefined {
  const absent = kind === "figure" ? ABSENT : CHART_ABSENT;
  const text = JSON.stringify(made);
  const back = parseExact(text);
  if (!isObject(back)) return "the definition";
  return differenceOf(settled(stored, absent), settled(back, absent), "") ?? brokenLine(stored, "");
}

/** A definition with all that it leaves unsaid, and with one way to say each thing. */
function settled(definition: JsonObject, absent: Readonly<Record<string, Json>>): JsonObject {
  const whole: JsonObject = { ...absent, ...definition };
  for (const name of ["range", "action_range"]) {
    const range = memberOf(whole, name);
    if (isMoving(range)) whole[name] = rangeMember(shownRange(range));
  }
  const { group_by: groups, metrics, metric, formulas, cohort_by: by } = whole;
  if (Array.isArray(groups)) whole["group_by"] = groups.map(settledGrouping);
  if (by !== undefined) whole["cohort_by"] = settledGrouping(by);
  if (Array.isArray(metrics)) whole["metrics"] = metrics.map(settledMetric);
  if (metric !== undefined) whole["metric"] = settledMetric(metric);
  if (Array.isArray(formulas)) whole["formulas"] = formulas.map(settledFormula);
  return whole;
}

function isMoving(range: Json | undefined): boolean {
  return isObject(range) && Object.hasOwn(range, "moving") && Object.keys(range).length === 1;
}

function settledGrouping(grouping: Json): Json {
  if (!isObject(grouping) || Object.keys(grouping).length > 1) return grouping;
  return memberOf(grouping, "column") ?? grouping;
}

function settledFormula(formula: Json): Json {
  return isObject(formula) ? { format: "number", ...formula } : formula;
}

function settledMetric(metric: Json): Json {
  if (!isObject(metric)) return metric;
  const { filters, filter_logic: logic, hidden, ...rest } = metric;
  const whole: JsonObject = { ...rest };
  if (hidden !== undefined && hidden !== false) whole["hidden"] = hidden;
  if (typeof logic === "string") whole["filter_logic"] = logic.trim();
  if (Array.isArray(filters) && filters.length > 0) whole["filters"] = filters.map(settledFilter);
  return whole;
}

function settledFilter(filter: Json, index: number): Json {
  if (!isObject(filter)) return filter;
  const { value, ...rest } = filter;
  const named: JsonObject = { ...rest, id: shownText(filter, "id") || letterOf(index) };
  return value === undefined || value === null ? named : { ...named, value };
}

/** The place of the first difference between two values; the order of members is none. */
function differenceOf(a: Json | undefined, b: Json | undefined, place: string): string | undefined {
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length);
    for (let index = 0; index < length; index += 1) {
      const inner = differenceOf(a[index], b[index], `${place}[${index}]`);
      if (inner !== undefined) return inner;
    }
    return undefined;
  }
  if (isObject(a) && isObject(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const within = place === "" ? name : `${place}.${name}`;
      const inner = differenceOf(memberOf(a, name), memberOf(b, name), within);
      if (inner !== undefined) return inner;
    }
    return undefined;
  }
  if (a === undefined || b === undefined) return a === b ? undefined : place;
  return stringifyExact(a) === stringifyExact(b) ? undefined : place;
}

/** The place of a text with line breaks, which fields of one line do not keep. */
function brokenLine(value: Json | undefined, place: string): string | undefined {
  if (typeof value === "string") return /[\r\n]/.test(value) ? place : undefined;
  if (typeof value !== "object" || value === null || JSON.isRawJSON(value)) return undefined;
  const isList = Array.isArray(value);
  for (const [name, member] of Object.entries(value)) {
    const within = isList ? `${place}[${name}]` : place === "" ? name : `${place}.${name}`;
    const inner = brokenLine(member, within);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
