/**
 * Metrics of all time: the span of their dates, and where the table had only to be worked through
 * once their values with it: where the dates are is guessed then, and the guess is good where all
 * of them are in it.
 */
import { CELLS_MAX } from "../engine/engine-limits.ts";
import { askGuessing } from "../engine/engine.ts";
import { dateExtent, type ExtentQuestion } from "../engine/extent.ts";
import type { Answer } from "../engine/question.ts";
import type { ScanOptions } from "../engine/scan.ts";
import { DAY_MS, type Interval, periodsOf, type Span, type WeekStart } from "../time/calendar.ts";

/** The periods of a metric. */
export interface Periods {
  readonly interval: Interval;
  /** The starts of the periods, and the end of the last. */
  readonly bounds: readonly number[];
  /** The first day, or the hour, of each. */
  readonly labels: readonly string[];
}

/** What periods are reckoned by. */
export interface Clock {
  readonly time_zone: string;
  readonly week_start: WeekStart;
}

/** The dates of a metric. */
export interface Extent {
  /** Undefined where no record has a date. In whole periods where the values are there, too. */
  readonly span: Span | undefined;
  readonly guessed?: GuessedValues | undefined;
}

/** Values by periods that were guessed. */
export interface GuessedValues {
  readonly answer: Answer;
  readonly bounds: readonly number[];
}

/**
 * How many days back and ahead of now dates are thought to be: as long as statements tell the
 * periods apart fast (SQL_PERIODS_MAX; days and weeks of UTC are all as long), and a report
 * shows so many (REPORT_ROWS_MAX). Hours would be too few days.
 */
const GUESSES: Readonly<Partial<Record<Interval, { back: number; ahead: number }>>> = {
  day: { back: 9 * 365, ahead: 180 },
  week: { back: 8.5 * 365, ahead: 300 },
  month: { back: 36 * 365, ahead: 4 * 365 },
  quarter: { back: 100 * 365, ahead: 20 * 365 },
  year: { back: 300 * 365, ahead: 100 * 365 },
};

/** Asks for the dates of metrics of all time, one after the other. */
export class AllTime {
  readonly #env: Env;
  readonly #clock: Clock;
  readonly #now: number;
  readonly #options: ScanOptions;
  #isGuessing = true;
  /** Of the values that are kept until they are wanted. */
  #cells = 0;

  /** @param now in ms since 1970. */
  constructor(env: Env, clock: Clock, now: number, options: ScanOptions) {
    this.#env = env;
    this.#clock = clock;
    this.#now = now;
    this.#options = options;
  }

  /**
   * The dates of a metric.
   *
   * @param mayBeWhole whether the span may be one of whole periods, and so have values with it.
   * @throws Refusal report_too_large; an error of the store.
   */
  async extentOf(
    question: ExtentQuestion,
    interval: Interval,
    mayBeWhole: boolean,
  ): Promise<Extent> {
    const bounds = mayBeWhole && this.#isGuessing ? this.#guess(interval) : undefined;
    if (bounds === undefined) {
      return { span: await dateExtent(this.#env, question, this.#options) };
    }
    const { answer, span } = await askGuessing(this.#env, { ...question, bounds }, this.#options);
    this.#isGuessing = answer !== undefined;
    this.#cells += answer?.cells.length ?? 0;
    if (answer === undefined || this.#cells > CELLS_MAX) return { span };
    return { span, guessed: { answer, bounds } };
  }

  #guess(interval: Interval): readonly number[] | undefined {
    const { time_zone: timeZone, week_start: weekStart } = this.#clock;
    const guess = GUESSES[interval];
    // Days of other zones have no one length, and there are too many of them to be listed.
    if (guess === undefined || (interval === "day" && timeZone !== "UTC")) return undefined;
    const from = this.#now - guess.back * DAY_MS;
    const span = { from, to: this.#now + guess.ahead * DAY_MS };
    return periodsOf(span, interval, timeZone, weekStart).bounds;
  }
}

/**
 * Values by the periods that are shown, after so many that none of them is in. Undefined where
 * the periods are others than those that were guessed.
 */
export function valuesIn(
  { answer, bounds }: GuessedValues,
  shown: readonly number[],
  skipped: number,
): Answer | undefined {
  const first = bounds.indexOf(shown[0] ?? NaN);
  if (first < 0 || shown.some((bound, index) => bound !== bounds[first + index])) return undefined;
  const cells = answer.cells.map((cell) => ({ ...cell, period: cell.period - first + skipped }));
  return { ...answer, cells };
}
