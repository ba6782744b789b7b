/** What becomes of a record in a statement: its period, or what it is instead. */
import { TEXT_BYTES_MAX } from "./engine-limits.ts";
import type { Question } from "./question.ts";
import { isNumberText, isThere } from "./sql-text.ts";

/** Instead of a period: the date is none. */
export const NOT_DATE = -1;
/** The value is no number. */
export const NOT_NUMBER = -2;
/** The statement is not sure. */
export const UNSURE = -3;
/** Both dates are none. */
export const NEITHER_DATE = -4;
/** The date is outside of bounds that are a guess. */
export const OUTSIDE_GUESS = -5;

/*
 * Where bounds are a guess the periods of all dates are asked for, also of records that do not
 * count. A result is then (period + 1) * factor - 1, with the factor 1 for records that do.
 */
const NO_VALUE_FACTOR = -8;
/** Farther from 0 than the results of any period by the factor before. */
const NOT_NUMBER_FACTOR = -(2 ** 32);

/** A result of a question whose bounds are a guess, if it is one of a record that does not count. */
export function uncountedOf(
  result: number,
): { readonly result: number; readonly isNotNumber: boolean } | undefined {
  if (result >= NO_VALUE_FACTOR) return undefined;
  const isNotNumber = result < NOT_NUMBER_FACTOR;
  const factor = isNotNumber ? NOT_NUMBER_FACTOR : NO_VALUE_FACTOR;
  return { result: (result + 1) / factor - 1, isNotNumber };
}

/** What a class is made of. */
export interface ClassParts {
  /** Cases of the dates. */
  readonly cases: readonly string[];
  /** The JSON text of the value, if the question has a column. */
  readonly value: string | undefined;
  /** The JSON texts of the columns by which it groups. */
  readonly columns: readonly string[];
  /** The period of what no case takes. */
  readonly period: string;
}

/** The period of a record, or what it is instead; NULL where it counts for nothing. */
export function classSql(question: Question, parts: ClassParts): string {
  const { cases, columns } = parts;
  const ofValue = question.isGuess === true ? guessedValue : knownValue;
  const { before, after, period } = ofValue(question, parts);
  const all = [
    question.filter === undefined ? [] : `WHEN m IS NULL THEN ${UNSURE}`,
    cases,
    before,
    columns.map((json) => `WHEN octet_length(${json}) > ${TEXT_BYTES_MAX} THEN ${UNSURE}`),
    after,
  ].flat();
  return all.length === 0 ? period : `CASE ${all.join("\n")} ELSE ${period} END`;
}

/** What the value has to say: cases before and after those of the groups, and the result. */
interface ValueCases {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly period: string;
}

function knownValue(question: Question, { value, period }: ClassParts): ValueCases {
  if (value === undefined) return { before: [], after: [], period };
  const isNotNumber = `WHEN NOT ${isNumberText(value)} THEN ${NOT_NUMBER}`;
  return {
    before: question.dateColumn === undefined ? [] : [`WHEN NOT ${isThere(value)} THEN NULL`],
    after: [...(takesNumbers(question) ? [isNotNumber] : []), isLong(value)],
    period,
  };
}

/** The period stands only once in the statement, because it may be long. */
function guessedValue(question: Question, { value, period }: ClassParts): ValueCases {
  if (value === undefined) return { before: [], after: [], period };
  const numbersOnly = takesNumbers(question);
  const cases = numbersOnly
    ? `WHEN ${isNumberText(value)} THEN 1 WHEN ${isThere(value)} THEN ${NOT_NUMBER_FACTOR}`
    : `WHEN ${isThere(value)} THEN 1`;
  const factor = `CASE ${cases} ELSE ${NO_VALUE_FACTOR} END`;
  const isLongNumber = isLong(value, numbersOnly ? isNumberText(value) : "1");
  return { before: [], after: [isLongNumber], period: `(${period} + 1) * ${factor} - 1` };
}

function takesNumbers({ operation }: Question): boolean {
  return operation !== "count" && operation !== "count_distinct";
}

function isLong(value: string, isMeant = "1"): string {
  const length = `octet_length(${value}) > ${TEXT_BYTES_MAX}`;
  return `WHEN ${isMeant === "1" ? length : `${length} AND ${isMeant}`} THEN ${UNSURE}`;
}
