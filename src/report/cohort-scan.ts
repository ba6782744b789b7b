/**
 * The values of cohorts, out of the records of a table: a cohort's rows by the periods since it
 * began. Records are read one by one, because a period since the beginning needs two dates of a
 * row, or the first date of many.
 */
import type { RecordTest } from "../filter/compile.ts";
import type { Filter } from "../filter/filter.ts";
import { isNumber, type Json, type JsonObject, stringifyExact } from "../json/exact.ts";
import { instantOf } from "../time/instant.ts";
import type { Amount } from "./amount.ts";
import { COHORT_MEMBERS_MAX, REPORT_ROWS_MAX } from "./definition-limits.ts";
import { groupText } from "./group-text.ts";
import { newMeasure } from "./measures.ts";
import type { Operation } from "./question.ts";
import { memberOf, periodOf, testOf } from "./reference.ts";
import { tooLarge } from "./too-large.ts";
import { whole } from "./whole.ts";

/** Calls visit for each record of the table, in no order that means anything. */
export type Scan = (visit: (record: JsonObject) => void) => Promise<void>;

/** What a chart asks of the rows of its metric. */
export interface CohortQuestion {
  readonly operation: Operation;
  /** Absent for count. */
  readonly column?: string | undefined;
  readonly filter?: Filter | undefined;
  /** The date of the metric: it says which period since the beginning a row counts for. */
  readonly dateColumn: string;
  /** When a row's cohort began: by a date of the row, or the first one of its member's rows. */
  readonly began: { readonly column: string; readonly firstOf?: string | undefined };
  /** Only what began then; ms since 1970, [from, to). */
  readonly beganIn?: { readonly from: number; readonly to: number } | undefined;
  /** Ascending: the starts of all periods that matter, and the end of the last. */
  readonly bounds: readonly number[];
  /** The column whose values are the cohorts; absent: the periods in which they began. */
  readonly cohortColumn?: string | undefined;
  /** The cohorts that are wanted, by their texts; absent: all. */
  readonly chosen?: ReadonlySet<string> | undefined;
  /** Periods since the beginning that are wanted; the first is the one of the beginning. */
  readonly periods: number;
  /** What names a member; absent where members are not counted here. */
  readonly memberColumn?: string | undefined;
}

/** One cohort. */
export interface CohortCells {
  /** By periods since the beginning; undefined where no row counts. */
  readonly values: readonly (Amount | undefined)[];
  /** Different values of the member column among its rows, whenever they count. */
  readonly members: Amount;
}

/** The cohorts by the index of the period in which they began, or by the value of the column. */
export interface CohortAnswer {
  readonly cohorts: ReadonlyMap<string, CohortCells>;
  readonly notDates: number;
  readonly notNumbers: number;
}

/**
 * Reads the table once; twice where a first date must be found before.
 *
 * @throws Refusal report_too_large where memory would not hold what must be kept.
 */
export async function askCohorts(scan: Scan, question: CohortQuestion): Promise<CohortAnswer> {
  const { firstOf, column } = question.began;
  const isWanted = testOf(question);
  const first =
    firstOf === undefined ? undefined : await firstDates(scan, column, firstOf, isWanted);
  const collector = new Collector(question, first);
  await scan((record) => {
    if (isWanted(record)) collector.add(record);
  });
  return collector.answer();
}

/** The first date of each member's rows, by the text of the member. */
async function firstDates(
  scan: Scan,
  dateColumn: string,
  memberColumn: string,
  isWanted: RecordTest,
): Promise<ReadonlyMap<string, number>> {
  const first = new Map<string, number>();
  await scan((record) => {
    const member = memberOf(record, memberColumn);
    if (member === null || !isWanted(record)) return;
    const at = instantOf(memberOf(record, dateColumn));
    if (at === undefined) return;
    const key = keyOf(member);
    const known = first.get(key);
    if (known === undefined && first.size === COHORT_MEMBERS_MAX) {
      throw tooLarge(`The chart has more than ${COHORT_MEMBERS_MAX} members.`);
    }
    if (known === undefined || at < known) first.set(key, at);
  });
  return first;
}

