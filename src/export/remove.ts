/** Deletes an export with all that there is of it, whatever its state. */
import { type ExportRow, findExport } from "./exports.ts";
import { endJob } from "./job/job-control.ts";
import { removeFile } from "./job/uploads.ts";

/**
 * How often the record is read again because a step that was under way changed it. Two steps
 * can: the first one notes the upload, the last one the file; the rest is for repeated attempts.
 */
const ROUNDS_MAX = 8;

/**
 * Deletes an export: ends its job, aborts its upload, deletes its file and, last, its record, so
 * that a failure in between leaves a record by which the call can be repeated.
 *
 * @returns false where the export does not exist or is another client's.
 * @throws what the Workflow or a store throws. The export may have lost its job and its file
 *   then; calling again ends the work.
 */
export async function removeExport(env: Env, clientId: number, id: number): Promise<boolean> {
  const found = await findExport(env, clientId, id);
  if (found === null) return false;
  await endJob(env, found);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    // Read anew: the job may have noted an upload or a file before it ended.
    const row = await findExport(env, clientId, id);
    // Somebody else deleted it at the same time, and with it what it named.
    if (row === null) return true;
    await removeFile(env, row);
    if (await deleteRecord(env, row)) return true;
  }
  throw new Error("the record of the export does not stop changing");
}

/** A record that names something else by now stays: that would be left in the bucket. */
const DELETE = `DELETE FROM exports
WHERE id = ?1 AND object_key IS ?2 AND upload_id IS ?3 RETURNING id`;

async function deleteRecord(env: Env, row: ExportRow): Promise<boolean> {
  const { id, object_key: objectKey, upload_id: uploadId } = row;
  const deleted = await env.CATALOG.prepare(DELETE).bind(id, objectKey, uploadId).first();
  return deleted !== null;
}
