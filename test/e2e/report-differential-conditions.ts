/** Operations and filters in SQL, for PostgreSQL. */
import type { Condition, Metric } from "./report-differential-definitions.ts";
import { identity, isNull, literal, part } from "./report-differential-schema.ts";

const QUANTILES: Readonly<Record<string, string>> = {
  median: "0.5",
  first_quartile: "0.25",
  third_quartile: "0.75",
  percentile_10: "0.1",
  percentile_90: "0.9",
};

/** The value of an operation over `v`. */
export function aggregate(operation: string): string {
  const share = QUANTILES[operation];
  if (share !== undefined) return `hg_quantile(array_agg(v ORDER BY v), ${share})`;
  if (operation === "average") return "hg_div(sum(v), count(*))";
  if (operation === "count") return "count(*)::numeric";
  return operation === "count_distinct" ? "count(DISTINCT v)::numeric" : `${operation}(v)`;
}

/** What an operation counts of a row; null counts for nothing. */
export function valueOf({ operation, column = "" }: Metric): string {
  if (operation === "count") return "1";
  return operation === "count_distinct" ? identity(column) : part(column, "number");
}

const SIGNS: Readonly<Record<string, string>> = {
  equal: "=",
  not_equal: "<>",
  greater: ">",
  greater_or_equal: ">=",
  less: "<",
  less_or_equal: "<=",
  in: "IN",
  not_in: "NOT IN",
  like: "ILIKE",
  not_like: "NOT ILIKE",
};

const KINDS = { number: "number", string: "text", boolean: "flag" } as const;

/** Whether a row meets a condition: not_equal and not_in are met by values of another kind. */
function conditionSql({ column, operator, value }: Condition): string {
  if (operator === "is_null") return isNull(column);
  if (operator === "is_not_null") return `NOT ${isNull(column)}`;
  const [first] = [value].flat();
  const kind = KINDS[typeof first as keyof typeof KINDS];
  const operands = [value]
    .flat()
    .map((one) => (typeof one === "string" ? literal(one) : String(one)));
  const right = Array.isArray(value) ? `(${operands.join(", ")})` : (operands[0] ?? "");
  const test = `${part(column, kind)} ${SIGNS[operator] ?? ""} ${right}`;
  if (operator !== "not_equal" && operator !== "not_in") return `coalesce(${test}, false)`;
  return `(NOT ${isNull(column)} AND coalesce(${test}, true))`;
}

/** The filters of a metric; `true` without any. */
export function filterSql({ filters = [], filter_logic: logic }: Metric): string {
  const text = logic ?? filters.map(({ id }) => id).join(" AND ");
  const sql = text.replaceAll(/\[?\b([A-C])\b\]?/g, (_, id: string) => {
    const filter = filters.find((one) => one.id === id);
    return filter === undefined ? "" : conditionSql(filter);
  });
  return sql === "" ? "true" : `(${sql})`;
}
