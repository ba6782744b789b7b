/** The first dates of members, and what was listed of the rows when they were looked for. */
import { type JsonObject, stringifyExact } from "../../json/exact.ts";
import {
  COHORT_MEMBERS_MAX,
  FIRST_DATES_BYTES_MAX,
  MEMBER_BYTES_MAX,
} from "../definition/definition-limits.ts";
import type { KeptLines, MemberDates, Question } from "./question.ts";
import { memberOf } from "./reference.ts";
import type { LinesRow } from "./sql-lines.ts";
import { tooLarge } from "../too-large.ts";
import { ValuesFull, ValueTable } from "./value-table.ts";

/** Bytes of a UTF-16 unit; of texts in Latin letters it is one. */
const UNIT_BYTES = 2;

/** What lines say of records. */
type Listed = Pick<Question, "table" | "filter" | "dateColumn" | "column" | "groupBy">;

/** Members are told apart as count_distinct does: 1 and 1.0 are one, 1 and "1" two. */
const CELL = 0;

/** The first date of each member, in ms since 1970. */
export class FirstDates implements MemberDates {
  readonly memberColumn: string;
  readonly #members = new ValueTable({ index: 0, of: 1, bytesMax: MEMBER_BYTES_MAX });
  /** By the entries of the members. */
  #dates = new Float64Array(1_024);
  readonly #listed: Listed | undefined;
  #kept: LinesRow[] | undefined;
  #keptBytes = 0;

  /** @param listed what the lines say that are kept; absent: none are. */
  constructor(memberColumn: string, listed?: Listed) {
    this.memberColumn = memberColumn;
    this.#listed = listed;
    if (listed !== undefined) this.#kept = [];
  }

  /** What it takes of the memory. */
  get bytes(): number {
    return this.#keptBytes + this.#members.bytes + this.#dates.byteLength;
  }

  /** Whether lines are kept. */
  get keeps(): boolean {
    return this.#kept !== undefined;
  }

  /** Keeps the lines of a window, where memory has room for those of all. */
  keep(row: LinesRow): void {
    if (!this.keeps) return;
    this.#keptBytes += UNIT_BYTES * (row[2]?.length ?? 0);
    if (this.bytes > FIRST_DATES_BYTES_MAX) this.keepNothing();
    else this.#kept?.push(row);
  }

  /** Lets go of all lines: records were met that are in none. */
  keepNothing(): void {
    this.#kept = undefined;
    this.#keptBytes = 0;
  }

  readonly keptFor = (question: Question): KeptLines | undefined => {
    const { table, filter, dateColumn, column, groupBy } = this.#listed ?? {};
    const isOfSame =
      question.table === table &&
      question.filter === filter &&
      question.dateColumn === dateColumn &&
      question.groupBy[0] === groupBy?.[0];
    const hasColumn = question.column === undefined || question.column === column;
    if (this.#kept === undefined || !isOfSame || !hasColumn) return undefined;
    return { rows: this.#kept, hasValue: column !== undefined };
  };

  /**
   * Takes a date of a member into account.
   *
   * @param json the member's name, not null, as JSON.stringify writes it.
   * @throws Refusal report_too_large.
   */
  add(json: string, at: number): void {
    const known = this.#members.size;
    const number = this.#numberFor(json);
    if (number < known) {
      if (at < (this.#dates[number] ?? 0)) this.#dates[number] = at;
      return;
    }
    if (number >= COHORT_MEMBERS_MAX) {
      throw tooLarge(`The chart has more than ${COHORT_MEMBERS_MAX} members.`);
    }
    if (number === this.#dates.length) {
      const dates = new Float64Array(2 * number);
      dates.set(this.#dates);
      this.#dates = dates;
    }
    this.#dates[number] = at;
  }

  #numberFor(json: string): number {
    try {
      return this.#members.entryOf(CELL, json, 1);
    } catch (error) {
      if (!(error instanceof ValuesFull)) throw error;
      throw tooLarge("The names of the chart's members are too long for so many of them.");
    }
  }

  readonly numberOf = (json: string): number => this.#members.entryOf(CELL, json, 0);

  readonly ofRecord = (record: JsonObject): number | undefined => {
    const member = memberOf(record, this.memberColumn);
    return member === null ? undefined : this.#dates[this.numberOf(stringifyExact(member))];
  };

  readonly dates = (): Float64Array => this.#dates.subarray(0, this.#members.size);
}
