/**
 * What a question means, record by record. Statements (statement.ts) give the same, faster, for
 * rows of which they can be sure.
 */
import { compile, type RecordTest } from "../../filter/compile.ts";
import type { Json, JsonObject } from "../../json/exact.ts";
import { instantOf } from "../../time/instant.ts";
import { groupText } from "./group-text.ts";
import type { Beginning, Question } from "./question.ts";
import { OutsideGuess, type Tally } from "./tally.ts";

/** Takes records one by one. @throws Refusal report_too_large; ValuesFull; OutsideGuess. */
export type RecordTaker = (record: JsonObject) => void;

/** Adds records to a tally. */
export function recordTaker(question: Question, tally: Tally): RecordTaker {
  const { column, groupBy, beginning, isGuess } = question;
  if (beginning !== undefined) return cohortTaker(question, beginning, tally);
  const isWanted = testOf(question);
  const periodOf = periodFinder(question);
  const noGroup = groupBy.length === 0 ? tally.groupOf([]) : undefined;
  return (record) => {
    if (!isWanted(record)) return;
    const period = periodOf(record);
    if (period === NO_DATE) tally.notDates += 1;
    if (isGuess === true) {
      if (period === OUTSIDE) throw new OutsideGuess();
      if (period >= 0) tally.see(period);
    }
    if (period < 0) return;
    const value = column === undefined ? true : memberOf(record, column);
    if (value === null) return;
    const group =
      noGroup ?? tally.groupOf(groupBy.map((name) => groupText(memberOf(record, name))));
    tally.add(tally.cellOf(period, group), value, 1);
  };
}

/** Adds records to the cells of cohorts. */
function cohortTaker(question: Question, beginning: Beginning, tally: Tally): RecordTaker {
  const { column, dateColumn = "", bounds = [], groupBy } = question;
  const { date, range, periods, chosen } = beginning;
  const [by] = groupBy;
  const isWanted = testOf(question);
  const dateOf = (record: JsonObject, name: string): number | undefined => {
    const value = memberOf(record, name);
    const at = instantOf(value);
    if (at === undefined && value !== null) tally.notDates += 1;
    return at;
  };
  return (record) => {
    if (!isWanted(record)) return;
    const at = dateOf(record, dateColumn);
    const began = typeof date === "string" ? dateOf(record, date) : date.ofRecord(record);
    if (at === undefined || began === undefined || isOutside(range, began)) return;
    const start = periodOf(bounds, began);
    if (start < 0) return;
    const since = periods === undefined ? 0 : periodOf(bounds, at) - start;
    if (since < 0 || since >= (periods ?? 1)) return;
    const cohort = by === undefined ? String(start) : groupText(memberOf(record, by));
    if (chosen?.has(cohort) === false) return;
    const value = column === undefined ? true : memberOf(record, column);
    if (value !== null) tally.add(tally.cellOf(since, tally.groupOf([cohort])), value, 1);
  };
}

/** Says which records are wanted. */
export function testOf({ filter }: Pick<Question, "filter">): RecordTest {
  return filter === undefined ? () => true : compile(filter);
}

/** A record's value of a column; null where there is none. */
export function memberOf(record: JsonObject, name: string): Json {
  return Object.hasOwn(record, name) ? (record[name] ?? null) : null;
}

/** Instead of a period: the date is none, is outside of what is asked, or is null. */
const NO_DATE = -1;
const OUTSIDE = -2;
const NULL_DATE = -3;

function periodFinder(question: Question): (record: JsonObject) => number {
  const { dateColumn, range, bounds } = question;
  if (dateColumn === undefined) return () => 0;
  return (record) => {
    const date = memberOf(record, dateColumn);
    if (date === null) return NULL_DATE;
    const instant = instantOf(date);
    if (instant === undefined) return NO_DATE;
    if (isOutside(range, instant)) return OUTSIDE;
    return bounds === undefined ? 0 : periodOf(bounds, instant);
  };
}

/** Whether an instant is not in a range. */
export function isOutside(range: Question["range"], instant: number): boolean {
  return range !== undefined && (instant < range.from || instant >= range.to);
}

/** The index of the period of an instant; negative where it is in none. */
export function periodOf(bounds: readonly number[], instant: number): number {
  const last = bounds.length - 1;
  if (!(instant >= (bounds[0] ?? Infinity) && instant < (bounds[last] ?? 0))) return OUTSIDE;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? 0) <= instant) low = middle;
    else high = middle;
  }
  return low;
}
