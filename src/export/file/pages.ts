/** The pages of a table, shard after shard, each asked for while the one before is worked on. */
import { Buffer } from "../../buffer.ts";
import { type LinesPage, readHexPage, readTextPage } from "../../warehouse/row-lines.ts";
import type { Readable } from "../../warehouse/rows.ts";
import { shardDatabase } from "../../warehouse/shards.ts";
import type { PartLimits } from "../limits.ts";

/** A table as an export reads it; the same for all parts of its file. */
export interface TableSource {
  readonly tableId: number;
  /** The shards of the table, in the order in which they are read. */
  readonly shards: readonly number[];
  /**
   * For each shard a bookmark of a moment when the export had been asked for: any replica that
   * has got so far may answer (d1/best-practices/read-replication). Without one the primary does.
   */
  readonly bookmarks?: readonly (string | null)[];
}

/** A place in a table: the shard's index, and the last key of it that was read, or "". */
export interface Position {
  readonly shardIndex: number;
  readonly after: string;
}

/** A page, and the shard it is from. */
export interface SourcePage {
  readonly shardIndex: number;
  readonly page: LinesPage;
}

/** Of the bytes that a page may have, what the rows of the next one are expected to take. */
const PAGE_SHARE = 0.9;

/**
 * Rows of a page from which on it is read as hex, which a large row would spoil; of few rows the
 * text is short enough.
 */
const HEX_ROWS_MIN = 100;

/** Rows of the first page, before anything is known about their size. */
const FIRST_PAGE_ROWS = 1_000;

/** Reads a table from a place on. */
export class TablePages {
  readonly #env: Env;
  readonly #source: TableSource;
  readonly #limits: PartLimits;
  #position: Position;
  #rowsMax: number;
  #ahead: Promise<LinesPage> | undefined;
  #queries = 0;
  #isLearned = false;
  /** Pages that are read as text before the next attempt at hex. */
  #textPages = 0;
  /** How many it will be after one more failure: rows that spoil a page often come again. */
  #textPagesNext = 0;

  constructor(env: Env, source: TableSource, from: Position, limits: PartLimits) {
    this.#env = env;
    this.#source = source;
    this.#limits = limits;
    this.#position = from;
    this.#rowsMax = Math.min(FIRST_PAGE_ROWS, limits.pageRows);
  }

  /**
   * The next page with rows. Undefined at the end of the table, and where one invocation has
   * asked for as many pages as it may.
   *
   * @param isLast whether no other page will be wanted: then none is asked for ahead.
   */
  async next(isLast: boolean): Promise<SourcePage | undefined> {
    while (!this.isAtEnd) {
      if (this.#ahead === undefined && this.#isSpent) return undefined;
      const page = await (this.#ahead ?? this.#read());
      this.#ahead = undefined;
      const { shardIndex } = this.#position;
      if (page.rows === 0) {
        this.#position = { shardIndex: shardIndex + 1, after: "" };
        continue;
      }
      this.#position = { shardIndex, after: page.lastKey };
      this.#learn(page);
      if (!isLast && !this.#isSpent) this.#readAhead();
      return { shardIndex, page };
    }
    return undefined;
  }

  /** Whether the table has been read to its end. */
  get isAtEnd(): boolean {
    return this.#position.shardIndex >= this.#source.shards.length;
  }

  /** Where reading would go on. */
  get position(): Position {
    return this.#position;
  }

  get #isSpent(): boolean {
    return this.#queries >= this.#limits.partPages;
  }

  #readAhead(): void {
    const ahead = this.#read();
    // Where it fails the one who waits for it learns so, and nobody may wait.
    ahead.catch(() => undefined);
    this.#ahead = ahead;
  }

  async #read(): Promise<LinesPage> {
    this.#queries += 1;
    const database = this.#database();
    const page = {
      tableId: this.#source.tableId,
      after: this.#position.after,
      rowsMax: this.#rowsMax,
      bytesMax: this.#limits.pageBytes,
    };
    if (!this.#triesHex()) return readTextPage(database, page);
    const hexPage = await readHexPage(database, page);
    if (hexPage !== undefined) {
      this.#textPagesNext = 0;
      return hexPage;
    }
    this.#textPages = this.#textPagesNext;
    this.#textPagesNext = 2 * this.#textPagesNext + 1;
    this.#queries += 1;
    return readTextPage(database, page);
  }

  #triesHex(): boolean {
    // The first page shows how large the rows are.
    if (!this.#isLearned || this.#rowsMax < HEX_ROWS_MIN) return false;
    if (this.#textPages === 0) return true;
    this.#textPages -= 1;
    return false;
  }

  #database(): Readable {
    const { shards, bookmarks } = this.#source;
    const { shardIndex } = this.#position;
    const database = shardDatabase(this.#env, shards[shardIndex] ?? -1);
    const bookmark = bookmarks?.[shardIndex] ?? null;
    return bookmark === null ? database : database.withSession(bookmark);
  }

  /** Rows that fit are read for a third of the time of rows that must be cut (rows.ts). */
  #learn({ rows, keys, data, isHex }: LinesPage): void {
    const lineEnds = 2;
    const bytes = Buffer.byteLength(keys) + (isHex ? data.length / 2 : Buffer.byteLength(data));
    const bytesPerRow = lineEnds + bytes / rows;
    const fitting = Math.floor((PAGE_SHARE * this.#limits.pageBytes) / bytesPerRow);
    this.#rowsMax = Math.max(1, Math.min(fitting, this.#limits.pageRows));
    this.#isLearned = true;
  }
}
