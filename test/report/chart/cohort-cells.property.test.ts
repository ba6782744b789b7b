/** Cohorts out of statements, out of records, and those of the model are the same. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { isObject, parseExact } from "../../../src/json/exact.ts";
import { amountText } from "../../../src/report/math/amount.ts";
import { periodsOf } from "../../../src/report/time/calendar.ts";
import {
  askCohorts,
  type CohortAnswer,
  type CohortQuestion,
} from "../../../src/report/chart/cohort-cells.ts";
import { OPERATIONS } from "../../../src/report/engine/question.ts";
import { DEFAULT_SCAN } from "../../../src/report/engine/scan.ts";
import { testEnv } from "../../support/env.ts";
import { tapEnv } from "../../support/tap.ts";
import { cohortsOf } from "../cohort-model.ts";
import { filterOn, newTable } from "../tables.ts";

const DATES = [
  '"2018-12-31T23:59:59Z"',
  '"2019-01-01"',
  '"2019-01-31 23:59:59.999"',
  '"2019-02-01T00:30:00+01:00"',
  '"2019-02-01"',
  '"2019-02-28 23:30:00"',
  '"2019-03-01T00:00:00.5Z"',
  '"2019-03-31T23:00:00Z"',
  "1551398400000",
  '"2019-04-15"',
  '"2019-06-30"',
  '"2019-07-01"',
  '"2021-01-01"',
  '"1969-12-31"',
];
const date = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...DATES) },
  { weight: 3, arbitrary: fc.constantFrom('"never"', '"2019-02-30"', "true", "{}", "1e400") },
  { weight: 2, arbitrary: fc.constant("null") },
  // Of these a statement is not sure.
  { weight: 1, arbitrary: fc.constantFrom("1551398400000.5", "1.5489792e12") },
);
const LONG = `"${"x".repeat(600)}"`;
const named = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom("1", "1.0", '"1"', '"x"', '"y"', "2", "1e0", "null") },
  { weight: 1, arbitrary: fc.constantFrom(LONG, "true", '{"a":1.0}', '"\\n"', '""') },
);
const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -999, max: 999 }).map((n) => String(n / 100)) },
  fc.constantFrom(
    "1e2",
    "12345678901234567890.5",
    "0.10",
    '"none"',
    '"n/a"',
    "null",
    "false",
    "{}",
    "1e1001",
  ),
);
const row = fc
  .record({ at: date, since: date, member: named, kind: named, value })
  .map((members) => {
    const list = Object.entries(members).map(([name, json]) => `"${name}":${json}`);
    return `{${list.join(",")}}`;
  });

const YEAR = { from: Date.UTC(2019, 0, 1), to: Date.UTC(2019, 6, 1) };
const TYPES = { value: "decimal", kind: "string", at: "timestamp", since: "timestamp" } as const;
const FILTERS = [
  undefined,
  undefined,
  filterOn(TYPES, [{ column: "value", operator: "greater", value: -2 }]),
  filterOn(TYPES, [{ column: "since", operator: "greater", value: "2019-02-01" }]),
];

const BOUNDS = [
  periodsOf(YEAR, "month", "UTC", "monday").bounds,
  periodsOf(YEAR, "month", "Europe/Berlin", "monday").bounds,
  // Far more than a statement tells apart, all of one length; and some of another.
  periodsOf({ ...YEAR, from: 0 }, "week", "UTC", "monday").bounds,
  periodsOf({ ...YEAR, from: 0 }, "week", "Europe/Berlin", "monday").bounds,
  [],
];

type Asked = Omit<CohortQuestion, "table">;

/** Cohorts by texts of indexes: of 2019, whichever the bounds are. */
const indexes = fc.tuple(
  fc.constantFrom(...BOUNDS.slice(0, 2), ...BOUNDS),
  fc.integer({ min: 1, max: 63 }),
);
const question: fc.Arbitrary<Asked> = fc
  .record({
    operation: fc.constantFrom(...OPERATIONS),
    filter: fc.constantFrom(...FILTERS),
    began: fc.constantFrom<CohortQuestion["began"]>(
      { column: "since" },
      { column: "since" },
      { column: "since", firstOf: "member" },
      { column: "at", firstOf: "member" },
      { column: "at", firstOf: "member" },
    ),
    beganIn: fc.constantFrom(undefined, { from: Date.UTC(2019, 1, 1), to: Date.UTC(2019, 5, 2) }),
    by: indexes,
    cohortColumn: fc.constantFrom(undefined, "kind"),
    kinds: fc.constantFrom(undefined, ["1", "x"], ["", "zzz"]),
    isChosen: fc.boolean(),
    periods: fc.constantFrom(1, 1, 2, 2, 3, 4, 8),
    memberColumn: fc.constantFrom(undefined, "member", "value"),
  })
  .map(({ by: [bounds, bits], kinds, isChosen, ...rest }) => {
    const last = bounds.length - 2;
    const some = [0, 1, 2, 3, 4, 5].filter((bit) => ((bits >> bit) & 1) === 1);
    const places = some.map((bit) => String(Math.max(0, last - 5 * bit)));
    const ofTimes = isChosen ? new Set(places) : undefined;
    const ofKinds = kinds && new Set(kinds);
    const chosen = rest.cohortColumn === undefined ? ofTimes : ofKinds;
    const column = rest.operation === "count" ? undefined : "value";
    return { ...rest, column, dateColumn: "at", bounds, chosen };
  });

