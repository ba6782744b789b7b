/**
 * Statements that list rows, a line for each: what of a row only the Worker can reduce, because
 * it goes by the row's member. To list them takes SQLite 840 ns a row; to group a window's rows by
 * their members takes 1,800 ns, because it sorts them, and leaves nearly as many.
 *
 * By CPU time of workerd, a chart by a first event over 1 million rows of 100,000 members takes
 * 2,500 ns a row; it took 12,900 when the rows were grouped for the first dates and read as JSON
 * for the values.
 */
import { TEXT_BYTES_MAX } from "./engine-limits.ts";
import type { Beginning, MemberDates, Question } from "./question.ts";
import { NO_DATE, UNSURE_DATE } from "./sql-date.ts";
import { wantedRows } from "./sql-rows.ts";
import { isThere, type SqlText } from "./sql-text.ts";
import { ifInSql, type WindowStatement } from "./statement.ts";

/** The one row of the results. */
export type LinesRow = readonly [
  /** Records nothing is said of: then the records must be read. Null where there are none. */
  unsure: number | null,
  /** Wanted records whose date is none. */
  notDates: number | null,
  /**
   * Lines, between them line ends. Each has fields with tabs between them, which no compact JSON
   * has: an instant in ms since 1970, the fractions of its second cut, and JSON texts.
   */
  lines: string | null,
];

/**
 * Lists the wanted records that have a date and a member: date, value where the question has a
 * column, group where it groups by one, and member. What is absent is empty.
 */
export function firstDatesStatement(
  question: Question,
  memberColumn: string,
): WindowStatement | undefined {
  return ifInSql(question, (sql, asked) => {
    const { column, groupBy } = asked;
    const member = sql.column(memberColumn);
    const others = column === undefined ? groupBy : [column, ...groupBy];
    const texts = others.map((name) => `coalesce(${sql.column(name)}, '')`);
    return linesSql(asked, sql, [...texts, member], `d < ${NO_DATE} AND ${isThere(member)}`);
  });
}

/**
 * Of a question with a beginning, whose dates are those of members: lists date, value where the
 * question has a column, group where it groups by one, and member, of the records that may count.
 * A group that is null or absent is empty.
 */
export function memberLinesStatement(
  question: Question,
  beginning: Beginning,
  { memberColumn }: MemberDates,
): WindowStatement | undefined {
  return ifInSql(question, (sql, asked) => {
    const { column, groupBy } = asked;
    const member = sql.column(memberColumn);
    const value = column === undefined ? [] : [sql.column(column)];
    const groups = groupBy.map((name) => `coalesce(${sql.column(name)}, '')`);
    const isListed = [inTimes(asked, beginning), ...[member, ...value].map(isThere)].join(" AND ");
    return linesSql(asked, sql, [...value, ...groups, member], isListed);
  });
}

function linesSql(question: Question, sql: SqlText, texts: readonly string[], isListed: string) {
  const isLong = texts.map((text) => `octet_length(${text}) > ${TEXT_BYTES_MAX}`);
  const isUnmet = question.filter === undefined ? [] : ["m IS NULL"];
  const isUnsure = [...isUnmet, `d = ${UNSURE_DATE}`, ...isLong].join(" OR ");
  const line = ["d", ...texts].join(" || char(9) || ");
  // A long text makes the window unsure. In the lines it could make it too much, and one row of
  // 2 MB would halve all windows that follow.
  const cases = `WHEN ${isLong.join(" OR ")} THEN NULL WHEN ${isListed} THEN ${line}`;
  const lines = `group_concat(CASE ${cases} END, char(10))`;
  const from = wantedRows(question, sql, undefined);
  const select = `sum(${isUnsure}), sum(d = ${NO_DATE}), ${lines}`;
  return { text: `SELECT ${select} FROM ${from}`, periodOf: () => 0 };
}

/** Whether a record's date `d` is one, and in no period in which no record counts. */
function inTimes({ bounds = [], groupBy }: Question, { periods, chosen }: Beginning): string {
  if (periods === undefined) return `d < ${NO_DATE}`;
  const isAnyCohort = groupBy.length > 0 || chosen === undefined;
  const starts = isAnyCohort ? [0, bounds.length - 2] : [...chosen].map(Number);
  const [first, last] = [Math.max(0, Math.min(...starts)), Math.max(...starts)];
  const [from, to] = [bounds[first], bounds[Math.min(last + periods, bounds.length - 1)]];
  return from === undefined || to === undefined ? "0" : `d >= ${from} AND d < ${to}`;
}
