/** Working through a table: all shards at a time, on each of them window after window. */
import { textOrder } from "../../filter/order.ts";
import { isObject, type JsonObject, parseExact } from "../../json/exact.ts";
import { COMMIT_DEADLINE_MS, PARALLEL_CALLS_MAX } from "../../warehouse/limits.ts";
import { type Unroller, unroller } from "../../warehouse/nested.ts";
import { CallLimit, forEachParallel } from "../../warehouse/parallel.ts";
import type { TableInfo } from "../../warehouse/read-tables.ts";
import { type Readable, readPage } from "../../warehouse/rows.ts";
import { freshSession } from "../../warehouse/shards.ts";
import { shardsOf } from "../../warehouse/slots.ts";
import { failureKind, withRetries } from "../../warehouse/store-errors.ts";
import {
  LOST_CALLS_MAX,
  PAGE_BYTES,
  PAGE_ROWS,
  STATEMENTS_MAX,
  VALUE_BYTES_MAX,
  WINDOW_ROWS,
} from "./engine-limits.ts";
import type { WindowStatement } from "./statement.ts";
import { tooLarge } from "../too-large.ts";
import { isTooMuchForStatement, type Window, Windows } from "./windows.ts";

/** How a table is worked through. */
export interface ScanOptions {
  /** Most rows of a window; smaller ones are for tests. */
  readonly windowRows: number;
  /** Most statements, where `calls` is absent. */
  readonly statementsMax: number;
  /** The statements that several questions of one invocation share. */
  readonly calls?: Calls;
  /** Most bytes of different values at a time; fewer are for tests. */
  readonly valueBytesMax: number;
  /** Whether rows may only be read one by one; for tests. */
  readonly byRecord: boolean;
}

/** As a question is asked in production. */
export const DEFAULT_SCAN: ScanOptions = {
  windowRows: WINDOW_ROWS,
  statementsMax: STATEMENTS_MAX,
  valueBytesMax: VALUE_BYTES_MAX,
  byRecord: false,
};

/** A statement as it is asked. */
export type ScanStatement = Pick<WindowStatement, "sql" | "values">;

/** What is done with the rows. */
export interface ScanWork {
  /** Undefined where the records must be read; looked at for each window. */
  readonly statement: ScanStatement | undefined;
  /**
   * Takes what a statement gave for a window; false says that its records must be read, `again`
   * that there is another statement now, by which it must be asked.
   */
  readonly takeRows: (rows: readonly unknown[], statement: ScanStatement) => boolean | "again";
  readonly takeRecord: (record: JsonObject) => void;
  /**
   * Whether the statement lists rows, so that it may be asked for fewer of them where they were
   * too much; else their records are read.
   */
  readonly listsRows?: boolean;
  /** Does all of the work without looking into the table; false where it cannot. */
  readonly takeKept?: () => boolean;
}

/**
 * Works through a table.
 *
 * @throws Refusal report_too_large where it takes too many statements.
 */
export async function scanTable(
  env: Env,
  table: TableInfo,
  options: ScanOptions,
  work: ScanWork,
): Promise<void> {
  if (work.takeKept?.() === true) return;
  const calls = options.calls ?? new Calls(options.statementsMax);
  await forEachParallel(shardsOf(table.ranges), PARALLEL_CALLS_MAX, (shard) => {
    return new ShardScan(freshSession(env, shard), table, options, work, calls).run();
  });
}

/**
 * Counts the calls of all shards, lets a few be under way, and repeats those that failed and may
 * be made again: all of them only read.
 */
export class Calls {
  readonly #limit = new CallLimit(PARALLEL_CALLS_MAX);
  #left: number;
  #lost = 0;

  constructor(max: number) {
    this.#left = max;
  }

  /**
   * Makes a call, at most four times (platform.md 4).
   *
   * @throws Refusal report_too_large where there have been too many; else the last failure.
   */
  readonly run = async <T>(call: () => Promise<T>): Promise<T> => {
    return this.#limit.run(() => {
      const deadline = this.#lost < LOST_CALLS_MAX ? Date.now() + COMMIT_DEADLINE_MS : 0;
      return withRetries(deadline, () => this.#attempt(call));
    });
  };

  /** An attempt is a statement of the invocation, whatever comes of it. */
  async #attempt<T>(call: () => Promise<T>): Promise<T> {
    this.#left -= 1;
    if (this.#left < 0) throw tooLarge("A table has too many rows for one report.");
    try {
      return await call();
    } catch (error) {
      if (failureKind(error) === "retry") this.#lost += 1;
      throw error;
    }
  }
}