/** Of chosen cohorts those that have something. */
function wordsOf({ cohorts, ...out }: CohortAnswer, { chosen }: Asked) {
  const lines = [...cohorts].map(([name, { values, members }]) => {
    const texts = values.map((amount) => (amount === undefined ? "" : amountText(amount)));
    return { name, texts, members: amountText(members) };
  });
  const isSome = (line: (typeof lines)[number]): boolean =>
    line.members !== "0" || line.texts.some((text) => text !== "");
  const shown = chosen === undefined ? lines : lines.filter(isSome);
  const [notDates, notNumbers] = [out.notDates, out.notNumbers];
  return { lines: shown.sort((a, b) => (a.name < b.name ? -1 : 1)), notDates, notNumbers };
}

test("cohorts are those of the model", { timeout: 600_000 }, async () => {
  const byRecord = { ...DEFAULT_SCAN, byRecord: true };
  const small = { ...DEFAULT_SCAN, windowRows: 3 };
  const calls = { column: { windows: 0, pages: 0 }, firstEvent: { windows: 0, pages: 0 } };
  let counts = calls.column;
  const env = tapEnv(testEnv, (call, next) => {
    const [{ sql } = { sql: "" }] = call.statements;
    if (sql.includes("GROUP BY") || sql.includes("group_concat")) counts.windows += 1;
    else if (sql.includes("|| data ||")) counts.pages += 1;
    return next();
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 6, maxLength: 20 }),
      fc.array(question, { minLength: 6, maxLength: 6 }),
      async (rows, questions) => {
        const table = await newTable(rows);
        const records = rows.map((json) => parseExact(json)).filter(isObject);
        for (const asked of questions) {
          counts = asked.began.firstOf === undefined ? calls.column : calls.firstEvent;
          const expected = wordsOf(cohortsOf(records, asked), asked);
          for (const [at, options] of [
            [env, small],
            [testEnv, byRecord],
          ] as const) {
            const answer = await askCohorts(at, { ...asked, table }, options, () => undefined);
            expect(wordsOf(answer, asked)).toEqual(expected);
          }
        }
      },
    ),
    { numRuns: 40 },
  );
  // Else only one of the ways was shown.
  expect(calls.column.windows).toBeGreaterThan(calls.column.pages);
  expect(calls.firstEvent.windows).toBeGreaterThan(calls.firstEvent.pages);
});

