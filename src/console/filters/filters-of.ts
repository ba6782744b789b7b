/** Filters as a form has them, and as the admin API takes them (src/filter). */
import { nameOfValue } from "../parts/forms.tsx";
import type { Form } from "../session/form.ts";

/** A line of the form. */
export interface AskedCondition {
  /** The letter by which the logic names it. */
  readonly id: string;
  readonly column: string;
  readonly operator: string;
  readonly value: string;
}

/** All lines that have a column, and the logic. */
export interface AskedFilters {
  readonly conditions: readonly AskedCondition[];
  readonly logic: string;
}

export const NO_FILTERS: AskedFilters = { conditions: [], logic: "" };

/** A filter has a letter of its own, so there are no more lines. */
export const LINES_MAX = 26;

/**
 * The lines of a form.
 *
 * @param prefix before the names of the fields.
 */
export function askedFilters(form: Form, prefix: string): AskedFilters {
  const text = (name: string): string => form.get(`${prefix}${name}`)?.[0] ?? "";
  const conditions: AskedCondition[] = [];
  for (let index = 0; index < LINES_MAX; index += 1) {
    const line = `filter${index}_`;
    const column = nameOfValue(text(`${line}column`));
    if (column === "") continue;
    conditions.push({
      id: text(`${line}id`),
      column,
      operator: text(`${line}operator`),
      value: text(`${line}value`),
    });
  }
  return { conditions, logic: text("logic").trim() };
}

/**
 * The members `filters` and `filter_logic` of a definition; empty where nothing is asked.
 *
 * @param columns with their types, which say what a typed value is.
 */
export function filterMembers(
  { conditions, logic }: AskedFilters,
  columns: readonly { readonly name: string; readonly type: string }[],
): { readonly filters?: readonly unknown[]; readonly filter_logic?: string } {
  if (conditions.length === 0) return logic === "" ? {} : { filter_logic: logic };
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const filters = conditions.map(({ id, column, operator, value }) => ({
    ...(id === "" ? {} : { id }),
    column,
    operator,
    ...valueMember(operator, value, types.get(column) ?? "json"),
  }));
  return logic === "" ? { filters } : { filters, filter_logic: logic };
}

function valueMember(operator: string, text: string, type: string): { readonly value?: unknown } {
  if (operator === "is_null" || operator === "is_not_null") return {};
  if (operator === "like" || operator === "not_like") return { value: text };
  if (operator !== "in" && operator !== "not_in") return { value: operandOf(text, type) };
  const parts = text.split(",").map((part) => part.trim());
  return { value: parts.filter((part) => part !== "").map((part) => operandOf(part, type)) };
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What was typed, as the column's type has it: digits stay as they are. */
function operandOf(text: string, type: string): unknown {
  const trimmed = text.trim();
  if (type === "string" || type === "timestamp") return text;
  if (trimmed === "true" || trimmed === "false") return trimmed === "true";
  return NUMBER.test(trimmed) ? JSON.rawJSON(trimmed) : text;
}

/** Conditions of a stored definition, for a form that changes it. */
export function shownFilters(
  filters: readonly Stored[] | null | undefined,
  logic: string | null | undefined,
): AskedFilters {
  const conditions = (filters ?? []).map(({ id, column, operator, value }, index) => ({
    id: id ?? letterOf(index),
    column,
    operator,
    value: Array.isArray(value) ? value.map(shownOperand).join(", ") : shownOperand(value),
  }));
  return { conditions, logic: logic ?? "" };
}

interface Stored {
  readonly id?: string;
  readonly column: string;
  readonly operator: string;
  readonly value?: unknown;
}

/** The letter of a line that has none: of its place. */
export function letterOf(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

function shownOperand(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
