/** How the file of one export is made, step by step; job.ts is what the platform calls. */
import type { WorkflowStep } from "cloudflare:workers";
import { NonRetryableError } from "cloudflare:workflows";
import { causeOf, logError, logLine } from "../../log.ts";
import { noteExportPoint } from "../../http/calls/metrics.ts";
import { logsSuccesses } from "../../http/calls/request-log.ts";
import { settingsOf } from "../../http/settings.ts";
import { noteCount } from "./count.ts";
import {
  claimExport,
  completeExport,
  type ExportRow,
  failExport,
  forgetFile,
  noteProgress,
  noteUpload,
  readExport,
} from "../exports.ts";
import { PART_LIMITS, type PartLimits } from "../limits.ts";
import { makePart } from "../file/part.ts";
import { type Checkpoint, START, TOO_MANY_ROWS, TooManyRows } from "../file/part-writer.ts";
import { type Beginning, lookAt, sourceOf, TableGone } from "./source.ts";
import { isIncomplete, isNoUpload, removeFile } from "./uploads.ts";

/** What the first step leaves to all others: what the file is made from, and where it goes. */
interface Begun extends Beginning {
  readonly objectKey: string;
  readonly uploadId: string;
}

/** What the step of a part leaves to the next one; no tag where there was no part yet. */
interface PartResult {
  readonly etag: string | null;
  readonly bytes: number;
  readonly checkpoint: Checkpoint;
}

/** Each step is tried again for about two minutes: longer than a database takes to move. */
const STEP = {
  retries: { limit: 6, delay: "2 seconds", backoff: "exponential" },
  timeout: "5 minutes",
} as const;

/**
 * How often a file is begun: R2 ends an upload that nobody completes, 7 days after its begin by
 * default (r2/objects/multipart-objects), and a workflow can sleep as long in an outage.
 */
const FILES_BEGUN_MAX = 3;

const UPLOAD_GONE = "the upload of the export is gone";
const EXPORT_GONE = "the export is not in the catalogue";
const EXPORT_DONE = "the export is completed already";

const DAY_MS = 24 * 60 * 60 * 1000;

/** See {@link ExportRun.run}. */
export class ExportRun {
  readonly #env: Env;
  readonly #exportId: number;
  readonly #limits: PartLimits;

  constructor(env: Env, exportId: number, limits: PartLimits = PART_LIMITS) {
    this.#env = env;
    this.#exportId = exportId;
    this.#limits = limits;
  }

