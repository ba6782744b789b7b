/** What an export may have in the bucket: an upload under way, or its file. */
import type { ExportRow } from "../exports.ts";

/** Where an export's upload and file are. */
export type UploadOwner = Pick<ExportRow, "object_key" | "upload_id">;

/** How R2 says that an upload was completed or aborted before (r2/api/error-codes). */
const NO_SUCH_UPLOAD = "(10024)";

/** Whether R2 says that it does not know the upload. */
export function isNoUpload(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NO_SUCH_UPLOAD);
}

/**
 * How R2 says that a part is not the one that was noted: an attempt that was given up came late
 * and has replaced it.
 */
const OTHER_PART = "(10025)";

/** Whether R2 says that an upload cannot be completed, and never could be. */
export function isIncomplete(error: unknown): boolean {
  return isNoUpload(error) || (error instanceof Error && error.message.includes(OTHER_PART));
}

/** Aborts an export's upload. May be repeated: one that is gone is what is wanted. */
export async function abortUpload(env: Env, row: UploadOwner): Promise<void> {
  if (row.object_key === null || row.upload_id === null) return;
  try {
    await env.FILES.resumeMultipartUpload(row.object_key, row.upload_id).abort();
  } catch (error) {
    if (!isNoUpload(error)) throw error;
  }
}

/**
 * Removes all of an export that is in the bucket. The upload goes first: once it is aborted it
 * cannot become a file any more, and if it became one just before, that is deleted.
 */
export async function removeFile(env: Env, row: UploadOwner): Promise<void> {
  await abortUpload(env, row);
  if (row.object_key !== null) await env.FILES.delete(row.object_key);
}