class ShardScan {
  readonly #database: Readable;
  readonly #tableId: number;
  readonly #options: ScanOptions;
  readonly #work: ScanWork;
  readonly #calls: Calls;
  readonly #unroll: Unroller;

  constructor(
    database: Readable,
    table: TableInfo,
    options: ScanOptions,
    work: ScanWork,
    calls: Calls,
  ) {
    this.#database = database;
    this.#tableId = table.sourceTableId;
    this.#options = options;
    this.#work = work;
    this.#calls = calls;
    this.#unroll = unroller(table);
  }

  async run(): Promise<void> {
    const { statement } = this.#work;
    if (statement === undefined || this.#options.byRecord) await this.#readRows("", undefined);
    else await this.#takeWindows();
  }

  /** The next window is looked for while a statement works on the one before. */
  async #takeWindows(): Promise<void> {
    const windows = new Windows(this.#database, this.#tableId, this.#options.windowRows);
    let window = await windows.next(this.#calls.run);
    while (window !== undefined) {
      const [outcome, next] = await Promise.all([
        this.#takeWindow(window),
        windows.next(this.#calls.run),
      ]);
      const isTooMuch = outcome === "too much" && this.#work.listsRows === true;
      if (isTooMuch && windows.halve(window)) {
        window = await windows.next(this.#calls.run);
        continue;
      }
      if (outcome !== "taken") await this.#readRows(window.after, window.end);
      window = next;
    }
  }

  async #takeWindow(window: Window): Promise<"taken" | "too much" | "unsure"> {
    const { statement } = this.#work;
    if (statement === undefined) return "unsure";
    const rows = await this.#askWindow(statement, window);
    if (rows === undefined) return "too much";
    const isTaken = this.#work.takeRows(rows, statement);
    if (isTaken === "again") return this.#takeWindow(window);
    return isTaken ? "taken" : "unsure";
  }

  /** The results of a window; undefined where it was too much for one statement. */
  async #askWindow(
    { sql, values }: ScanStatement,
    { after, end }: Window,
  ): Promise<unknown[] | undefined> {
    try {
      return await this.#calls.run(() =>
        this.#database
          .prepare(sql)
          .bind(this.#tableId, after, end, ...values)
          .raw(),
      );
    } catch (error) {
      if (isTooMuchForStatement(error)) return undefined;
      throw error;
    }
  }

  /**
   * Reads the records of rows, each page while the one before is worked on.
   *
   * @param end the last key; undefined for all rows that follow.
   */
  async #readRows(start: string, end: string | undefined): Promise<void> {
    const order = end === undefined ? undefined : textOrder(end);
    let ahead = this.#readPage(start);
    for (;;) {
      const page = await ahead;
      if (page.rows === 0) return;
      const isLast = order !== undefined && order(page.lastKey) >= 0;
      if (!isLast) {
        ahead = this.#readPage(page.lastKey);
        // Where it fails the one who waits for it learns so, and nobody may wait.
        ahead.catch(() => undefined);
      }
      this.#takePage(page.lines, order);
      if (isLast) return;
    }
  }

  #readPage(after: string): ReturnType<typeof readPage> {
    const page = {
      tableId: this.#tableId,
      after,
      rowsMax: PAGE_ROWS,
      bytesMax: PAGE_BYTES,
    };
    return this.#calls.run(() => readPage(this.#database, page));
  }

  /** Lines come in pairs: a row's key, then its data (rows.ts). */
  #takePage(lines: string, order: ((key: string) => number) | undefined): void {
    let start = 0;
    while (start < lines.length) {
      const keyEnd = lines.indexOf("\n", start);
      const dataEnd = lines.indexOf("\n", keyEnd + 1);
      const key = lines.slice(start, keyEnd);
      if (order !== undefined && order(key) > 0) return;
      const data = parseExact(lines.slice(keyEnd + 1, dataEnd));
      if (!isObject(data)) throw new Error("a row is no object");
      for (const record of this.#unroll({ key, data })) this.#work.takeRecord(record);
      start = dataEnd + 1;
    }
  }
}
