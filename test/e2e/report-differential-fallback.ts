/** Figures without PostgreSQL: cells from SQL (SQLite), periods and perspectives from here. */
import type { FigureCase, Metric } from "./report-differential-definitions.ts";
import {
  columnsOf,
  type Field,
  groupsOf,
  type Maybe,
  type Series,
} from "./report-differential-fallback-groups.ts";
import { inPerspective } from "./report-differential-fallback-perspectives.ts";
import { type Decimal, decimal, plainText, ZERO } from "./report-differential-decimal.ts";
import { literal } from "./report-differential-schema.ts";
import {
  type OrdersInSqlite,
  sqliteAggregate,
  sqliteFilter,
  sqliteGroup,
  sqliteLocal,
  sqliteValue,
} from "./report-differential-sqlite.ts";
import { daysLater, periodOf, periodsBetween } from "./report-differential-times.ts";

/** Days that perspectives look back, generously. */
const DAYS_BEFORE: Readonly<Record<string, number>> = { month: 740, quarter: 1_100, year: 1_900 };
const DAYS_BEFORE_OTHERS = 420;

/** The rows of a figure's CSV, without its header. */
export function figureRows(orders: OrdersInSqlite, figure: FigureCase): Field[][] {
  const asked = figure.metrics.map((metric) => new Asked(orders, figure, metric));
  const spans = asked.filter(({ isShared }) => isShared).map((one) => one.ownSpan());
  const whole = { from: least(spans.map(({ from }) => from)), to: most(spans.map(({ to }) => to)) };
  const series = asked.map((one) => one.series(whole));
  const dates = [...new Set(series.flatMap(({ shown }) => [...shown]))].toSorted();
  const hasPeriods = series.some(({ unit }) => unit !== undefined);
  const groups = groupsOf(figure, series, hasPeriods);
  const hasHours = series.some(({ unit }) => unit === "hour");
  const columns = columnsOf(figure).filter(({ isHidden }) => !isHidden);
  return (hasPeriods ? dates : [""]).flatMap((date) =>
    groups.map((group) => {
      const values = series.map((one) => valueAt(one, group, date));
      const fields = columns.map(({ valueOf }) => textOf(valueOf(values)));
      const label = hasPeriods ? [hasHours ? date : date.slice(0, 10)] : [];
      return [...label, ...(JSON.parse(group) as string[]), ...fields];
    }),
  );
}

function textOf(value: Maybe): Field {
  return value === undefined ? null : plainText(value);
}

const least = (texts: readonly string[]): string => texts.toSorted()[0] ?? "";
const most = (texts: readonly string[]): string => texts.toSorted().at(-1) ?? "";

interface Span {
  /** A local time; to is the last that counts. */
  readonly from: string;
  readonly to: string;
}

/** What is asked for one metric. */
class Asked {
  readonly #orders: OrdersInSqlite;
  readonly #figure: FigureCase;
  readonly #metric: Metric;
  readonly #unit: string | undefined;
  readonly #groupBy: readonly string[];
  readonly #local: string;

  constructor(orders: OrdersInSqlite, figure: FigureCase, metric: Metric) {
    const { date_column: date } = metric;
    this.#orders = orders;
    this.#figure = figure;
    this.#metric = metric;
    this.#groupBy = metric.group_by ?? figure.group_by ?? [];
    const interval = date === undefined ? "none" : (metric.interval ?? figure.interval ?? "none");
    const isSunday = interval === "week" && figure.week_start === "sunday";
    this.#unit = interval === "none" ? undefined : isSunday ? "sunday" : interval;
    this.#local = date === undefined ? "NULL" : sqliteLocal(date, figure.time_zone ?? "UTC");
  }

  /** Whether it shares the periods of all metrics without a range of their own. */
  get isShared(): boolean {
    return this.#metric.range === undefined && this.#unit !== undefined;
  }

