import fc from "fast-check";
import { jsx } from "hono/jsx";
import { expect, test } from "vitest";
import { lostMember } from "../../../src/console/reports/compare.ts";
import { CHART_KIND } from "../../../src/console/reports/chart-kind.ts";
import { FIGURE_KIND } from "../../../src/console/reports/figure-kind.ts";
import type { ReportKind } from "../../../src/console/reports/kinds.ts";
import { MOVING_RANGES } from "../../../src/console/reports/range.ts";
import type { FormTables } from "../../../src/console/reports/tables.ts";
import { isObject, type JsonObject, parseExact } from "../../../src/json/exact.ts";
import { OPERATIONS } from "../../../src/report/engine/question.ts";
import { PERSPECTIVES } from "../../../src/report/math/perspective.ts";
import { fieldsOf } from "./fields.ts";

const COLUMNS = [
  { name: "status", type: "string" },
  { name: "amount", type: "decimal" },
  { name: "created_at", type: "timestamp" },
  { name: `<b>"'&amp;`, type: "json" },
];
const TABLES: FormTables = new Map([
  ["3", { name: "orders", columns: COLUMNS }],
  ["4", { name: "gone", columns: COLUMNS.slice(0, 1) }],
]);
const CHOICES = [{ value: "3", label: "orders" }];

const line = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/[\r\n]/.test(text));
const label = line.filter((text) => text.trim() !== "");
const column = fc.constantFrom(...COLUMNS.map(({ name }) => name));
const number = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.constantFrom("", ".50", ".0"))
  .map(([whole, rest]) => JSON.rawJSON(`${whole}${rest}`));
