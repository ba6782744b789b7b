/** A metric as forms have it: figures have several, charts one. */
import type { JsonObject } from "../../json/exact.ts";
import {
  type AskedFilters,
  askedFilters,
  filterMembers,
  NO_FILTERS,
  shownFilters,
} from "../filters/filters-of.ts";
import type { Form } from "../session/form.ts";
import { fieldText, memberOf, objectsOf, shownText, textMember, typedNumber } from "./members.ts";
import { type FormTables, columnsOf, guessedDate } from "./tables.ts";

/** A metric as it was typed; empty texts are members that are absent. */
export interface AskedMetric {
  readonly label: string;
  /** The id of its table. */
  readonly table: string;
  /** The id of the table whose columns the form shows: another one where the table was changed. */
  readonly columnsOf: string;
  readonly operation: string;
  readonly column: string;
  readonly date: string;
  readonly isHidden: boolean;
  readonly filters: AskedFilters;
}

/** What stands before the names of a metric's fields. */
export function metricPrefix(index: number): string {
  return `m${index}_`;
}

/** The metric of a form at its place. */
export function askedMetric(form: Form, index: number): AskedMetric {
  const prefix = metricPrefix(index);
  const text = (name: string): string => fieldText(form, `${prefix}${name}`);
  return {
    label: text("label"),
    table: text("table"),
    columnsOf: text("columns_of"),
    operation: text("operation"),
    column: text("column"),
    date: text("date"),
    isHidden: form.has(`${prefix}hidden`),
    filters: askedFilters(form, prefix),
  };
}

/** The metric in a definition. Counting rows takes no column, whatever is chosen. */
export function metricMembers(asked: AskedMetric, tables: FormTables): Record<string, unknown> {
  const { label, table, operation, column, date, isHidden, filters } = asked;
  return {
    label,
    table_id: typedNumber(table),
    operation,
    ...(operation === "count" ? {} : textMember("column", column)),
    ...textMember("date_column", date),
    ...filterMembers(filters, columnsOf(tables, table)),
    ...(isHidden ? { hidden: true } : {}),
  };
}

/** The metric of a definition, for a form. */
export function shownMetric(metric: JsonObject): AskedMetric {
  const table = shownText(metric, "table_id");
  const filters = objectsOf(memberOf(metric, "filters")).map((filter) => {
    const id = shownText(filter, "id");
    return {
      ...(id === "" ? {} : { id }),
      column: shownText(filter, "column"),
      operator: shownText(filter, "operator"),
      value: memberOf(filter, "value"),
    };
  });
  return {
    label: shownText(metric, "label"),
    table,
    columnsOf: table,
    operation: shownText(metric, "operation"),
    column: shownText(metric, "column"),
    date: shownText(metric, "date_column"),
    isHidden: memberOf(metric, "hidden") === true,
    filters: shownFilters(filters, shownText(metric, "filter_logic")),
  };
}

/** A metric that counts the rows of a table, by the date that it seems to have. */
export function countOf(label: string, table: string, tables: FormTables): AskedMetric {
  const date = guessedDate(columnsOf(tables, table)) ?? "";
  return {
    label,
    table,
    columnsOf: table,
    operation: "count",
    column: "",
    date,
    isHidden: false,
    filters: NO_FILTERS,
  };
}

/**
 * A metric whose table was changed has columns of the old one: those that the new one has, too,
 * stay, and there is a date of the new one. Conditions stay, so that none is lost unseen.
 */
export function fittedMetric(asked: AskedMetric, tables: FormTables): AskedMetric {
  const { table, column, date } = asked;
  if (table === asked.columnsOf) return asked;
  const columns = columnsOf(tables, table);
  const has = (name: string): boolean => columns.some((each) => each.name === name);
  return {
    ...asked,
    columnsOf: table,
    column: has(column) ? column : "",
    date: has(date) ? date : (guessedDate(columns) ?? ""),
  };
}
