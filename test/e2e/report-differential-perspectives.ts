/** Perspectives in SQL, for PostgreSQL. */
import type { Perspective } from "./report-differential-definitions.ts";

/** The shown values of a series in a perspective. */
export function seenSql(
  letter: string,
  unit: string,
  { perspective = "standard", window = 0 }: Perspective,
): string {
  const from = `FROM dense_${letter} AS d`;
  const over = "OVER (PARTITION BY g ORDER BY l";
  const rows = (sql: string): string =>
    `SELECT l, g, w FROM (SELECT l, g, is_out, ${sql} AS w ${from}) AS s WHERE is_out`;
  const before = `lag(v) ${over})`;
  const isYear = unit === "week" || unit === "sunday";
  const ago = isYear
    ? `(SELECT v FROM dense_${letter} AS o WHERE o.g = d.g AND o.l = d.l - interval '364 days')`
    : `(SELECT v FROM dense_${letter} AS o WHERE o.g = d.g AND o.l = d.l - interval '1 year'
        AND to_char(o.l, 'MM-DD HH24') = to_char(d.l, 'MM-DD HH24'))`;
  switch (perspective) {
    case "standard":
      return rows("v");
    case "cumulative":
      return rows(`sum(v) OVER (PARTITION BY g, is_shown ORDER BY l)`);
    case "change_previous_period":
      return rows(`v - ${before}`);
    case "percent_change_previous_period":
      return rows(`hg_div(100 * (v - ${before}), ${before})`);
    case "change_previous_year":
      return rows(`v - ${ago}`);
    case "percent_change_previous_year":
      return rows(`hg_div(100 * (v - ${ago}), ${ago})`);
    case "percent_of_first":
      return rows(`hg_div(100 * v, (SELECT o.v FROM dense_${letter} AS o
        WHERE o.g = d.g AND o.is_shown AND o.v <> 0 ORDER BY o.l LIMIT 1))`);
    case "rolling_average":
      return rows(`hg_div(sum(v) ${over} ROWS ${window - 1} PRECEDING), ${window})`);
    default:
      throw new Error(`the perspective ${perspective} has no SQL`);
  }
}
