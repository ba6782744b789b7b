/**
 * Questions and their answers. A table is worked through in windows, shard by shard, each shard
 * by itself: a statement reduces the rows of a window (statement.ts), or lists what counts of them
 * (sql-lines.ts); where there is none, or it was not sure of some row, the Worker reads the rows
 * (reference.ts). All mean the same, so it does not matter which has answered.
 */
import type { Span } from "../time/calendar.ts";
import { Guess, type GuessedQuestion, GuessingWork } from "./guess.ts";
import { MemberLines } from "./member-lines.ts";
import type { Answer, Question } from "./question.ts";
import { recordTaker } from "./reference.ts";
import { ResultReader } from "./results.ts";
import { Calls, DEFAULT_SCAN, scanTable, type ScanOptions, type ScanWork } from "./scan.ts";
import { type ResultRow, windowStatement } from "./statement.ts";
import { Tally } from "./tally.ts";
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
  /** Where the dates of wanted records are, counted or not; undefined where there are none. */
  readonly span: Span | undefined;
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
  question: GuessedQuestion,
  options: ScanOptions = DEFAULT_SCAN,
): Promise<GuessedAnswer> {
  const guess = new Guess(question);
  const around = (plain: ScanWork): ScanWork => new GuessingWork(plain, guess);
  const tally = await tallyOf(env, { ...question, isGuess: true }, options, around);
  return { answer: guess.isLost ? undefined : tally.answer(), span: guess.spanWith(tally.seen) };
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

/** What is done with windows: lists of rows where they belong to members, results else. */
function windowWork(
  question: Question,
  tally: Tally,
): Pick<ScanWork, "statement" | "takeRows" | "listsRows" | "takeKept"> {
  const { beginning } = question;
  if (beginning !== undefined && typeof beginning.date !== "string") {
    const lines = new MemberLines(question, beginning, beginning.date, tally);
    const { statement, takeRows, listsRows, takeKept } = lines;
    return { statement, takeRows, listsRows, takeKept };
  }
  const statement = windowStatement(question);
  const reader = new ResultReader(question, tally, statement?.periodOf);
  return { statement, takeRows: (rows) => reader.take(rows as readonly ResultRow[]) };
}

async function tallyInParts(
  env: Env,
  question: Question,
  parts: number,
  options: ScanOptions,
  around: (plain: ScanWork) => ScanWork,
): Promise<Tally> {
  const tally = new Tally(question);
  const work = around({ ...windowWork(question, tally), takeRecord: recordTaker(question, tally) });
  for (let index = 0; index < parts; index += 1) {
    tally.begin({ index, of: parts, bytesMax: options.valueBytesMax });
    await scanTable(env, question.table, options, work);
  }
  return tally;
}
