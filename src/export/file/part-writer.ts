/** Fills one part of an export's file with the rows of pages, and says how far it came. */
import { Buffer } from "../../buffer.ts";
import { textOrder } from "../../filter/order.ts";
import type { PartLimits } from "../limits.ts";
import { lineText } from "./csv-rows.ts";
import { LineBytes } from "./line-bytes.ts";
import type { Position, SourcePage, TableSource } from "./pages.ts";
import { PartBytes } from "./part-bytes.ts";
import { type RecordRules, RecordWriter } from "./records.ts";
import type { ZipState } from "./zip.ts";

/** What is exported; the same for all parts. */
export interface PartSource extends TableSource, RecordRules {
  /** The header row, with its line end. */
  readonly header: string;
  /** The name of the zip's member, and its time in ms since 1970. */
  readonly memberName: string;
  readonly modified: number;
}

/** Where an export is between two parts. Plain JSON. */
export interface Checkpoint extends Position {
  /** Undefined before the first part. */
  readonly zip?: ZipState;
  /** Bytes of the next part that are made already, in base64. */
  readonly carried?: string;
  /**
   * Of the row with this key, how many of its records are done; 0 where no row was cut. Where
   * the row is replaced before the next part, that begins so far into the new one.
   */
  readonly within: number;
  readonly withinKey?: string;
  /** Records written so far. */
  readonly rows: number;
  /** Rows of the table read so far. */
  readonly rowsDone: number;
  /** Whether the file is complete. */
  readonly isDone: boolean;
}

/** Before the first part. */
export const START: Checkpoint = {
  shardIndex: 0,
  after: "",
  within: 0,
  rows: 0,
  rowsDone: 0,
  isDone: false,
};

/** A part's bytes, none where there are too few for a part yet; and where the export is then. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly checkpoint: Checkpoint;
}

/** How the message of {@link TooManyRows} begins. */
export const TOO_MANY_ROWS = "The table has more rows than an export can have";

/** Thrown where a table has more rows than an export may have; its message is for programs. */
export class TooManyRows extends Error {
  constructor(rowsMax: number) {
    super(`${TOO_MANY_ROWS}: ${rowsMax.toLocaleString("en")}.`);
  }
}

const LF = 0x0a;
const encoder = new TextEncoder();

/** A place in a table, which may be between the records of one row. */
type Place = Pick<Checkpoint, "shardIndex" | "after" | "within" | "withinKey">;

/** See the module's comment; use once, and nothing after what ends it. */
export class PartWriter {
  readonly #limits: PartLimits;
  readonly #records: RecordWriter;
  readonly #bytes: PartBytes;
  readonly #lines = new LineBytes();
  /** What is in the part, and up to where. */
  #done: Place;
  #rows: number;
  #rowsDone: number;
  /** Up to where rows were read, of which the last records wait for their piece. */
  #read: Place;
  #rowsRead = 0;
  /** Bytes that the page before gave. */
  #pageBytes = 0;

  constructor(source: PartSource, checkpoint: Checkpoint, limits: PartLimits) {
    this.#limits = limits;
    this.#records = new RecordWriter(source);
    this.#done = checkpoint;
    this.#read = checkpoint;
    this.#rows = checkpoint.rows;
    this.#rowsDone = checkpoint.rowsDone;
    const { partBytes } = limits;
    if (checkpoint.zip === undefined) {
      const modified = new Date(source.modified);
      this.#bytes = PartBytes.begin(partBytes, source.memberName, modified);
      this.#bytes.add(encoder.encode(source.header));
    } else {
      const carried = Buffer.from(checkpoint.carried ?? "", "base64");
      this.#bytes = new PartBytes(partBytes, checkpoint.zip, carried);
    }
  }

  /** Whether this page will probably be the last that has room. */
  get isNearlyFull(): boolean {
    return this.#bytes.room < 2 * this.#pageBytes;
  }

  /** Adds the rows of a page; false where they did not all fit, and the part is full. */
  addPage(next: SourcePage): boolean {
    const room = this.#bytes.room;
    const isAdded = this.#records.isPlain ? this.#addPlain(next) : this.#addUnrolled(next);
    this.#pageBytes = room - this.#bytes.room;
    return isAdded;
  }

