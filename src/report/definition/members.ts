/**
 * The members that figures and charts share, as zod reads them out of a request. What is wrong
 * is said of a place: `metrics[0].operation: must be one of count, …`.
 */
import * as z from "zod";
import { expecting, UNPRINTABLE } from "../../http/member-rules.ts";
import { isTimeZone } from "../../http/time-zones.ts";
import { isNumber, type Json } from "../../json/exact.ts";
import { INTERVALS, isMovingRange } from "../time/calendar.ts";
import {
  CHOSEN_VALUES_MAX,
  GROUP_COLUMNS_MAX,
  LABEL_LENGTH_MAX,
  REPORT_NAME_LENGTH_MAX,
} from "./definition-limits.ts";
import { OPERATIONS } from "../engine/question.ts";

const line = (lengthMax: number): z.ZodType<string> =>
  z
    .string({ error: expecting("a text") })
    .trim()
    .refine((text) => text !== "" && text.length <= lengthMax, {
      error: `must have 1 to ${lengthMax} characters`,
    })
    .refine((text) => !UNPRINTABLE.test(text), { error: "must have no control characters" });

/** The name of a report, stored without outer white space. */
export const ReportName = line(REPORT_NAME_LENGTH_MAX);

/** The label of a metric or a formula, or the name of a set of filters. */
export const Label = line(LABEL_LENGTH_MAX);

/** The address that lists show as `ownerEmail` (wire.md 4.3); nothing is sent to it. */
export const OwnerEmail = line(LABEL_LENGTH_MAX).refine((text) => /^[^\s@]+@[^\s@]+$/.test(text), {
  error: "must be an e-mail address",
});

/** One of a list of words. */
export const oneOf = <const Word extends string>(words: readonly Word[]): z.ZodType<Word> =>
  z.enum(words, { error: expecting(`one of ${words.join(", ")}`) });

/** An integer from `min` to `max`. */
export function integer(min: number, max: number): z.ZodType<number> {
  const error = expecting(`an integer from ${min} to ${max}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** True or false. */
export const Flag = z.boolean({ error: expecting("true or false") });

/** The id of a table of the client. */
export const TableId = integer(1, Number.MAX_SAFE_INTEGER);

/** The name of a column, as the catalogue has it. */
export const ColumnName = z.string({ error: expecting("the name of a column") });

/** A part that others check: filters and their logic (filter/read.ts), formulas. */
export const Part = z.custom<Json>().optional();

export const Operation = oneOf(OPERATIONS);
export const IntervalName = oneOf(INTERVALS);
export const WeekStart = oneOf(["monday", "sunday"]);

/** A name of the IANA database. */
export const TimeZone = z
  .string({ error: expecting("a time zone, as in Europe/Berlin") })
  .refine(isTimeZone, { error: "must be a time zone, as in Europe/Berlin" });

/** A day of the calendar, `2019-01-31`. */
export const Day = z
  .string({ error: expecting("a day, as in 2019-01-31") })
  .refine(isDay, { error: "must be a day, as in 2019-01-31" });

const MOVING_RULE =
  'a moving range, as in "last_full_month", "all_time" or "91 days ago to 1 day ago"';

/** Both days are in the range; or a range that moves with the time of the export (wire.md 5). */
export const Range = z.union(
  [
    z
      .strictObject({ from: Day, to: Day })
      .refine(({ from, to }) => from <= to, { error: "from must not be after to" }),
    z.strictObject({
      moving: z
        .string({ error: expecting(MOVING_RULE) })
        .refine(isMovingRange, { error: `must be ${MOVING_RULE}` }),
    }),
  ],
  { error: rangeError },
);
/** A time range, as owners write it. */
export type Range = z.infer<typeof Range>;

/** Says the rule of the form that was meant, not that neither form fits. */
function rangeError({ input }: { readonly input?: unknown }): string {
  if (input === undefined) return "is missing";
  const isMoving = typeof input === "object" && input !== null && "moving" in input;
  return isMoving
    ? `moving must be ${MOVING_RULE}`
    : 'must have from and to, days as in 2019-01-31 in their order, or moving, as in "last_month"';
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const isChosen = (value: Json): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || isNumber(value);

/** Chosen values of a column: null stands for rows that have none. */
export const ChosenValues = z
  .array(
    z.custom<Json>().refine(isChosen, { error: "must be a text, a number, a boolean or null" }),
    { error: expecting("a list of values") },
  )
  .min(1, { error: "must have a value; leave it out for all values" })
  .max(CHOSEN_VALUES_MAX, { error: `must have at most ${CHOSEN_VALUES_MAX} values` });

/** A column that is grouped by: its name, or its name with the values that are shown. */
export const Grouping = z.union(
  [ColumnName, z.strictObject({ column: ColumnName, values: ChosenValues.optional() })],
  {
    error: expecting(
      `the name of a column, or {"column","values"} with 1 to ${CHOSEN_VALUES_MAX} texts, numbers, booleans or nulls`,
    ),
  },
);
export type Grouping = z.infer<typeof Grouping>;

/** The columns that a report is grouped by, in their order; none is one group of all rows. */
export const Groupings = z
  .array(Grouping, { error: expecting("a list of columns") })
  .max(GROUP_COLUMNS_MAX, { error: `must have at most ${GROUP_COLUMNS_MAX} columns` })
  .refine((all) => new Set(all.map(columnOf)).size === all.length, {
    error: "must have each column once",
  });

/** The column of a grouping. */
export function columnOf(grouping: Grouping): string {
  return typeof grouping === "string" ? grouping : grouping.column;
}

/** The values that are chosen of a grouping; undefined for all. */
export function valuesOf(grouping: Grouping): readonly Json[] | undefined {
  return typeof grouping === "string" ? undefined : grouping.values;
}
