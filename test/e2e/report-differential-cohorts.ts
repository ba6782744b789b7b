/** Charts as one SQL statement each, written for PostgreSQL from what docs/reports.md says. */
import type { ChartCase } from "./report-differential-definitions.ts";
import { groupText, identity, instant, literal } from "./report-differential-schema.ts";
import { aggregate, filterSql, valueOf } from "./report-differential-conditions.ts";

/** Periods between two beginnings of periods. */
const APART: Readonly<Record<string, string>> = {
  week: "(extract(epoch FROM p - b) / 604800)::int",
  month:
    "((extract(year FROM p) - extract(year FROM b)) * 12 + extract(month FROM p) - extract(month FROM b))::int",
  quarter:
    "((extract(year FROM p) - extract(year FROM b)) * 4 + extract(quarter FROM p) - extract(quarter FROM b))::int",
  year: "(extract(year FROM p) - extract(year FROM b))::int",
};

const NAMES: Readonly<Record<string, string>> = {
  week: "YYYY-MM-DD",
  month: "Mon YYYY",
  quarter: '"Q"Q YYYY',
  year: "YYYY",
};

/** The statement of a chart whose cohorts began long ago: all of their periods are over. */
export function chartSql(chart: ChartCase): string {
  const { metric, interval, periods, perspective = "standard", cohort_date: date } = chart;
  const zone = literal(chart.time_zone ?? "UTC");
  const unit = interval === "week" && chart.week_start === "sunday" ? "sunday" : interval;
  const at = instant(metric.date_column ?? "");
  const member = "first_event_of" in date ? date.first_event_of : (chart.member_column ?? "");
  const began =
    "column" in date
      ? instant(date.column)
      : `CASE WHEN ${identity(member)} IS NOT NULL THEN min(${at}) OVER (PARTITION BY ${identity(member)}) END`;
  const trunc = (local: string): string => `hg_trunc('${unit}', ${local} AT TIME ZONE ${zone})`;
  const byGroup = chart.cohort_by === undefined ? undefined : groupText(chart.cohort_by);
  const first = chart.show_first === false ? 1 : 0;
  const fields = Array.from(
    { length: periods - first },
    (_, n) => `max(w) FILTER (WHERE since = ${n + first})`,
  );
  return `WITH all_rows AS (
  SELECT ${at} AS at, ${began} AS began, ${byGroup ?? "''"} AS grp, ${identity(member)} AS member,
    ${valueOf(metric)} AS v
  FROM orders WHERE ${filterSql(metric)}),
counted AS (
  SELECT *, ${APART[interval] ?? ""} AS since, ${byGroup === undefined ? "b::text" : "grp"} AS cohort
  FROM (SELECT *, ${trunc("at")} AS p, ${trunc("began")} AS b FROM all_rows) AS s
  WHERE p IS NOT NULL AND b IS NOT NULL),
cohorts AS (${cohortsSql(chart, unit)}),
members AS (SELECT cohort, count(DISTINCT member) AS members FROM counted GROUP BY cohort),
cells AS (SELECT cohort, since, ${aggregate(metric.operation)} AS v FROM counted
  WHERE v IS NOT NULL AND since BETWEEN 0 AND ${periods - 1} GROUP BY cohort, since),
dense AS MATERIALIZED (SELECT cohort, name, place, since, coalesce(v, 0) AS v, coalesce(members, 0) AS members
  FROM cohorts CROSS JOIN generate_series(0, ${periods - 1}) AS since
  LEFT JOIN cells USING (cohort, since) LEFT JOIN members USING (cohort)),
seen AS MATERIALIZED (SELECT *, ${seenSql(perspective)} AS w FROM dense AS d)
SELECT name, ${fields.map((field) => `trim_scale(${field})::text`).join(", ")}
FROM seen GROUP BY name, place ORDER BY place`;
}

/** The cohorts with names in their order: periods of the range, or all values. */
function cohortsSql({ cohorts, interval }: ChartCase, unit: string): string {
  const range = cohorts?.range;
  if (range === undefined) {
    return 'SELECT DISTINCT cohort, cohort AS name, cohort COLLATE "C" AS place FROM counted';
  }
  const step = unit === "sunday" ? "7 days" : unit === "quarter" ? "3 months" : `1 ${unit}`;
  const [from, to] = [range.from, range.to].map((day) => `hg_trunc('${unit}', timestamp '${day}')`);
  return `SELECT l::text AS cohort, to_char(l, '${NAMES[interval] ?? ""}') AS name, l::text AS place
  FROM generate_series(${from ?? ""}, ${to ?? ""}, interval '${step}') AS l`;
}

function seenSql(perspective: string): string {
  const sum = "sum(v) OVER (PARTITION BY cohort ORDER BY since)";
  switch (perspective) {
    case "standard":
      return "v";
    case "average_per_member":
      return "hg_div(v, members)";
    case "cumulative":
      return sum;
    case "cumulative_average_per_member":
      return `hg_div(${sum}, members)`;
    default:
      return `hg_div(100 * v, (SELECT o.v FROM dense AS o
        WHERE o.cohort = d.cohort AND o.v <> 0 ORDER BY o.since LIMIT 1))`;
  }
}
