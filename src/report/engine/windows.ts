/** Windows: runs of rows of one shard in the order of their keys, small enough for a statement. */
import { isTooBig, isTooMuch } from "../../warehouse/store-errors.ts";
import type { Readable } from "../../warehouse/rows.ts";
import { WINDOW_BYTES, WINDOW_ROWS } from "./engine-limits.ts";

/** Rows after one key and up to another. */
export interface Window {
  /** A key, or "" for the start of the table. */
  readonly after: string;
  readonly end: string;
  readonly rows: number;
  /** Of the data. */
  readonly bytes: number;
}

/**
 * Keys and sizes are in the heads of the rows: see STEP_END and SELECT_PAGE of rows.ts. Outside of
 * the inner select the data would be read for its size.
 */
const FIND = `SELECT count(*), coalesce(max(key), ''), coalesce(sum(bytes), 0) FROM (
  SELECT table_id, key, octet_length(data) AS bytes FROM rows WHERE (table_id, key) > (?1, ?2)
  ORDER BY table_id, key LIMIT CAST(?3 AS INTEGER)
) WHERE +table_id = ?1`;

/** Of the bytes that a window may have, what the rows of the next one are expected to take. */
const BYTES_SHARE = 0.8;

/** Rows of a window that is not halved any more: pages are not much smaller. */
const HALVED_ROWS_MIN = 2_500;

/** Finds the windows of a table on one shard, one after the other. */
export class Windows {
  readonly #database: Readable;
  readonly #tableId: number;
  #rowsMax: number;
  #rows: number;
  #after = "";

  /** @param rowsMax most rows of a window. */
  constructor(database: Readable, tableId: number, rowsMax: number = WINDOW_ROWS) {
    this.#database = database;
    this.#tableId = tableId;
    this.#rowsMax = rowsMax;
    this.#rows = rowsMax;
  }

  /**
   * The next window; undefined at the end of the table. Where the rows are large it looks again
   * for fewer; 16 rows always fit.
   *
   * @param run makes the call.
   */
  async next(run: <T>(call: () => Promise<T>) => Promise<T>): Promise<Window | undefined> {
    for (;;) {
      const window = await run(() => this.#find());
      if (window.rows === 0) return undefined;
      const fitting = Math.floor((BYTES_SHARE * WINDOW_BYTES * window.rows) / (window.bytes + 1));
      this.#rows = Math.max(1, Math.min(this.#rowsMax, fitting));
      if (window.bytes > WINDOW_BYTES && this.#rows < window.rows) continue;
      this.#after = window.end;
      return window;
    }
  }

  /**
   * Goes back to where a window began that was too much for its statement; from there on windows
   * have half of its rows at most.
   *
   * @returns false where it has too few rows, and nothing is changed.
   */
  halve({ after, rows }: Window): boolean {
    if (rows < 2 * HALVED_ROWS_MIN) return false;
    this.#rowsMax = Math.floor(rows / 2);
    this.#rows = Math.min(this.#rows, this.#rowsMax);
    this.#after = after;
    return true;
  }

  async #find(): Promise<Window> {
    const after = this.#after;
    const statement = this.#database.prepare(FIND).bind(this.#tableId, after, this.#rows);
    const [row] = await statement.raw<[number, string, number]>();
    if (row === undefined) throw new Error("an aggregate gave no row");
    const [rows, end, bytes] = row;
    return { after, end, rows, bytes };
  }
}

/** SQLite's words for a statement that is too deep. */
const TOO_DEEP = /tree is too large|stack overflow/i;

/** Whether a statement failed because the window or the statement itself was too much. */
export function isTooMuchForStatement(error: unknown): boolean {
  return (
    isTooMuch(error) || isTooBig(error) || (error instanceof Error && TOO_DEEP.test(error.message))
  );
}
