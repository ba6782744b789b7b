/** Finding a row by its key: `GET …/tables/:tid/rows?key={"id":1}`. */
import { Buffer } from "../buffer.ts";
import { isObject, type Json, type JsonObject, parseExact, stringifyExact } from "../json/exact.ts";
import { keyText, sortedKeyNames } from "../warehouse/keys.ts";
import { KEY_LENGTH_MAX } from "../warehouse/limits.ts";
import { unroller } from "../warehouse/nested.ts";
import type { TableInfo } from "../warehouse/read-tables.ts";
import { shardDatabase } from "../warehouse/shards.ts";
import { rangeIndexOf, slotOf } from "../warehouse/slots.ts";
import { invalid } from "./input.ts";
import { ROWS_BYTES_MAX } from "./limits.ts";
import type { RowPage, StoredRow } from "./row-pages.ts";

const SELECT = `SELECT key, CAST(sequence AS TEXT) AS sequence, data FROM rows
WHERE table_id = ?1 AND key = ?2`;

/**
 * The row with a key, or none; of a table with nested values the records that it is unrolled to,
 * as many as a page may have. A subtable's are found by the key of the table that it belongs to.
 *
 * @param keyJson the key fields as a JSON object, numbers with their digits.
 * @throws Refusal admin_invalid where it is not the key of this table.
 */
export async function findRows(
  env: Env,
  table: TableInfo,
  keyJson: string,
  rowsMax: number,
): Promise<RowPage> {
  const key = keyOf(table, keyJson);
  const range = table.ranges[rangeIndexOf(table.ranges, slotOf(key))];
  if (range === undefined) throw new Error("a table has at least one range");
  const select = shardDatabase(env, range.shard).prepare(SELECT);
  const row = await select.bind(table.sourceTableId, key).first<StoredRow>();
  const rows = row === null ? [] : table.nested ? unrolled(table, row, rowsMax) : [row];
  return { rows, next: undefined };
}

function unrolled(table: TableInfo, row: StoredRow, rowsMax: number): StoredRow[] {
  const rows: StoredRow[] = [];
  const data = parseExact(row.data) as JsonObject;
  let bytes = 0;
  for (const record of unroller(table)({ key: row.key, data })) {
    const text = stringifyExact(record);
    bytes += Buffer.byteLength(text);
    if (rows.length === rowsMax || bytes > ROWS_BYTES_MAX) break;
    rows.push({ ...row, data: text });
  }
  return rows;
}

/** The canonical text of the key that the object has. */
function keyOf(table: TableInfo, keyJson: string): string {
  const names = sortedKeyNames((table.parent ?? table).keyNames);
  if (names.length === 0) throw invalid("key: the rows of an append-only table have none");
  const fields = objectOf(keyJson);
  const isComplete = names.every((name) => Object.hasOwn(fields, name) && isScalar(fields[name]));
  if (!isComplete || Object.keys(fields).length !== names.length) {
    const shown = names.map((name) => JSON.stringify(name)).join(", ");
    throw invalid(`key: must have strings, numbers or booleans for ${shown}, and nothing else`);
  }
  if (keyJson.length > KEY_LENGTH_MAX) throw invalid("key: is longer than any key");
  return keyText(names, fields, KEY_LENGTH_MAX, 0);
}

function isScalar(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !Array.isArray(value) && !isObject(value);
}

function objectOf(json: string): JsonObject {
  try {
    const value = parseExact(json);
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw invalid('key: must be a JSON object with the key fields, like {"id":1}');
}
