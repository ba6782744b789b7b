/**
 * The questions of the report benchmark: each as a figure or a chart, and as the SQL that a person would
 * write over the same JSON rows.
 */

/** A figure's metric, without its table. */
interface Metric {
  label: string;
  operation: string;
  column?: string;
  date_column: string;
  filters?: { id: string; column: string; operator: string; value: unknown }[];
}

/** The body of `POST …/figures`, without the table. */
interface Figure {
  interval?: string;
  time_zone?: string;
  range?: { from: string; to: string };
  group_by?: string[];
  metrics: [Metric];
}

/** The body of `POST …/charts`, without the table. */
interface Chart {
  metric: Metric;
  cohort_date: { column: string } | { first_event_of: string };
  interval: string;
  cohorts: { range: { from: string; to: string } };
  periods: number;
}

/** One question. */
export interface Question {
  title: string;
  /** What is asked of Headgate. */
  report: { figure: Figure } | { chart: Chart };
  /** Answers the same from the rows of the table ?1, in any order: keys `k` and values `v`. */
  sql: string;
  /** The same for PostgreSQL and its table with a type for each column. */
  postgres: string;
  /** Rounds the values of both: SQL's sums are of doubles. */
  places: number;
}

const MONTH = "strftime('%Y-%m-01', data ->> 'created_at')";
const QUARTER = `strftime('%Y-', data ->> 'created_at') ||
  substr('01040710', 1 + (strftime('%m', data ->> 'created_at') - 1) / 3 * 2, 2) || '-01'`;

const FROM = "FROM rows WHERE table_id = ?1";
const DATED = { date_column: "created_at" };

/** A million orders have 3,334 hours, and a report at most 3,500 rows. */
const DAYS = { from: "2019-01-01", to: "2019-05-25" };

/** The hours of those days in New York, from the instants: 5 h, then 4 h behind UTC. */
const HOUR = `strftime('%Y-%m-%dT%H:00:00', data ->> 'created_at',
  CASE WHEN data ->> 'created_at' < '2019-03-10 07:00:00' THEN '-5 hours' ELSE '-4 hours' END)`;

const PG_MONTH = "to_char(date_trunc('month', created_at), 'YYYY-MM-DD')";
const PG_NEW_YORK = "created_at AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York'";

/** A row for each cell of a cohort chart: the key `Jan 2018,3` is its third month, from 1 on. */
function cells(began: string, from: string): string {
  const months = (date: string) => `(strftime('%Y', ${date}) * 12 + strftime('%m', ${date}))`;
  const name = `substr('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * strftime('%m', b) - 2, 3)
    || strftime(' %Y', b)`;
  return `SELECT ${name} || ',' || (${months("a")} - ${months("b")} + 1) AS k, v
    FROM (SELECT strftime('%Y-%m-01', ${began}) AS b, ${MONTH} AS a, sum(data ->> 'total') AS v
      ${from} GROUP BY 1, 2)`;
}

/** The same for PostgreSQL. */
function pgCells(began: string, from: string): string {
  const months = (date: string) =>
    `(extract(year FROM ${date}) * 12 + extract(month FROM ${date}))`;
  return `SELECT to_char(b, 'Mon YYYY') || ',' || (${months("a")} - ${months("b")} + 1) AS k, v
    FROM (SELECT date_trunc('month', ${began}) AS b, date_trunc('month', created_at) AS a,
      sum(total) AS v ${from} GROUP BY 1, 2) AS months`;
}

