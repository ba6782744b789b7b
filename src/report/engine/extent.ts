/** Where the dates of records are: the first and the last one. */
import type { RecordTest } from "../../filter/compile.ts";
import type { JsonObject } from "../../json/exact.ts";
import { instantOf } from "../../time/instant.ts";
import type { Span } from "../time/calendar.ts";
import type { Question } from "./question.ts";
import { memberOf, testOf } from "./reference.ts";
import { DEFAULT_SCAN, scanTable, type ScanOptions, type ScanWork } from "./scan.ts";
import { type ExtentRow, extentStatement } from "./statement.ts";

/** Dates are told apart by seconds, in ms: what comes after the second is cut. */
const SECOND_MS = 1_000;

/** What {@link dateExtent} is asked of. */
export type ExtentQuestion = Omit<Question, "range" | "bounds" | "isGuess" | "beginning">;

/**
 * Where the dates of the wanted records are, in whole seconds: from, and before `to`, so that
 * the second of the last date is in it. Undefined where there is none, or the question has no
 * date column.
 *
 * @throws Refusal report_too_large; an error of the store.
 */
export async function dateExtent(
  env: Env,
  question: ExtentQuestion,
  options: ScanOptions = DEFAULT_SCAN,
): Promise<Span | undefined> {
  if (question.dateColumn === undefined) return undefined;
  const work = new ExtentWork(question);
  await scanTable(env, question.table, options, work);
  return work.span;
}

/** Looks for the first and the last date. */
export class ExtentWork implements ScanWork {
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

  /** As {@link dateExtent} gives it, of what was met so far. */
  get span(): Span | undefined {
    return this.#from < this.#to ? { from: this.#from, to: this.#to } : undefined;
  }

  /** Notes that there is a date, in ms since 1970. */
  add(instant: number): void {
    // Not -0, which is what -0 ms would be.
    const second = Math.floor(instant / SECOND_MS) * SECOND_MS + 0;
    this.#from = Math.min(this.#from, second);
    this.#to = Math.max(this.#to, second + SECOND_MS);
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
