/**
 * The statement that answers a question for one window of rows. It is exact: where it could not
 * be sure of a row it says so, and the rows of the window are read one by one (reference.ts).
 */
import { SQL_LENGTH_MAX, TEXT_BYTES_MAX } from "./engine-limits.ts";
import type { Operation, Question } from "./question.ts";
import { dateSql, NO_DATE, UNSURE_DATE } from "./sql-date.ts";
import { filterSql } from "./sql-filter.ts";
import { periodsInSql } from "./sql-periods.ts";
import { hasExponent, isNumberText, isThere, layer, NotInSql, SqlText } from "./sql-text.ts";

/** Instead of a period. */
export const NOT_DATE = -1;
export const NOT_NUMBER = -2;
export const UNSURE = -3;

/** A row of the results. */
export type ResultRow = readonly [
  period: number,
  records: number,
  /** The value of all these records, or the one that is wanted of them. */
  json: string | null,
  /** Where it is null, and they are added up: their sum, units / 10^scale. */
  scale: number | null,
  /** Else their values, one a line, where all of them are needed. */
  units: string | number | null,
  /** The JSON texts of the group. */
  ...groups: (string | null)[],
];

/** The least and the greatest instant, in ms, and how many records nothing is said of. */
export type ExtentRow = readonly [unsure: number | null, first: number | null, last: number | null];

/** A statement for any window of a table. */
export interface WindowStatement {
  readonly sql: string;
  /** What `?4` and the following are bound with; `?1` to `?3` are the table and two keys. */
  readonly values: readonly (string | number)[];
  /** The index of the period that a result's number, where it is not negative, stands for. */
  readonly periodOf: (result: number) => number;
}

/** Holds the places of the table's id and of the keys that the window is between. */
const WINDOW = ["", "", ""];

/** Characters of a number that SQL adds up: 14 digits, see WINDOW_ROWS. */
const SUMMED_LENGTH_MAX = 14;

/** Bytes of a value in a list: with line ends a window's have 1,800,000; D1 takes 2,000,000. */
const LISTED_BYTES_MAX = 44;

/**
 * The statement of a question; undefined where there is none: records are unrolled, the filter
 * has what SQL has not, the name of a column cannot be in a path.
 */
export function windowStatement(question: Question): WindowStatement | undefined {
  return ifInSql(question, (sql) => {
    const { bounds, operation, column, groupBy } = question;
    if (isPlainCount(question)) return { text: COUNT, periodOf: () => 0 };
    const { period, periodOf } = periodsInSql(bounds);
    const groups = groupBy.map((name) => sql.column(name));
    const value = column === undefined ? undefined : sql.column(column);
    const classes = classSql(question, { value, groups, period });
    const from = wantedRows(question, sql, value);
    const counted = layer(`*, ${classes} AS p`, `${from}${inRange(question)}`);
    const aggregate = aggregateOf(operation, value);
    const names = groups.map((_, index) => `g${index}`);
    const outputs = groups.map((json, index) => `CASE WHEN p >= 0 THEN ${json} END AS g${index}`);
    const rows = layer(
      ["p", ...aggregate.columns, ...outputs].join(", "),
      `${counted} WHERE p IS NOT NULL`,
    );
    const select = ["p", "count(*)", ...aggregate.outputs, ...names].join(", ");
    const groupBySql = ["p", ...names, ...aggregate.groupBy].join(", ");
    return { text: `SELECT ${select} FROM ${rows} GROUP BY ${groupBySql}`, periodOf };
  });
}

/** Counts without looking into the data. */
const COUNT = `SELECT 0, count(*), NULL, NULL, NULL FROM rows
WHERE table_id = ?1 AND key > ?2 AND key <= ?3 GROUP BY table_id`;

function isPlainCount({ operation, filter, dateColumn, groupBy }: Question): boolean {
  const isPlain = filter === undefined && dateColumn === undefined && groupBy.length === 0;
  return isPlain && operation === "count";
}

/** Of a question with a date: the statement of {@link ExtentRow}. */
export function extentStatement(question: Question): WindowStatement | undefined {
  return ifInSql(question, (sql) => {
    const from = wantedRows(question, sql, undefined);
    const date = "CASE WHEN d < 'a' THEN d END";
    const isUnmet = question.filter === undefined ? "0" : "m IS NULL";
    const text = `SELECT sum(${isUnmet} OR d = ${UNSURE_DATE}), min(${date}), max(${date}) FROM ${from}`;
    return { text, periodOf: () => 0 };
  });
}

function ifInSql(
  { table, range, bounds = [] }: Question,
  make: (sql: SqlText) => { text: string; periodOf: WindowStatement["periodOf"] },
): WindowStatement | undefined {
  const instants = range === undefined ? bounds : [range.from, range.to, ...bounds];
  // Dates come without the fractions of their seconds.
  if (table.nested || instants.some((instant) => instant % 1000 !== 0)) return undefined;
  const sql = new SqlText(WINDOW);
  try {
    const { text, periodOf } = make(sql);
    if (text.length > SQL_LENGTH_MAX) return undefined;
    return { sql: text, values: sql.bound.slice(WINDOW.length), periodOf };
  } catch (error) {
    if (error instanceof NotInSql) return undefined;
    throw error;
  }
}