/** All questions, in the order of the report. */
export const QUESTIONS: readonly Question[] = [
  {
    title: "count by month",
    report: {
      figure: { interval: "month", metrics: [{ label: "v", operation: "count", ...DATED }] },
    },
    sql: `SELECT ${MONTH} AS k, count(*) AS v ${FROM} GROUP BY 1`,
    postgres: `SELECT ${PG_MONTH} AS k, count(*) AS v FROM orders GROUP BY 1`,
    places: 0,
  },
  {
    title: "sum by month and status",
    report: {
      figure: {
        interval: "month",
        group_by: ["status"],
        metrics: [{ label: "v", operation: "sum", column: "total", ...DATED }],
      },
    },
    sql: `SELECT ${MONTH} || ',' || (data ->> 'status') AS k, sum(data ->> 'total') AS v
      ${FROM} GROUP BY ${MONTH}, data ->> 'status'`,
    postgres: `SELECT ${PG_MONTH} || ',' || status AS k, sum(total) AS v FROM orders GROUP BY 1`,
    places: 2,
  },
  {
    title: "average by month, two statuses",
    report: {
      figure: {
        interval: "month",
        metrics: [
          {
            label: "v",
            operation: "average",
            column: "total",
            ...DATED,
            filters: [{ id: "A", column: "status", operator: "in", value: ["paid", "complete"] }],
          },
        ],
      },
    },
    sql: `SELECT ${MONTH} AS k, avg(data ->> 'total') AS v
      ${FROM} AND data ->> 'status' IN ('paid', 'complete') GROUP BY 1`,
    postgres: `SELECT ${PG_MONTH} AS k, avg(total) AS v FROM orders
      WHERE status IN ('paid', 'complete') GROUP BY 1`,
    places: 6,
  },
  {
    title: "distinct customers by quarter",
    report: {
      figure: {
        interval: "quarter",
        metrics: [{ label: "v", operation: "count_distinct", column: "customer_email", ...DATED }],
      },
    },
    sql: `SELECT ${QUARTER} AS k, count(DISTINCT data ->> 'customer_email') AS v ${FROM} GROUP BY 1`,
    postgres: `SELECT to_char(date_trunc('quarter', created_at), 'YYYY-MM-DD') AS k,
      count(DISTINCT customer_email) AS v FROM orders GROUP BY 1`,
    places: 0,
  },
  {
    title: "median by status",
    report: {
      figure: {
        group_by: ["status"],
        metrics: [{ label: "v", operation: "median", column: "total", ...DATED }],
      },
    },
    sql: `SELECT k, avg(v) AS v FROM (
        SELECT data ->> 'status' AS k, CAST(data ->> 'total' AS REAL) AS v,
          row_number() OVER w AS place, count(*) OVER (PARTITION BY data ->> 'status') AS n
        ${FROM} WINDOW w AS (PARTITION BY data ->> 'status' ORDER BY CAST(data ->> 'total' AS REAL)))
      WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY k`,
    postgres: `SELECT status AS k, percentile_cont(0.5) WITHIN GROUP (ORDER BY total) AS v
      FROM orders GROUP BY 1`,
    places: 3,
  },
  {
    title: "sum by hour in New York",
    report: {
      figure: {
        interval: "hour",
        time_zone: "America/New_York",
        range: DAYS,
        metrics: [{ label: "v", operation: "sum", column: "total", ...DATED }],
      },
    },
    sql: `SELECT ${HOUR} AS k, sum(data ->> 'total') AS v ${FROM}
      AND data ->> 'created_at' >= '2019-01-01 05:00:00'
      AND data ->> 'created_at' < '2019-05-26 04:00:00' GROUP BY 1`,
    postgres: `SELECT to_char(date_trunc('hour', ${PG_NEW_YORK}), 'YYYY-MM-DD"T"HH24:MI:SS') AS k,
      sum(total) AS v FROM orders WHERE created_at >= '2019-01-01 05:00:00'
      AND created_at < '2019-05-26 04:00:00' GROUP BY date_trunc('hour', ${PG_NEW_YORK})`,
    places: 2,
  },
  {
    title: "cohorts by a date",
    report: {
      chart: {
        metric: { label: "v", operation: "sum", column: "total", ...DATED },
        cohort_date: { column: "customer_since" },
        interval: "month",
        cohorts: { range: { from: "2018-01-01", to: "2018-12-31" } },
        periods: 18,
      },
    },
    sql: cells("data ->> 'customer_since'", FROM),
    postgres: pgCells("customer_since", "FROM orders"),
    places: 2,
  },
  {
    title: "cohorts by a first event",
    report: {
      chart: {
        metric: { label: "v", operation: "sum", column: "total", ...DATED },
        cohort_date: { first_event_of: "customer_id" },
        interval: "month",
        cohorts: { range: { from: "2019-01-01", to: "2019-05-31" } },
        periods: 5,
      },
    },
    sql: `WITH firsts AS MATERIALIZED (
        SELECT data ->> 'customer_id' AS id, min(data ->> 'created_at') AS began
        ${FROM} GROUP BY 1)
      ${cells("began", `FROM rows JOIN firsts ON id = data ->> 'customer_id' WHERE table_id = ?1`)}`,
    postgres: pgCells(
      "began",
      `FROM orders JOIN (SELECT customer_id, min(created_at) AS began FROM orders GROUP BY 1)
        AS firsts USING (customer_id)`,
    ),
    places: 2,
  },
];
