/** What the cohorts of records are, record by record and all at once: a model for the tests. */
import type { RecordTest } from "../../src/filter/compile.ts";
import { isNumber, type Json, type JsonObject, stringifyExact } from "../../src/json/exact.ts";
import { instantOf } from "../../src/time/instant.ts";
import type {
  CohortAnswer,
  CohortCells,
  CohortQuestion,
} from "../../src/report/chart/cohort-cells.ts";
import { groupText } from "../../src/report/engine/group-text.ts";
import { newMeasure } from "../../src/report/engine/measures.ts";
import { memberOf, periodOf, testOf } from "../../src/report/engine/reference.ts";
import { whole } from "../../src/report/math/whole.ts";

/** Calls visit for each record. */
type Scan = (visit: (record: JsonObject) => void) => void;

/** The cohorts of these records. */
export function cohortsOf(
  records: readonly JsonObject[],
  question: Omit<CohortQuestion, "table">,
): CohortAnswer {
  const { firstOf, column } = question.began;
  const isWanted = testOf(question);
  const scan: Scan = (visit) => {
    for (const record of records) visit(record);
  };
  const first = firstOf === undefined ? undefined : firstDates(scan, column, firstOf, isWanted);
  const collector = new Collector(question, first);
  scan((record) => {
    if (isWanted(record)) collector.add(record);
  });
  return collector.answer();
}

/** The first date of each member's rows, by the text of the member. */
function firstDates(
  scan: Scan,
  dateColumn: string,
  memberColumn: string,
  isWanted: RecordTest,
): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  scan((record) => {
    const member = memberOf(record, memberColumn);
    if (member === null || !isWanted(record)) return;
    const at = instantOf(memberOf(record, dateColumn));
    if (at === undefined) return;
    const key = keyOf(member);
    const known = first.get(key);
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
  readonly #question: Omit<CohortQuestion, "table">;
  readonly #first: ReadonlyMap<string, number> | undefined;
  /** Numbers of the cohorts from 0, by their texts. */
  readonly #cohorts = new Map<string, number>();
  /** In the cell cohort × periods + period. */
  readonly #values: ReturnType<typeof newMeasure>;
  /** In the cell of the cohort. */
  readonly #members = newMeasure("count_distinct");
  #notDates = 0;
  #notNumbers = 0;

  constructor(
    question: Omit<CohortQuestion, "table">,
    first: ReadonlyMap<string, number> | undefined,
  ) {
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
