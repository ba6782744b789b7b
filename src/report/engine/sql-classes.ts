/** What becomes of a record in a statement: its period, or what it is instead. */
import { TEXT_BYTES_MAX } from "./engine-limits.ts";
import type { Question } from "./question.ts";
import { isNumberText, isThere } from "./sql-text.ts";

/** Instead of a period: the date is none. */
export const NOT_DATE = -1;
/** The value is no number. */
export const NOT_NUMBER = -2;
/** The statement is not sure. */
export const UNSURE = -3;
/** Both dates are none. */
export const NEITHER_DATE = -4;

/** What a class is made of. */
export interface ClassParts {
  /** Cases of the dates. */
  readonly cases: readonly string[];
  /** The JSON text of the value, if the question has a column. */
  readonly value: string | undefined;
  /** The JSON texts of the columns by which it groups. */
  readonly columns: readonly string[];
  /** The period of what no case takes. */
  readonly period: string;
}

/** The period of a record, or what it is instead; NULL where it counts for nothing. */
export function classSql(
  { operation, filter, dateColumn }: Question,
  { cases, value, columns, period }: ClassParts,
): string {
  const hasDate = dateColumn !== undefined;
  const takesNumbers = operation !== "count" && operation !== "count_distinct";
  const all = [
    filter === undefined ? [] : `WHEN m IS NULL THEN ${UNSURE}`,
    cases,
    value !== undefined && hasDate ? `WHEN NOT ${isThere(value)} THEN NULL` : [],
    columns.map((json) => `WHEN octet_length(${json}) > ${TEXT_BYTES_MAX} THEN ${UNSURE}`),
    value !== undefined && takesNumbers ? `WHEN NOT ${isNumberText(value)} THEN ${NOT_NUMBER}` : [],
    value === undefined ? [] : `WHEN octet_length(${value}) > ${TEXT_BYTES_MAX} THEN ${UNSURE}`,
  ].flat();
  return all.length === 0 ? period : `CASE ${all.join("\n")} ELSE ${period} END`;
}
