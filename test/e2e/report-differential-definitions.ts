/** Definitions of reports in the form of the admin API, without their tables. */

export const OPERATIONS = [
  "count",
  "count_distinct",
  "sum",
  "average",
  "min",
  "max",
  "median",
  "first_quartile",
  "third_quartile",
  "percentile_10",
  "percentile_90",
] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Interval = "none" | "hour" | "day" | "week" | "month" | "quarter" | "year";

/** Days, both included; absent for all time. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** A condition, as the admin API takes it. */
export interface Condition {
  readonly id: string;
  readonly column: string;
  readonly operator: string;
  readonly value?: unknown;
}

/** Perspective members of a figure or a metric. */
export interface Perspective {
  readonly perspective?: string;
  readonly window?: number;
  readonly show_first?: boolean;
}

/** A metric, without its table. */
export interface Metric extends Perspective {
  readonly label: string;
  readonly operation: Operation;
  readonly column?: string;
  readonly date_column?: string;
  readonly filters?: readonly Condition[];
  readonly filter_logic?: string;
  readonly range?: Days;
  readonly interval?: Interval;
  readonly group_by?: readonly string[];
  readonly hidden?: boolean;
}

/** A figure. */
export interface FigureCase extends Perspective {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly interval?: Interval;
  readonly range?: Days;
  readonly time_zone?: string;
  readonly week_start?: "sunday";
  readonly group_by?: readonly string[];
  readonly top?: { readonly n: number | "all"; readonly by?: string; readonly order?: string };
  readonly formulas?: readonly { readonly label: string; readonly expression: string }[];
}

/** A chart. */
export interface ChartCase {
  readonly name: string;
  readonly metric: Metric;
  readonly cohort_date: { readonly column: string } | { readonly first_event_of: string };
  readonly cohort_by?: string;
  readonly interval: "week" | "month" | "quarter" | "year";
  readonly cohorts?: { readonly range: Days };
  readonly periods: number;
  readonly member_column?: string;
  readonly perspective?: string;
  readonly show_first?: boolean;
  readonly time_zone?: string;
  readonly week_start?: "sunday";
}
