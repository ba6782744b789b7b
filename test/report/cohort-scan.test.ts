import * as fc from "fast-check";
import { expect, test } from "vitest";
import { amountText } from "../../src/report/amount.ts";
import { askCohorts, type CohortQuestion } from "../../src/report/cohort-scan.ts";
import type { JsonObject } from "../../src/json/exact.ts";

/** Ten periods of 100 ms. */
const BOUNDS = Array.from({ length: 11 }, (_, index) => index * 100);
const PERIODS = 4;

const date = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -200, max: 1_200 }) },
  fc.constantFrom("never", null),
);
const records: fc.Arbitrary<JsonObject[]> = fc.array(
  fc.record({
    at: date,
    since: date,
    member: fc.constantFrom(1, 2, "1", "x", null),
    value: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom("none", null)),
    kind: fc.constantFrom("a", "b", null),
  }),
  { maxLength: 30 },
);

const question: CohortQuestion = {
  operation: "sum",
  column: "value",
  dateColumn: "at",
  began: { column: "at", firstOf: "member" },
  bounds: BOUNDS,
  periods: PERIODS,
  memberColumn: "member",
};

const isDate = (value: unknown): value is number => typeof value === "number";
const periodOf = (at: number): number => (at < 0 || at >= 1_000 ? -1 : Math.floor(at / 100));

/** The same, the long way: each cell by looking at all records. */
function model(all: readonly JsonObject[], asked: CohortQuestion): Record<string, unknown> {
  const beganOf = (record: JsonObject): number | undefined => {
    const { column, firstOf } = asked.began;
    if (firstOf === undefined) return isDate(record[column]) ? record[column] : undefined;
    if (record["member"] === null) return undefined;
    const own = all.filter(({ member }) => member === record["member"]);
    const dates = own.map((one) => one[column]).filter(isDate);
    return dates.length === 0 ? undefined : Math.min(...dates);
  };
  const rows = all.flatMap((record) => {
    const [at, began] = [record["at"], beganOf(record)];
    if (!isDate(at) || began === undefined || periodOf(began) < 0) return [];
    const kind = typeof record["kind"] === "string" ? record["kind"] : "";
    const cohort = asked.cohortColumn === undefined ? String(periodOf(began)) : kind;
    const since = periodOf(at) < 0 ? -1 : periodOf(at) - periodOf(began);
    return [{ record, cohort, since }];
  });
  const names = [...new Set(rows.map(({ cohort }) => cohort))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const own = rows.filter(({ cohort }) => cohort === name);
      const values = Array.from({ length: PERIODS }, (_, period) => {
        const numbers = own
          .filter(({ since }) => since === period)
          .map(({ record }) => record["value"])
          .filter(isDate);
        return numbers.length === 0 ? null : String(numbers.reduce((a, b) => a + b));
      });
      const members = new Set(own.map(({ record }) => record["member"]));
      members.delete(null);
      return [name, { values, members: String(members.size) }];
    }),
  );
}

async function asked(all: readonly JsonObject[], changes: Partial<CohortQuestion>) {
  const whole = { ...question, ...changes };
  const scan = (visit: (record: JsonObject) => void): Promise<void> => {
    for (const record of all) visit(record);
    return Promise.resolve();
  };
  const { cohorts } = await askCohorts(scan, whole);
  const entries = [...cohorts].map(([name, { values, members }]): [string, unknown] => [
    name,
    {
      values: values.map((value) => (value === undefined ? null : amountText(value))),
      members: amountText(members),
    },
  ]);
  expect(Object.fromEntries(entries)).toEqual(model(all, whole));
}

test.each<[string, Partial<CohortQuestion>]>([
  ["first events", {}],
  ["first events by another date", { began: { column: "since", firstOf: "member" } }],
  ["a date of the row", { began: { column: "since" } }],
  ["values of a column", { cohortColumn: "kind" }],
])("cohorts by %s are those of the model", async (_, changes) => {
  await fc.assert(
    fc.asyncProperty(records, (all) => asked(all, changes)),
    { numRuns: 300 },
  );
});

test("what is no date, or no number, is counted", async () => {
  const all: JsonObject[] = [
    { at: 1, member: 1, value: 1 },
    { at: "never", member: 1, value: 1 },
    { at: null, member: 1, value: 1 },
    { at: 2, member: 1, value: "none" },
    { at: 3, member: 1, value: null },
  ];
  const scan = (visit: (record: JsonObject) => void): Promise<void> => {
    for (const record of all) visit(record);
    return Promise.resolve();
  };
  expect(await askCohorts(scan, question)).toMatchObject({ notDates: 1, notNumbers: 1 });
});
