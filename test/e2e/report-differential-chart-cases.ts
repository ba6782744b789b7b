/** The charts that the differential test asks for. */
import { metricOf, ZONES } from "./report-differential-cases.ts";
import { type ChartCase, OPERATIONS } from "./report-differential-definitions.ts";

const CHART_PERSPECTIVES = [
  "standard",
  "average_per_member",
  "cumulative",
  "cumulative_average_per_member",
  "percent_of_first",
] as const;

/** Charts of both kinds of cohorts in every perspective, and cohorts without dates. */
export function chartCases(): readonly ChartCase[] {
  const dates = [{ column: "customer_created_at" }, { first_event_of: "customer_id" }] as const;
  const cases = dates.flatMap((cohort_date, at) =>
    CHART_PERSPECTIVES.map((perspective, index): ChartCase => {
      const interval = (["month", "quarter", "month", "week", "year"] as const)[index] ?? "month";
      const operation = OPERATIONS[(2 * index + at) % OPERATIONS.length] ?? "sum";
      const zone = ZONES[(index + at) % ZONES.length] ?? "UTC";
      return {
        name: `cohorts of ${Object.values(cohort_date).join(" ")}, ${interval}, ${perspective}`,
        metric: metricOf(operation),
        cohort_date,
        interval,
        cohorts: { range: { from: "2018-11-01", to: "2019-12-31" } },
        // All of them are over.
        periods: interval === "year" ? 6 : 12,
        member_column: "customer_id",
        perspective,
        time_zone: zone,
      };
    }),
  );
  const [first] = cases;
  if (first === undefined) return [];
  const { cohorts: _, ...plain } = first;
  const filters = [{ id: "A", column: "status", operator: "equal", value: "complete" }];
  const filtered = metricOf("sum", { filters });
  return [
    ...cases,
    { ...first, name: "cohorts of filtered rows", metric: filtered, cohort_date: dates[1] },
    { ...plain, name: "cohorts without dates", metric: filtered, cohort_by: "status" },
    { ...first, name: "first hidden", perspective: "percent_of_first", show_first: false },
    { ...first, name: "weeks from Sunday", interval: "week", week_start: "sunday" },
  ];
}
