/** Figures as one SQL statement each, written for PostgreSQL from what docs/reports.md says. */
import { aggregate, filterSql, valueOf } from "./report-differential-conditions.ts";
import type { FigureCase, Metric, Perspective } from "./report-differential-definitions.ts";
import { seenSql } from "./report-differential-perspectives.ts";
import { groupText, instant, literal, part } from "./report-differential-schema.ts";

/** `COPY` of a query as CSV; an empty text is quoted, null is not. */
export function copySql(query: string): string {
  return `COPY (${query}) TO STDOUT (FORMAT csv);`;
}

const NO_GROUP = "ARRAY[]::text[]";

/** A group's numbers before its texts, in order. */
const groupOrder = (size: number): readonly string[] =>
  Array.from({ length: size }, (_, at) => orderOf(`g.g[${at + 1}]`)).flat();

function orderOf(text: string): string[] {
  const isNumber = `${text} ~ '^-?[0-9]+([.][0-9]+)?$'`;
  return [
    `CASE WHEN ${isNumber} THEN 0 ELSE 1 END`,
    `CASE WHEN ${isNumber} THEN ${text}::numeric END`,
    `${text} COLLATE "C"`,
  ];
}

/** How far before the first period a perspective looks, generously. */
const BEFORE: Readonly<Record<string, string>> = {
  hour: "'9000 hours'",
  day: "'400 days'",
  week: "'420 days'",
  sunday: "'420 days'",
  month: "'24 months'",
  quarter: "'36 months'",
  year: "'5 years'",
};
const STEPS: Readonly<Record<string, string>> = { quarter: "'3 months'", sunday: "'7 days'" };

/** The statement of a figure. */
export function figureSql(figure: FigureCase): string {
  return new FigureSql(figure).statement();
}

/** What is known of a metric. */
interface Part {
  readonly letter: string;
  readonly metric: Metric;
  /** Of date_trunc, or `sunday`; undefined without periods. */
  readonly unit: string | undefined;
  readonly isGrouped: boolean;
  readonly groupBy: readonly string[];
}

class FigureSql {
  readonly #figure: FigureCase;
  readonly #zone: string;
  readonly #parts: readonly Part[];
  readonly #size: number;

