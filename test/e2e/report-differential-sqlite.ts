/**
 * The orders in `node:sqlite`, for machines without PostgreSQL. SQLite knows neither exact
 * decimals nor time zones: functions bring them.
 */
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { Condition, Metric } from "./report-differential-definitions.ts";
import {
  type Decimal,
  decimal,
  order,
  plainText,
  plus,
  quantile,
  quotient,
  ZERO,
} from "./report-differential-decimal.ts";
import { COLUMNS, type Order } from "./report-differential-rows.ts";
import { literal } from "./report-differential-schema.ts";
import { localTime, periodOf, periodsApart } from "./report-differential-times.ts";

/** The shares of the quantiles. */
const SHARES: Readonly<Record<string, string>> = {
  median: "0.5",
  first_quartile: "0.25",
  third_quartile: "0.75",
  percentile_10: "0.1",
  percentile_90: "0.9",
};

const COMPARISONS: Readonly<Record<string, string>> = {
  equal: "=",
  not_equal: "<>",
  greater: ">",
  greater_or_equal: ">=",
  less: "<",
  less_or_equal: "<=",
};

type Row = Record<string, SQLOutputValue>;

/** A database with the orders. */
export class OrdersInSqlite {
  readonly #database = new DatabaseSync(":memory:");

  constructor(orders: readonly Order[]) {
    this.#addFunctions();
    const columns = COLUMNS.flatMap((name) => [
      `${name}_number TEXT, ${name}_text TEXT, ${name}_flag INTEGER, ${name}_instant INTEGER`,
    ]);
    this.#database.exec(`CREATE TABLE orders (${columns.join(", ")})`);
    const marks = COLUMNS.flatMap(() => ["?", "?", "?", "?"]).join(", ");
    const insert = this.#database.prepare(`INSERT INTO orders VALUES (${marks})`);
    this.#database.exec("BEGIN");
    for (const one of orders) {
      const values = COLUMNS.flatMap((name) => {
        const { number, text, flag, instant } = one[name];
        return [number, text, flag === undefined ? undefined : Number(flag), instant];
      });
      insert.run(...values.map((value) => value ?? null));
    }
    this.#database.exec("COMMIT");
  }

  all(sql: string): readonly Row[] {
    return this.#database.prepare(sql).all();
  }

  close(): void {
    this.#database.close();
  }

  #addFunctions(): void {
    const database = this.#database;
    const pure = { deterministic: true };
    const bigints = { ...pure, useBigIntArguments: true };
    database.function("local_time", bigints, (micros, zone) =>
      typeof micros === "bigint" ? localTime(Number(micros / 1000n), String(zone)) : null,
    );
    database.function("period", pure, (unit, local) =>
      local === null ? null : periodOf(String(unit), String(local)),
    );
    database.function("periods_apart", pure, (unit, first, other) =>
      first === null || other === null
        ? null
        : periodsApart(String(unit), String(first), String(other)),
    );
    database.function("compare", pure, (a, b) =>
      a === null ? null : order(decimal(String(a)), decimal(String(b))),
    );
    database.function("plain", pure, (text) =>
      text === null ? null : plainText(decimal(String(text))),
    );
    for (const operation of ["sum", "average", "min", "max", ...Object.keys(SHARES)]) {
      // The values, one a line: what is kept between the steps must be a value of SQL.
      database.aggregate(`exact_${operation}`, {
        start: "",
        step: (lines, value) => `${textOf(lines)}${textOf(value)}\n`,
        result: (lines) => {
          const values = textOf(lines).trimEnd().split("\n").map(decimal);
          return plainText(resultOf(operation, values));
        },
      });
    }
  }
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new Error("a value is no text");
  return value;
}

function resultOf(operation: string, values: readonly Decimal[]): Decimal {
  const share = SHARES[operation];
  if (share !== undefined) return quantile(values, share);
  const [first = ZERO] = values;
  if (operation === "min") return values.reduce((a, b) => (order(b, a) < 0 ? b : a), first);
  if (operation === "max") return values.reduce((a, b) => (order(b, a) > 0 ? b : a), first);
  const sum = values.reduce(plus, ZERO);
  if (operation === "sum") return sum;
  return quotient(sum, { units: BigInt(values.length), scale: 0 }) ?? ZERO;
}

/** The value of an operation over `v`, as a text. */
export function sqliteAggregate(operation: string): string {
  if (operation === "count") return "CAST(count(v) AS TEXT)";
  if (operation === "count_distinct") return "CAST(count(DISTINCT v) AS TEXT)";
  return `exact_${operation}(v)`;
}

/** What an operation counts of a row; null counts for nothing. */
export function sqliteValue({ operation, column = "" }: Metric): string {
  if (operation === "count") return "1";
  return operation === "count_distinct" ? sqliteIdentity(column) : `${column}_number`;
}

/** A text that is the same for equal values only; null for null. */
export function sqliteIdentity(column: string): string {
  const flag = `'f' || ${column}_flag`;
  return `coalesce('t' || ${column}_text, 'n' || plain(${column}_number), ${flag})`;
}

/** The text by which a value is grouped. */
export function sqliteGroup(column: string): string {
  const flag = `iif(${column}_flag, 'true', iif(${column}_flag IS NULL, NULL, 'false'))`;
  return `coalesce(${column}_text, plain(${column}_number), ${flag}, '')`;
}

/** The local time of a date; null where it is none. */
export function sqliteLocal(column: string, zone: string): string {
  return `local_time(${column}_instant, ${literal(zone)})`;
}

/** The filters of a metric. */
export function sqliteFilter({ filters = [], filter_logic: logic }: Metric): string {
  const text = logic ?? filters.map(({ id }) => id).join(" AND ");
  const sql = text.replaceAll(/\[?\b([A-C])\b\]?/g, (_, id: string) => {
    const filter = filters.find((one) => one.id === id);
    return filter === undefined ? "" : conditionSql(filter);
  });
  return sql === "" ? "true" : `(${sql})`;
}

function conditionSql({ column, operator, value }: Condition): string {
  const isNull = `coalesce(${column}_number, ${column}_text, ${column}_flag) IS NULL`;
  if (operator === "is_null") return `(${isNull})`;
  if (operator === "is_not_null") return `NOT (${isNull})`;
  const isNegated = operator.startsWith("not_") && operator !== "not_like";
  const plain = isNegated ? operator.slice("not_".length) : operator;
  const tests = [value].flat().map((one) => testSql(column, plain, one));
  const test = `coalesce(${tests.join(" OR ")}, false)`;
  return isNegated ? `(NOT (${isNull}) AND NOT ${test})` : test;
}

function testSql(column: string, operator: string, value: unknown): string {
  const sign = COMPARISONS[operator] ?? "=";
  if (typeof value === "number") return `compare(${column}_number, '${value}') ${sign} 0`;
  if (typeof value === "boolean") return `${column}_flag ${sign} ${Number(value)}`;
  const text = literal(String(value));
  if (operator === "like") return `${column}_text LIKE ${text} ESCAPE '\\'`;
  if (operator === "not_like") return `${column}_text NOT LIKE ${text} ESCAPE '\\'`;
  return `${column}_text ${sign} ${text}`;
}
