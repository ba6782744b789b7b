/**
 * Questions and their answers. A table is worked through in windows, shard by shard, each shard
 * by itself: a statement reduces the rows of a window (statement.ts); where there is none, or it
 * was not sure of some row, the Worker reads the rows (reference.ts). Both mean the same, so it
 * does not matter which has answered.
 */
import { instantOf } from "../../time/instant.ts";
import type { Answer, Question } from "./question.ts";
import { memberOf, recordTaker, testOf } from "./reference.ts";
import { ResultReader } from "./results.ts";
import { Calls, DEFAULT_SCAN, scanTable, type ScanOptions } from "./scan.ts";
import { type ExtentRow, extentStatement, type ResultRow, windowStatement } from "./statement.ts";
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
  const shared = { ...options, calls: options.calls ?? new Calls(options.statementsMax) };
  const partsMax = question.operation === "count_distinct" ? PARTS_MAX : 1;
  for (let parts = 1; ; parts *= 2) {
    try {
      return await askInParts(env, question, parts, shared);
    } catch (error) {
      if (!(error instanceof ValuesFull)) throw error;
      if (parts >= partsMax) throw tooLarge(TOO_MANY_VALUES);
    }
  }
}

const TOO_MANY_VALUES = "A metric has too many different values to be compared.";

async function askInParts(
  env: Env,
  question: Question,
  parts: number,
  options: ScanOptions,
): Promise<Answer> {
  const tally = new Tally(question);
  const statement = windowStatement(question);
  const reader = new ResultReader(question, tally, statement?.periodOf);
  const work = {
    statement,
    takeRows: (rows: readonly unknown[]) => reader.take(rows as readonly ResultRow[]),
    takeRecord: recordTaker(question, tally),
  };
  for (let index = 0; index < parts; index += 1) {
    tally.begin({ index, of: parts, bytesMax: options.valueBytesMax });
    await scanTable(env, question.table, options, work);
  }
  return tally.answer();
}

/** What {@link dateExtent} is asked of. */
export type ExtentQuestion = Omit<Question, "range" | "bounds">;

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
): Promise<{ from: number; to: number } | undefined> {
  const { dateColumn } = question;
  if (dateColumn === undefined) return undefined;
  let [from, to] = [Infinity, -Infinity];
  const add = (instant: number): void => {
    // Not -0, which is what -0 ms would be.
    const second = Math.floor(instant / 1000) * 1000 + 0;
    from = Math.min(from, second);
    to = Math.max(to, second);
  };
  const isWanted = testOf(question);
  await scanTable(env, question.table, options, {
    statement: extentStatement(question),
    takeRows: ([row]) => {
      const [unsure, first, last] = row as ExtentRow;
      if ((unsure ?? 0) > 0) return false;
      if (first !== null) add(first);
      if (last !== null) add(last);
      return true;
    },
    takeRecord: (record) => {
      const instant = isWanted(record) ? instantOf(memberOf(record, dateColumn)) : undefined;
      if (instant !== undefined) add(instant);
    },
  });
  return from <= to ? { from, to } : undefined;
}
