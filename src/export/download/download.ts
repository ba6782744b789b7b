/** `GET /0.1/export/:id`: the file (wire.md 4.2). */
import { NO_STORE } from "../../http/answer.ts";
import { Refusal } from "../../http/errors.ts";
import { pause } from "../../pause.ts";
import { type ExportRow, findExport, statusOf, wakeExport } from "../exports.ts";
import { contentDisposition, downloadName } from "../file/file-name.ts";
import { httpDate } from "./http-date.ts";
import {
  DOWNLOAD_FIRST_PAUSE_MS,
  DOWNLOAD_PAUSE_MS_MAX,
  DOWNLOAD_WAIT_AGE_MS,
  DOWNLOAD_WAIT_MS,
} from "../limits.ts";
import { allowsRange, checkPreconditions, type Validators } from "./preconditions.ts";
import { contentRange, rangeOf } from "./range.ts";

/**
 * The zip of a completed export, or the part of it that Range asks for, as RFC 9110 has it: for
 * HEAD the same headers, and nothing read. An export that was asked for a moment ago is waited
 * for, since scripts ask again without a pause.
 *
 * @throws Refusal not_found (absent, failed or not complete), export_expired,
 * precondition_failed or range_unsatisfiable.
 */
export async function download(
  env: Env,
  clientId: number,
  id: number,
  request: Request,
): Promise<Response> {
  const row = await completedExport(env, clientId, id);
  if (row.object_key === null) throw new Refusal("export_expired");
  const file = await env.FILES.head(row.object_key);
  if (file === null) throw new Refusal("export_expired");
  const validators = { etag: file.httpEtag, modifiedAt: wholeSeconds(row.completed_at) };
  const headers = headersOf(validators);
  const verdict = checkPreconditions(request.headers, validators);
  if (verdict === "failed") throw new Refusal("precondition_failed");
  if (verdict === "not_modified") return new Response(null, { status: 304, headers });
  headers.set("Content-Type", "application/zip");
  headers.set("Content-Disposition", contentDisposition(downloadName(row.name)));
  if (request.method === "HEAD") {
    headers.set("Content-Length", String(file.size));
    return new Response(null, { headers });
  }
  const range = allowsRange(request.headers, validators) ? request.headers.get("Range") : null;
  return sendFile(env, file, rangeOf(range, file.size), headers);
}

async function sendFile(
  env: Env,
  { key, size }: R2Object,
  range: ReturnType<typeof rangeOf>,
  headers: Headers,
): Promise<Response> {
  if (range === "unsatisfiable") throw new Refusal("range_unsatisfiable", { SIZE: size });
  const isWhole = range === "whole";
  const file = await env.FILES.get(key, isWhole ? {} : { range });
  // The sweep deletes files.
  if (file === null) throw new Refusal("export_expired");
  headers.set("Content-Length", String(isWhole ? size : range.length));
  if (!isWhole) headers.set("Content-Range", contentRange(range, size));
  return new Response(file.body, { status: isWhole ? 200 : 206, headers });
}

/** What every answer says of the file, a 304 too. */
function headersOf({ etag, modifiedAt }: Validators): Headers {
  const headers = new Headers({ ETag: etag, "Accept-Ranges": "bytes", ...NO_STORE });
  if (modifiedAt !== undefined) headers.set("Last-Modified", httpDate(modifiedAt));
  return headers;
}

function wholeSeconds(time: number | null): number | undefined {
  return time === null ? undefined : time - (time % 1_000);
}

async function completedExport(env: Env, clientId: number, id: number): Promise<ExportRow> {
  const deadline = Date.now() + DOWNLOAD_WAIT_MS;
  for (
    let pauseMs = DOWNLOAD_FIRST_PAUSE_MS;
    ;
    pauseMs = Math.min(2 * pauseMs, DOWNLOAD_PAUSE_MS_MAX)
  ) {
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
        await wakeExport(env, row);
        if (now + pauseMs > deadline || now - row.created_at > DOWNLOAD_WAIT_AGE_MS) {
          throw new Refusal("not_found");
        }
        await pause(pauseMs);
    }
  }
}
