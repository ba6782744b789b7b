/**
 * Questions and their answers. A table is worked through in windows, shard by shard, each shard
 * by itself: a statement reduces the rows of a window (statement.ts); where there is none, or it
 * was not sure of some row, the Worker reads the rows (reference.ts). Both mean the same, so it
 * does not matter which has answered.
 */
import type { RecordTest } from "../../filter/compile.ts";
import type { JsonObject } from "../../json/exact.ts";
import { instantOf } from "../../time/instant.ts";
import type { Answer, Question } from "./question.ts";
import { memberOf, recordTaker, testOf } from "./reference.ts";
import { ResultReader } from "./results.ts";
import { Calls, DEFAULT_SCAN, scanTable, type ScanOptions, type ScanWork } from "./scan.ts";
import { type ExtentRow, extentStatement, type ResultRow, windowStatement } from "./statement.ts";
import { OutsideGuess, Tally } from "./tally.ts";
import { tooLarge } from "../too-large.ts";
import { PARTS_MAX, ValuesFull } from "./value-table.ts";

/**
 * The answer to a question, exact over all shards. Rows that were acknowledged before are in
 * it; of those that are written meanwhile some may be.
 *
 * Distinct values that are too many to be kept at a time are counted in parts, for each of which
 * the table is worked through once more.
 *
 * @throws Refusal report_too_large, never a part of an answer; an error of the store.
 */
export async function ask(
  env: Env,
  question: Question,
  options: ScanOptions = DEFAULT_SCAN,
): Promise<Answer> {
  return (await tallyOf(env, question, options)).answer();
}

/** An answer about all time. */
export interface GuessedAnswer {
  /** Undefined where a wanted record has a date outside of the guess. */
  readonly answer: Answer | undefined;
  /** Where the dates of wanted records are, counted or not: from, and before `to`. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
}

/**
 * The answer to a question about all time, and in whole periods what {@link dateExtent} would
 * say, by working through the table once. From the first date on that is outside of the guess
 * only the dates are asked for, so that a wrong guess takes no longer than none.
 *
 * @param question its bounds are where the dates are thought to be.
 * @throws what {@link ask} throws.
 */
export async function askGuessing(
  env: Env,
  question: ExtentQuestion & { readonly bounds: readonly number[] },
  options: ScanOptions = DEFAULT_SCAN,
): Promise<GuessedAnswer> {
  const { bounds } = question;
  const extent = new ExtentWork(question);
  let isLost = false;
  const ifOutside = (error: unknown): void => {
    if (!(error instanceof OutsideGuess)) throw error;
    isLost = true;
  };
  const guessing = (plain: ScanWork): ScanWork => ({
    get statement() {
      return isLost ? extent.statement : plain.statement;
    },
    takeRows: (rows, statement) => {
      if (statement === extent.statement) return extent.takeRows(rows);
      try {
        return plain.takeRows(rows, statement);
      } catch (error) {
        ifOutside(error);
        return "again";
      }
    },
    takeRecord: (record) => {
      try {
        if (!isLost) return plain.takeRecord(record);
      } catch (error) {
        ifOutside(error);
      }
      extent.takeRecord(record);
    },
  });
  const tally = await tallyOf(env, { ...question, isGuess: true }, options, guessing);
  const { seen } = tally;
  if (seen !== undefined) {
    extent.add(bounds[seen.first] ?? NaN);
    extent.add((bounds[seen.last + 1] ?? NaN) - 1_000);
  }
  return { answer: isLost ? undefined : tally.answer(), span: spanOf(extent.result) };
}

/** The last second is in it. */
function spanOf(extent: Extent | undefined): GuessedAnswer["span"] {
  return extent && { from: extent.from, to: extent.to + 1_000 };
}

/** @param around what is done with the rows, from what is usual. */
async function tallyOf(
  env: Env,
  question: Question,
  options: ScanOptions,
  around: (plain: ScanWork) => ScanWork = (plain) => plain,
): Promise<Tally> {
  const shared = { ...options, calls: options.calls ?? new Calls(options.statementsMax) };
  const partsMax = question.operation === "count_distinct" ? PARTS_MAX : 1;
  for (let parts = 1; ; parts *= 2) {
    try {
      return await tallyInParts(env, question, parts, shared, around);
    } catch (error) {
      if (!(error instanceof ValuesFull)) throw error;
      if (parts >= partsMax) throw tooLarge(TOO_MANY_VALUES);
    }
  }
}

const TOO_MANY_VALUES = "A metric has too many different values to be compared.";

async function tallyInParts(
  env: Env,
  question: Question,
  parts: number,
  options: ScanOptions,
  around: (plain: ScanWork) => ScanWork,
): Promise<Tally> {
  const tally = new Tally(question);
  const statement = windowStatement(question);
  const reader = new ResultReader(question, tally, statement?.periodOf);
  const work = around({
    statement,
    takeRows: (rows) => reader.take(rows as readonly ResultRow[]),
    takeRecord: recordTaker(question, tally),
  });
  for (let index = 0; index < parts; index += 1) {
    tally.begin({ index, of: parts, bytesMax: options.valueBytesMax });
    await scanTable(env, question.table, options, work);
  }
  return tally;
}

/** What {@link dateExtent} is asked of. */
export type ExtentQuestion = Omit<Question, "range" | "bounds" | "isGuess" | "beginning">;

/**
 * The first and the last date of the wanted records, in ms since 1970, whole seconds: what comes
 * after the second is cut. Undefined where there is none, or the question has no date column.
 *
 * @throws Refusal report_too_large; an error of the store.
 */
export async function dateExtent(
  env: Env,
  question: ExtentQuestion,
  options: ScanOptions = DEFAULT_SCAN,
): Promise<Extent | undefined> {
  if (question.dateColumn === undefined) return undefined;
  const work = new ExtentWork(question);
  await scanTable(env, question.table, options, work);
  return work.result;
}

/** Whole seconds, in ms since 1970. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Looks for the first and the last date. */
class ExtentWork implements ScanWork {
  readonly statement: ScanWork["statement"];
  readonly #dateColumn: string;
  readonly #isWanted: RecordTest;
  #from = Infinity;
  #to = -Infinity;

  constructor(question: ExtentQuestion) {
    this.statement = extentStatement(question);
    this.#dateColumn = question.dateColumn ?? "";
    this.#isWanted = testOf(question);
  }

  get result(): Extent | undefined {
    return this.#from <= this.#to ? { from: this.#from, to: this.#to } : undefined;
  }

  add(instant: number): void {
    // Not -0, which is what -0 ms would be.
    const second = Math.floor(instant / 1000) * 1000 + 0;
    this.#from = Math.min(this.#from, second);
    this.#to = Math.max(this.#to, second);
  }

  readonly takeRows = ([row]: readonly unknown[]): boolean => {
    const [unsure, first, last] = row as ExtentRow;
    if ((unsure ?? 0) > 0) return false;
    if (first !== null) this.add(first);
    if (last !== null) this.add(last);
    return true;
  };

  readonly takeRecord = (record: JsonObject): void => {
    if (!this.#isWanted(record)) return;
    const instant = instantOf(memberOf(record, this.#dateColumn));
    if (instant !== undefined) this.add(instant);
  };
}
