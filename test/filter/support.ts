/** Columns and filters of the tests. */
import { DefinitionError, type Filter } from "../../src/filter/filter.ts";
import { readFilter } from "../../src/filter/read.ts";
import { isObject, type JsonObject, parseExact } from "../../src/json/exact.ts";
import { type Column, columnType, TYPE_BITS } from "../../src/warehouse/columns.ts";

/** A column that has had these types. */
export function column(name: string, ...types: (keyof typeof TYPE_BITS)[]): Column {
  const bits = types.reduce((sum, type) => sum | TYPE_BITS[type], 0);
  return { name, type: columnType(bits), types: bits };
}

/** Columns of each sort. */
export const COLUMNS: readonly Column[] = [
  column("status", "string"),
  column("total", "integer", "decimal"),
  column("paid", "boolean"),
  column("at", "timestamp"),
  column("note", "string", "timestamp"),
  column("mixed", "string", "integer", "json"),
  column("tree", "json"),
  column("empty"),
  column("constructor", "string"),
  column("__proto__", "integer"),
];

/** An object from its JSON text, numbers exact. */
export function objectOf(json: string): JsonObject {
  const value = parseExact(json);
  if (!isObject(value)) throw new Error(`no object: ${json}`);
  return value;
}

/** The filter of a request in JSON text. */
export function filterOf(filters: string, logic?: string): Filter {
  const filter = readFilter(parseExact(filters), logic, COLUMNS);
  if (filter === undefined) throw new Error("no filter");
  return filter;
}

/** What is said against a filter; nothing where it is right. */
export function complaintOf(filters: string, logic = "null"): string | undefined {
  try {
    readFilter(parseExact(filters), parseExact(logic), COLUMNS);
    return undefined;
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
}
