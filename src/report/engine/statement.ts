/**
 * The statement that answers a question for one window of rows. It is exact: where it could not
 * be sure of a row it says so, and the rows of the window are read one by one (reference.ts).
 */
import { SQL_LENGTH_MAX } from "./engine-limits.ts";
import type { Operation, Question } from "./question.ts";
import { classSql, NOT_NUMBER } from "./sql-classes.ts";
import { cohortRows } from "./sql-cohorts.ts";
import { UNSURE_DATE } from "./sql-date.ts";
import { requireSure } from "./sql-filter.ts";
import { datedRows, wantedRows } from "./sql-rows.ts";
import { hasExponent, layer, NotInSql, SqlText } from "./sql-text.ts";

/** A row of the results. */
export type ResultRow = readonly [
  /** Or what is instead (sql-classes.ts). */
  period: number,
  records: number,
  /** The value of all these records, or the one that is wanted of them. */
  json: string | null,
  /** Where it is null, and they are added up: their sum, units / 10^scale. */
  scale: number | null,
  /** Else their values, one a line, where all of them are needed. */
  units: string | number | null,
  /** The JSON texts of the group; an index of a period, where it is one. */
  ...groups: (string | number | null)[],
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
  if (isPlainCount(question)) return { sql: COUNT, values: [], periodOf: () => 0 };
  return ifInSql(question, (sql, asked) => {
    const { operation, column, groupBy, beginning } = asked;
    const columns = groupBy.map((name) => sql.column(name));
    const value = column === undefined ? undefined : sql.column(column);
    const makeRows = beginning === undefined ? datedRows : cohortRows;
    const { from, cases, period, periodOf, groups = columns } = makeRows(asked, sql, value);
    const classes = classSql(asked, { cases, value, columns, period });
    const counted = layer(`*, ${classes} AS p`, from);
    const aggregate = aggregateOf(operation, value);
    const names = groups.map((_, index) => `g${index}`);
    // Of those that are not wanted, what is no number counts for nothing, too.
    const isNamed = beginning?.chosen === undefined ? "p >= 0" : `p >= 0 OR p = ${NOT_NUMBER}`;
    const outputs = groups.map(
      (json, index) => `CASE WHEN ${isNamed} THEN ${json} END AS g${index}`,
    );
    const keys = aggregate.period === undefined ? ["p"] : [];
    const made = [...aggregate.columns, ...outputs];
    const inPeriods = `${counted} WHERE p IS NOT NULL`;
    const rows = made.length === 0 ? inPeriods : layer([...keys, ...made].join(", "), inPeriods);
    const result = aggregate.period ?? "p";
    const select = [result, "count(*)", ...aggregate.outputs, ...names].join(", ");
    const groupBySql = [...keys, ...aggregate.groupBy, ...names].join(", ");
    return { text: `SELECT ${select} FROM ${rows} GROUP BY ${groupBySql}`, periodOf };
  });
}

/** Counts without looking into the data. */
const COUNT = `SELECT 0, count(*), NULL, NULL, NULL FROM rows
WHERE table_id = ?1 AND key > ?2 AND key <= ?3 GROUP BY table_id`;

function isPlainCount({ table, operation, filter, dateColumn, groupBy }: Question): boolean {
  if (table.nested) return false;
  const isPlain = filter === undefined && dateColumn === undefined && groupBy.length === 0;
  return isPlain && operation === "count";
}

/** Of a question with a date: the statement of {@link ExtentRow}. */
export function extentStatement(question: Question): WindowStatement | undefined {
  return ifInSql(question, (sql, asked) => {
    const from = wantedRows(asked, sql, undefined);
    const date = "CASE WHEN d < 'a' THEN d END";
    const isUnmet = asked.filter === undefined ? "0" : "m IS NULL";
    const text = `SELECT sum(${isUnmet} OR d = ${UNSURE_DATE}), min(${date}), max(${date}) FROM ${from}`;
    return { text, periodOf: () => 0 };
  });
}

/**
 * A statement, or undefined where there is none.
 *
 * @param make is given the question with what is left of its filter; may throw NotInSql.
 */
export function ifInSql(
  question: Question,
  make: (sql: SqlText, asked: Question) => Pick<WindowStatement, "periodOf"> & { text: string },
): WindowStatement | undefined {
  const { table, range, bounds = [], beginning } = question;
  const ranges = [range, beginning?.range].filter((one) => one !== undefined);
  const instants = [...bounds, ...ranges.flatMap(({ from, to }) => [from, to])];
  // Dates come without the fractions of their seconds.
  if (table.nested || instants.some((instant) => instant % 1000 !== 0)) return undefined;
  const sql = new SqlText(WINDOW);
  try {
    const filter = requireSure(question.filter, sql);
    const { text, periodOf } = make(sql, { ...question, filter });
    if (text.length > SQL_LENGTH_MAX) return undefined;
    return { sql: text, values: sql.bound.slice(WINDOW.length), periodOf };
  } catch (error) {
    if (error instanceof NotInSql) return undefined;
    throw error;
  }
}

/** Scales have less than 4 bits: see SUMMED_LENGTH_MAX. */
const SCALE_BITS = 4;

/**
 * Sums of digits without their point: integers, so that they are exact. One text or number says
 * the period together with the scale, or with the value where it stands alone: SQLite sorts the
 * rows to group them, and each member more of what they are sorted by is 100 to 200 ns a row.
 */
function summed(value: string, isPlain: string): Aggregate {
  const point = `instr(${value}, '.')`;
  const scale = `CASE ${point} WHEN 0 THEN 0 ELSE length(${value}) - ${point} END`;
  const key = `CASE WHEN p < 0 THEN p WHEN ${isPlain} THEN (p << ${SCALE_BITS}) + ${scale}
ELSE p || ' ' || ${value} END AS k`;
  // Cut, because sums of what is not plain count for nothing, and must not be too great.
  const units = `CAST(replace(substr(${value}, 1, ${SUMMED_LENGTH_MAX}), '.', '') AS INTEGER) AS u`;
  const isAlone = "typeof(k) = 'text'";
  return {
    columns: [key, units],
    outputs: [
      `CASE WHEN ${isAlone} THEN substr(k, instr(k, ' ') + 1) END`,
      `CASE WHEN ${isAlone} OR k < 0 THEN NULL ELSE k & ${2 ** SCALE_BITS - 1} END`,
      "CAST(sum(u) AS TEXT)",
    ],
    groupBy: ["k"],
    period: `CASE WHEN ${isAlone} THEN CAST(k AS INTEGER) WHEN k < 0 THEN k ELSE k >> ${SCALE_BITS} END`,
  };
}

/** How values are reduced: columns of the rows, outputs over them, and by what they are grouped. */
interface Aggregate {
  readonly columns: readonly string[];
  /** JSON text, scale and units of a {@link ResultRow}. */
  readonly outputs: readonly string[];
  readonly groupBy: readonly string[];
  /** Where the period is not `p`, but within what is grouped by. */
  readonly period?: string;
}

function aggregateOf(operation: Operation, value: string | undefined): Aggregate {
  if (value === undefined) return { columns: [], outputs: ["NULL", "NULL", "NULL"], groupBy: [] };
  const isPlain = `(p >= 0 AND length(${value}) <= ${SUMMED_LENGTH_MAX} AND NOT ${hasExponent(value)})`;
  const other = `CASE WHEN p >= 0 AND NOT ${isPlain} THEN ${value} END AS v`;
  switch (operation) {
    case "sum":
    case "average":
      return summed(value, isPlain);
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
