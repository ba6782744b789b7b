/**
 * Pages of a table's rows in the order of shard and key. A page is bounded by rows and by bytes,
 * and says where the next one begins.
 */
import { Buffer } from "../buffer.ts";
import { shardDatabase } from "../warehouse/shards.ts";
import { type KeyRange, shardsOf } from "../warehouse/slots.ts";
import { ROWS_BYTES_MAX } from "./limits.ts";

/** A row as its shard has it. */
export interface StoredRow {
  readonly key: string;
  /** An int64 as text, or NO_SEQUENCE. */
  readonly sequence: string;
  /** Exact JSON text: parsing it would change numbers. */
  readonly data: string;
}

/** The last row that was read: pages go on after it, whatever is written meanwhile. */
export interface RowCursor {
  readonly shard: number;
  readonly key: string;
  /**
   * Where a page ended among the records of a row (unrolled-pages.ts): how many of them were
   * read, at least 1. Then pages go on with the others, if the row still is there.
   */
  readonly taken?: number;
}

/** Some rows of a table; `next` is undefined at its end. */
export interface RowPage {
  readonly rows: readonly StoredRow[];
  readonly next: RowCursor | undefined;
}

/**
 * The cursor as callers see it: base64url of `[shard, key]` or `[shard, key, taken]`. It is for
 * them no more than a text to send back. A key of more than about 12,000 bytes makes it longer
 * than a URL may be (16 KB, workers/platform/limits); keys are that long only where whole
 * documents are made a key.
 */
export function cursorText({ shard, key, taken }: RowCursor): string {
  const members = taken === undefined ? [shard, key] : [shard, key, taken];
  return Buffer.from(JSON.stringify(members)).toString("base64url");
}

/** The inverse of {@link cursorText}; undefined for any text that it did not make. */
export function cursorFromText(text: string): RowCursor | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return undefined;
  const [shard, key, taken]: readonly unknown[] = parsed as readonly unknown[];
  if (!Number.isSafeInteger(shard) || typeof key !== "string") return undefined;
  if (taken !== undefined && !(Number.isSafeInteger(taken) && Number(taken) > 0)) return undefined;
  const place = { shard: Number(shard), key };
  const cursor = taken === undefined ? place : { ...place, taken: Number(taken) };
  // Decoding overlooks characters that are not base64url, and bytes that are not UTF-8.
  return cursorText(cursor) === text ? cursor : undefined;
}

/**
 * The rows after a key, up to a number, and none after the one that takes them past a number of
 * bytes. The inner query finds that row from the lengths in the heads of rows, and reads no
 * data: 1,001 rows, 150 of them of 1.8 MB, take 3 ms. Hence the row value in its condition: with
 * `table_id = ?1` SQLite reads each whole row to see whether it still is in the range (52 ms).
 */
const selectRows = (comparison: ">" | ">="): string => `SELECT
  key, CAST(sequence AS TEXT) AS sequence, data,
  octet_length(key) + octet_length(data) AS bytes
FROM rows WHERE table_id = ?1 AND key ${comparison} ?2 AND key <= (
  SELECT max(key) FROM (
    SELECT table_id, key, sum(bytes) OVER (ORDER BY table_id, key) - bytes AS bytes_before FROM (
      SELECT table_id, key, octet_length(key) + octet_length(data) AS bytes FROM rows
      WHERE (table_id, key) ${comparison} (?1, ?2) ORDER BY table_id, key LIMIT ?3
    )
  ) WHERE +table_id = ?1 AND bytes_before <= ?4
)
ORDER BY key`;

const SELECT_AFTER = selectRows(">");
const SELECT_FROM = selectRows(">=");

interface SelectedRow extends StoredRow {
  readonly bytes: number;
}

/**
 * The next rows of a shard: at most `rowsMax`, and none after the one that takes them past
 * `bytesMax` bytes. Those after the cursor's key; with it where records of its row are left.
 */
export async function selectNext(
  env: Env,
  tableId: number,
  { shard, key, taken }: RowCursor,
  rowsMax: number,
  bytesMax: number,
): Promise<SelectedRow[]> {
  const { results } = await shardDatabase(env, shard)
    .prepare(taken === undefined ? SELECT_AFTER : SELECT_FROM)
    .bind(tableId, key, rowsMax, bytesMax)
    .all<SelectedRow>();
  return results;
}

/**
 * Reads a page, shard after shard.
 *
 * Each query asks for one row more than the page has room for, in rows or in bytes: where it
 * comes, the page ends before it; where none comes, the shard has no more. So `next` never
 * leads to an empty page.
 *
 * @param after where the last page ended; its shard must be one of the table's.
 * @param bytesMax at least twice the largest row, so that a page always has one.
 */
export async function readRows(
  env: Env,
  table: { readonly id: number; readonly ranges: readonly KeyRange[] },
  after: RowCursor | undefined,
  rowsMax: number,
  bytesMax: number = ROWS_BYTES_MAX,
): Promise<RowPage> {
  const rows: StoredRow[] = [];
  let bytes = 0;
  let last: RowCursor | undefined;
  for (const shard of shardsOf(table.ranges)) {
    if (shard < (after?.shard ?? 0)) continue;
    const key = shard === after?.shard ? after.key : "";
    const room = [rowsMax - rows.length + 1, bytesMax - bytes] as const;
    for (const row of await selectNext(env, table.id, { shard, key }, ...room)) {
      if (rows.length === rowsMax || bytes + row.bytes > bytesMax) return { rows, next: last };
      rows.push(row);
      bytes += row.bytes;
      last = { shard, key: row.key };
    }
  }
  return { rows, next: undefined };
}
