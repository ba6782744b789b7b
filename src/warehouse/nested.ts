/**
 * Nested values as columns and subtables, as Stitch loads them, for integrations that ask for
 * it. A row is stored whole; here it is unrolled when it is read: objects become columns
 * `a__b`, arrays become rows of subtables `table__a` (docs/decisions/0008). What the catalogue
 * records while importing (nested-columns.ts) follows the same names.
 */
import { isObject, type Json, type JsonObject } from "../json/exact.ts";
import { setMember } from "../json/members.ts";

/** Stands between the names of which a column's or a subtable's name is made. */
export const SEPARATOR = "__";

/** The column of a subtable for elements that are no objects; an inner array is in it whole. */
export const VALUE_COLUMN = "value";

/** The column in which the rows of a table without keys have the row's internal key. */
export const ROW_KEY_COLUMN = "__sdc_primary_key";

/** The column of a subtable that has a key of the root's row. */
export const sourceKeyColumn = (keyName: string): string => `_sdc_source_key_${keyName}`;

/** The column of a subtable that has the index, from 0, in the array of a level, from 0. */
export const levelColumn = (level: number): string => `_sdc_level_${level}_id`;

/** A table's keys, by which the rows of its subtables name the row that they are from. */
export interface RootTable {
  readonly name: string;
  /** Empty for an append-only table. */
  readonly keyNames: readonly string[];
}

/** What there is to know of a table to unroll the rows that it is read from. */
export interface NestedTable extends RootTable {
  /** Whether its integration loads nested values as columns and subtables. */
  readonly nested: boolean;
  /** The table whose rows are stored, where this one is a subtable. */
  readonly parent?: RootTable | undefined;
}

/** A stored row, its data parsed. */
export interface ParsedRow {
  readonly key: string;
  readonly data: JsonObject;
}

/** The records that a stored row gives, lazily and always in the same order. */
export type Unroller = (row: ParsedRow) => Iterable<JsonObject>;

/**
 * How the rows that a table is read from become its records: the row itself where nested values
 * are JSON, the flattened row of a root, the elements of its arrays for a subtable, which can
 * be none or several 100,000.
 */
export function unroller(table: NestedTable): Unroller {
  if (!table.nested) return ({ data }) => [data];
  const { parent } = table;
  if (parent !== undefined) return (row) => subRows(row, parent, table.name);
  if (table.keyNames.length > 0) return ({ data }) => [flatten(data)];
  return ({ key, data }) => [labelled(data, [[ROW_KEY_COLUMN, key]])];
}

/**
 * An object's scalars under the names of their columns: a member `b` of an object in the field
 * `a` is `a__b`. Arrays are left out, and empty objects have no column. Where several places
 * give one name, a field of this very name wins, so that a key shows its own value; else the
 * first in the record's order.
 */
export function flatten(record: JsonObject): JsonObject {
  const flat: JsonObject = {};
  addFields(flat, record);
  return flat;
}

function addFields(flat: JsonObject, record: JsonObject): void {
  for (const name of Object.keys(record)) {
    const value = record[name] ?? null;
    if (isObject(value)) addMembers(flat, value, name + SEPARATOR);
    else if (!Array.isArray(value)) setMember(flat, name, value);
  }
}

function addMembers(flat: JsonObject, object: JsonObject, prefix: string): void {
  for (const member of Object.keys(object)) {
    const value = object[member] ?? null;
    const name = prefix + member;
    if (isObject(value)) addMembers(flat, value, name + SEPARATOR);
    else if (!Array.isArray(value) && !Object.hasOwn(flat, name)) setMember(flat, name, value);
  }
}

/** Names and values of the columns that say where a record is from. */
type Labels = readonly (readonly [name: string, value: Json])[];

/** A flattened record with labels before its fields, whatever these are called. */
function labelled(record: JsonObject, labels: Labels): JsonObject {
  const flat: JsonObject = {};
  addLabels(flat, labels);
  addFields(flat, record);
  // Again: a field of the same name has taken the place.
  addLabels(flat, labels);
  return flat;
}

function addLabels(flat: JsonObject, labels: Labels): void {
  for (const [name, value] of labels) flat[name] = value;
}

/**
 * The rows of a subtable that are nested in a row: one for each element of each array whose
 * name it has, in the record's order. Looks only into fields that can lead to such arrays.
 */
export function subRows(
  row: ParsedRow,
  root: RootTable,
  subtableName: string,
): Iterable<JsonObject> {
  const path = subtableName.slice(root.name.length + SEPARATOR.length);
  return rowsAt(row.data, path, sourceLabels(row, root.keyNames), 0);
}

function sourceLabels({ key, data }: ParsedRow, keyNames: readonly string[]): Labels {
  if (keyNames.length === 0) return [[sourceKeyColumn(ROW_KEY_COLUMN), key]];
  return keyNames.toSorted().map((name) => [sourceKeyColumn(name), data[name] ?? null]);
}

/**
 * The rows of the arrays that stand at a path of names joined by the separator. Names may have
 * the separator in them, so several ways can lead to one path; all are gone.
 */
function* rowsAt(
  object: JsonObject,
  path: string,
  labels: Labels,
  level: number,
): Generator<JsonObject, void> {
  for (const name of Object.keys(object)) {
    if (!path.startsWith(name)) continue;
    const value = object[name] ?? null;
    if (path.length === name.length) {
      if (Array.isArray(value)) yield* elementRows(value, labels, level);
    } else if (path.startsWith(SEPARATOR, name.length)) {
      yield* rowsIn(value, path.slice(name.length + SEPARATOR.length), labels, level);
    }
  }
}

function* rowsIn(
  value: Json,
  path: string,
  labels: Labels,
  level: number,
): Generator<JsonObject, void> {
  if (isObject(value)) yield* rowsAt(value, path, labels, level);
  if (!Array.isArray(value)) return;
  for (const [index, element] of value.entries()) {
    if (!isObject(element)) continue;
    yield* rowsAt(element, path, [...labels, [levelColumn(level), index]], level + 1);
  }
}

function* elementRows(
  elements: readonly Json[],
  labels: Labels,
  level: number,
): Generator<JsonObject, void> {
  const column = levelColumn(level);
  for (const [index, element] of elements.entries()) {
    yield elementRow(element, [...labels, [column, index]]);
  }
}

function elementRow(element: Json, labels: Labels): JsonObject {
  if (isObject(element)) return labelled(element, labels);
  const row: JsonObject = {};
  addLabels(row, labels);
  row[VALUE_COLUMN] = element;
  return row;
}