  /**
   * One step per part of the file, each leaving a checkpoint, and memory for one part. An
   * export that fails is recorded as failed; this then ends like any other. One that was
   * deleted meanwhile ends without a trace.
   */
  async run(step: WorkflowStep): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#make(step, attempt);
      } catch (error) {
        // An attempt that was given up came late, and did it.
        if (says(error, EXPORT_DONE)) return;
        logFailure(this.#exportId, error);
        if (says(error, UPLOAD_GONE) && attempt < FILES_BEGUN_MAX) continue;
        const reason = reasonOf(error);
        await step.do("record the failure", STEP, () => this.giveUp(reason));
        return;
      }
    }
  }

  async #make(step: WorkflowStep, attempt: number): Promise<void> {
    // A step is known by its name: another file has steps of its own.
    const named = (name: string): string => (attempt === 1 ? name : `${name}, file ${attempt}`);
    const begun = await step.do(named("begin"), STEP, () => this.#begin());
    const parts: R2UploadedPart[] = [];
    let checkpoint = START;
    let bytes = 0;
    for (let count = 1; !checkpoint.isDone; count += 1) {
      const partNumber = parts.length + 1;
      const from = checkpoint;
      const result = await step.do(named(`part ${count}`), STEP, () =>
        this.#writePart(begun, partNumber, from),
      );
      if (result.etag !== null) parts.push({ partNumber, etag: result.etag });
      bytes += result.bytes;
      checkpoint = result.checkpoint;
    }
    const { rows, rowsDone } = checkpoint;
    const done = { rows, rowsDone, bytes };
    await step.do(named("publish"), STEP, () => this.#publish(begun, parts, done));
  }

  async #begin(): Promise<Begun> {
    const row = await claimExport(this.#env, this.#exportId);
    if (row === null) throw await this.#unclaimed();
    // A repeated step must not leave the upload of its first attempt behind.
    await removeFile(this.#env, row);
    const beginning = await this.#lookAt(row);
    const objectKey = `exports/${row.client_id}/${this.#exportId}-${crypto.randomUUID()}.zip`;
    const upload = await this.#env.FILES.createMultipartUpload(objectKey, {
      httpMetadata: { contentType: "application/zip" },
    });
    const { uploadId } = upload;
    const { rowsTotal } = beginning;
    const noted = { objectKey, uploadId, rowsTotal, replaces: row.upload_id };
    let isNoted = false;
    try {
      isNoted = await noteUpload(this.#env, row.id, noted);
    } finally {
      // Neither the next attempt nor anybody else can know of it.
      if (!isNoted) await removeFile(this.#env, { object_key: objectKey, upload_id: uploadId });
    }
    // The next attempt sees why: it was deleted, or another attempt was faster.
    if (!isNoted) throw new Error("the export changed while it was begun");
    return { ...beginning, objectKey, uploadId };
  }

  /** Why there is nothing to begin. What is completed must be left alone, however late this is. */
  async #unclaimed(): Promise<NonRetryableError> {
    await this.#row();
    return new NonRetryableError(EXPORT_DONE);
  }

  async #lookAt(row: ExportRow): Promise<Beginning> {
    const { rowsMax } = this.#limits;
    try {
      const beginning = await lookAt(this.#env, row, rowsMax);
      const { tableId, rowsTotal } = beginning;
      if (rowsTotal !== null) await noteCount(this.#env, tableId, rowsTotal);
      return beginning;
    } catch (error) {
      if (error instanceof TooManyRows) {
        await noteCount(this.#env, row.table_id, rowsMax + 1);
      }
      throw asFinal(error);
    }
  }

  async #writePart(begun: Begun, partNumber: number, from: Checkpoint): Promise<PartResult> {
    const row = await this.#row();
    const { bytes, checkpoint } = await this.#makePart(row, begun, from);
    const etag = bytes.length === 0 ? null : await this.#upload(begun, partNumber, bytes);
    await noteProgress(this.#env, row.id, checkpoint.rowsDone);
    return { etag, bytes: bytes.length, checkpoint };
  }

  async #makePart(row: ExportRow, begun: Begun, from: Checkpoint) {
    try {
      const source = await sourceOf(this.#env, row, begun);
      return await makePart(this.#env, source, from, this.#limits);
    } catch (error) {
      throw asFinal(error);
    }
  }

  async #upload(
    { objectKey, uploadId }: Begun,
    partNumber: number,
    bytes: Uint8Array,
  ): Promise<string> {
    const upload = this.#env.FILES.resumeMultipartUpload(objectKey, uploadId);
    try {
      return (await upload.uploadPart(partNumber, bytes)).etag;
    } catch (error) {
      throw isNoUpload(error) ? await this.#uploadGone() : error;
    }
  }

  async #publish(
    begun: Begun,
    parts: R2UploadedPart[],
    { rows, rowsDone, bytes }: { rows: number; rowsDone: number; bytes: number },
  ): Promise<void> {
    const row = await this.#row();
    // An earlier attempt may have done it all and lost the answer.
    if (row.status === "Completed") return;
    await this.#complete(begun, parts);
    const keepMs = settingsOf(this.#env).exportDays * DAY_MS;
    const result = { objectKey: begun.objectKey, rows, rowsDone, bytes, keepMs };
    if (!(await completeExport(this.#env, this.#exportId, result))) {
      // Deleted while it was made, or begun anew: nobody will ever ask for this file.
      await this.#env.FILES.delete(begun.objectKey);
      throw await this.#uploadGone();
    }
    noteCompleted(this.#env, row, { rows, bytes });
  }

  async #complete({ objectKey, uploadId }: Begun, parts: R2UploadedPart[]): Promise<void> {
    // Or that much of it.
    if ((await this.#env.FILES.head(objectKey)) !== null) return;
    try {
      await this.#env.FILES.resumeMultipartUpload(objectKey, uploadId).complete(parts);
    } catch (error) {
      if (!isIncomplete(error)) throw error;
      // An attempt that was given up may have done it since.
      if ((await this.#env.FILES.head(objectKey)) === null) throw await this.#uploadGone();
    }
  }

  /** Why the upload may be gone: with the export, or without. */
  async #uploadGone(): Promise<NonRetryableError> {
    await this.#row();
    return new NonRetryableError(UPLOAD_GONE);
  }

  /** Records the export as failed and removes what there is of its file. May be repeated. */
  async giveUp(reason: string): Promise<void> {
    const row = await failExport(this.#env, this.#exportId, reason);
    if (row === null) return;
    await removeFile(this.#env, row);
    await forgetFile(this.#env, row);
    const ms = Date.now() - row.created_at;
    noteExportPoint(this.#env, {
      clientId: row.client_id,
      status: "Error",
      rows: 0,
      bytes: 0,
      ms,
    });
  }

  async #row(): Promise<ExportRow> {
    const row = await readExport(this.#env, this.#exportId);
    if (row === null) throw new NonRetryableError(EXPORT_GONE);
    return row;
  }
}

/** The end of an export in the log and the metrics. */
function noteCompleted(
  env: Env,
  row: ExportRow,
  { rows, bytes }: { rows: number; bytes: number },
): void {
  const { id: exportId, client_id: clientId, table_id: tableId } = row;
  const ms = Date.now() - row.created_at;
  noteExportPoint(env, { clientId, status: "Completed", rows, bytes, ms });
  if (!logsSuccesses(env)) return;
  logLine("info", "export_completed", { exportId, client: clientId, tableId, rows, bytes, ms });
}

/** Errors that another attempt would meet again are final for their step. */
function asFinal(error: unknown): unknown {
  const isFinal = error instanceof TooManyRows || error instanceof TableGone;
  return isFinal ? new NonRetryableError(error.message) : error;
}

/** A step's error comes back as a copy: its class is gone, its name may stand in the message. */
function says(error: unknown, text: string): boolean {
  return error instanceof Error && error.message.includes(text);
}

/** What the info of a failed export says; causes inside the service are for its log. */
function reasonOf(error: unknown): string {
  if (!says(error, TOO_MANY_ROWS) || !(error instanceof Error)) {
    return "The export failed. Copy it to try again.";
  }
  return error.message.slice(error.message.indexOf(TOO_MANY_ROWS));
}

function logFailure(exportId: number, error: unknown): void {
  // Deleted by its owner: that is no failure.
  if (says(error, EXPORT_GONE)) return;
  logError("export_failed", { exportId, cause: causeOf(error) });
}
