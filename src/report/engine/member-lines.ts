/** From the lines of rows (sql-lines.ts) to a tally: their cohorts are those of their members. */
import { parseExact, stringifyExact } from "../../json/exact.ts";
import { groupText } from "./group-text.ts";
import { Lines } from "./lines.ts";
import type { Beginning, KeptLines, MemberDates, Question } from "./question.ts";
import { isOutside, periodOf } from "./reference.ts";
import type { ScanWork } from "./scan.ts";
import { type LinesRow, memberLinesStatement } from "./sql-lines.ts";
import type { Tally } from "./tally.ts";

/** Groups whose numbers are remembered by their JSON texts: parsing takes longer. */
const KNOWN_GROUPS_MAX = 20_000;

/** Instead of the number of a group, or of a period. */
const NONE = -1;

/** Adds the rows of windows to a tally. */
export class MemberLines implements Omit<ScanWork, "takeRecord"> {
  readonly statement: ScanWork["statement"];
  readonly listsRows = true;
  readonly #tally: Tally;
  readonly #numberOf: MemberDates["numberOf"];
  readonly #kept: KeptLines | undefined;
  readonly #bounds: readonly number[];
  readonly #periods: number | undefined;
  readonly #chosen: ReadonlySet<string> | undefined;
  readonly #takesValue: boolean;
  readonly #hasGroup: boolean;
  /** The index of the period in which each member's cohort began, or NONE. */
  readonly #starts: Int32Array;
  /** Numbers of groups: by the JSON texts of columns, by the periods of the beginnings. */
  readonly #groups = new Map<string, number>();
  readonly #groupsOfStarts: number[] = [];

  /** @param members the dates of the beginning. */
  constructor(question: Question, beginning: Beginning, members: MemberDates, tally: Tally) {
    const { column, groupBy, bounds = [] } = question;
    this.statement = memberLinesStatement(question, beginning, members);
    this.#tally = tally;
    this.#numberOf = members.numberOf;
    this.#kept = members.keptFor(question);
    this.#bounds = bounds;
    this.#periods = beginning.periods;
    this.#chosen = beginning.chosen;
    this.#takesValue = column !== undefined;
    this.#hasGroup = groupBy.length > 0;
    this.#starts = startsOf(members.dates(), bounds, beginning, !this.#hasGroup);
  }

  /** @throws Refusal report_too_large; ValuesFull. */
  readonly takeRows = ([row]: readonly unknown[]): boolean => {
    return this.#takeRow(row as LinesRow, this.#takesValue);
  };

  /** @throws what {@link takeRows} throws. */
  readonly takeKept = (): boolean => {
    if (this.#kept === undefined) return false;
    const { rows, hasValue } = this.#kept;
    for (const row of rows) this.#takeRow(row as LinesRow, hasValue);
    return true;
  };

  #takeRow([unsure, notDates, text]: LinesRow, hasValue: boolean): boolean {
    if ((unsure ?? 0) > 0) return false;
    this.#tally.notDates += notDates ?? 0;
    const lines = new Lines(text);
    while (lines.next()) this.#take(lines, hasValue);
    return true;
  }

  #take(lines: Lines, hasValue: boolean): void {
    const at = lines.instant();
    if (hasValue && !this.#takesValue) lines.skip(1);
    const value = this.#takesValue ? lines.text() : undefined;
    const groupJson = this.#hasGroup ? lines.text() : undefined;
    const start = this.#starts[this.#numberOf(lines.lastText())] ?? NONE;
    if (start === NONE) return;
    const periods = this.#periods ?? 1;
    const since = this.#periods === undefined ? 0 : periodOf(this.#bounds, at) - start;
    if (since < 0 || since >= periods || value === "" || value === "null") return;
    const group = groupJson === undefined ? this.#groupOfStart(start) : this.#groupOf(groupJson);
    if (group === NONE) return;
    const cell = this.#tally.cellOf(since, group);
    if (value === undefined) this.#tally.add(cell, true, 1);
    else this.#tally.addText(cell, value);
  }

  /** Only of cohorts that are chosen: see {@link startsOf}. */
  #groupOfStart(start: number): number {
    const known = this.#groupsOfStarts[start];
    if (known !== undefined) return known;
    const group = this.#tally.groupOf([String(start)]);
    this.#groupsOfStarts[start] = group;
    return group;
  }

  #groupOf(json: string): number {
    const known = this.#groups.get(json);
    if (known !== undefined) return known;
    const value = json === "" ? null : parseExact(json);
    const text = groupText(value);
    const isChosen = this.#chosen?.has(text) ?? true;
    const group = isChosen ? this.#tally.groupOf([text]) : NONE;
    if (this.#groups.size >= KNOWN_GROUPS_MAX) this.#groups.clear();
    // A text of its own: a part of the lines would keep all 2 MB of them in memory.
    this.#groups.set(json === "" ? "" : stringifyExact(value), group);
    return group;
  }
}

/** @param arePeriods whether the cohorts are the periods of the beginnings, by their indexes. */
function startsOf(
  dates: Float64Array,
  bounds: readonly number[],
  { range, chosen }: Beginning,
  arePeriods: boolean,
): Int32Array {
  const isStart = bounds.map((_, index) => !arePeriods || (chosen?.has(String(index)) ?? true));
  return Int32Array.from(dates, (date) => {
    const start = isOutside(range, date) ? NONE : periodOf(bounds, date);
    return isStart[start] === true ? start : NONE;
  });
}