/** One text for a member, however its number is written; 1 and "1" are two, as in count_distinct. */
function keyOf(member: Json): string {
  return isNumber(member) ? groupText(member) : stringifyExact(member);
}

/** Collects what counts for each cohort. */
class Collector {
  readonly #question: CohortQuestion;
  readonly #first: ReadonlyMap<string, number> | undefined;
  /** Numbers of the cohorts from 0, by their texts. */
  readonly #cohorts = new Map<string, number>();
  /** In the cell cohort × periods + period. */
  readonly #values: ReturnType<typeof newMeasure>;
  /** In the cell of the cohort. */
  readonly #members = newMeasure("count_distinct");
  #notDates = 0;
  #notNumbers = 0;

  constructor(question: CohortQuestion, first: ReadonlyMap<string, number> | undefined) {
    this.#question = question;
    this.#first = first;
    this.#values = newMeasure(question.operation);
  }

  add(record: JsonObject): void {
    const { dateColumn, beganIn, bounds, cohortColumn, chosen, periods } = this.#question;
    const at = this.#dateOf(record, dateColumn);
    const began = this.#beganOf(record);
    if (at === undefined || began === undefined) return;
    if (beganIn !== undefined && (began < beganIn.from || began >= beganIn.to)) return;
    const start = periodOf(bounds, began);
    if (start < 0) return;
    const isDated = cohortColumn === undefined;
    const name = isDated ? String(start) : groupText(memberOf(record, cohortColumn));
    if (chosen?.has(name) === false) return;
    const cohort = this.#numberOf(name);
    this.#addMember(cohort, record);
    const period = periodOf(bounds, at);
    const since = period < 0 ? -1 : period - start;
    if (since >= 0 && since < periods) this.#addValue(cohort * periods + since, record);
  }

  answer(): CohortAnswer {
    const { periods } = this.#question;
    const cohorts = [...this.#cohorts].map(([name, cohort]): [string, CohortCells] => {
      const cells = Array.from({ length: periods }, (_, since) => cohort * periods + since);
      const values = cells.map((cell) => this.#values.result(cell));
      return [name, { values, members: this.#members.result(cohort) ?? whole(0) }];
    });
    const [notDates, notNumbers] = [this.#notDates, this.#notNumbers];
    return { cohorts: new Map(cohorts), notDates, notNumbers };
  }

  /** A date that is there and is none is left out, and counted. */
  #dateOf(record: JsonObject, column: string): number | undefined {
    const value = memberOf(record, column);
    const at = instantOf(value);
    if (at === undefined && value !== null) this.#notDates += 1;
    return at;
  }

  #beganOf(record: JsonObject): number | undefined {
    const { began } = this.#question;
    if (began.firstOf === undefined) return this.#dateOf(record, began.column);
    const member = memberOf(record, began.firstOf);
    return member === null ? undefined : this.#first?.get(keyOf(member));
  }

  #numberOf(name: string): number {
    const known = this.#cohorts.get(name);
    if (known !== undefined) return known;
    if (this.#cohorts.size === REPORT_ROWS_MAX) {
      throw tooLarge(`The chart has more than ${REPORT_ROWS_MAX} cohorts.`);
    }
    this.#cohorts.set(name, this.#cohorts.size);
    return this.#cohorts.size - 1;
  }

  #addMember(cohort: number, record: JsonObject): void {
    const { memberColumn } = this.#question;
    const member = memberColumn === undefined ? null : memberOf(record, memberColumn);
    if (member !== null) this.#members.add(cohort, member, 1);
  }

  #addValue(cell: number, record: JsonObject): void {
    const { column } = this.#question;
    const value = column === undefined ? true : memberOf(record, column);
    if (value !== null && !this.#values.add(cell, value, 1)) this.#notNumbers += 1;
  }
}