  ownSpan(): Span {
    const range = this.#metric.range ?? this.#figure.range;
    if (range !== undefined) return { from: `${range.from}T00:00:00`, to: `${range.to}T23:59:59` };
    const where = sqliteFilter(this.#metric);
    const [row] = this.#orders.all(
      `SELECT min(l) AS a, max(l) AS b FROM (SELECT ${this.#local} AS l FROM orders WHERE ${where})`,
    );
    return { from: String(row?.["a"]), to: String(row?.["b"]) };
  }

  series(whole: Span): Series {
    const isGrouped = this.#groupBy.length > 0;
    const range = this.#metric.range ?? this.#figure.range;
    const bounds = range === undefined ? undefined : this.ownSpan();
    const totals = this.#cells("''", bounds);
    const unit = this.#unit;
    const totalGroups = new Set(totals.keys());
    if (unit === undefined) {
      return { isGrouped, unit, groups: totalGroups, shown: new Set(), values: totals, totals };
    }
    const span = this.#metric.range === undefined ? whole : this.ownSpan();
    const seen = this.#metric.perspective === undefined ? this.#figure : this.#metric;
    const looksBack = (seen.perspective ?? "standard") !== "standard";
    const first = periodOf(unit, span.from);
    const back = daysLater(first, -(DAYS_BEFORE[unit] ?? DAYS_BEFORE_OTHERS));
    const begin = looksBack ? periodOf(unit, back) : first;
    const zone = this.#figure.time_zone ?? "UTC";
    const periods = periodsBetween(unit, begin, span.to, zone);
    const from = looksBack ? begin : (bounds?.from ?? first);
    const cells = this.#cells(`period('${unit}', ${this.#local})`, { from, to: span.to });
    const start = periods.indexOf(first);
    const shown = periods.slice(start + (seen.show_first === false ? 1 : 0));
    const values = new Map<string, ReadonlyMap<string, Maybe>>();
    for (const group of isGrouped ? cells.keys() : ["[]"]) {
      const own = cells.get(group);
      const isHere = periods.slice(start).some((period) => own?.has(period) === true);
      if (isGrouped && !isHere) continue;
      const plain = periods.map((period) => own?.get(period) ?? ZERO);
      const looked = inPerspective(plain, periods, start, unit, seen);
      values.set(group, new Map(periods.map((period, at) => [period, looked[at]])));
    }
    return {
      isGrouped,
      unit,
      groups: new Set(values.keys()),
      shown: new Set(shown),
      values,
      totals,
    };
  }

  #cells(period: string, span: Span | undefined): Map<string, Map<string, Decimal>> {
    const { operation, date_column: date } = this.#metric;
    const inSpan =
      span === undefined ? "" : `AND l >= ${literal(span.from)} AND l <= ${literal(span.to)}`;
    const rows = this.#orders.all(`SELECT ${period.replace(this.#local, "l")} AS p, g,
      ${sqliteAggregate(operation)} AS v FROM (SELECT ${this.#local} AS l,
        json_array(${this.#groupBy.map(sqliteGroup).join(", ")}) AS g,
        ${sqliteValue(this.#metric)} AS v FROM orders WHERE ${sqliteFilter(this.#metric)})
      WHERE v IS NOT NULL ${date === undefined ? "" : "AND l IS NOT NULL"} ${inSpan} GROUP BY 1, 2`);
    const cells = new Map<string, Map<string, Decimal>>();
    for (const { p, g, v } of rows) {
      const own = cells.get(String(g)) ?? new Map<string, Decimal>();
      cells.set(String(g), own.set(String(p), decimal(String(v))));
    }
    return cells;
  }
}

/** The value of a metric for a row. */
function valueAt(
  { isGrouped, unit, groups, shown, values }: Series,
  group: string,
  date: string,
): Maybe {
  const key = isGrouped ? group : "[]";
  if (unit === undefined) return values.get(key)?.get("") ?? ZERO;
  const period = periodOf(unit, date);
  if (!shown.has(period)) return undefined;
  return groups.has(key) ? values.get(key)?.get(period) : ZERO;
}
