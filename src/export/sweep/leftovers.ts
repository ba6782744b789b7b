/** Ended exports that still name something in the bucket that they should not. */
import { logError, messageOf } from "../../log.ts";
import type { ExportRow } from "../exports.ts";
import { hasJob } from "../job/job-control.ts";
import { LEFTOVERS_MAX } from "../limits.ts";
import { abortUpload, removeFile } from "../job/uploads.ts";

type Leftover = Pick<ExportRow, "id" | "job_id" | "status" | "object_key" | "upload_id">;

/** In no order: those that fail each time would otherwise keep all others waiting for ever. */
const SELECT = `SELECT id, job_id, status, object_key, upload_id FROM exports
WHERE object_key IS NOT NULL
AND (status = 'Error' OR (status = 'Completed' AND upload_id IS NOT NULL))
ORDER BY random() LIMIT ?1`;

/** Of a completed export only the upload is forgotten. Nothing where the record has changed. */
const FORGET = `UPDATE exports
SET upload_id = NULL, object_key = CASE status WHEN 'Completed' THEN object_key END
WHERE id = ?1 AND status = ?2 AND object_key = ?3 AND upload_id IS ?4`;

/**
 * Aborts the upload that a completed or failed export still names, and deletes the file of a
 * failed one. A job that ends while it records its failure leaves such a record, and a call to
 * the catalogue could that took effect only after its step was given up. May be repeated.
 */
export async function endLeftovers(env: Env): Promise<void> {
  const { results } = await env.CATALOG.prepare(SELECT).bind(LEFTOVERS_MAX).all<Leftover>();
  for (const row of results) {
    try {
      await endLeftover(env, row);
    } catch (error) {
      // One that fails each time must not keep the others waiting.
      logError("sweep_failed", { exportId: row.id, cause: messageOf(error) });
    }
  }
}

async function endLeftover(env: Env, row: Leftover): Promise<void> {
  // It is the job that may still make a file of the upload.
  if (await hasJob(env, row)) return;
  if (row.status === "Completed") await abortUpload(env, row);
  else await removeFile(env, row);
  await env.CATALOG.prepare(FORGET).bind(row.id, row.status, row.object_key, row.upload_id).run();
}
