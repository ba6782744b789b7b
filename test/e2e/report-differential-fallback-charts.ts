/** Charts without PostgreSQL: rows and aggregates from SQLite, the rest from here. */
import type { ChartCase } from "./report-differential-definitions.ts";
import {
  type Decimal,
  decimal,
  HUNDRED,
  plainText,
  plus,
  quotient,
  times,
  ZERO,
} from "./report-differential-decimal.ts";
import type { Field } from "./report-differential-fallback-groups.ts";
import {
  type OrdersInSqlite,
  sqliteAggregate,
  sqliteFilter,
  sqliteGroup,
  sqliteIdentity,
  sqliteLocal,
  sqliteValue,
} from "./report-differential-sqlite.ts";
import { periodOf, periodsApart, periodsBetween } from "./report-differential-times.ts";

/** The lines of a chart's CSV, without its header. */
export function chartRows(orders: OrdersInSqlite, chart: ChartCase): Field[][] {
  const { metric, periods, interval, perspective = "standard" } = chart;
  const unit = interval === "week" && chart.week_start === "sunday" ? "sunday" : interval;
  const rows = rowsSql(chart, unit);
  const cells = new Map<string, Decimal>();
  for (const { cohort, b, p, v } of orders.all(
    `SELECT cohort, b, p, ${sqliteAggregate(metric.operation)} AS v FROM (${rows})
     WHERE v IS NOT NULL GROUP BY cohort, ${chart.cohort_by === undefined ? "b, p" : "since"}`,
  )) {
    const since = periodsApart(unit, String(b), String(p));
    cells.set(JSON.stringify([cohort, since]), decimal(String(v)));
  }
  const members = new Map(
    orders
      .all(`SELECT cohort, count(DISTINCT member) AS n FROM (${rows}) GROUP BY cohort`)
      .map(({ cohort, n }) => [String(cohort), decimal(String(n))]),
  );
  const first = chart.show_first === false ? 1 : 0;
  return cohortsOf(chart, unit, [...members.keys()]).map((cohort) => {
    const values = Array.from(
      { length: periods },
      (_, since) => cells.get(JSON.stringify([cohort, since])) ?? ZERO,
    );
    const seen = inPerspective(values, perspective, members.get(cohort) ?? ZERO);
    const name = chart.cohort_by === undefined ? nameOf(cohort, interval) : cohort;
    return [name, ...seen.slice(first).map((value) => (value ? plainText(value) : null))];
  });
}

/** Each row with its cohort, the periods of its beginning and its own, a member and a value. */
function rowsSql(chart: ChartCase, unit: string): string {
  const { metric, cohort_date: date, cohort_by: by } = chart;
  const zone = chart.time_zone ?? "UTC";
  const at = metric.date_column ?? "";
  const member = "first_event_of" in date ? date.first_event_of : (chart.member_column ?? "");
  const id = sqliteIdentity(member);
  const where = sqliteFilter(metric);
  const began =
    "column" in date
      ? `${date.column}_instant`
      : `iif(${id} IS NULL, NULL, min(${at}_instant) OVER (PARTITION BY ${id}))`;
  const all = `SELECT *, ${began} AS began_instant FROM orders WHERE ${where}`;
  return `SELECT *, ${by === undefined ? "b" : "g"} AS cohort, periods_apart('${unit}', b, p) AS since FROM (
    SELECT period('${unit}', ${sqliteLocal("began", zone)}) AS b,
      period('${unit}', ${sqliteLocal(at, zone)}) AS p, ${id} AS member,
      ${by === undefined ? "''" : sqliteGroup(by)} AS g, ${sqliteValue(metric)} AS v
    FROM (${all})) WHERE b IS NOT NULL AND p IS NOT NULL`;
}

function cohortsOf(
  { cohorts, time_zone: zone = "UTC" }: ChartCase,
  unit: string,
  all: string[],
): string[] {
  if (cohorts === undefined) return all.toSorted();
  const { from, to } = cohorts.range;
  return periodsBetween(unit, `${from}T00:00:00`, `${to}T00:00:00`, zone);
}

function inPerspective(
  values: readonly Decimal[],
  perspective: string,
  members: Decimal,
): readonly (Decimal | undefined)[] {
  const first = values.find(({ units }) => units !== 0n);
  return values.map((value, at) => {
    const sum = values.slice(0, at + 1).reduce(plus, ZERO);
    switch (perspective) {
      case "standard":
        return value;
      case "average_per_member":
        return quotient(value, members);
      case "cumulative":
        return sum;
      case "cumulative_average_per_member":
        return quotient(sum, members);
      default:
        return first && quotient(times(value, HUNDRED), first);
    }
  });
}

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

function nameOf(local: string, interval: ChartCase["interval"]): string {
  const [year, month] = [local.slice(0, 4), Number(local.slice(5, 7))];
  switch (interval) {
    case "week":
      return local.slice(0, 10);
    case "month":
      return `${MONTHS.slice(3 * month - 3, 3 * month)} ${year}`;
    case "quarter":
      return `Q${Math.ceil(month / 3)} ${year}`;
    default:
      return periodOf("year", local).slice(0, 4);
  }
}
