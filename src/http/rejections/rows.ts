/** How rejections stand in the catalogue, and how they get there. */

/** How long a rejection is kept after its last time, in ms: 7 days. */
export const REJECTION_AGE_MS_MAX = 7 * 24 * 60 * 60 * 1000;

/** Rejections of an integration that are kept, the newest ones: some 200 KB at most. */
export const REJECTIONS_KEPT_MAX = 100;

/**
 * How long after its last time a rejection takes an equal one along, in ms. A sender that tries
 * again every few minutes has one row, and one that came back after a pause has another.
 */
export const SAME_ROW_MS = 15 * 60 * 1000;

/** A rejection to be written: the columns of its row. Instants in ms since 1970. */
export interface NewRejection {
  readonly first_at: number;
  readonly last_at: number;
  readonly times: number;
  readonly request_id: string;
  readonly surface: string;
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly table_name: string | null;
  readonly record: number | null;
  readonly excerpt: string | null;
}

/** The columns of the notes ?1, which are the elements of a JSON array, as a table `note`. */
const NOTES = `(SELECT value ->> 'first_at' AS first_at, value ->> 'last_at' AS last_at,
value ->> 'times' AS times, value ->> 'request_id' AS request_id, value ->> 'surface' AS surface,
value ->> 'status' AS status, value ->> 'code' AS code, value ->> 'reason' AS reason,
value ->> 'table_name' AS table_name, value ->> 'record' AS record, value ->> 'excerpt' AS excerpt
FROM json_each(?1)) AS note`;

/** The newest row of the integration ?2 that equals a note and is from after ?3. */
const EQUAL = `SELECT id FROM rejections AS row WHERE row.integration_id = ?2
AND row.last_at >= ?3 AND row.surface = note.surface AND row.code = note.code
AND row.reason = note.reason AND row.table_name IS note.table_name
ORDER BY row.last_at DESC LIMIT 1`;

const UPDATE = `UPDATE rejections SET first_at = min(rejections.first_at, note.first_at),
last_at = max(rejections.last_at, note.last_at), times = rejections.times + note.times,
request_id = note.request_id, status = note.status, record = note.record, excerpt = note.excerpt
FROM (SELECT note.*, (${EQUAL}) AS row_id FROM ${NOTES}) AS note
WHERE rejections.id = note.row_id`;

/** What has an equal row was added to it just before, in the same transaction. */
const INSERT = `INSERT INTO rejections (integration_id, first_at, last_at, times, request_id,
surface, status, code, reason, table_name, record, excerpt)
SELECT ?2, first_at, last_at, times, request_id, surface, status, code, reason, table_name, record,
excerpt FROM ${NOTES} WHERE NOT EXISTS (${EQUAL}) ORDER BY last_at`;

const TRIM = `DELETE FROM rejections WHERE integration_id = ?1 AND (last_at, id) <= (
  SELECT last_at, id FROM rejections WHERE integration_id = ?1
  ORDER BY last_at DESC, id DESC LIMIT 1 OFFSET ${REJECTIONS_KEPT_MAX}
)`;

/**
 * Adds rejections to those of an integration, no two of them equal: to an equal row where a
 * recent one is there, otherwise as rows of their own. Of the oldest only so many stay. One call,
 * which takes effect as a whole; made twice it counts twice.
 *
 * @throws what D1 throws.
 */
export async function addRejections(
  env: Env,
  integrationId: number,
  rejections: readonly NewRejection[],
): Promise<void> {
  const { CATALOG } = env;
  const notes = JSON.stringify(rejections);
  const newest = rejections.reduce((last, { last_at }) => Math.max(last, last_at), 0);
  const since = newest - SAME_ROW_MS;
  await CATALOG.batch([
    CATALOG.prepare(UPDATE).bind(notes, integrationId, since),
    CATALOG.prepare(INSERT).bind(notes, integrationId, since),
    CATALOG.prepare(TRIM).bind(integrationId),
  ]);
}
