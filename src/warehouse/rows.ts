/** The statements on the rows of a shard (migrations/shard). */
/**
 * The upsert of many rows from one bound JSON object (warehouse/chunks.ts).
 *
 * - `WHERE true` keeps the parser from reading ON CONFLICT as a join (platform.md 1.5).
 * - CAST of text to INTEGER reads the digits at its start, exact as int64. Sequences and
 *   versions have been checked: the cast itself does not complain about anything.
 * - The guard decides in the statement, so that no two writers can disagree: a strictly higher
 *   sequence replaces; a point without one always replaces, and keeps the highest sequence
 *   stored (wire.md 2.9 and 7). Repeating a statement changes nothing.
 */
const UPSERT = `INSERT INTO rows (table_id, key, sequence, version, data)
SELECT ?2, substr(key, instr(key, ' ') + 1), CAST(key AS INTEGER),
  CAST(substr(key, instr(key, '/') + 1) AS INTEGER), value
FROM json_each(?1) WHERE true
ON CONFLICT (table_id, key) DO UPDATE SET
  sequence = max(excluded.sequence, rows.sequence),
  version = excluded.version,
  data = excluded.data
WHERE excluded.sequence > rows.sequence OR excluded.sequence = -1`;

/**
 * Writes rows in one transaction, in their order.
 *
 * @param parameters JSON objects of members (warehouse/chunks.ts).
 */
export async function upsertRows(
  database: D1Database,
  tableId: number,
  parameters: readonly string[],
): Promise<void> {
  const upsert = database.prepare(UPSERT);
  const statements = parameters.map((json) => upsert.bind(json, tableId));
  const [first, ...others] = statements;
  if (first === undefined) return;
  if (others.length === 0) await first.run();
  else await database.batch(statements);
}

/**
 * The last key of the step after `after`, or none where fewer rows are left. The row value in
 * the condition lets SQLite look at keys only: with `table_id = ?1` it reads each row whole, to
 * see whether it still is in the range (180-290 ms against 2 ms for 800 rows of 1 MB).
 */
const STEP_END = `SELECT key FROM (
  SELECT table_id, key FROM rows WHERE (table_id, key) > (?1, ?2)
  ORDER BY table_id, key LIMIT 1 OFFSET ?3
) WHERE +table_id = ?1`;

const DELETE_STEP = `DELETE FROM rows WHERE table_id = ?1 AND key > ?2 AND key <= ?3
AND version < CAST(?4 AS INTEGER)`;

const DELETE_REST = `DELETE FROM rows WHERE table_id = ?1 AND key > ?2
AND version < CAST(?3 AS INTEGER)`;

/**
 * Deletes the rows of lower versions among the next `stepRows` rows after a key. A walk along
 * the key needs no index on the version, which would double the writes of every push; it reads
 * each row of the table once. Idempotent.
 *
 * @param after a key, or "" for the start.
 * @returns the key to go on after, or undefined at the end of the table.
 */
export async function deleteOlderStep(
  database: D1Database,
  step: { tableId: number; version: string; after: string; stepRows: number },
): Promise<string | undefined> {
  const { tableId, version, after, stepRows } = step;
  const end = await database
    .prepare(STEP_END)
    .bind(tableId, after, stepRows - 1)
    .first<string>("key");
  if (end === null) {
    await database.prepare(DELETE_REST).bind(tableId, after, version).run();
    return undefined;
  }
  await database.prepare(DELETE_STEP).bind(tableId, after, end, version).run();
  return end;
}

/** A stored row: its key's text and its data's. */
export interface StoredRow {
  readonly key: string;
  readonly data: string;
}

/**
 * The next rows after a key. The sizes are added up first, so that a page of large rows ends
 * early instead of filling the memory: a row can have 2 MB. They come from the heads of the
 * rows, by the row value in the condition (see STEP_END): 5 ms against 200-470 ms where a page
 * of one row is cut from 800 of 1 MB.
 */
const SELECT_PAGE = `SELECT key, data FROM rows
WHERE table_id = ?1 AND key > ?2 AND key <= (
  SELECT max(key) FROM (
    SELECT table_id, key, sum(bytes) OVER (ORDER BY table_id, key) - bytes AS before FROM (
      SELECT table_id, key, octet_length(data) AS bytes FROM rows
      WHERE (table_id, key) > (?1, ?2) ORDER BY table_id, key LIMIT ?3
    )
  ) WHERE +table_id = ?1 AND before < ?4
)
ORDER BY key`;

/**
 * A keyset page: the next rows of a table on one shard in the order of their keys, at most
 * `rowsMax`, and none after the one with which the data has `bytesMax` bytes or more. Empty
 * only at the end of the table.
 *
 * @param after a key, or "" for the start.
 */
export async function readPage(
  database: D1Database,
  page: { tableId: number; after: string; rowsMax: number; bytesMax: number },
): Promise<StoredRow[]> {
  const { tableId, after, rowsMax, bytesMax } = page;
  const statement = database.prepare(SELECT_PAGE).bind(tableId, after, rowsMax, bytesMax);
  const rows = await statement.raw<[string, string]>();
  return rows.map(([key, data]) => ({ key, data }));
}