/**
 * The records that the filter does not leave out, as `m` says where there is a filter, and their
 * dates, `d`, where there is a date column. Each layer costs some 50 ns a row.
 */
function wantedRows(question: Question, sql: SqlText, value: string | undefined): string {
  const { filter, dateColumn } = question;
  const met = filter === undefined ? undefined : filterSql(filter, sql);
  const date = dateColumn === undefined ? undefined : sql.column(dateColumn);
  const filtered = met === undefined ? sql.source() : layer(`*, ${met} AS m`, sql.source());
  const wanted = met === undefined ? [] : ["m IS NOT 0"];
  if (date === undefined) {
    const there = value === undefined ? [] : [isThere(value)];
    return `${filtered}${where([...wanted, ...there])}`;
  }
  return layer(`*, ${dateSql(date)} AS d`, `${filtered}${where([...wanted, isThere(date)])}`);
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

/** The period of a record, or what it is instead; NULL where it counts for nothing. */
function classSql(
  { operation, filter, dateColumn }: Question,
  parts: { value: string | undefined; groups: readonly string[]; period: string },
): string {
  const { value, groups, period } = parts;
  const hasDate = dateColumn !== undefined;
  const takesNumbers = operation !== "count" && operation !== "count_distinct";
  const cases = [
    filter === undefined ? [] : `WHEN m IS NULL THEN ${UNSURE}`,
    hasDate ? `WHEN d = ${NO_DATE} THEN ${NOT_DATE} WHEN d = ${UNSURE_DATE} THEN ${UNSURE}` : [],
    value !== undefined && hasDate ? `WHEN NOT ${isThere(value)} THEN NULL` : [],
    groups.map((json) => `WHEN octet_length(${json}) > ${TEXT_BYTES_MAX} THEN ${UNSURE}`),
    value !== undefined && takesNumbers ? `WHEN NOT ${isNumberText(value)} THEN ${NOT_NUMBER}` : [],
    value === undefined ? [] : `WHEN octet_length(${value}) > ${TEXT_BYTES_MAX} THEN ${UNSURE}`,
  ].flat();
  const ofCounted = hasDate ? period : "0";
  return cases.length === 0 ? ofCounted : `CASE ${cases.join("\n")} ELSE ${ofCounted} END`;
}

/** How values are reduced: columns of the rows, outputs over them, and by what they are grouped. */
interface Aggregate {
  readonly columns: readonly string[];
  /** JSON text, scale and units of a {@link ResultRow}. */
  readonly outputs: readonly string[];
  readonly groupBy: readonly string[];
}

function aggregateOf(operation: Operation, value: string | undefined): Aggregate {
  if (value === undefined) return { columns: [], outputs: ["NULL", "NULL", "NULL"], groupBy: [] };
  const isPlain = `(p >= 0 AND length(${value}) <= ${SUMMED_LENGTH_MAX} AND NOT ${hasExponent(value)})`;
  const other = `CASE WHEN p >= 0 AND NOT ${isPlain} THEN ${value} END AS v`;
  switch (operation) {
    case "sum":
    case "average": {
      // Digits without their point: integers, so that sums are exact.
      const units = `CASE WHEN ${isPlain} THEN CAST(replace(${value}, '.', '') AS INTEGER) END AS u`;
      const point = `instr(${value}, '.')`;
      const scale = `CASE WHEN p < 0 OR ${point} = 0 THEN 0 ELSE length(${value}) - ${point} END AS s`;
      return {
        columns: [units, scale, other],
        outputs: ["v", "s", "CAST(sum(u) AS TEXT)"],
        groupBy: ["s", "v"],
      };
    }
    case "min":
    case "max": {
      // Different numbers of so few digits are different doubles. With one min or max in a
      // select, its other columns are those of the row that has it (sqlite.org/lang_select).
      const double = `CASE WHEN ${isPlain} THEN CAST(${value} AS REAL) END AS u`;
      return {
        columns: [double, other, `CASE WHEN p >= 0 THEN ${value} END AS w`],
        outputs: ["w", "NULL", `${operation}(u)`],
        groupBy: ["v"],
      };
    }
    default: {
      // Most values of a window are different ones, and finding the same takes longer here
      // than in the Worker. Long ones stand alone, so that a list has a size.
      const isShort = `octet_length(${value}) <= ${LISTED_BYTES_MAX}`;
      return {
        columns: [
          `CASE WHEN p >= 0 AND ${isShort} THEN ${value} END AS u`,
          `CASE WHEN p >= 0 AND NOT ${isShort} THEN ${value} END AS v`,
        ],
        outputs: ["v", "NULL", "group_concat(u, char(10))"],
        groupBy: ["v"],
      };
    }
  }
}
