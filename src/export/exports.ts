/** Exports in the catalogue: the lasting record of what was asked for and what came of it. */
import { Refusal } from "../http/errors.ts";
import { readDefinition } from "./definition.ts";
import { COUNT_TRUSTED_MS, EXPORTS_LISTED_MAX, PART_LIMITS } from "./limits.ts";
import { noteAwake, wakeJob } from "./job/wake.ts";

/** What a program sees of an export's progress (wire.md 4.2). */
export type ExportStatus = "Pending" | "Running" | "Completed" | "Error" | "Expired";

/** An export as the catalogue has it. Times are ms since 1970. */
export interface ExportRow {
  readonly id: number;
  readonly client_id: number;
  readonly table_id: number;
  readonly name: string;
  /** Never Expired: that follows from `expires_at`, see {@link statusOf}. */
  readonly status: ExportStatus;
  readonly row_count: number | null;
  readonly error: string | null;
  readonly upload_id: string | null;
  readonly object_key: string | null;
  readonly bytes: number | null;
  readonly created_at: number;
  readonly completed_at: number | null;
  readonly expires_at: number | null;
  /** What is exported, as JSON text (definition.ts). */
  readonly definition: string;
  /** The name of its job among the instances of the Workflow; null in records of old. */
  readonly job_id: string | null;
  /** Rows of the table that were read so far, and how many there were when they were counted. */
  readonly rows_done: number;
  readonly rows_total: number | null;
}

/** The status now. A file is expired from its very instant on, whether deleted yet or not. */
export function statusOf(row: ExportRow, now: number): ExportStatus {
  const isExpired = row.status === "Completed" && row.expires_at !== null && row.expires_at <= now;
  return isExpired ? "Expired" : row.status;
}

/**
 * The info object of wire.md 4.2, and how far the export is: `progress.rows_done` rows of the
 * table were read, of `progress.rows_total`, which is null until they were counted. The table
 * may grow and shrink while it is read; in the end the two are equal.
 */
export function infoOf(row: ExportRow, now: number): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    status: statusOf(row, now),
    row_count: row.row_count,
    error: row.error,
    created_at: isoTime(row.created_at),
    completed_at: isoTime(row.completed_at),
    expires_at: isoTime(row.expires_at),
    progress: { rows_done: row.rows_done, rows_total: totalOf(row) },
  };
}

/** Never less than what is done: rows that came since they were counted are read, too. */
function totalOf({ rows_done: done, rows_total: total }: ExportRow): number | null {
  return total === null ? null : Math.max(done, total);
}

function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** An export of a client, or null: one of another client does not exist for it. */
export function findExport(env: Env, clientId: number, id: number): Promise<ExportRow | null> {
  return env.CATALOG.prepare("SELECT * FROM exports WHERE id = ?1 AND client_id = ?2")
    .bind(id, clientId)
    .first<ExportRow>();
}

/** All but the definition, of which each may have 500 KB (DEFINITION_BYTES_MAX). */
const LIST = `SELECT * FROM (
  SELECT id, client_id, table_id, name, status, row_count, error, upload_id, object_key, bytes,
    created_at, completed_at, expires_at, '{}' AS definition, job_id, rows_done, rows_total
  FROM exports WHERE client_id = ?1 ORDER BY id DESC LIMIT ?2
) ORDER BY id`;

/** Selects the newest exports of a client, in the order of their ids, without definitions. */
export function selectExports(env: Env, clientId: number): D1PreparedStatement {
  return env.CATALOG.prepare(LIST).bind(clientId, EXPORTS_LISTED_MAX);
}

/** The name of an export's job among the instances of the Workflow. */
export function jobIdOf({ id, job_id: jobId }: Pick<ExportRow, "id" | "job_id">): string {
  return jobId ?? `export-${id}`;
}

/**
 * Names a job. By chance and not by the export's id: a catalogue that was taken back to an
 * earlier state gives ids again, and an instance of an old name could still be there.
 */
const newJobId = (): string => `export-${crypto.randomUUID()}`;

/** No row where the table was found to have too many rows a short time ago (count.ts). */
const INSERT = `INSERT INTO exports
  (client_id, table_id, name, definition, job_id, status, created_at)
SELECT ?1, ?2, ?3, ?4, ?5, 'Pending', ?6 WHERE NOT (?7 AND EXISTS (
  SELECT 1 FROM tables WHERE id = ?2 AND parent_id IS NULL AND counted_rows > ?8
    AND counted_at > ?6 - ?9
)) RETURNING *`;

/** What a new export is made from. */
export interface NewExport {
  readonly clientId: number;
  readonly tableId: number;
  readonly name: string;
  /** JSON text (definition.ts), `{}` for every column and row. */
  readonly definition: string;
}

/**
 * Records an export and starts its job.
 *
 * @throws Refusal export_too_large; Error where the job cannot be started, and the export is
 *   then recorded as failed.
 */
export async function startExport(env: Env, wanted: NewExport): Promise<ExportRow> {
  const { clientId, tableId, name, definition } = wanted;
  const jobId = newJobId();
  noteAwake(jobId);
  const isWhole = readDefinition(definition).filter === undefined;
  const { rowsMax } = PART_LIMITS;
  const row = await env.CATALOG.prepare(INSERT)
    // The store would make three characters of a lone surrogate.
    .bind(
      ...[clientId, tableId, name.toWellFormed(), definition, jobId, Date.now()],
      ...[Number(isWhole), rowsMax, COUNT_TRUSTED_MS],
    )
    .first<ExportRow>();
  if (row === null) throw new Refusal("export_too_large", { LIMIT: rowsMax.toLocaleString("en") });
  try {
    await env.EXPORT_JOB.create({ id: jobId, params: { exportId: row.id } });
  } catch (error) {
    await failUnbegun(env, row.id, "The export could not be started.");
    throw error;
  }
  return row;
}

