/** From the results of statements to a tally. */
import { parseExact } from "../../json/exact.ts";
import { groupText } from "./group-text.ts";
import { Sum } from "./measures.ts";
import type { Question } from "./question.ts";
import {
  NEITHER_DATE,
  NOT_DATE,
  NOT_NUMBER,
  OUTSIDE_GUESS,
  uncountedOf,
  UNSURE,
} from "./sql-classes.ts";
import type { ResultRow, WindowStatement } from "./statement.ts";
import { OutsideGuess, type Tally } from "./tally.ts";

/** Groups whose numbers are remembered by their JSON texts: parsing takes longer. */
const KNOWN_GROUPS_MAX = 20_000;

/** Instead of the number of a cohort that is not wanted. */
const NOT_CHOSEN = -1;

/** Adds results to a tally. */
export class ResultReader {
  readonly #tally: Tally;
  readonly #periodOf: WindowStatement["periodOf"];
  readonly #hasGroups: boolean;
  readonly #isGuess: boolean;
  readonly #chosen: ReadonlySet<string> | undefined;
  readonly #groups = new Map<string, number>();

  constructor(
    { groupBy, beginning, isGuess }: Question,
    tally: Tally,
    periodOf: WindowStatement["periodOf"] = (result) => result,
  ) {
    this.#tally = tally;
    this.#periodOf = periodOf;
    this.#hasGroups = groupBy.length > 0 || beginning !== undefined;
    this.#isGuess = isGuess === true;
    this.#chosen = beginning?.chosen;
  }

  /**
   * Adds the results of one window.
   *
   * @returns false where the statement was not sure; then nothing is added.
   * @throws Refusal report_too_large; ValuesFull; OutsideGuess.
   */
  take(rows: readonly ResultRow[]): boolean {
    if (rows.some(([period]) => period === OUTSIDE_GUESS)) throw new OutsideGuess();
    if (rows.some(([period]) => period === UNSURE)) return false;
    for (const row of rows) this.#add(row);
    return true;
  }

  #add(row: ResultRow): void {
    const [result, records] = row;
    if (result === NOT_DATE) this.#tally.notDates += records;
    else if (result === NEITHER_DATE) this.#tally.notDates += 2 * records;
    else if (result === NOT_NUMBER) this.#addNotNumbers(row);
    else if (result < 0) this.#addUncounted(result, records);
    else {
      const group = this.#groupOf(row);
      if (group === NOT_CHOSEN) return;
      const period = this.#periodOf(result);
      if (this.#isGuess) this.#tally.see(period);
      this.#addCounted(row, this.#tally.cellOf(period, group));
    }
  }

  #addUncounted(result: number, records: number): void {
    const uncounted = uncountedOf(result);
    if (uncounted === undefined) throw new Error(`no result: ${result}`);
    this.#tally.see(this.#periodOf(uncounted.result));
    if (uncounted.isNotNumber) this.#tally.notNumbers += records;
  }

  #addNotNumbers(row: ResultRow): void {
    const isOfChosen = this.#chosen === undefined || this.#groupOf(row) !== NOT_CHOSEN;
    if (isOfChosen) this.#tally.notNumbers += row[1];
  }

  #addCounted([, records, json, scale, units]: ResultRow, cell: number): void {
    const { measure } = this.#tally;
    if (json !== null) this.#tally.add(cell, parseExact(json), records);
    else if (typeof units !== "string") this.#tally.add(cell, true, records);
    else if (measure instanceof Sum) {
      measure.addSum(cell, { units: BigInt(units), scale: scale ?? 0 }, records);
    } else {
      this.#tally.addJson(cell, units.split("\n"));
    }
  }

  #groupOf([, , , , , ...groups]: ResultRow): number {
    if (!this.#hasGroups) return this.#tally.groupOf([]);
    const name = groups.join("\n");
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const texts = groups.map((json) => (json === null ? "" : groupText(parseExact(String(json)))));
    const isChosen = this.#chosen?.has(texts[0] ?? "") ?? true;
    const group = isChosen ? this.#tally.groupOf(texts) : NOT_CHOSEN;
    if (this.#groups.size >= KNOWN_GROUPS_MAX) this.#groups.clear();
    this.#groups.set(name, group);
    return group;
  }
}