/** Texts that a list with commas keeps. */
const part = fc.stringMatching(/^[a-z "'&]{1,8}$/).filter((text) => text.trim() === text);

const filter = fc.oneof(
  fc.record({ column: fc.constant("status"), operator: fc.constant("equal"), value: line }),
  fc.record({ column: fc.constant("status"), operator: fc.constant("like"), value: line }),
  fc.record({ column: fc.constant("amount"), operator: fc.constant("less"), value: number }),
  fc.record({ column, operator: fc.constantFrom("is_null", "is_not_null") }),
  fc.record({
    column: fc.constant("status"),
    operator: fc.constantFrom("in", "not_in"),
    value: fc.array(part, { minLength: 1, maxLength: 3 }),
  }),
);
const filters = fc
  .array(filter, { minLength: 1, maxLength: 3 })
  .map((all) => all.map((each, index) => ({ id: "CAB".charAt(index), ...each })));

const day = fc.constantFrom("2019-01-01", "2020-02-29");
const ago = fc.tuple(fc.integer({ min: 0, max: 99_999 }), fc.constantFrom("day", "quarter"));
const agoText = ago.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"} ago`);
const range = fc.oneof(
  fc.record({ moving: fc.constantFrom(...MOVING_RANGES) }),
  fc.record({ from: day, to: day }),
  fc.tuple(agoText, agoText).map(([from, to]) => ({ moving: `${from} to ${to}` })),
);

const metric = fc
  .record(
    {
      label,
      table_id: fc.constantFrom(3, 4),
      operation: fc.constantFrom(...OPERATIONS),
      column,
      date_column: column,
      filters,
      filter_logic: fc.constantFrom("[A] OR [B]", "([A])"),
      hidden: fc.constant(true),
    },
    { requiredKeys: ["label", "table_id", "operation", "column"] },
  )
  .map(({ column: name, ...rest }) =>
    rest.operation === "count" ? rest : { ...rest, column: name },
  );

const perspective = fc.oneof(
  fc.constant({}),
  fc.constantFrom(...PERSPECTIVES.slice(1, 6)).map((word) => ({ perspective: word })),
  fc.integer({ min: 2, max: 366 }).map((window) => ({ perspective: "rolling_average", window })),
  fc.constant({ perspective: "percent_of_first", show_first: false }),
);
const cohortPerspective = fc.oneof(
  fc.constant({}),
  fc.constantFrom("cumulative", "percent_of_first").map((word) => ({ perspective: word })),
  fc.constant({ perspective: "percent_of_first", show_first: false }),
);
const groups = fc.oneof(
  fc.constant({ group_by: [] }),
  fc.record(
    {
      group_by: fc.uniqueArray(column, { minLength: 1, maxLength: 4 }),
      top: fc.record(
        {
          n: fc.oneof(fc.integer({ min: 1 }), fc.constant("all")),
          by: label,
          order: fc.constantFrom("asc", "desc"),
        },
        { requiredKeys: ["n"] },
      ),
    },
    { requiredKeys: ["group_by"] },
  ),
);
const places = fc.record(
  {
    name: line,
    time_zone: fc.constantFrom("UTC", "Europe/Berlin"),
    week_start: fc.constantFrom("monday", "sunday"),
    owner_email: fc.constant("a'b@example.com"),
  },
  { requiredKeys: ["name", "time_zone", "week_start"] },
);

const series = fc
  .tuple(
    places,
    fc.record({
      type: fc.constantFrom("chart", "table"),
      interval: fc.constantFrom("none", "hour", "month", "year"),
    }),
    groups,
    perspective,
  )
  .map((all) => Object.assign({}, ...all) as object);
const scalar = places.map((all) => ({ ...all, type: "scalar", interval: "none", group_by: [] }));
const figure = fc
  .tuple(
    fc.oneof(series, scalar),
    fc.record(
      { chart_kind: fc.constantFrom("bar", "pie"), transposed: fc.constant(true) },
      { requiredKeys: [] },
    ),
    fc.record({
      metrics: fc.array(metric, { minLength: 1, maxLength: 3 }),
      range,
      formulas: fc.array(
        fc.record({ label, expression: line, format: fc.constantFrom("number", "percent") }),
        { maxLength: 3 },
      ),
    }),
  )
  .map((all) => Object.assign({}, ...all) as JsonObject);

const moving = range.filter((each) => !("moving" in each) || each.moving !== "all_time");
const cohorts = fc.oneof(
  fc.record(
    {
      cohorts: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constant("all")),
      min_periods: fc.integer({ min: 0, max: 400 }),
    },
    { requiredKeys: [] },
  ),
  fc.record({ cohort_by: column, action_range: moving }, { requiredKeys: ["cohort_by"] }),
);
const cohortDate = fc.oneof(
  fc.record({ column }),
  fc.record({ first_event_of: column, date_column: column }, { requiredKeys: ["first_event_of"] }),
);
const chart = fc
  .tuple(
    places,
    cohorts,
    cohortPerspective,
    fc.record(
      {
        metric: metric.map((each) => ({ ...each, hidden: undefined })),
        cohort_date: cohortDate,
        interval: fc.constantFrom("week", "month", "year"),
        periods: fc.integer({ min: 1, max: 400 }),
        member_column: column,
      },
      { requiredKeys: ["metric", "cohort_date", "interval", "periods"] },
    ),
  )
  .map((all) => Object.assign({}, ...all) as JsonObject);

/** The definition that comes out of the form in which a definition is shown, sent as it is. */
async function through<Asked>(
  kind: ReportKind<Asked>,
  definition: JsonObject,
): Promise<Record<string, unknown>> {
  const asked = kind.shown(definition);
  const html = String(jsx(kind.Fields, { asked, tables: TABLES, choices: CHOICES }));
  const sent = new Map<string, string[]>();
  for (const [name, value] of await fieldsOf(html)) {
    sent.set(name, [...(sent.get(name) ?? []), value]);
  }
  return kind.definition(kind.asked(sent), TABLES);
}

/** As the service has it: numbers are plain where a double holds them. */
function exact(value: unknown): JsonObject {
  const back = parseExact(JSON.stringify(value));
  if (!isObject(back)) throw new Error("no object");
  return back;
}

test.each([
  ["figure", FIGURE_KIND, figure],
  ["chart", CHART_KIND, chart],
] as const)("a %s that the form can hold comes out of it as it went in", async (name, ...rest) => {
  const [kind, arbitrary] = rest as [ReportKind<unknown>, fc.Arbitrary<JsonObject>];
  await fc.assert(
    fc.asyncProperty(arbitrary, async (asked) => {
      const definition = exact(asked);
      const made = await through(kind, definition);
      expect(exact(made)).toEqual(definition);
      expect(lostMember(name, definition, made)).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});

const METRIC = { label: "N", table_id: 3, operation: "count" };
const BASE = { name: "n", metrics: [METRIC] };

test.each<[string, string, object]>([
  ["filter sets", "filter_sets", { ...BASE, filter_sets: { s: {} } }],
  ["chosen values", "group_by[0]", { ...BASE, group_by: [{ column: "status", values: ["x"] }] }],
  ["an own range", "metrics[0].range", { ...BASE, metrics: [{ ...METRIC, range: {} }] }],
  [
    "an own interval",
    "metrics[0].interval",
    { ...BASE, metrics: [{ ...METRIC, interval: "day" }] },
  ],
  ["an own grouping", "metrics[0].group_by", { ...BASE, metrics: [{ ...METRIC, group_by: [] }] }],
  [
    "an own perspective",
    "metrics[0].perspective",
    { ...BASE, metrics: [{ ...METRIC, perspective: "standard" }] },
  ],
  [
    "a text where the column has numbers",
    "metrics[0].filters[0].value",
    {
      ...BASE,
      metrics: [{ ...METRIC, filters: [{ column: "amount", operator: "equal", value: "1" }] }],
    },
  ],
  [
    "a comma in a list",
    "metrics[0].filters[0].value[0]",
    {
      ...BASE,
      metrics: [{ ...METRIC, filters: [{ column: "status", operator: "in", value: ["a,b"] }] }],
    },
  ],
  [
    "line breaks",
    "metrics[0].column",
    { ...BASE, metrics: [{ ...METRIC, operation: "sum", column: "a\nb" }] },
  ],
  ["what nobody knows yet", "later", { ...BASE, later: 1 }],
])("%s are not lost in a form", async (...[, place, definition]) => {
  const stored = exact(definition);
  expect(lostMember("figure", stored, await through(FIGURE_KIND, stored))).toBe(place);
});

test("what a definition leaves unsaid is no difference", async () => {
  const stored = exact({
    ...BASE,
    metrics: [
      {
        ...METRIC,
        hidden: false,
        filters: [{ column: "status", operator: "is_null", value: null }],
        filter_logic: " [A] ",
      },
    ],
    chart_kind: "line",
    transposed: false,
    show_first: true,
    range: { moving: "1 DAYS ago to 0 day ago" },
    group_by: [{ column: "status" }],
    formulas: [{ label: "F", expression: "A" }],
  });
  expect(lostMember("figure", stored, await through(FIGURE_KIND, stored))).toBeUndefined();
});

test.each<[string, string, object]>([
  ["members counted elsewhere", "count_members_in", { count_members_in: { table_id: 3 } }],
  ["chosen cohorts", "cohorts", { cohorts: { chosen: ["2019-01-01"] } }],
  ["chosen values", "cohort_by", { cohort_by: { column: "status", values: ["x"] } }],
])("%s are not lost in a chart's form", async (...[, place, more]) => {
  const base = { name: "n", metric: METRIC, cohort_date: { first_event_of: "status" } };
  const stored = exact({ ...base, periods: 12, ...more });
  expect(lostMember("chart", stored, await through(CHART_KIND, stored))).toBe(place);
});

test("a metric that is removed takes its letter out of formulas", () => {
  const definition = exact({
    name: "n",
    metrics: ["a", "b", "c"].map((each) => ({ ...METRIC, label: each })),
    formulas: [
      { label: "f", expression: "A / (C + 1)" },
      { label: "g", expression: "b - c" },
    ],
  });
  const asked = FIGURE_KIND.step(FIGURE_KIND.shown(definition), "remove-metric-1");
  expect(asked.metrics.map(({ label: each }) => each)).toEqual(["a", "c"]);
  expect(asked.formulas.map(({ expression }) => expression)).toEqual(["A / (B + 1)", "? - B"]);
  expect(FIGURE_KIND.step(asked, "remove-metric-9")).toEqual(asked);
});
