/**
 * Columns: which fields a table has had, in the order of their first appearance, and which
 * types of values were seen in each (wire.md 4.2). The rows hold JSON, so a column is a fact
 * about them and never a limit on them.
 */
import type { Json } from "../json/exact.ts";
import { integerText } from "../json/exact.ts";

/** Bits of the types seen in a column, as the catalogue stores them. */
export const TYPE_BITS = {
  string: 1,
  integer: 2,
  decimal: 4,
  boolean: 8,
  timestamp: 16,
  json: 32,
} as const;

/** The types that the export surface names. */
export type ColumnType = keyof typeof TYPE_BITS;

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** The bits of all types that were seen in it (TYPE_BITS); 0 where it has only had nulls. */
  readonly types: number;
}

/**
 * The bit of a value's type; 0 for null, which every column may hold. A string is a timestamp
 * only where the sender's schema says so: strings that look like dates stay strings.
 */
export function typeBit(value: Json, isTimestamp: boolean): number {
  switch (typeof value) {
    case "string":
      return isTimestamp ? TYPE_BITS.timestamp : TYPE_BITS.string;
    case "number":
      // From 1e21 on, a plain number was written with an exponent.
      return Number.isInteger(value) && Math.abs(value) < 1e21
        ? TYPE_BITS.integer
        : TYPE_BITS.decimal;
    case "boolean":
      return TYPE_BITS.boolean;
    default:
      if (value === null) return 0;
      if (!JSON.isRawJSON(value)) return TYPE_BITS.json;
      return integerText(value) === undefined ? TYPE_BITS.decimal : TYPE_BITS.integer;
  }
}

/**
 * The one type that stands for all that were seen: integers among decimals are decimals,
 * other texts among timestamps are strings, any other mixture is json. A column that has only
 * had nulls is a string column.
 */
export function columnType(bits: number): ColumnType {
  const { string, integer, decimal, boolean, timestamp } = TYPE_BITS;
  if ((bits & ~(string | timestamp)) === 0) {
    return bits === timestamp ? "timestamp" : "string";
  }
  if (bits === integer) return "integer";
  if ((bits & ~(integer | decimal)) === 0) return "decimal";
  return bits === boolean ? "boolean" : "json";
}
