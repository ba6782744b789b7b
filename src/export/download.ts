/** `GET /0.1/export/:id`: the file (wire.md 4.2). */
import { NO_STORE } from "../http/answer.ts";
import { Refusal } from "../http/errors.ts";
import { type ExportRow, findExport, statusOf } from "./exports.ts";
import { contentDisposition } from "./file-name.ts";
import {
  DOWNLOAD_FIRST_PAUSE_MS,
  DOWNLOAD_PAUSE_MS_MAX,
  DOWNLOAD_WAIT_AGE_MS,
  DOWNLOAD_WAIT_MS,
} from "./limits.ts";

/**
 * The zip of a completed export. An export that was asked for a moment ago is waited for, since
 * scripts ask again without a pause.
 *
 * @throws Refusal not_found (absent, failed or not complete) or export_expired.
 */
export async function download(env: Env, clientId: number, id: number): Promise<Response> {
  const row = await completedExport(env, clientId, id);
  if (row.object_key === null) throw new Refusal("export_expired");
  const file = await env.FILES.get(row.object_key);
  if (file === null) throw new Refusal("export_expired");
  return new Response(file.body, {
    headers: {
      "Content-Type": "application/zip",
      "Content-Length": String(file.size),
      "Content-Disposition": contentDisposition(`${row.name}.zip`),
      ETag: file.httpEtag,
      ...NO_STORE,
    },
  });
}

async function completedExport(env: Env, clientId: number, id: number): Promise<ExportRow> {
  const deadline = Date.now() + DOWNLOAD_WAIT_MS;
  for (let pause = DOWNLOAD_FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, DOWNLOAD_PAUSE_MS_MAX)) {
    const row = await findExport(env, clientId, id);
    if (row === null) throw new Refusal("not_found");
    const now = Date.now();
    switch (statusOf(row, now)) {
      case "Completed":
        return row;
      case "Expired":
        throw new Refusal("export_expired");
      case "Error":
        throw new Refusal("not_found");
      default:
        if (now + pause > deadline || now - row.created_at > DOWNLOAD_WAIT_AGE_MS) {
          throw new Refusal("not_found");
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
