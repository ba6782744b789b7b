/**
 * The questions of the report benchmark: each as a figure, and as the SQL that a person would
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

/** One question. */
export interface Question {
  title: string;
  /** The body of `POST …/figures`, without the table. */
  figure: {
    interval?: string;
    time_zone?: string;
    range?: { from: string; to: string };
    group_by?: string[];
    metrics: [Metric];
  };
  /** Answers the same from the rows of the table ?1, in any order. */
  sql: string;
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

/** All questions, in the order of the report. */
export const QUESTIONS: readonly Question[] = [
  {
    title: "count by month",
    figure: { interval: "month", metrics: [{ label: "v", operation: "count", ...DATED }] },
    sql: `SELECT ${MONTH} AS k, count(*) AS v ${FROM} GROUP BY 1`,
    places: 0,
  },
  {
    title: "sum by month and status",
    figure: {
      interval: "month",
      group_by: ["status"],
      metrics: [{ label: "v", operation: "sum", column: "total", ...DATED }],
    },
    sql: `SELECT ${MONTH} || ',' || (data ->> 'status') AS k, sum(data ->> 'total') AS v
      ${FROM} GROUP BY ${MONTH}, data ->> 'status'`,
    places: 2,
  },
  {
    title: "average by month, two statuses",
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
    sql: `SELECT ${MONTH} AS k, avg(data ->> 'total') AS v
      ${FROM} AND data ->> 'status' IN ('paid', 'complete') GROUP BY 1`,
    places: 6,
  },
  {
    title: "distinct customers by quarter",
    figure: {
      interval: "quarter",
      metrics: [{ label: "v", operation: "count_distinct", column: "customer_email", ...DATED }],
    },
    sql: `SELECT ${QUARTER} AS k, count(DISTINCT data ->> 'customer_email') AS v ${FROM} GROUP BY 1`,
    places: 0,
  },
  {
    title: "median by status",
    figure: {
      group_by: ["status"],
      metrics: [{ label: "v", operation: "median", column: "total", ...DATED }],
    },
    sql: `SELECT k, avg(v) AS v FROM (
        SELECT data ->> 'status' AS k, CAST(data ->> 'total' AS REAL) AS v,
          row_number() OVER w AS place, count(*) OVER (PARTITION BY data ->> 'status') AS n
        ${FROM} WINDOW w AS (PARTITION BY data ->> 'status' ORDER BY CAST(data ->> 'total' AS REAL)))
      WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY k`,
    places: 3,
  },
  {
    title: "sum by hour in New York",
    figure: {
      interval: "hour",
      time_zone: "America/New_York",
      range: DAYS,
      metrics: [{ label: "v", operation: "sum", column: "total", ...DATED }],
    },
    sql: `SELECT ${HOUR} AS k, sum(data ->> 'total') AS v ${FROM}
      AND data ->> 'created_at' >= '2019-01-01 05:00:00'
      AND data ->> 'created_at' < '2019-05-26 04:00:00' GROUP BY 1`,
    places: 2,
  },
];
