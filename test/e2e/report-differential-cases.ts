/** The figures that the differential test asks for. */
import {
  type Condition,
  type Days,
  type FigureCase,
  type Metric,
  type Operation,
  OPERATIONS,
  type Perspective,
} from "./report-differential-definitions.ts";

/** Time zones with and without summer time, and one half an hour off. */
export const ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Europe/Berlin"] as const;
const INTERVALS = ["none", "hour", "day", "week", "month", "quarter", "year"] as const;

/** Days of a report by the hour: New York changes its clocks in them. */
const SPRING: Days = { from: "2019-03-05", to: "2019-04-05" };
const AUTUMN: Days = { from: "2019-10-20", to: "2019-11-10" };
const YEAR: Days = { from: "2019-01-01", to: "2019-12-31" };

/** An operation on the column that fits it. */
export function metricOf(operation: Operation, more: Partial<Metric> = {}): Metric {
  const column = operation === "count_distinct" ? "customer_id" : "value";
  const label = `The ${operation}`;
  const base = { label, operation, date_column: "created_at" };
  return operation === "count" ? { ...base, ...more } : { ...base, column, ...more };
}

/** What a case without words of its own is called. */
function named(figure: Omit<FigureCase, "name">, words = ""): FigureCase {
  const { metrics, interval = "none", time_zone: zone = "UTC", group_by: by = [] } = figure;
  const operations = metrics.map(({ operation }) => operation).join(" and ");
  const grouping = by.length === 0 ? "" : ` by ${by.join(" and ")}`;
  return { name: `${operations}, ${interval}, ${zone}${grouping}${words}`, ...figure };
}

/** Every operation by every interval, each time in the next zone. */
function operationCases(): readonly FigureCase[] {
  return OPERATIONS.flatMap((operation, row) =>
    INTERVALS.map((interval, column) => {
      const zone = ZONES[(row + column) % ZONES.length] ?? "UTC";
      const days = interval === "hour" ? { range: column % 2 === row % 2 ? SPRING : AUTUMN } : {};
      return named({ metrics: [metricOf(operation)], interval, time_zone: zone, ...days });
    }),
  );
}

/** Every operation by groups of every kind. */
function groupCases(): readonly FigureCase[] {
  const groups = [["status"], ["sku"], ["quantity"], ["is_gift", "status"], ["sku", "quantity"]];
  const byOperation = OPERATIONS.flatMap((operation, index) => {
    const metrics = [metricOf(operation)];
    const group_by = groups[index % groups.length] ?? [];
    return [
      named({ metrics, group_by }),
      named({ metrics, group_by: ["sku"], interval: "month", time_zone: "Asia/Kolkata" }),
      named({ metrics, group_by: ["status", "is_gift"], interval: "week", week_start: "sunday" }),
    ];
  });
  const noDate: Metric = { label: "Rows", operation: "count" };
  return [
    ...byOperation,
    named({ metrics: [noDate], group_by: ["quantity"] }, ", without dates"),
    named({ metrics: [metricOf("sum", { column: "ratio" })], group_by: ["sku", "status"] }),
    named({ metrics: [metricOf("count_distinct", { column: "value" })], group_by: ["sku"] }),
  ];
}

interface Filtered {
  readonly filters: readonly Omit<Condition, "id">[];
  readonly logic?: string;
}

