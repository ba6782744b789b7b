/** What a question collects: its cells, and what was left out. */
import type { Json } from "../../json/exact.ts";
import { CELLS_MAX, GROUP_UNITS_MAX } from "./engine-limits.ts";
import { Distinct, type Measure, newMeasure } from "./measures.ts";
import type { Answer, Cell, Question } from "./question.ts";
import { tooLarge } from "../too-large.ts";
import type { ValuePart } from "./value-table.ts";

/** The groups that were met, by numbers from 0. */
class Groups {
  readonly #numbers = new Map<string, number>();
  readonly #texts: (readonly string[])[] = [];
  #units = 0;

  numberOf(texts: readonly string[]): number {
    const name = texts.length === 1 ? (texts[0] ?? "") : JSON.stringify(texts);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#units += name.length;
    if (this.#texts.length >= CELLS_MAX || this.#units > GROUP_UNITS_MAX) throw tooManyGroups();
    this.#numbers.set(name, this.#texts.length);
    return this.#texts.push(texts) - 1;
  }

  textsOf(group: number): readonly string[] {
    return this.#texts[group] ?? [];
  }
}

function tooManyGroups(): Error {
  return tooLarge("A metric has too many periods and groups.");
}

/** A date is outside of bounds that were a guess. */
export class OutsideGuess extends Error {}

/** Collects what is counted. */
export class Tally {
  /** Records that were left out (question.ts). */
  notDates = 0;
  notNumbers = 0;
  readonly measure: Measure;
  #seen: { first: number; last: number } | undefined;
  readonly #periods: number;
  readonly #groups = new Groups();
  /** By group × periods + period. */
  readonly #cells = new Map<number, number>();

  constructor({ operation, bounds, beginning }: Question) {
    this.measure = newMeasure(operation);
    if (beginning !== undefined) this.#periods = beginning.periods ?? 1;
    else this.#periods = bounds === undefined ? 1 : bounds.length - 1;
  }

  /** Begins to take all records for one part of the distinct values. */
  begin(part: ValuePart): void {
    this.notDates = 0;
    this.notNumbers = 0;
    if (this.measure instanceof Distinct) this.measure.begin(part);
  }

  /** Notes that there is a date in a period; for bounds that are a guess. */
  see(period: number): void {
    const { first, last } = this.#seen ?? { first: period, last: period };
    if (this.#seen !== undefined && period >= first && period <= last) return;
    this.#seen = { first: Math.min(first, period), last: Math.max(last, period) };
  }

  /** The first and the last period of all dates; undefined where there are none. */
  get seen(): { readonly first: number; readonly last: number } | undefined {
    return this.#seen;
  }

  /** The number of a group, for {@link cellOf}. @throws Refusal report_too_large. */
  groupOf(texts: readonly string[]): number {
    return this.#groups.numberOf(texts);
  }

  /** The cell of a period and a group. @throws Refusal report_too_large. */
  cellOf(period: number, group: number): number {
    const place = group * this.#periods + period;
    const known = this.#cells.get(place);
    if (known !== undefined) return known;
    const cell = this.#cells.size;
    if (cell >= CELLS_MAX) throw tooManyGroups();
    this.#cells.set(place, cell);
    return cell;
  }

  /** Adds a value other than null, so many times. @throws ValuesFull. */
  add(cell: number, value: Json, times: number): void {
    if (!this.measure.add(cell, value, times)) this.notNumbers += times;
  }

  /** Adds values other than null, given as their JSON texts. @throws ValuesFull. */
  addJson(cell: number, texts: readonly string[]): void {
    for (const text of texts) this.addText(cell, text);
  }

  /** Adds a value other than null, given as its JSON text. @throws ValuesFull. */
  addText(cell: number, text: string): void {
    if (!this.measure.addJson(cell, text)) this.notNumbers += 1;
  }

  /** Once all is added. */
  answer(): Answer {
    const cells: Cell[] = [];
    for (const [place, cell] of this.#cells) {
      const value = this.measure.result(cell);
      const period = place % this.#periods;
      const group = this.#groups.textsOf((place - period) / this.#periods);
      if (value !== undefined) cells.push({ period, group, value });
    }
    cells.sort((a, b) => a.period - b.period);
    return { cells, notDates: this.notDates, notNumbers: this.notNumbers };
  }
}
