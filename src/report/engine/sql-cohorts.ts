/** The rows of cohorts in SQL: the periods of two dates of a record, and their distance. */
import type { Beginning, Question } from "./question.ts";
import { NEITHER_DATE, NOT_DATE, UNSURE } from "./sql-classes.ts";
import { dateSql, NO_DATE, UNSURE_DATE } from "./sql-date.ts";
import { indexInSql } from "./sql-periods.ts";
import { filteredRows, type SqlRows } from "./sql-rows.ts";
import { isThere, layer, NotInSql, type SqlText } from "./sql-text.ts";

/**
 * The rows of a question with a beginning, which have the dates `d` and `b`, that of the
 * beginning, and the indexes of their periods, `e` and `c`.
 *
 * @throws NotInSql where the beginning is not in a column (sql-lines.ts), or the periods are too
 * many.
 */
export function cohortRows(question: Question, sql: SqlText): SqlRows {
  const { dateColumn, beginning, groupBy } = question;
  if (typeof beginning?.date !== "string" || dateColumn === undefined) throw new NotInSql();
  const [date, began] = [sql.column(dateColumn), sql.column(beginning.date)];
  const dates = `*, ${orNull(date)} AS d, ${orNull(began)} AS b`;
  const { own, since } = indexesInSql(question, beginning);
  const from = layer(
    `*, ${own} AS c, ${since} AS e`,
    layer(dates, filteredRows(question, sql, [])),
  );
  const { periods } = beginning;
  const isCounted =
    periods === undefined
      ? "(c IS NOT NULL AND d IS NOT NULL)"
      : `(e - c BETWEEN 0 AND ${periods - 1})`;
  const cases = [
    `WHEN d = ${UNSURE_DATE} OR b = ${UNSURE_DATE} THEN ${UNSURE}`,
    `WHEN d = ${NO_DATE} AND b = ${NO_DATE} THEN ${NEITHER_DATE}`,
    `WHEN d = ${NO_DATE} OR b = ${NO_DATE} THEN ${NOT_DATE}`,
    `WHEN ${isCounted} IS NOT 1 THEN NULL`,
  ];
  const rows = { from, cases, period: periods === undefined ? "0" : "e - c", periodOf: asItIs };
  return groupBy.length === 0 ? { ...rows, groups: ["c"] } : rows;
}

function asItIs(result: number): number {
  return result;
}

function orNull(json: string): string {
  return `CASE WHEN ${isThere(json)} THEN ${dateSql(json)} END`;
}

/** The index of the period of each date, NULL where the record cannot count. */
function indexesInSql(
  { bounds = [], groupBy }: Question,
  { periods, chosen, range }: Beginning,
): { own: string; since: string } {
  const isAnyCohort = groupBy.length > 0 || chosen === undefined;
  const isCohort = (index: number): boolean => isAnyCohort || chosen.has(String(index));
  const own = indexInSql("b", bounds, isCohort);
  const inRange = range && `CASE WHEN b >= ${range.from} AND b < ${range.to} THEN ${own} END`;
  if (periods === undefined) return { own: inRange ?? own, since: "NULL" };
  // The last cohort up to each period, which is at the index after it.
  const last = [-1];
  for (let index = 0; index < bounds.length - 1; index += 1) {
    last.push(isCohort(index) ? index : (last[index] ?? -1));
  }
  const isSome = (index: number): boolean => {
    const cohort = last[index + 1] ?? -1;
    return cohort >= 0 && index - cohort < periods;
  };
  return { own: inRange ?? own, since: indexInSql("d", bounds, isSome) };
}