  constructor(figure: FigureCase) {
    this.#figure = figure;
    this.#zone = literal(figure.time_zone ?? "UTC");
    this.#parts = figure.metrics.map((metric, index) => {
      const groupBy = metric.group_by ?? figure.group_by ?? [];
      const interval =
        metric.date_column === undefined ? "none" : (metric.interval ?? figure.interval);
      const unit = interval === "week" && figure.week_start === "sunday" ? "sunday" : interval;
      const letter = "abcdefgh"[index] ?? "";
      const dated = unit === "none" ? undefined : unit;
      return { letter, metric, unit: dated, isGrouped: groupBy.length > 0, groupBy };
    });
    this.#size = Math.max(...this.#parts.map(({ groupBy }) => groupBy.length));
  }

  statement(): string {
    const dated = this.#parts.filter(({ unit }) => unit !== undefined);
    const own = this.#parts.flatMap((one) => [this.#rows(one), this.#span(one)]);
    const values = this.#parts.flatMap((one) => this.#values(one));
    const dates = dated.map(({ letter }) => `SELECT l FROM periods_${letter} WHERE is_out`);
    const from = dates.length === 0 ? "SELECT NULL::timestamp AS l" : dates.join(" UNION ");
    return `WITH ${[...own, this.#whole(), ...values].join(",\n")},
dates AS (${from}), ranked AS (${this.#ranked(dated.length > 0)})
SELECT ${this.#fields(dated)} FROM dates CROSS JOIN ranked AS g ${this.#joins("dates.l")}
ORDER BY dates.l, g.place`;
  }

  /** All wanted rows, with their instant, local time, group and value. */
  #rows({ letter, metric, groupBy }: Part): string {
    const { date_column: date } = metric;
    const at = date === undefined ? "NULL::timestamptz" : instant(date);
    const group = `ARRAY[${groupBy.map(groupText).join(", ")}]::text[]`;
    return `rows_${letter} AS MATERIALIZED (SELECT ${at} AS at, ${at} AT TIME ZONE ${this.#zone} AS local,
  ${group} AS g, ${valueOf(metric)} AS v FROM orders WHERE ${filterSql(metric)}
  ${date === undefined ? "" : `AND ${part(date, "instant")} IS NOT NULL`})`;
  }

  /** From a local time on and before another; of all time those of all metrics. */
  #span({ letter, metric }: Part): string {
    const { from, to } = metric.range ?? this.#figure.range ?? {};
    const bounds =
      from === undefined
        ? "SELECT min(local) AS lo, max(local) + interval '1 microsecond' AS hi"
        : `SELECT timestamp '${from}' AS lo, date '${to ?? ""}' + 1::int AS hi`;
    return `span_${letter} AS (${bounds}${from === undefined ? ` FROM rows_${letter}` : ""})`;
  }

  #whole(): string {
    const shared = this.#parts.filter(
      ({ metric, unit }) => metric.range === undefined && unit !== undefined,
    );
    const spans = (shared.length > 0 ? shared : this.#parts).map(
      ({ letter }) => `SELECT lo, hi FROM span_${letter}`,
    );
    return `whole AS (SELECT min(lo) AS lo, max(hi) AS hi FROM (${spans.join(" UNION ALL ")}) AS s)`;
  }

  #values(one: Part): readonly string[] {
    return one.unit === undefined ? [this.#total(one, "values")] : this.#series(one, one.unit);
  }

  /** One value of each group over the whole span. */
  #total({ letter, metric }: Part, name: string): string {
    const isBounded =
      metric.date_column !== undefined && (metric.range ?? this.#figure.range) !== undefined;
    const where = isBounded ? `AND ${this.#inSpan(letter, "lo")}` : "";
    return `${name}_${letter} AS (SELECT g, ${aggregate(metric.operation)} AS v
  FROM rows_${letter}, span_${letter} WHERE v IS NOT NULL ${where} GROUP BY g)`;
  }

  #inSpan(letter: string, from: string): string {
    const zone = (local: string): string => `${local}::timestamp AT TIME ZONE ${this.#zone}`;
    return `at >= ${zone(from)} AND at < ${zone(`span_${letter}.hi`)}`;
  }

  #series(one: Part, unit: string): readonly string[] {
    const { letter, metric, isGrouped } = one;
    const seen: Perspective = metric.perspective === undefined ? this.#figure : metric;
    const looksBack = (seen.perspective ?? "standard") !== "standard";
    const from = looksBack ? `(SELECT min(l) FROM periods_${letter})` : `span_${letter}.lo`;
    const groups = isGrouped ? `SELECT g FROM groups_${letter}` : `SELECT ${NO_GROUP} AS g`;
    return [
      this.#periods(one, unit, looksBack, seen.show_first === false),
      `cells_${letter} AS (SELECT hg_trunc('${unit}', local) AS l, g,
  ${aggregate(metric.operation)} AS v
  FROM rows_${letter}, span_${letter} WHERE v IS NOT NULL AND ${this.#inSpan(letter, from)}
  GROUP BY 1, g)`,
      `groups_${letter} AS (SELECT DISTINCT g
  FROM cells_${letter} JOIN periods_${letter} USING (l) WHERE is_shown)`,
      `dense_${letter} AS MATERIALIZED (SELECT l, g, is_shown, is_out, coalesce(v, 0) AS v
  FROM periods_${letter} CROSS JOIN (${groups}) AS gs LEFT JOIN cells_${letter} USING (l, g))`,
      `values_${letter} AS (${seenSql(letter, unit, seen)})`,
      this.#total(one, "totals"),
    ];
  }

  /** All periods, with those to look back to; hours that clocks leave out are none. */
  #periods(
    { letter, metric }: Part,
    unit: string,
    looksBack: boolean,
    isFirstHidden: boolean,
  ): string {
    const first = `hg_trunc('${unit}', lo)`;
    const last = `hg_trunc('${unit}', hi - interval '1 microsecond')`;
    const back = `hg_trunc('${unit}', ${first} - interval ${BEFORE[unit] ?? ""})`;
    const span = metric.range === undefined ? "whole" : `span_${letter}`;
    const step = STEPS[unit] ?? `'1 ${unit}'`;
    return `periods_${letter} AS (SELECT l, l >= ${first} AS is_shown,
  l ${isFirstHidden ? ">" : ">="} ${first} AS is_out
  FROM ${span}, generate_series(${looksBack ? back : first}, ${last}, interval ${step}) AS l
  WHERE l AT TIME ZONE ${this.#zone} AT TIME ZONE ${this.#zone} = l)`;
  }

  /** The groups with their places, as many as are wanted. */
  #ranked(hasPeriods: boolean): string {
    const grouped = this.#parts.filter(({ isGrouped }) => isGrouped);
    if (grouped.length === 0) return `SELECT ${NO_GROUP} AS g, 1 AS place`;
    const all = grouped.map(
      ({ letter, unit }) => `SELECT g FROM ${unit === undefined ? "values" : "groups"}_${letter}`,
    );
    const { top } = this.#figure;
    const limit = top === undefined || top.n === "all" ? "" : `LIMIT ${top.n}`;
    const order = this.#order(hasPeriods).join(", ");
    return `SELECT g.g, row_number() OVER (ORDER BY ${order}) AS place
  FROM (${all.join(" UNION ")}) AS g ${hasPeriods ? this.#joins(undefined) : this.#joins("NULL")} ORDER BY place ${limit}`;
  }

  #order(hasPeriods: boolean): readonly string[] {
    const { top, metrics, formulas = [] } = this.#figure;
    const rest = groupOrder(this.#size);
    const shown = [...metrics.filter(({ hidden }) => hidden !== true), ...formulas];
    const isByDefault = top?.by === undefined && (!hasPeriods || top !== undefined);
    const by = isByDefault && shown.length === 1 ? shown[0]?.label : top?.by;
    if (by === undefined) return rest;
    const dimension = this.#figure.group_by?.indexOf(by) ?? -1;
    if (dimension >= 0) {
      const order = top?.order === "desc" ? "DESC" : "ASC";
      return [...orderOf(`g.g[${dimension + 1}]`).map((sql) => `${sql} ${order}`), ...rest];
    }
    const value = this.#labelled().get(by) ?? "";
    return [`${value} ${top?.order === "asc" ? "ASC" : "DESC"} NULLS LAST`, ...rest];
  }

  /** The values of metrics and formulas in SQL, by their labels. */
  #labelled(): ReadonlyMap<string, string> {
    const { metrics, formulas = [] } = this.#figure;
    const values = this.#parts.map(({ letter }) => `value_${letter}.w`);
    const all = new Map(metrics.map(({ label }, at) => [label, values[at] ?? ""]));
    for (const { label, expression } of formulas) all.set(label, formulaSql(expression, values));
    return all;
  }

  /** Joins the value of each metric at a time, or its total, with a group. */
  #joins(at: string | undefined): string {
    return this.#parts
      .map((one) => (one.unit === undefined || at === undefined ? totalJoin(one) : joinAt(one, at)))
      .join("\n");
  }

  #fields(dated: readonly Part[]): string {
    const hasHours = dated.some(({ unit }) => unit === "hour");
    const form = hasHours ? `YYYY-MM-DD"T"HH24:MI:SS` : "YYYY-MM-DD";
    const groups = Array.from({ length: this.#size }, (_, at) => `g.g[${at + 1}]`);
    const hidden = new Set(
      this.#figure.metrics.filter((one) => one.hidden === true).map(({ label }) => label),
    );
    const values = [...this.#labelled()].filter(([label]) => !hidden.has(label));
    const texts = values.map(([, sql]) => `trim_scale(${sql})::text`);
    return [...(dated.length > 0 ? [`to_char(dates.l, '${form}')`] : []), ...groups, ...texts].join(
      ", ",
    );
  }
}

/** Without rows a total is 0. */
function totalJoin({ letter, unit, isGrouped }: Part): string {
  const [table, value] = [
    `${unit === undefined ? "values" : "totals"}_${letter}`,
    `value_${letter}`,
  ];
  const group = isGrouped ? "g.g" : NO_GROUP;
  return `LEFT JOIN ${table} AS t_${letter} ON t_${letter}.g = ${group}
  CROSS JOIN LATERAL (SELECT coalesce(t_${letter}.v, 0) AS w) AS ${value}`;
}

/** Without a period there is no value; a group that has no rows in any period has 0. */
function joinAt({ letter, unit, isGrouped }: Part, at: string): string {
  const group = isGrouped ? "g.g" : NO_GROUP;
  const [p, o, v] = [`p_${letter}`, `o_${letter}`, `v_${letter}`];
  const isThere = isGrouped ? `${o}.g IS NOT NULL` : "true";
  return `LEFT JOIN periods_${letter} AS ${p} ON ${p}.l = hg_trunc('${unit ?? ""}', ${at}) AND ${p}.is_out
  LEFT JOIN groups_${letter} AS ${o} ON ${o}.g = ${group}
  LEFT JOIN values_${letter} AS ${v} ON ${v}.l = ${p}.l AND ${v}.g = ${group}
  CROSS JOIN LATERAL (SELECT CASE WHEN ${p}.l IS NOT NULL THEN
    CASE WHEN ${isThere} THEN ${v}.w ELSE 0 END END AS w) AS value_${letter}`;
}

/** A formula whose quotients are hg_div; `/` has numbers, letters or brackets at both sides. */
function formulaSql(expression: string, values: readonly string[]): string {
  const value = (letter: string): string => values["ABCDEFGH".indexOf(letter)] ?? "";
  const known: Readonly<Record<string, string>> = {
    "A / B": `hg_div(${value("A")}, ${value("B")})`,
    "(A - B * 2.50) / (B / 4) - -C": `hg_div(${value("A")} - ${value("B")} * 2.50, hg_div(${value("B")}, 4)) + ${value("C")}`,
  };
  const sql = known[expression];
  if (sql === undefined) throw new Error(`the formula ${expression} has no SQL`);
  return sql;
}
