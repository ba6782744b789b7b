/**
 * The values of cohorts: a cohort's rows by the periods since it began. Where a row has the date
 * of its beginning, all is done in the database; where that is the first date of many rows, the
 * database lists what counts of each row, because only the Worker knows when it began.
 */
import type { Amount } from "../math/amount.ts";
import { ask } from "../engine/engine.ts";
import { firstDates } from "../engine/first-dates.ts";
import type { FirstDates } from "../engine/member-dates.ts";
import { holdsValues } from "../engine/measures.ts";
import type { Answer, Beginning, Question } from "../engine/question.ts";
import { isOutside, periodOf } from "../engine/reference.ts";
import type { ScanOptions } from "../engine/scan.ts";
import { whole } from "../math/whole.ts";

/** What a chart asks of the rows of its metric. */
export interface CohortQuestion extends Pick<Question, "table" | "operation" | "filter"> {
  /** Absent for count. */
  readonly column?: string | undefined;
  /** The date of the metric: it says which period since the beginning a row counts for. */
  readonly dateColumn: string;
  /** When a row's cohort began: by a date of the row, or the first one of its member's rows. */
  readonly began: { readonly column: string; readonly firstOf?: string | undefined };
  /** Only what began then; ms since 1970, [from, to). */
  readonly beganIn?: { readonly from: number; readonly to: number } | undefined;
  /** Ascending: the starts of all periods that matter, and the end of the last. */
  readonly bounds: readonly number[];
  /** The column whose values are the cohorts; absent: the periods in which they began. */
  readonly cohortColumn?: string | undefined;
  /** The cohorts that are wanted, by their texts; absent: all. */
  readonly chosen?: ReadonlySet<string> | undefined;
  /** Periods since the beginning that are wanted; the first is the one of the beginning. */
  readonly periods: number;
  /** What names a member; absent where members are not counted here. */
  readonly memberColumn?: string | undefined;
}

/** One cohort. */
export interface CohortCells {
  /** By periods since the beginning; undefined where no row counts. */
  readonly values: readonly (Amount | undefined)[];
  /** Different values of the member column among its rows, whenever they count. */
  readonly members: Amount;
}

/** The cohorts by the index of the period in which they began, or by the value of the column. */
export interface CohortAnswer {
  readonly cohorts: ReadonlyMap<string, CohortCells>;
  readonly notDates: number;
  readonly notNumbers: number;
}

/**
 * The cohorts of a chart. Where it has not chosen them, they are those that have rows with both
 * dates, whenever these count.
 *
 * @param checkSize may refuse so many cohorts, before their values are asked for.
 * @throws Refusal report_too_large; an error of the store.
 */
export async function askCohorts(
  env: Env,
  question: CohortQuestion,
  options: ScanOptions,
  checkSize: (cohorts: number) => void,
): Promise<CohortAnswer> {
  const { table, filter, dateColumn, bounds, cohortColumn, memberColumn, periods } = question;
  const { chosen, beganIn: range } = question;
  if (chosen !== undefined) checkSize(chosen.size);
  const first = await firstDatesOf(env, question, options);
  const valueBytesMax = options.valueBytesMax - (first?.bytes ?? 0);
  const date = first ?? question.began.column;
  const groupBy = cohortColumn === undefined ? [] : [cohortColumn];
  const askFor = (
    { operation, column }: Pick<Question, "operation" | "column">,
    which: Partial<Beginning>,
  ): Promise<Answer> => {
    const beginning = { date, range, ...which };
    const asked = { table, operation, column, filter, dateColumn, bounds, groupBy, beginning };
    return ask(env, asked, { ...options, valueBytesMax });
  };
  const counted = await membersOf(question, first, () =>
    askFor({ operation: "count_distinct", column: memberColumn }, { chosen }),
  );
  // Where the beginning is that of a row's member, each row that has one has a member.
  const named = memberColumn === question.began.firstOf ? counted : undefined;
  const members = counted ?? new Map<string, Amount>();
  const names =
    chosen ?? new Set((named ?? byName(await askFor({ operation: "count" }, {}))).keys());
  checkSize(names.size);
  const answer = await askFor(question, { chosen: names, periods });
  return { ...answer, cohorts: cohortsOf(names, periods, answer, members) };
}

async function firstDatesOf(
  env: Env,
  { table, operation, filter, column, cohortColumn, began, bounds, beganIn }: CohortQuestion,
  options: ScanOptions,
): Promise<FirstDates | undefined> {
  const { column: dateColumn, firstOf: memberColumn } = began;
  if (memberColumn === undefined) return undefined;
  const instants = beganIn === undefined ? bounds : [...bounds, beganIn.from, beganIn.to];
  const groupBy = cohortColumn === undefined ? [] : [cohortColumn];
  const asked = { table, filter, column, groupBy, dateColumn, memberColumn, instants };
  return firstDates(env, { ...asked, holdsValues: holdsValues(operation) }, options);
}

/** The members of each cohort; undefined where they are not wanted. */
async function membersOf(
  { memberColumn, began, dateColumn, cohortColumn, bounds, beganIn }: CohortQuestion,
  first: FirstDates | undefined,
  askThem: () => Promise<Answer>,
): Promise<ReadonlyMap<string, Amount> | undefined> {
  if (memberColumn === undefined) return undefined;
  const isOfFirst = memberColumn === began.firstOf && dateColumn === began.column;
  if (first === undefined || !isOfFirst || cohortColumn !== undefined)
    return byName(await askThem());
  // A member is in one cohort only, and the row with its first date counts.
  const counts = new Map<number, number>();
  for (const at of first.dates()) {
    const start = isOutside(beganIn, at) ? -1 : periodOf(bounds, at);
    if (start >= 0) counts.set(start, (counts.get(start) ?? 0) + 1);
  }
  return new Map([...counts].map(([start, count]) => [String(start), whole(count)]));
}

/** The values of cohorts that have one cell each. */
function byName({ cells }: Answer): ReadonlyMap<string, Amount> {
  return new Map(cells.map((cell) => [nameOf(cell), cell.value]));
}

function nameOf({ group }: Answer["cells"][number]): string {
  return group[0] ?? "";
}

function cohortsOf(
  names: ReadonlySet<string>,
  periods: number,
  answer: Answer,
  members: ReadonlyMap<string, Amount>,
): ReadonlyMap<string, CohortCells> {
  const values = new Map([...names].map((name) => [name, new Map<number, Amount>()]));
  for (const cell of answer.cells) values.get(nameOf(cell))?.set(cell.period, cell.value);
  const since = Array.from({ length: periods }, (_, index) => index);
  return new Map(
    [...values].map(([name, own]) => [
      name,
      { values: since.map((index) => own.get(index)), members: members.get(name) ?? whole(0) },
    ]),
  );
}
