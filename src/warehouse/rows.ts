/** The statements on the rows of a shard (migrations/shard). */
/**
 * The upsert of many rows from one bound JSON object (warehouse/chunks.ts), ?1, into table ?2.
 *
 * - The condition, `true` too, keeps the parser from reading ON CONFLICT as a join
 *   (platform.md 1.5).
 * - CAST of text to INTEGER reads the digits at its start, exact as int64. Sequences and
 *   versions have been checked: the cast itself does not complain about anything.
 * - The guard decides in the statement, so that no two writers can disagree: a strictly higher
 *   sequence replaces; a point without one always replaces, and keeps the highest sequence
 *   stored (wire.md 2.9 and 7). Repeating a statement changes nothing.
 *
 * @param condition without which nothing is written.
 */
export function upsertWhere(condition: string): string {
  return `INSERT INTO rows (table_id, key, sequence, version, data)
SELECT ?2, substr(key, instr(key, ' ') + 1), CAST(key AS INTEGER),
  CAST(substr(key, instr(key, '/') + 1) AS INTEGER), value
FROM json_each(?1) WHERE ${condition}
ON CONFLICT (table_id, key) DO UPDATE SET
  sequence = max(excluded.sequence, rows.sequence),
  version = excluded.version,
  data = excluded.data
WHERE excluded.sequence > rows.sequence OR excluded.sequence = -1`;
}

/** The upsert that always writes. */
export const UPSERT = upsertWhere("true");

/**
 * Writes rows in one transaction, in their order.
 *
 * @param parameters JSON objects of members (warehouse/chunks.ts).
 * @returns the rows that were changed.
 */
export async function upsertRows(
  database: D1Database,
  tableId: number,
  parameters: readonly string[],
): Promise<number> {
  const upsert = database.prepare(UPSERT);
  const statements = parameters.map((json) => upsert.bind(json, tableId));
  const [first, ...others] = statements;
  if (first === undefined) return 0;
  if (others.length === 0) return (await first.run()).meta.changes;
  return changesOf(await database.batch(statements));
}

/** The rows that statements have changed. */
export function changesOf(results: readonly D1Result[]): number {
  return results.reduce((sum, { meta }) => sum + meta.changes, 0);
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

/** Where pages are read from: a database, or a session of it. */
export type Readable = Pick<D1Database, "prepare">;

/** Which rows a page has: those after a key, or after "" for the start. */
export interface PageRequest {
  readonly tableId: number;
  readonly after: string;
  readonly rowsMax: number;
  /** Below what D1 allows one text (2,000,000). */
  readonly bytesMax: number;
}

/** Some rows of a table in the order of their keys. */
export interface RowPage {
  readonly rows: number;
  /** The last key, or "" where there is no row. */
  readonly lastKey: string;
  /**
   * Two lines for each row, ended by \n: its key, then its data as JSON text. Neither has line
   * ends of its own: keys and data are compact JSON.
   */
  readonly lines: string;
}

/**
 * The next rows after a key, as one text: a page of 5,000 rows in 5,000 results costs three
 * times as much (SQLite 2.6 against 0.8 µs a row, D1's and our parsing of the answer on top).
 *
 * The sizes are added up first, so that a page of large rows ends early instead of filling the
 * memory: a row can have 2 MB. They come from the heads of the rows, by the row value in the
 * condition (see STEP_END). Where all rows fit, which is the usual case, their number is the
 * limit; else a window function finds how many fit, at least one. It costs more than the page
 * itself, so it runs only then: SQLite evaluates the branches of CASE one by one.
 */
const SELECT_PAGE = `SELECT count(*), coalesce(max(key), ''),
  coalesce(group_concat(key || char(10) || data || char(10), ''), '')
FROM (
  SELECT key, data FROM rows WHERE table_id = ?1 AND key > ?2 ORDER BY key LIMIT (
    SELECT CASE WHEN sum(octet_length(key) + octet_length(data) + 2) <= ?4 THEN ?3 ELSE max(1, (
      SELECT count(*) FROM (
        SELECT table_id, sum(octet_length(key) + octet_length(data) + 2)
          OVER (ORDER BY table_id, key) AS bytes
        FROM (
          SELECT table_id, key, data FROM rows
          WHERE (table_id, key) > (?1, ?2) ORDER BY table_id, key LIMIT ?3
        )
      ) WHERE +table_id = ?1 AND bytes <= ?4
    )) END FROM (
      SELECT table_id, key, data FROM rows
      WHERE (table_id, key) > (?1, ?2) ORDER BY table_id, key LIMIT ?3
    ) WHERE +table_id = ?1
  )
)`;

/**
 * A keyset page: the next rows of a table on one shard in the order of their keys, at most
 * `rowsMax`, and as many as have `bytesMax` bytes together, though always one. Empty only at the
 * end of the table.
 *
 * @param after a key, or "" for the start.
 * @param bytesMax of keys, data and line ends, below what D1 allows one text (2,000,000).
 */
export async function readPage(database: Readable, page: PageRequest): Promise<RowPage> {
  const { tableId, after, rowsMax, bytesMax } = page;
  const statement = database.prepare(SELECT_PAGE).bind(tableId, after, rowsMax, bytesMax);
  const [row] = await statement.raw<[number, string, string]>();
  if (row === undefined) throw new Error("an aggregate gave no row");
  const [rows, lastKey, lines] = row;
  return { rows, lastKey, lines };
}

const COUNT_STEP = `SELECT count(*) AS rows, max(key) AS last FROM (
  SELECT table_id, key FROM rows WHERE (table_id, key) > (?1, ?2)
  ORDER BY table_id, key LIMIT ?3
) WHERE +table_id = ?1`;

/**
 * Counts the next rows after a key, at most `rowsMax` of them: fewer say that the table ends
 * there. It reads keys only.
 *
 * @param after a key, or "" for the start.
 */
export async function countStep(
  database: Readable,
  step: { tableId: number; after: string; rowsMax: number },
): Promise<{ rows: number; lastKey: string }> {
  const { tableId, after, rowsMax } = step;
  const found = await database
    .prepare(COUNT_STEP)
    .bind(tableId, after, rowsMax)
    .first<{ rows: number; last: string | null }>();
  return { rows: found?.rows ?? 0, lastKey: found?.last ?? "" };
}
