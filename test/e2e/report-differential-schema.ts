/** The orders in PostgreSQL: for each column what a value is, and functions of exact numbers. */
import { type ColumnName, COLUMNS, type Order } from "./report-differential-rows.ts";

/** What a column of orders has in PostgreSQL: one of them is there unless the value is null. */
const PARTS = ["number", "text", "flag", "instant"] as const;
const TYPES = { number: "numeric", text: 'text COLLATE "C"', flag: "boolean", instant: "bigint" };

/** The SQL name of a part of a column. */
export function part(column: string, name: (typeof PARTS)[number]): string {
  return `${column}_${name}`;
}

/** An instant as a timestamptz. */
export function instant(column: string): string {
  return `(timestamptz 'epoch' + ${part(column, "instant")} * interval '1 microsecond')`;
}

/** The text by which a value is grouped (docs/reports.md). */
export function groupText(column: string): string {
  const number = `trim_scale(${part(column, "number")})::text`;
  return `coalesce(${part(column, "text")}, ${number}, ${part(column, "flag")}::text, '')`;
}

/** A text that is the same for equal values only; null for null. */
export function identity(column: string): string {
  const number = `'n' || trim_scale(${part(column, "number")})`;
  return `coalesce('t' || ${part(column, "text")}, ${number}, 'f' || ${part(column, "flag")})`;
}

/** Whether a value is null or missing. */
export function isNull(column: string): string {
  const parts = (["number", "text", "flag"] as const).map((name) => part(column, name));
  return `num_nonnulls(${parts.join(", ")}) = 0`;
}

/**
 * hg_div: the quotient to 20 significant digits, half away from zero. hg_quantile: on a straight
 * line between two neighbours of ascending numbers, as percentile_cont, which rounds to doubles.
 * hg_trunc: date_trunc, where weeks may begin on Sundays.
 */
const FUNCTIONS = `
CREATE FUNCTION hg_digits(v numeric) RETURNS int IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE WHEN v = 0 THEN 1 WHEN abs(v) >= 1 THEN length(trunc(abs(v))::text)
    ELSE -length(substring(abs(v)::text from '^0[.](0*)')) END $$;
CREATE FUNCTION hg_div(a numeric, b numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE WHEN b <> 0 THEN (
    SELECT trim_scale(sign(a) * sign(b) *
      div(2 * abs(a) * ('1e' || p)::numeric + abs(b), 2 * abs(b)) * ('1e-' || p)::numeric)
    FROM (SELECT greatest(0, 20 - hg_digits(a) + hg_digits(b)) AS p) AS places) END $$;
CREATE FUNCTION hg_quantile(v numeric[], f numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS $$
  SELECT v[at + 1] + CASE WHEN rest = 0 THEN 0 ELSE (v[at + 2] - v[at + 1]) * rest END
  FROM (SELECT trunc(place)::int AS at, place - trunc(place) AS rest
    FROM (SELECT f * (cardinality(v) - 1) AS place) AS a) AS b $$;
CREATE FUNCTION hg_trunc(unit text, t timestamp) RETURNS timestamp IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE unit WHEN 'sunday' THEN date_trunc('week', t + interval '1 day') - interval '1 day'
    ELSE date_trunc(unit, t) END $$;
`;

/** Statements that make the table and fill it. */
export function fillSql(orders: readonly Order[]): string {
  const columns = COLUMNS.flatMap((column) =>
    PARTS.map((name) => `${part(column, name)} ${TYPES[name]}`),
  );
  const lines = orders.map((order) => COLUMNS.flatMap((column) => fieldsOf(order, column)));
  const text = lines.map((fields) => fields.join("\t")).join("\n");
  return `${FUNCTIONS}
CREATE TABLE orders (${columns.join(", ")});
COPY orders FROM stdin;
${text}
\\.
ANALYZE orders;`;
}

/** In PostgreSQL's text format. */
function fieldsOf(order: Order, column: ColumnName): string[] {
  return PARTS.map((name) => {
    const value = order[column][name];
    if (value === undefined) return "\\N";
    return String(value)
      .replaceAll("\\", "\\\\")
      .replaceAll("\t", "\\t")
      .replaceAll("\n", "\\n")
      .replaceAll("\r", "\\r");
  });
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