const dated = (month: number, began: number, member: number, worth: string): string =>
  `{"at":"2019-0${month}-15 10:00:00","since":"2019-0${began}-01","member":${member},"value":${worth}}`;

test("charts read no rows, by a column or by first dates", async () => {
  const rows = [dated(1, 1, 1, "0.1"), dated(1, 1, 2, "0.2"), dated(3, 1, 1, "5")];
  const table = await newTable([...rows, dated(2, 2, 1, '"none"'), dated(1, 2, 3, "7")]);
  let [pages, lists] = [0, 0];
  const env = tapEnv(testEnv, ({ statements: [{ sql } = { sql: "" }] }, next) => {
    if (sql.includes("|| data ||")) pages += 1;
    else if (sql.includes("group_concat")) lists += 1;
    return next();
  });
  const asked: CohortQuestion = {
    table,
    operation: "sum",
    column: "value",
    dateColumn: "at",
    began: { column: "since" },
    bounds: BOUNDS[0] ?? [],
    chosen: new Set(["0", "1"]),
    periods: 3,
    memberColumn: "member",
  };
  const own = await askCohorts(env, asked, DEFAULT_SCAN, () => undefined);
  expect(wordsOf(own, asked)).toEqual({
    lines: [
      { name: "0", texts: ["0.3", "", "5"], members: "2" },
      { name: "1", texts: ["", "", ""], members: "2" },
    ],
    notDates: 0,
    notNumbers: 1,
  });
  expect(pages).toBe(0);
  const first = { ...asked, began: { column: "at", firstOf: "member" }, memberColumn: undefined };
  lists = 0;
  const byFirst = await askCohorts(env, first, DEFAULT_SCAN, () => undefined);
  expect(wordsOf(byFirst, first).lines).toEqual([
    { name: "0", texts: ["7.3", "", "5"], members: "0" },
  ]);
  expect(byFirst.notNumbers).toBe(1);
  expect(pages).toBe(0);
  // One for each shard: what it lists for the dates has the values, too.
  expect(lists).toBe(2);
  const byOther = { ...first, began: { column: "since", firstOf: "member" } };
  await askCohorts(env, byOther, DEFAULT_SCAN, () => undefined);
  expect(lists).toBe(6);
  expect(pages).toBe(0);
});

test("a member whose rows never have the metric's date is none of its cohort", async () => {
  const rows = [dated(2, 1, 1, "1"), '{"at":null,"since":"2019-01-02","member":2,"value":1}'];
  const asked: CohortQuestion = {
    table: await newTable(rows),
    operation: "sum",
    column: "value",
    dateColumn: "at",
    began: { column: "since", firstOf: "member" },
    bounds: BOUNDS[0] ?? [],
    chosen: new Set(["0"]),
    periods: 2,
    memberColumn: "member",
  };
  const answer = await askCohorts(testEnv, asked, DEFAULT_SCAN, () => undefined);
  expect(wordsOf(answer, asked).lines).toEqual([{ name: "0", texts: ["", "1"], members: "1" }]);
});

test("cohorts that are too many are refused before their values are asked for", async () => {
  const kinds = [1, 2, 3].map((kind) => `{"at":"2019-01-15","since":"2019-01-01","kind":${kind}}`);
  const table = await newTable(kinds);
  const sizes: number[] = [];
  const asked: CohortQuestion = {
    table,
    operation: "count",
    dateColumn: "at",
    began: { column: "since" },
    bounds: BOUNDS[0] ?? [],
    cohortColumn: "kind",
    periods: 3,
  };
  const answer = askCohorts(testEnv, asked, DEFAULT_SCAN, (cohorts) => {
    sizes.push(cohorts);
    throw new Error("too many");
  });
  await expect(answer).rejects.toThrow("too many");
  expect(sizes).toEqual([3]);
});
