/**
 * One part of an export's file: rows of a table as CSV in zip, up to the exact size of a
 * multipart part. What a part leaves behind is a small checkpoint, from which another process
 * can go on (promise P6).
 */
import { Buffer } from "../buffer.ts";
import { type JsonObject, parseExact } from "../json/exact.ts";
import { readPage, type StoredRow } from "../warehouse/rows.ts";
import { shardDatabase } from "../warehouse/shards.ts";
import { csvHeader, csvRow } from "./csv.ts";
import { END_BYTES_MAX, PART_LIMITS, type PartLimits } from "./limits.ts";
import {
  beginZip,
  canFill,
  deflatePiece,
  endZip,
  fill,
  FILL_BYTES_MIN,
  type ZipState,
} from "./zip.ts";

/** What is exported; the same for all parts. */
export interface PartSource {
  readonly tableId: number;
  /** The shards of the table, in the order in which they are read. */
  readonly shards: readonly number[];
  /** The columns, in their order. */
  readonly columns: readonly string[];
  /** The name of the zip's member, and its time in ms since 1970. */
  readonly memberName: string;
  readonly modified: number;
}

/** Where an export is between two parts. Plain JSON. */
export interface Checkpoint {
  /** Undefined before the first part. */
  readonly zip?: ZipState;
  /** The index of the shard that is being read, and the last key written from it. */
  readonly shardIndex: number;
  readonly after: string;
  /** Rows written so far. */
  readonly rows: number;
  /** Whether the file is complete. */
  readonly isDone: boolean;
}

/** Before the first part. */
export const START: Checkpoint = { shardIndex: 0, after: "", rows: 0, isDone: false };

/** How the message of {@link TooManyRows} begins. */
export const TOO_MANY_ROWS = "The table has more rows than an export can have";

/** Thrown where a table has more rows than an export may have; its message is for programs. */
export class TooManyRows extends Error {
  constructor(rowsMax: number) {
    super(`${TOO_MANY_ROWS}: ${rowsMax.toLocaleString("en")}.`);
  }
}

/**
 * Makes the next part: exactly `partBytes`, or fewer if it is the last one.
 *
 * @throws TooManyRows; and whatever the store throws, after which it may be called again.
 */
export async function makePart(
  env: Env,
  source: PartSource,
  checkpoint: Checkpoint,
  limits: PartLimits = PART_LIMITS,
): Promise<Part> {
  const part = new PartWriter(source, checkpoint, limits);
  for (let pages = 0; ; pages += 1) {
    const shard = source.shards[part.shardIndex];
    if (shard === undefined) return part.end();
    if (pages === limits.partPages) return part.full();
    const page = await readPage(shardDatabase(env, shard), {
      tableId: source.tableId,
      after: part.after,
      rowsMax: limits.pageRows,
      bytesMax: limits.pageBytes,
    });
    if (page.length === 0) part.nextShard();
    else if (!part.addPage(page)) return part.full();
  }
}

/** A part's bytes, and where the export is after it. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly checkpoint: Checkpoint;
}

/** Collects pieces until the part is full. */
class PartWriter {
  readonly #source: PartSource;
  readonly #limits: PartLimits;
  readonly #pieces: Uint8Array[] = [];
  #room: number;
  #zip: ZipState;
  #rows: number;
  #shardIndex: number;
  #after: string;

  constructor(source: PartSource, checkpoint: Checkpoint, limits: PartLimits) {
    this.#source = source;
    this.#limits = limits;
    this.#room = limits.partBytes;
    this.#rows = checkpoint.rows;
    this.#shardIndex = checkpoint.shardIndex;
    this.#after = checkpoint.after;
    if (checkpoint.zip !== undefined) {
      this.#zip = checkpoint.zip;
      return;
    }
    const begun = beginZip(source.memberName, new Date(source.modified));
    this.#zip = begun.state;
    this.#keep(begun.bytes);
    const header = deflatePiece(this.#zip, Buffer.from(csvHeader(source.columns)));
    this.#zip = header.state;
    this.#keep(header.bytes);
  }

  /** The index of the shard that is being read. */
  get shardIndex(): number {
    return this.#shardIndex;
  }

  /** The last key of that shard that is in the file, or "". */
  get after(): string {
    return this.#after;
  }

  nextShard(): void {
    this.#shardIndex += 1;
    this.#after = "";
  }

  /** Adds the rows of a page; false where they did not all fit, and the part is full. */
  addPage(page: readonly StoredRow[]): boolean {
    let text = "";
    let rows = 0;
    for (const [index, row] of page.entries()) {
      text += csvRow(this.#source.columns, parseExact(row.data) as JsonObject);
      rows += 1;
      if (text.length < this.#limits.pieceUnits && index < page.length - 1) continue;
      if (!this.#addPiece(text, rows, row.key)) return false;
      text = "";
      rows = 0;
    }
    return true;
  }

  /** Ends the file, or the part where the end does not fit. */
  end(): Part {
    if (this.#room < END_BYTES_MAX + FILL_BYTES_MIN) return this.full();
    this.#keep(endZip(this.#zip));
    return this.#part(true);
  }

  /** Fills the part to its exact size. */
  full(): Part {
    const filling = fill(this.#zip, this.#room);
    this.#zip = filling.state;
    this.#keep(filling.bytes);
    return this.#part(false);
  }

  #addPiece(text: string, rows: number, lastKey: string): boolean {
    const piece = deflatePiece(this.#zip, Buffer.from(text));
    if (!canFill(this.#room - piece.bytes.length)) return false;
    if (this.#rows + rows > this.#limits.rowsMax) throw new TooManyRows(this.#limits.rowsMax);
    this.#zip = piece.state;
    this.#keep(piece.bytes);
    this.#rows += rows;
    this.#after = lastKey;
    return true;
  }

  #part(isDone: boolean): Part {
    const checkpoint = {
      zip: this.#zip,
      shardIndex: this.#shardIndex,
      after: this.#after,
      rows: this.#rows,
      isDone,
    };
    return { bytes: Buffer.concat(this.#pieces), checkpoint };
  }

  #keep(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#room -= bytes.length;
  }
}
