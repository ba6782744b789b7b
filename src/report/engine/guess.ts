/**
 * Questions about all time, whose bounds are a guess: a table is worked through as for known
 * bounds until a date is met that is outside of them, and from then on for its dates only.
 */
import type { JsonObject } from "../../json/exact.ts";
import type { Span } from "../time/calendar.ts";
import { type ExtentQuestion, ExtentWork } from "./extent.ts";
import type { ScanStatement, ScanWork } from "./scan.ts";
import { OutsideGuess, type Tally } from "./tally.ts";

/** A question about all time; its bounds are where the dates are thought to be. */
export type GuessedQuestion = ExtentQuestion & { readonly bounds: readonly number[] };

/** Whether a guess holds, and the dates that were met since it does not. */
export class Guess {
  /** Whether a wanted record has a date outside of the guess. */
  isLost = false;
  readonly extent: ExtentWork;
  readonly #bounds: readonly number[];

  constructor(question: GuessedQuestion) {
    this.extent = new ExtentWork(question);
    this.#bounds = question.bounds;
  }

  /** The span of all dates: of those in the periods that were seen before it was lost, too. */
  spanWith(seen: Tally["seen"]): Span | undefined {
    if (seen !== undefined) {
      this.extent.add(this.#bounds[seen.first] ?? NaN);
      // The end of a period is not in it.
      this.extent.add((this.#bounds[seen.last + 1] ?? NaN) - 1_000);
    }
    return this.extent.span;
  }
}

/** Does what is usual with the rows while a guess holds, and looks for dates afterwards. */
export class GuessingWork implements ScanWork {
  readonly #plain: ScanWork;
  readonly #guess: Guess;

  /** @param plain what is done where the bounds are known; throws OutsideGuess. */
  constructor(plain: ScanWork, guess: Guess) {
    this.#plain = plain;
    this.#guess = guess;
  }

  get statement(): ScanStatement | undefined {
    return this.#guess.isLost ? this.#guess.extent.statement : this.#plain.statement;
  }

  readonly takeRows = (
    rows: readonly unknown[],
    statement: ScanStatement,
  ): ReturnType<ScanWork["takeRows"]> => {
    const { extent } = this.#guess;
    if (statement === extent.statement) return extent.takeRows(rows);
    try {
      return this.#plain.takeRows(rows, statement);
    } catch (error) {
      this.#noteOutside(error);
      return "again";
    }
  };

  readonly takeRecord = (record: JsonObject): void => {
    try {
      if (!this.#guess.isLost) return this.#plain.takeRecord(record);
    } catch (error) {
      this.#noteOutside(error);
    }
    this.#guess.extent.takeRecord(record);
  };

  #noteOutside(error: unknown): void {
    if (!(error instanceof OutsideGuess)) throw error;
    this.#guess.isLost = true;
  }
}
