/** How the file of one export is made, step by step; job.ts is what the platform calls. */
import type { WorkflowStep } from "cloudflare:workers";
import { NonRetryableError } from "cloudflare:workflows";
import { causeOf, logError } from "../log.ts";
import { settingsOf } from "../http/settings.ts";
import { findTable, lastColumnId, listColumns } from "../warehouse/read-tables.ts";
import { shardsOf } from "../warehouse/slots.ts";
import { completeExport, type ExportRow, failExport, noteUpload } from "./exports.ts";
import { memberName } from "./file-name.ts";
import { PART_LIMITS, type PartLimits } from "./limits.ts";
import {
  type Checkpoint,
  makePart,
  type Part,
  type PartSource,
  START,
  TOO_MANY_ROWS,
  TooManyRows,
} from "./part.ts";

/** What the first step finds out, for all others. Small: a step's result has 1 MiB at most. */
interface Beginning {
  readonly tableId: number;
  readonly shards: number[];
  /** The file has the columns that the table had then; more may appear while it is read. */
  readonly lastColumnId: number;
  readonly memberName: string;
  readonly modified: number;
  readonly objectKey: string;
  readonly uploadId: string;
}

/** What the step of a part leaves to the next one. */
interface PartResult {
  readonly etag: string;
  readonly bytes: number;
  readonly checkpoint: Checkpoint;
}

/** Each step is tried again for about two minutes: longer than a database takes to move. */
const STEP = {
  retries: { limit: 6, delay: "2 seconds", backoff: "exponential" },
  timeout: "5 minutes",
} as const;

/** How R2 says that an upload was completed or aborted before (r2/api/error-codes). */
const NO_SUCH_UPLOAD = "(10024)";

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
   * export that fails is recorded as failed; this then ends like any other.
   */
  async run(step: WorkflowStep): Promise<void> {
    try {
      await this.#make(step);
    } catch (error) {
      const reason = reasonOf(error);
      logFailure(this.#exportId, error);
      await step.do("record the failure", STEP, () => this.giveUp(reason));
    }
  }

  async #make(step: WorkflowStep): Promise<void> {
    const beginning = await step.do("begin", STEP, () => this.#begin());
    const parts: R2UploadedPart[] = [];
    let checkpoint = START;
    let bytes = 0;
    while (!checkpoint.isDone) {
      const partNumber = parts.length + 1;
      const from = checkpoint;
      const result = await step.do(`part ${partNumber}`, STEP, () =>
        this.#writePart(beginning, partNumber, from),
      );
      parts.push({ partNumber, etag: result.etag });
      bytes += result.bytes;
      checkpoint = result.checkpoint;
    }
    const { rows } = checkpoint;
    const total = bytes;
    await step.do("publish", STEP, () => this.#publish(beginning, parts, rows, total));
  }

  async #begin(): Promise<Beginning> {
    const row = await this.#row();
    const table = await findTable(this.#env, row.client_id, row.table_id);
    if (table === undefined) throw new NonRetryableError("the table of the export is gone");
    // A repeated step must not leave the upload of its first attempt behind.
    await this.#abort(row);
    const objectKey = `exports/${row.client_id}/${this.#exportId}-${crypto.randomUUID()}.zip`;
    const upload = await this.#env.FILES.createMultipartUpload(objectKey, {
      httpMetadata: { contentType: "application/zip" },
    });
    const { uploadId } = upload;
    try {
      await noteUpload(this.#env, this.#exportId, { objectKey, uploadId });
    } catch (error) {
      // The next attempt cannot know of it.
      await abort(upload);
      throw error;
    }
    return {
      tableId: table.id,
      shards: shardsOf(table.ranges),
      lastColumnId: await lastColumnId(this.#env, table.id),
      memberName: memberName(row.name),
      modified: row.created_at,
      objectKey,
      uploadId,
    };
  }

  async #writePart(
    beginning: Beginning,
    partNumber: number,
    from: Checkpoint,
  ): Promise<PartResult> {
    const columns = await listColumns(this.#env, beginning.tableId, beginning.lastColumnId);
    const source: PartSource = { ...beginning, columns: columns.map((column) => column.name) };
    const { bytes, checkpoint } = await this.#makePart(source, from);
    const { objectKey, uploadId } = beginning;
    const upload = this.#env.FILES.resumeMultipartUpload(objectKey, uploadId);
    const { etag } = await upload.uploadPart(partNumber, bytes);
    return { etag, bytes: bytes.length, checkpoint };
  }

  async #makePart(source: PartSource, from: Checkpoint): Promise<Part> {
    try {
      return await makePart(this.#env, source, from, this.#limits);
    } catch (error) {
      // Another attempt would find as many.
      if (error instanceof TooManyRows) throw new NonRetryableError(error.message);
      throw error;
    }
  }

  async #publish(
    { objectKey, uploadId }: Beginning,
    parts: R2UploadedPart[],
    rows: number,
    bytes: number,
  ): Promise<void> {
    // An earlier attempt may have completed the upload and lost the answer.
    if ((await this.#env.FILES.head(objectKey)) === null) {
      await this.#env.FILES.resumeMultipartUpload(objectKey, uploadId).complete(parts);
    }
    const keepMs = settingsOf(this.#env).exportDays * DAY_MS;
    await completeExport(this.#env, this.#exportId, { objectKey, rows, bytes, keepMs });
  }

  /** Records the export as failed and removes what there is of its file. May be repeated. */
  async giveUp(reason: string): Promise<void> {
    const row = await this.#row();
    if (row.status === "Completed") return;
    await this.#abort(row);
    await failExport(this.#env, this.#exportId, reason);
  }

  async #abort({ object_key: objectKey, upload_id: uploadId }: ExportRow): Promise<void> {
    if (objectKey === null || uploadId === null) return;
    await abort(this.#env.FILES.resumeMultipartUpload(objectKey, uploadId));
    await this.#env.FILES.delete(objectKey);
  }

  async #row(): Promise<ExportRow> {
    const row = await this.#env.CATALOG.prepare("SELECT * FROM exports WHERE id = ?1")
      .bind(this.#exportId)
      .first<ExportRow>();
    if (row === null) throw new NonRetryableError("the export is not in the catalogue");
    return row;
  }
}

/** Aborts an upload. One that is gone is what is wanted. */
async function abort(upload: R2MultipartUpload): Promise<void> {
  try {
    await upload.abort();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes(NO_SUCH_UPLOAD))) throw error;
  }
}

/** What the info of a failed export says; causes inside the service are for its log. */
function reasonOf(error: unknown): string {
  // A step's error comes back as a copy: its class is gone, its name may stand in the message.
  const message = error instanceof Error ? error.message : "";
  const at = message.indexOf(TOO_MANY_ROWS);
  return at < 0 ? "The export failed. Copy it to try again." : message.slice(at);
}

function logFailure(exportId: number, error: unknown): void {
  logError("export_failed", { exportId, cause: causeOf(error) });
}
