/** The rows of a window that a question wants, with their dates, in SQL. */
import type { Question } from "./question.ts";
import { NOT_DATE, OUTSIDE_GUESS, UNSURE } from "./sql-classes.ts";
import { dateSql, NO_DATE, UNSURE_DATE } from "./sql-date.ts";
import { filterSql } from "./sql-filter.ts";
import { periodsInSql, type SqlPeriods } from "./sql-periods.ts";
import { isThere, layer, type SqlText } from "./sql-text.ts";

/** Rows that are to be put into classes. */
export interface SqlRows extends SqlPeriods {
  /** What follows FROM. */
  readonly from: string;
  /** Cases of {@link ClassParts}. */
  readonly cases: readonly string[];
  /** By what rows are grouped, where it is not by the columns of the question. */
  readonly groups?: readonly string[];
}

/** The rows of a question without a beginning. */
export function datedRows(question: Question, sql: SqlText, value: string | undefined): SqlRows {
  const hasDate = question.dateColumn !== undefined;
  const { period, periodOf } = periodsInSql(hasDate ? question.bounds : undefined);
  const isGuess = question.isGuess === true;
  const from = `${wantedRows(question, sql, value)}${isGuess ? "" : inRange(question)}`;
  const ofDates = [
    `WHEN d = ${NO_DATE} THEN ${NOT_DATE}`,
    `WHEN d = ${UNSURE_DATE} THEN ${UNSURE}`,
  ];
  if (isGuess) ofDates.push(outsideGuess(question));
  return { from, cases: hasDate ? ofDates : [], period, periodOf };
}

/** After the cases of what is no instant. */
function outsideGuess({ bounds = [] }: Question): string {
  return `WHEN d < ${bounds[0] ?? 0} OR d >= ${bounds.at(-1) ?? 0} THEN ${OUTSIDE_GUESS}`;
}

/**
 * The records that the filter does not leave out, as `m` says where there is a filter, and their
 * dates, `d`, where there is a date column. Each layer costs some 50 ns a row.
 */
export function wantedRows(question: Question, sql: SqlText, value: string | undefined): string {
  const { dateColumn } = question;
  if (dateColumn === undefined) {
    return filteredRows(question, sql, value === undefined ? [] : [isThere(value)]);
  }
  const date = sql.column(dateColumn);
  return layer(`*, ${dateSql(date)} AS d`, filteredRows(question, sql, [isThere(date)]));
}

/**
 * The records that meet the filter, as `m` says where there is one, and conditions. All columns
 * must be known before.
 */
export function filteredRows(
  { filter }: Question,
  sql: SqlText,
  conditions: readonly string[],
): string {
  if (filter === undefined) return `${sql.source()}${where(conditions)}`;
  const met = filterSql(filter, sql);
  return `${layer(`*, ${met} AS m`, sql.source())}${where(["m IS NOT 0", ...conditions])}`;
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}

/** Instants outside are left out; what is no instant is greater than all of them, and stays. */
function inRange({ dateColumn, range, bounds }: Question): string {
  if (dateColumn === undefined) return "";
  const froms = [range?.from, bounds?.[0]].filter((from) => from !== undefined);
  const tos = [range?.to, bounds?.at(-1)].filter((to) => to !== undefined);
  return where([
    ...froms.map((from) => `d >= ${from}`),
    ...tos.map((to) => `(d < ${to} OR d >= 'a')`),
  ]);
}