const FILTERS: readonly Filtered[] = [
  { filters: [{ column: "status", operator: "equal", value: "complete" }] },
  { filters: [{ column: "status", operator: "not_equal", value: "complete" }] },
  { filters: [{ column: "value", operator: "equal", value: 58.4 }] },
  { filters: [{ column: "value", operator: "not_equal", value: 58.4 }] },
  { filters: [{ column: "value", operator: "greater", value: 250 }] },
  { filters: [{ column: "value", operator: "greater_or_equal", value: 249.5 }] },
  { filters: [{ column: "value", operator: "less", value: 0 }] },
  { filters: [{ column: "value", operator: "less_or_equal", value: 0 }] },
  { filters: [{ column: "value", operator: "greater", value: "1" }] },
  { filters: [{ column: "sku", operator: "greater", value: "a" }] },
  { filters: [{ column: "sku", operator: "less_or_equal", value: "\uFFFF" }] },
  { filters: [{ column: "sku", operator: "like", value: "%SHIRT_%" }] },
  { filters: [{ column: "sku", operator: "not_like", value: "%É%" }] },
  { filters: [{ column: "sku", operator: "like", value: "100\\%" }] },
  { filters: [{ column: "sku", operator: "like", value: "_" }] },
  { filters: [{ column: "created_at", operator: "like", value: "2019-0%" }] },
  { filters: [{ column: "status", operator: "is_null" }] },
  { filters: [{ column: "value", operator: "is_not_null" }] },
  { filters: [{ column: "sku", operator: "in", value: ["😀", "a,b", "7", "line\r\nbreak"] }] },
  { filters: [{ column: "quantity", operator: "in", value: [1, 3, 4.0] }] },
  { filters: [{ column: "quantity", operator: "not_in", value: [2, 5] }] },
  { filters: [{ column: "customer_id", operator: "not_in", value: ["17", "18"] }] },
  { filters: [{ column: "is_gift", operator: "equal", value: true }] },
  { filters: [{ column: "is_gift", operator: "not_equal", value: true }] },
];

const LOGICS = ["(A AND B) OR C", "A AND (B OR C)", "[A] OR [B] AND [C]", "A AND B AND C"];

const THREE: Filtered["filters"] = [
  { column: "status", operator: "in", value: ["complete", "pending"] },
  { column: "quantity", operator: "greater", value: 2 },
  { column: "is_gift", operator: "equal", value: false },
];

/** Every operator, and three filters in every logic. */
function filterCases(): readonly FigureCase[] {
  const all = [...FILTERS, ...LOGICS.map((logic) => ({ filters: THREE, logic }))];
  return all.map(({ filters, logic }, index) => {
    const operation = OPERATIONS[index % 4] ?? "count";
    const conditions = filters.map((filter, at) => ({ id: "ABC"[at] ?? "A", ...filter }));
    const own = logic === undefined ? {} : { filter_logic: logic };
    const metric = metricOf(operation, { filters: conditions, ...own });
    const said =
      logic ?? filters.map((filter) => Object.values(filter).map(wordOf).join(" ")).join();
    return named(
      { metrics: [metric], interval: "quarter", group_by: ["is_gift"] },
      ` where ${said}`,
    );
  });
}

/** A name of a report has no control characters. */
function wordOf(value: unknown): string {
  return typeof value === "string" && !/[\r\n]/.test(value) ? value : JSON.stringify(value);
}

const PERSPECTIVES: readonly Perspective[] = [
  { perspective: "cumulative" },
  { perspective: "change_previous_period" },
  { perspective: "change_previous_year" },
  { perspective: "percent_change_previous_period" },
  { perspective: "percent_change_previous_year" },
  { perspective: "percent_of_first" },
  { perspective: "percent_of_first", show_first: false },
  { perspective: "rolling_average", window: 3 },
];

/** Every perspective, of all time, of a year, and of groups. */
function perspectiveCases(): readonly FigureCase[] {
  return PERSPECTIVES.flatMap((perspective) => {
    const words = `, ${Object.values(perspective).join(" ")}`;
    const sum = metricOf("sum");
    const february = { from: "2020-02-01", to: "2020-03-31" };
    return [
      named({ metrics: [sum], interval: "month", ...perspective }, words),
      named(
        {
          metrics: [sum],
          interval: "week",
          range: { from: "2019-12-30", to: "2020-06-07" },
          ...perspective,
        },
        words,
      ),
      named(
        {
          metrics: [sum],
          interval: "day",
          range: february,
          time_zone: "Europe/Berlin",
          ...perspective,
        },
        `${words} 2`,
      ),
      named(
        {
          metrics: [metricOf("average")],
          interval: "quarter",
          range: YEAR,
          group_by: ["sku"],
          ...perspective,
        },
        words,
      ),
      named(
        { metrics: [metricOf("median")], interval: "year", group_by: ["status"], ...perspective },
        words,
      ),
    ];
  });
}

