/** The first date of all records of a member: when its cohort began. */
import { canonicalNumber } from "../../json/decimal.ts";
import {
  isNumber,
  type Json,
  type JsonObject,
  numberText,
  parseExact,
  stringifyExact,
} from "../../json/exact.ts";
import { instantOf } from "../../time/instant.ts";
import { COHORT_MEMBERS_MAX } from "../definition/definition-limits.ts";
import type { Question } from "./question.ts";
import { memberOf, testOf } from "./reference.ts";
import { type ScanOptions, scanTable } from "./scan.ts";
import { type FirstDateRow, firstDatesStatement } from "./statement.ts";
import { tooLarge } from "../too-large.ts";

/** What first dates are asked of. */
export interface FirstDatesQuestion extends Pick<Question, "table" | "filter"> {
  readonly dateColumn: string;
  /** What names a member. */
  readonly memberColumn: string;
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
  { table, filter, dateColumn, memberColumn, instants }: FirstDatesQuestion,
  options: ScanOptions,
): Promise<FirstDates> {
  const isWanted = testOf({ filter });
  const first = new FirstDates(memberColumn);
  const isInSeconds = instants.every((instant) => instant % 1000 === 0);
  const groupBy = [memberColumn];
  const question: Question = { table, operation: "count", filter, dateColumn, groupBy };
  await scanTable(env, table, options, {
    statement: isInSeconds ? firstDatesStatement(question) : undefined,
    takeRows: (rows) => takeRows(rows as readonly FirstDateRow[], first),
    takeRecord: (record) => {
      const member = memberOf(record, memberColumn);
      if (member === null || !isWanted(record)) return;
      const at = instantOf(memberOf(record, dateColumn));
      if (at !== undefined) first.add(keyOf(member), at);
    },
  });
  return first;
}

function takeRows(rows: readonly FirstDateRow[], first: FirstDates): boolean {
  if (rows.some(([json]) => json === null)) return false;
  for (const [json, at] of rows) {
    if (json !== null && at !== null) first.add(keyOfJson(json), at);
  }
  return true;
}

/** One text for a member, however its number is written; 1 and "1" are two, as in count_distinct. */
function keyOf(member: Json): string {
  return isNumber(member) ? canonicalNumber(numberText(member)) : stringifyExact(member);
}

/** The same of a JSON text; that of a text is its key. */
function keyOfJson(json: string): string {
  return json.startsWith('"') ? json : keyOf(parseExact(json));
}

/** The first date of each member, in ms since 1970. */
export class FirstDates {
  readonly #memberColumn: string;
  readonly #dates = new Map<string, number>();

  constructor(memberColumn: string) {
    this.#memberColumn = memberColumn;
  }

  /** Takes a date of a member into account. @throws Refusal report_too_large. */
  add(member: string, at: number): void {
    const known = this.#dates.get(member);
    if (known !== undefined && known <= at) return;
    if (known === undefined && this.#dates.size === COHORT_MEMBERS_MAX) {
      throw tooLarge(`The chart has more than ${COHORT_MEMBERS_MAX} members.`);
    }
    this.#dates.set(member, at);
  }

  /** The date of a record's member; undefined where it has none. */
  readonly ofRecord = (record: JsonObject): number | undefined => {
    const member = memberOf(record, this.#memberColumn);
    return member === null ? undefined : this.#dates.get(keyOf(member));
  };

  /** One date for each member. */
  values(): Iterable<number> {
    return this.#dates.values();
  }
}
