/** A metric as owners define it (wire.md 5): what figures and charts share. */
import * as z from "zod";
import { expecting } from "../../http/member-rules.ts";
import {
  ColumnName,
  Flag,
  Groupings,
  integer,
  IntervalName,
  Label,
  oneOf,
  Operation,
  Part,
  Range,
  TableId,
} from "./members.ts";
import { WINDOW_PERIODS_MAX } from "./definition-limits.ts";
import { PERSPECTIVES } from "../math/perspective.ts";

/** What every metric says: a table, an operation on a column, a date, filters. */
export const BASE_MEMBERS = {
  label: Label,
  table_id: TableId,
  operation: Operation,
  column: ColumnName.optional(),
  date_column: ColumnName.optional(),
  filters: Part,
  filter_logic: Part,
};

/** The metric of a chart. */
export const CohortMetric = z
  .strictObject(BASE_MEMBERS, { error: expecting("an object") })
  .superRefine(checkColumn);

/** How values follow each other: of a metric, or of all that say nothing else. */
export const PERSPECTIVE_MEMBERS = {
  perspective: oneOf(PERSPECTIVES).optional(),
  /** Periods of a rolling average, the shown one included. */
  window: integer(2, WINDOW_PERIODS_MAX).optional(),
  /** Whether percent_of_first shows the first value, which is 100. */
  show_first: Flag.optional(),
};

/** The metric of a figure: its own times, grouping and perspective stand for the figure's. */
export const FigureMetric = z
  .strictObject(
    {
      ...BASE_MEMBERS,
      /** A name in the figure's `filter_sets`, whose filters apply as well. */
      filter_set: Label.optional(),
      /** Whether it is only an input of formulas. */
      hidden: Flag.optional(),
      range: Range.optional(),
      interval: IntervalName.optional(),
      group_by: Groupings.optional(),
      ...PERSPECTIVE_MEMBERS,
    },
    { error: expecting("an object") },
  )
  .superRefine(checkColumn)
  .superRefine(checkPerspective)
  .superRefine((metric, context) => {
    if (metric.date_column !== undefined) return;
    if (metric.range !== undefined) refuse(context, "range", "needs a date_column");
    if ((metric.interval ?? "none") !== "none") {
      refuse(context, "interval", "must be none without a date_column");
    }
  });
export type FigureMetric = z.infer<typeof FigureMetric>;
export type CohortMetric = z.infer<typeof CohortMetric>;

/** What `window` and `show_first` belong to. */
interface Perspective {
  readonly perspective?: string | undefined;
  readonly window?: number | undefined;
  readonly show_first?: boolean | undefined;
}

/** Whether the members of a perspective go with it. */
export function checkPerspective(asked: Perspective, context: z.RefinementCtx): void {
  const { perspective = "standard", window, show_first: showFirst } = asked;
  if (perspective === "rolling_average" && window === undefined) {
    refuse(context, "window", "is missing: rolling_average needs its number of periods");
  }
  if (perspective !== "rolling_average" && window !== undefined) {
    refuse(context, "window", "goes with the perspective rolling_average only");
  }
  if (!perspective.startsWith("percent_of_first") && showFirst !== undefined) {
    refuse(context, "show_first", "goes with the perspective percent_of_first only");
  }
}

/** Adds what is wrong with a member. */
export function refuse(
  context: z.RefinementCtx,
  place: string | readonly (string | number)[],
  message: string,
): void {
  context.addIssue({
    code: "custom",
    path: typeof place === "string" ? [place] : [...place],
    message,
  });
}

function checkColumn(
  { operation, column }: { readonly operation: string; readonly column?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (operation === "count" && column !== undefined) {
    refuse(context, "column", "count counts rows and takes no column; filter with is_not_null");
  }
  if (operation !== "count" && column === undefined) {
    refuse(context, "column", `is missing: ${operation} needs one`);
  }
}
