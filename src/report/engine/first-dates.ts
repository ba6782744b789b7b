/** Looks for the first date of all records of each member: when its cohort began. */
import type { RecordTest } from "../../filter/compile.ts";
import { type JsonObject, stringifyExact } from "../../json/exact.ts";
import { instantOf } from "../../time/instant.ts";
import { Lines } from "./lines.ts";
import { FirstDates } from "./member-dates.ts";
import type { Question } from "./question.ts";
import { memberOf, testOf } from "./reference.ts";
import { type ScanOptions, type ScanStatement, scanTable, type ScanWork } from "./scan.ts";
import { firstDatesStatement, type LinesRow } from "./sql-lines.ts";

/**
 * What first dates are asked of. Value and group are what a question after this one will ask for:
 * where memory holds them for all records, these are not looked for once more.
 */
export interface FirstDatesQuestion extends Pick<
  Question,
  "table" | "filter" | "column" | "groupBy"
> {
  readonly dateColumn: string;
  /** What names a member. */
  readonly memberColumn: string;
  /** Whether the question after this one needs the memory for its values: then nothing is kept. */
  readonly holdsValues?: boolean;
  /** What the dates are compared to, in ms since 1970. */
  readonly instants: readonly number[];
}

/**
 * The first dates of the members of wanted records. A fraction of a second may be cut where none
 * of the instants has one.
 *
 * @throws Refusal report_too_large where memory would not hold the members; an error of the store.
 */
export async function firstDates(
  env: Env,
  asked: FirstDatesQuestion,
  options: ScanOptions,
): Promise<FirstDates> {
  const work = new FirstDatesWork(asked);
  await scanTable(env, asked.table, options, work);
  return work.first;
}

/** Looks for first dates, and keeps the lines in which it finds them. */
class FirstDatesWork implements ScanWork {
  readonly first: FirstDates;
  readonly listsRows = true;
  readonly #asked: FirstDatesQuestion;
  readonly #isWanted: RecordTest;
  readonly #whole: ScanStatement | undefined;
  readonly #short: ScanStatement | undefined;

  constructor(asked: FirstDatesQuestion) {
    const { table, filter, dateColumn, memberColumn, instants, column, groupBy } = asked;
    this.#asked = asked;
    this.#isWanted = testOf(asked);
    const listed = { table, filter, dateColumn, column, groupBy };
    this.first = new FirstDates(memberColumn, asked.holdsValues === true ? undefined : listed);
    if (instants.some((instant) => instant % 1000 !== 0)) return;
    const question: Question = { table, operation: "count", filter, dateColumn, groupBy: [] };
    this.#whole = firstDatesStatement({ ...question, column, groupBy }, memberColumn);
    this.#short = firstDatesStatement(question, memberColumn);
  }

  get statement(): ScanStatement | undefined {
    return this.first.keeps ? (this.#whole ?? this.#short) : this.#short;
  }

  readonly takeRows = ([row]: readonly unknown[], statement: ScanStatement): boolean => {
    const [unsure, , text] = row as LinesRow;
    const isWhole = statement === this.#whole;
    if ((unsure ?? 0) > 0) return false;
    const { column, groupBy } = this.#asked;
    const others = isWhole ? groupBy.length + (column === undefined ? 0 : 1) : 0;
    const lines = new Lines(text);
    while (lines.next()) {
      const at = lines.instant();
      lines.skip(others);
      this.first.add(lines.lastText(), at);
    }
    if (isWhole) this.first.keep(row as LinesRow);
    else this.first.keepNothing();
    return true;
  };

  readonly takeRecord = (record: JsonObject): void => {
    this.first.keepNothing();
    const member = memberOf(record, this.#asked.memberColumn);
    if (member === null || !this.#isWanted(record)) return;
    const at = instantOf(memberOf(record, this.#asked.dateColumn));
    if (at !== undefined) this.first.add(stringifyExact(member), at);
  };
}
