/** Exports in the catalogue: the lasting record of what was asked for and what came of it. */

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

/** The info object of wire.md 4.2. */
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
  };
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

/** The newest exports of a client, in the order of their ids. */
export async function listExports(env: Env, clientId: number, most: number): Promise<ExportRow[]> {
  const { results } = await env.CATALOG.prepare(
    "SELECT * FROM exports WHERE client_id = ?1 ORDER BY id DESC LIMIT ?2",
  )
    .bind(clientId, most)
    .all<ExportRow>();
  return results.reverse();
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

const INSERT = `INSERT INTO exports
  (client_id, table_id, name, definition, job_id, status, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, 'Pending', ?6) RETURNING *`;

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
 * @throws Error where the job cannot be started; the export is then recorded as failed.
 */
export async function startExport(env: Env, wanted: NewExport): Promise<ExportRow> {
  const { clientId, tableId, name, definition } = wanted;
  const jobId = newJobId();
  const row = await env.CATALOG.prepare(INSERT)
    // The store would make three characters of a lone surrogate.
    .bind(clientId, tableId, name.toWellFormed(), definition, jobId, Date.now())
    .first<ExportRow>();
  if (row === null) throw new Error("the catalogue did not return the new export");
  try {
    await env.EXPORT_JOB.create({ id: jobId, params: { exportId: row.id } });
  } catch (error) {
    await failExport(env, row.id, "The export could not be started.");
    throw error;
  }
  return row;
}

/** Notes that an export's job has begun, and which upload it fills. */
export async function noteUpload(
  env: Env,
  id: number,
  upload: { readonly objectKey: string; readonly uploadId: string },
): Promise<void> {
  await env.CATALOG.prepare(
    `UPDATE exports SET status = 'Running', error = NULL, object_key = ?2, upload_id = ?3
     WHERE id = ?1`,
  )
    .bind(id, upload.objectKey, upload.uploadId)
    .run();
}

/**
 * Publishes an export: from here on it is downloadable, until it expires. Names its file once
 * more: the export may have been taken for failed meanwhile.
 */
export async function completeExport(
  env: Env,
  id: number,
  result: {
    readonly objectKey: string;
    readonly rows: number;
    readonly bytes: number;
    readonly keepMs: number;
  },
): Promise<void> {
  const now = Date.now();
  await env.CATALOG.prepare(
    `UPDATE exports SET status = 'Completed', upload_id = NULL, error = NULL, row_count = ?2,
      bytes = ?3, completed_at = ?4, expires_at = ?5, object_key = ?6
     WHERE id = ?1 AND status <> 'Completed'`,
  )
    .bind(id, result.rows, result.bytes, now, now + result.keepMs, result.objectKey)
    .run();
}

/** Records that an export failed, and why. One that is completed stays so. */
export async function failExport(env: Env, id: number, reason: string): Promise<void> {
  await env.CATALOG.prepare(
    `UPDATE exports SET status = 'Error', error = ?2, upload_id = NULL, object_key = NULL
     WHERE id = ?1 AND status <> 'Completed'`,
  )
    .bind(id, reason)
    .run();
}
