/**
 * A question to the rows of one table: the sum of a column for each month and sku. Figures and
 * charts are made of the answers (engine.ts).
 */
import type { Filter } from "../../filter/filter.ts";
import type { JsonObject } from "../../json/exact.ts";
import type { TableInfo } from "../../warehouse/read-tables.ts";
import type { Amount } from "../math/amount.ts";

/** The operations of metrics (wire.md 5), in its order. */
export const OPERATIONS = [
  "count",
  "count_distinct",
  "sum",
  "average",
  "min",
  "max",
  "median",
  "first_quartile",
  "third_quartile",
  "percentile_10",
  "percentile_90",
] as const;

/**
 * What is made of the values of a column:
 *
 * | operation | gives |
 * |---|---|
 * | `count` | records; there is no column |
 * | `count_distinct` | different values but null; 1 and 1.0 are one, 1 and "1" two |
 * | `sum` | the exact sum of the numbers |
 * | `average` | the exact sum by the count, to 20 significant digits |
 * | `min`, `max` | a number |
 * | the others | percentile_cont of PostgreSQL, exact: linear between two neighbours |
 */
export type Operation = (typeof OPERATIONS)[number];

/**
 * What records belong to, which began at some date: their cohort. A record needs both dates, each
 * of which is counted where it is none.
 */
export interface Beginning {
  /** A column; or the dates of those that the records belong to. */
  readonly date: string | MemberDates;
  /** Only what began then; ms since 1970: from, and before `to`. */
  readonly range?: { readonly from: number; readonly to: number } | undefined;
  /**
   * How many periods since the beginning are wanted: a cell's period is counted from the one of
   * the beginning. Where it is absent all records count, each cohort in one cell.
   */
  readonly periods?: number | undefined;
  /** The cohorts that are wanted, by their texts; absent: all. */
  readonly chosen?: ReadonlySet<string> | undefined;
}

/** A date for each member; a record has that of its member. */
export interface MemberDates {
  /** The column that names a record's member. */
  readonly memberColumn: string;
  /** The date of a record, in ms since 1970, if it has one. */
  readonly ofRecord: (record: JsonObject) => number | undefined;
  /** The number of a member from 0, by the JSON text of its name; -1 where it has no date. */
  readonly numberOf: (json: string) => number;
  /** The dates by the numbers of the members. */
  readonly dates: () => Float64Array;
  /** What was listed when the dates were looked for, where it says all that a question asks for. */
  readonly keptFor: (question: Question) => KeptLines | undefined;
}

/** Lines of sql-lines.ts: all of a table, in any order. */
export interface KeptLines {
  readonly rows: readonly (readonly unknown[])[];
  /** Whether the lines have values, also such that are null or absent; the latter are empty. */
  readonly hasValue: boolean;
}

/** What is asked of a table. */
export interface Question {
  /** May be a subtable or a flattened root (warehouse/nested.ts). */
  readonly table: TableInfo;
  readonly operation: Operation;
  /** Absent for `count`, and for it only. */
  readonly column?: string | undefined;
  /** All records are wanted where it is absent. */
  readonly filter?: Filter | undefined;
  /** Without one `range` and `bounds` count for nothing: there is one period. */
  readonly dateColumn?: string | undefined;
  /** Instants in ms since 1970: from, and before `to`. */
  readonly range?: { readonly from: number; readonly to: number } | undefined;
  /**
   * The starts of the periods and the end of the last one, in ms since 1970, ascending. One
   * period where it is absent. What lies outside of them counts for nothing.
   */
  readonly bounds?: readonly number[] | undefined;
  /**
   * Whether the bounds are only where all dates are thought to be, and there is no range: one
   * that is outside of them is no answer (all-time.ts). Not with `beginning`.
   */
  readonly isGuess?: boolean | undefined;
  /** Columns. */
  readonly groupBy: readonly string[];
  /**
   * With it, and with `dateColumn` and `bounds`, cells are those of cohorts: `bounds` are the
   * periods of both dates, and `range` counts for nothing. A cohort is a group of `groupBy`, which
   * has one column; or, where it has none, the index of the period of its beginning, as a text.
   */
  readonly beginning?: Beginning | undefined;
}

/** The value of one period and group, or of one period since the beginning and cohort. */
export interface Cell {
  /** Counted from 0. */
  readonly period: number;
  /**
   * The values of the columns of `groupBy` as texts: a text as it is, a number as a plain
   * decimal, true and false, nothing for null, an object or a list as compact JSON.
   */
  readonly group: readonly string[];
  readonly value: Amount;
}

/** What a question gives. */
export interface Answer {
  /** Only where there is a value: a sum of nothing is none. By period; groups in any order. */
  readonly cells: readonly Cell[];
  /** Wanted records whose date is no date; null is none of them, and counts for nothing. */
  readonly notDates: number;
  /**
   * Wanted records in the range whose value is no number, though the operation takes numbers.
   * Null is none of them. A number that would need more than 1,000 digits is one of them.
   */
  readonly notNumbers: number;
}