/** Lets the job of an unfinished export go on that a process left behind (wake.ts). */
export async function wakeExport(env: Env, row: ExportRow): Promise<void> {
  if (row.status !== "Pending" && row.status !== "Running") return;
  await wakeJob(env, { exportId: row.id, jobId: jobIdOf(row), createdAt: row.created_at });
}

/** An export, whosever it is, or null where it was deleted: for its job. */
export function readExport(env: Env, id: number): Promise<ExportRow | null> {
  return env.CATALOG.prepare("SELECT * FROM exports WHERE id = ?1").bind(id).first<ExportRow>();
}

/**
 * Takes an export for its job to begin a file: nothing that was begun before can be published
 * from here on, so what the record names may be removed.
 *
 * @returns null where the export was deleted or is completed.
 */
export function claimExport(env: Env, id: number): Promise<ExportRow | null> {
  return env.CATALOG.prepare(
    `UPDATE exports SET status = 'Pending', error = NULL
     WHERE id = ?1 AND status <> 'Completed' RETURNING *`,
  )
    .bind(id)
    .first<ExportRow>();
}

/**
 * Notes that an export's job has begun, which upload it fills and how many rows it will read.
 *
 * @returns false where the export was deleted, is not one that {@link claimExport} took, or has
 *   another upload than the one that this replaces: an attempt that was given up may come late.
 */
export async function noteUpload(
  env: Env,
  id: number,
  begun: {
    readonly objectKey: string;
    readonly uploadId: string;
    readonly replaces: string | null;
    readonly rowsTotal: number | null;
  },
): Promise<boolean> {
  const noted = await env.CATALOG.prepare(
    `UPDATE exports SET status = 'Running', object_key = ?2, upload_id = ?3,
      rows_done = 0, rows_total = ?4
     WHERE id = ?1 AND status = 'Pending' AND upload_id IS ?5 RETURNING id`,
  )
    .bind(id, begun.objectKey, begun.uploadId, begun.rowsTotal, begun.replaces)
    .first();
  return noted !== null;
}

/** Notes how many rows of the table were read. */
export async function noteProgress(env: Env, id: number, rowsDone: number): Promise<void> {
  await env.CATALOG.prepare("UPDATE exports SET rows_done = ?2 WHERE id = ?1 AND rows_done < ?2")
    .bind(id, rowsDone)
    .run();
}

/**
 * Publishes an export: from here on it is downloadable, until it expires. May be repeated.
 *
 * @returns false where the record does not name the file any more, and never will again: the
 *   export was deleted, taken for failed, or another file was begun.
 */
export async function completeExport(
  env: Env,
  id: number,
  result: {
    readonly objectKey: string;
    readonly rows: number;
    readonly rowsDone: number;
    readonly bytes: number;
    readonly keepMs: number;
  },
): Promise<boolean> {
  const now = Date.now();
  const completed = await env.CATALOG.prepare(
    `UPDATE exports SET status = 'Completed', upload_id = NULL, error = NULL, row_count = ?2,
      rows_done = ?7, rows_total = ?7, bytes = ?3, completed_at = coalesce(completed_at, ?4),
      expires_at = coalesce(expires_at, ?5)
     WHERE id = ?1 AND object_key = ?6 AND status IN ('Running', 'Completed') RETURNING id`,
  )
    .bind(
      id,
      result.rows,
      result.bytes,
      now,
      now + result.keepMs,
      result.objectKey,
      result.rowsDone,
    )
    .first();
  return completed !== null;
}

/**
 * Records that an export failed, and why: from here on its file cannot be published, so what the
 * record names may be removed, and then forgotten ({@link forgetFile}).
 *
 * @returns null where the export was deleted or is completed, and stays so.
 */
export function failExport(env: Env, id: number, reason: string): Promise<ExportRow | null> {
  return env.CATALOG.prepare(
    `UPDATE exports SET status = 'Error', error = ?2
     WHERE id = ?1 AND status <> 'Completed' RETURNING *`,
  )
    .bind(id, reason)
    .first<ExportRow>();
}

/** Forgets what the record of a failed export named; nothing where it names something else. */
export async function forgetFile(
  env: Env,
  { id, object_key: objectKey, upload_id: uploadId }: ExportRow,
): Promise<void> {
  await env.CATALOG.prepare(
    `UPDATE exports SET upload_id = NULL, object_key = NULL
     WHERE id = ?1 AND status = 'Error' AND object_key IS ?2 AND upload_id IS ?3`,
  )
    .bind(id, objectKey, uploadId)
    .run();
}

/**
 * Records that an export failed which its job has not begun. One that it has begun goes on: the
 * call that starts a job can start it and fail.
 */
async function failUnbegun(env: Env, id: number, reason: string): Promise<void> {
  await env.CATALOG.prepare(
    `UPDATE exports SET status = 'Error', error = ?2
     WHERE id = ?1 AND status = 'Pending' AND upload_id IS NULL`,
  )
    .bind(id, reason)
    .run();
}