  #addPlain({ shardIndex, page }: SourcePage): boolean {
    const lines = this.#lines.of(page);
    let keys: readonly string[] | undefined;
    for (let at = 0, row = 0; row < page.rows; row += 1) {
      at = this.#records.addPlain(lines, at) + 1;
      this.#rowsRead += 1;
      if (this.#records.bytes < this.#limits.pieceBytes) continue;
      // Few rows end a piece, so that keys are not taken apart for each.
      keys ??= page.keys.split("\n");
      this.#read = { shardIndex, after: keys[row] ?? "", within: 0 };
      if (!this.#flush()) return false;
    }
    this.#read = { shardIndex, after: page.lastKey, within: 0 };
    return true;
  }

  #addUnrolled({ shardIndex, page }: SourcePage): boolean {
    const lines = this.#lines.of(page);
    let at = 0;
    for (const key of page.keys.split("\n")) {
      const end = lines.indexOf(LF, at);
      const data = lineText(lines, at, end);
      at = end + 1;
      if (this.#read.shardIndex !== shardIndex) this.#read = { shardIndex, after: "", within: 0 };
      if (this.#isTooNew(key)) continue;
      const { after, within, withinKey } = this.#read;
      const skip = key === withinKey ? within : 0;
      for (const seen of this.#records.add(key, data, skip)) {
        if (this.#records.bytes < this.#limits.pieceBytesMax) continue;
        this.#read = { shardIndex, after, within: seen, withinKey: key };
        if (!this.#flush()) return false;
      }
      this.#read = { shardIndex, after: key, within: 0 };
      this.#rowsRead += 1;
      if (this.#records.bytes >= this.#limits.pieceBytes && !this.#flush()) return false;
    }
    return true;
  }

  /**
   * Whether a row appeared, since it was passed, before the one of which some records are done.
   * It must not be cut in its turn: only one such place is remembered.
   */
  #isTooNew(key: string): boolean {
    const { withinKey } = this.#read;
    return withinKey !== undefined && textOrder(withinKey)(key) < 0;
  }

  /** Ends the file, or the part where the end does not fit. */
  end(): Part {
    if (!this.#flush() || !this.#bytes.end()) return this.full();
    return { bytes: this.#bytes.bytes, checkpoint: this.#checkpoint({ isDone: true }) };
  }

  /** Leaves the rest of the table to the next part. */
  pause(position: Position): Part {
    // A row that was cut may still be to come.
    const isSameShard = this.#read.shardIndex === position.shardIndex;
    this.#read = { ...(isSameShard ? this.#read : { within: 0 }), ...position };
    if (!this.#flush()) return this.full();
    const { bytes } = this.#bytes;
    if (bytes.length > this.#limits.carriedBytesMax) return this.full();
    const carried = Buffer.from(bytes).toString("base64");
    return { bytes: new Uint8Array(0), checkpoint: this.#checkpoint({ carried }) };
  }

  /** Fills the part to its exact size. */
  full(): Part {
    this.#bytes.fill();
    return { bytes: this.#bytes.bytes, checkpoint: this.#checkpoint({}) };
  }

  /** Makes a piece of what was read; false where it does not fit, and is to be read again. */
  #flush(): boolean {
    const { records } = this.#records;
    if (this.#rows + records > this.#limits.rowsMax) throw new TooManyRows(this.#limits.rowsMax);
    if (!this.#bytes.add(this.#records.take())) return false;
    this.#done = this.#read;
    this.#rows += records;
    this.#rowsDone += this.#rowsRead;
    this.#rowsRead = 0;
    return true;
  }

  #checkpoint(more: { readonly isDone?: boolean; readonly carried?: string }): Checkpoint {
    const [rows, rowsDone, zip] = [this.#rows, this.#rowsDone, this.#bytes.zip];
    return { zip, ...placeOf(this.#done), rows, rowsDone, isDone: false, ...more };
  }
}

/** Without the rest of a checkpoint that it may be. */
function placeOf({ shardIndex, after, within, withinKey }: Place): Place {
  const cut = withinKey === undefined ? {} : { withinKey };
  return { shardIndex, after, within, ...cut };
}
