/**
 * Charts of the cohort builder: what their owners define (docs/reports.md).
 *
 *     {"name":"Revenue by cohort",
 *      "metric":{"label":"Revenue","table_id":3,"operation":"sum","column":"value",
 *                "date_column":"created_at"},
 *      "cohort_date":{"first_event_of":"customer_id"},"interval":"month","cohorts":12,
 *      "periods":12,"perspective":"cumulative_average_per_member"}
 *
 * A cohort is what began in one period. With `cohort_by` it is what has one value of a column,
 * whenever it began: a cohort without dates.
 */
import * as z from "zod";
import { expecting } from "../../http/member-rules.ts";
import {
  COHORT_PERIODS_DEFAULT,
  COHORT_PERIODS_MAX,
  COHORTS_DEFAULT,
  COHORTS_MAX,
} from "./definition-limits.ts";
import {
  ColumnName,
  Day,
  Flag,
  Grouping,
  integer,
  oneOf,
  OwnerEmail,
  Part,
  Range,
  ReportName,
  TableId,
  TimeZone,
  WeekStart,
} from "./members.ts";
import { CohortMetric, refuse } from "./metric.ts";

/** The periods by which cohorts are made, and counted after their beginning (wire.md 5). */
export const COHORT_INTERVALS = ["week", "month", "quarter", "year"] as const;

/** The perspectives of a chart (wire.md 5). */
export const COHORT_PERSPECTIVES = [
  "standard",
  "average_per_member",
  "cumulative",
  "cumulative_average_per_member",
  "percent_of_first",
] as const;

/**
 * When a row's cohort began: a date in the row itself, or the first date of all rows with the
 * same value of a column. That date is the metric's where `date_column` names no other.
 */
const CohortDate = z.union(
  [
    z.strictObject({ column: ColumnName }),
    z.strictObject({ first_event_of: ColumnName, date_column: ColumnName.optional() }),
  ],
  { error: expecting('{"column"} or {"first_event_of"} with the name of a column') },
);

const Days = z
  .array(Day, {
    error: expecting("a list of days"),
  })
  .min(1, { error: "must have a day" })
  .max(COHORTS_MAX, { error: `must have at most ${COHORTS_MAX} days` });

/** The last so many cohorts, all, those of the periods of chosen days, or those in a range. */
const Cohorts = z.union(
  [
    integer(1, COHORTS_MAX),
    z.literal("all"),
    z.strictObject({ chosen: Days }),
    z.strictObject({ range: Range }),
  ],
  {
    error: expecting(
      `an integer from 1 to ${COHORTS_MAX}, "all", {"chosen"} with a list of days, or {"range"}`,
    ),
  },
);

/** Where the members of cohorts are counted, if not among the metric's rows. */
const CountMembersIn = z.strictObject(
  {
    table_id: TableId,
    /** The date of a member's cohort; needed unless there is cohort_by. */
    date_column: ColumnName.optional(),
    /** The column whose values are those of cohort_by. */
    group_column: ColumnName.optional(),
    /** What names a member; without it each row is one. */
    member_column: ColumnName.optional(),
    filters: Part,
    filter_logic: Part,
  },
  { error: expecting("an object") },
);

const Members = z.strictObject({
  name: ReportName,
  owner_email: OwnerEmail.optional(),
  metric: CohortMetric,
  cohort_date: CohortDate,
  /** Cohorts without dates: the values of this column. */
  cohort_by: Grouping.optional(),
  /** With cohort_by: only what began in this range. */
  action_range: Range.optional(),
  interval: oneOf(COHORT_INTERVALS).default("month"),
  cohorts: Cohorts.optional(),
  periods: integer(1, COHORT_PERIODS_MAX).default(COHORT_PERIODS_DEFAULT),
  min_periods: integer(0, COHORT_PERIODS_MAX).optional(),
  member_column: ColumnName.optional(),
  count_members_in: CountMembersIn.optional(),
  perspective: oneOf(COHORT_PERSPECTIVES).default("standard"),
  /** Whether percent_of_first shows the first value, which is 100. */
  show_first: Flag.optional(),
  time_zone: TimeZone.default("UTC"),
  week_start: WeekStart.default("monday"),
});

/** The body of `POST /admin/v1/clients/:cid/charts`, and the stored definition. */
export const Chart = Members.superRefine(checkDates)
  .superRefine(checkKind)
  .superRefine(checkMembers);
export type Chart = z.infer<typeof Members>;

/** How many cohorts, and which, where the definition does not say so. */
export const COHORTS_WITHOUT_WORD = COHORTS_DEFAULT;

/** Complete periods that a cohort must have; 0 takes the running one in (wire.md 5). */
export const MIN_PERIODS_DEFAULT = 1;

/** The column that names a member: of the metric's rows, undefined where nothing does. */
export function memberColumnOf(chart: Chart): string | undefined {
  const { member_column: own, cohort_date: date } = chart;
  return own ?? ("first_event_of" in date ? date.first_event_of : undefined);
}

function checkDates({ metric, cohort_date: date }: Chart, context: z.RefinementCtx): void {
  if (metric.date_column === undefined) {
    refuse(context, ["metric", "date_column"], "is missing: it counts the periods of a cohort");
  }
  if ("column" in date && date.column === metric.date_column) {
    const rule = "must be another column than the metric's date_column";
    refuse(context, ["cohort_date", "column"], rule);
  }
}

function checkKind(chart: Chart, context: z.RefinementCtx): void {
  if (chart.cohort_by === undefined) {
    if (chart.action_range !== undefined) refuse(context, "action_range", "needs cohort_by");
    return;
  }
  for (const name of ["cohorts", "min_periods"] as const) {
    if (chart[name] !== undefined) refuse(context, name, "does not go with cohort_by");
  }
}

function checkMembers(chart: Chart, context: z.RefinementCtx): void {
  const { perspective, count_members_in: counted, cohort_by: by, show_first: showFirst } = chart;
  if (perspective !== "percent_of_first" && showFirst !== undefined) {
    refuse(context, "show_first", "goes with the perspective percent_of_first only");
  }
  if (counted === undefined) {
    if (!perspective.includes("per_member") || memberColumnOf(chart) !== undefined) return;
    refuse(context, "member_column", `is missing: ${perspective} needs it or count_members_in`);
    return;
  }
  if (by === undefined) {
    if (counted.date_column !== undefined && counted.group_column === undefined) return;
    refuse(context, "count_members_in", "needs date_column, and takes group_column with cohort_by");
  } else if (counted.group_column === undefined) {
    refuse(context, ["count_members_in", "group_column"], "is missing: cohort_by needs it");
  } else if (chart.action_range !== undefined && counted.date_column === undefined) {
    refuse(context, ["count_members_in", "date_column"], "is missing: action_range needs it");
  }
}