const REVENUE = metricOf("sum", { label: "Revenue" });
const ORDERS = metricOf("count", { label: "Orders" });
const MEDIAN = metricOf("median", { label: "Median" });
const AVERAGE = { label: "Average value", expression: "A / B" };

/** Top and bottom, formulas, and metrics with times and groups of their own. */
function otherCases(): readonly FigureCase[] {
  const monthly = { interval: "month" as const, time_zone: "America/New_York" };
  const two = [REVENUE, ORDERS];
  const bySku = { group_by: ["sku"] };
  const top = { n: 5, by: "Revenue", order: "desc" };
  const worked = [AVERAGE, { label: "Worked", expression: "(A - B * 2.50) / (B / 4) - -C" }];
  return [
    named({ metrics: two, ...bySku, top }, ", top"),
    named({ metrics: two, ...bySku, top: { ...top, order: "asc" } }, ", bottom"),
    named({ metrics: [ORDERS], ...bySku, top: { n: 7 } }, ", top 7"),
    named({ metrics: [ORDERS], ...bySku, top: { n: "all", by: "sku" } }, ", all by sku"),
    named(
      { metrics: two, group_by: ["status", "sku"], top: { n: 9, by: "sku", order: "desc" } },
      ", last by sku",
    ),
    named({ metrics: two, ...bySku, ...monthly, top }, ", top over months"),
    named(
      { metrics: [MEDIAN], ...bySku, ...monthly, top: { n: 4, by: "Median" } },
      ", top medians",
    ),
    named(
      { metrics: two, ...bySku, formulas: [AVERAGE], top: { n: 6, by: "Average value" } },
      ", top of a formula",
    ),
    named({ metrics: [REVENUE, ORDERS, MEDIAN], ...monthly, formulas: worked }, ", formulas"),
    named(
      {
        metrics: [
          { ...REVENUE, hidden: true },
          { ...ORDERS, hidden: true },
        ],
        ...monthly,
        formulas: [AVERAGE],
      },
      ", hidden",
    ),
    named(
      { metrics: [REVENUE, { ...ORDERS, interval: "quarter" }], ...monthly, formulas: [AVERAGE] },
      ", own interval",
    ),
    named(
      { metrics: [REVENUE, { ...ORDERS, interval: "none" }], ...monthly, formulas: [AVERAGE] },
      ", own total",
    ),
    named(
      { metrics: [REVENUE, { ...ORDERS, range: YEAR }], ...monthly, formulas: [AVERAGE] },
      ", own range",
    ),
    named(
      {
        metrics: [REVENUE, { ...ORDERS, group_by: [] }],
        ...bySku,
        ...monthly,
        formulas: [AVERAGE],
      },
      ", no group",
    ),
    named({ metrics: [REVENUE, { ...ORDERS, group_by: ["status"] }], ...bySku }, ", own group"),
    named(
      { metrics: [REVENUE, { ...ORDERS, perspective: "cumulative" }], ...monthly },
      ", own perspective",
    ),
    named(
      {
        metrics: [ORDERS],
        interval: "day",
        range: { from: "2019-12-20", to: "2020-01-10" },
        time_zone: "Asia/Kolkata",
      },
      ", days",
    ),
    named(
      { metrics: [ORDERS], interval: "month", range: { from: "2019-02-10", to: "2019-05-20" } },
      ", a part",
    ),
    named(
      { metrics: [{ ...ORDERS, date_column: "customer_created_at" }], interval: "week" },
      ", other date",
    ),
  ];
}

/** All figures of the smaller table. */
export function figureCases(): readonly FigureCase[] {
  return [
    ...operationCases(),
    ...groupCases(),
    ...filterCases(),
    ...perspectiveCases(),
    ...otherCases(),
  ];
}
