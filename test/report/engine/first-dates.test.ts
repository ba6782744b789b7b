/** First dates, and lists of rows that are too much for one statement. */
import { expect, test } from "vitest";
import {
  COHORT_MEMBERS_MAX,
  FIRST_DATES_BYTES_MAX,
} from "../../../src/report/definition/definition-limits.ts";
import { firstDates } from "../../../src/report/engine/first-dates.ts";
import { FirstDates } from "../../../src/report/engine/member-dates.ts";
import { ask } from "../../../src/report/engine/engine.ts";
import { OPERATIONS } from "../../../src/report/engine/question.ts";
import { DEFAULT_SCAN } from "../../../src/report/engine/scan.ts";
import { amountText } from "../../../src/report/math/amount.ts";
import type { TableInfo } from "../../../src/warehouse/read-tables.ts";
import { testEnv } from "../../support/env.ts";
import { tapEnv } from "../../support/tap.ts";
import { newTable } from "../tables.ts";

const tableInfo: TableInfo = {
  id: 1,
  name: "orders",
  integrationId: 0,
  keyNames: ["id"],
  nested: false,
  sourceTableId: 1,
  ranges: [],
  createdAt: 0,
};

test("members that memory would not hold are refused", () => {
  const first = new FirstDates("member");
  for (let id = 0; id < COHORT_MEMBERS_MAX; id += 1) first.add(String(id), id);
  first.add("7", 5);
  first.add("7.0", 9);
  expect(first.dates()).toHaveLength(COHORT_MEMBERS_MAX);
  expect(first.ofRecord({ member: 7 })).toBe(5);
  expect(first.ofRecord({ member: "7" })).toBeUndefined();
  expect(first.ofRecord({})).toBeUndefined();
  expect(() => first.add('"one more"', 0)).toThrow("report_too_large");
});

test("names of members that memory would not hold are refused", () => {
  const first = new FirstDates("member");
  const name = "x".repeat(480);
  const addAll = (): void => {
    for (let id = 0; id < 200_000; id += 1) first.add(`"${name}${id}"`, id);
  };
  expect(addAll).toThrow("report_too_large");
});

test("lines are kept for what is asked of the same rows, while memory has room", () => {
  const listed = {
    table: tableInfo,
    filter: undefined,
    dateColumn: "at",
    column: "value",
    groupBy: [],
  };
  const question = { ...listed, operation: "sum" as const };
  const first = new FirstDates("member", listed);
  first.keep([0, 0, "1\t2\t3"]);
  const kept = { rows: [[0, 0, "1\t2\t3"]], hasValue: true };
  expect(first.keptFor(question)).toEqual(kept);
  const { column: _, ...ofNoColumn } = question;
  expect(first.keptFor({ ...ofNoColumn, operation: "count" })).toEqual(kept);
  expect(first.keptFor({ ...question, column: "other" })).toBeUndefined();
  expect(first.keptFor({ ...question, dateColumn: "other" })).toBeUndefined();
  expect(first.keptFor({ ...question, groupBy: ["kind"] })).toBeUndefined();
  expect(first.keptFor({ ...question, table: { ...tableInfo } })).toBeUndefined();
  first.keep([0, 0, "x".repeat(FIRST_DATES_BYTES_MAX / 2)]);
  expect(first.keeps).toBe(false);
  first.keep([0, 0, "1\t2\t3"]);
  expect(first.keptFor(question)).toBeUndefined();
});

test.each(OPERATIONS)("texts are no numbers for %s of rows that are listed", async (operation) => {
  const values = ['"n/a"', "2", '"x"', "[]", "true"];
  const table = await newTable(values.map((value) => `{"at":"2019-01-02","m":1,"value":${value}}`));
  const bounds = [Date.UTC(2019, 0, 1), Date.UTC(2019, 1, 1)];
  const asked = { table, dateColumn: "at", filter: undefined, groupBy: [], column: "value" };
  const first = await firstDates(
    testEnv,
    { ...asked, memberColumn: "m", instants: bounds },
    DEFAULT_SCAN,
  );
  const beginning = { date: first, periods: 1, chosen: new Set(["0"]) };
  const { cells, notNumbers } = await ask(testEnv, { ...asked, operation, bounds, beginning });
  const takesAll = operation === "count" || operation === "count_distinct";
  expect(cells.map(({ value }) => amountText(value))).toEqual([takesAll ? "5" : "2"]);
  expect(notNumbers).toBe(takesAll ? 0 : 4);
});

/** Of D1; the local one has no such limit. */
const D1_TEXT_BYTES_MAX = 2_000_000;

/** An order of each month for each member; 6,000 rows for each shard make 2.6 MB of lines. */
const LONG = "m".repeat(400);
const MEMBERS = 2_000;
const MONTHS = [0, 1, 2, 3, 4, 5];
const longRows = MONTHS.flatMap((month) =>
  Array.from({ length: MEMBERS }, (_, id) => {
    const at = `2019-0${month + 1}-02`;
    return `{"at":"${at}","member":"${LONG}${id}","value":0.1}`;
  }),
);

test("windows whose lines are too many are halved, not read", { timeout: 60_000 }, async () => {
  const table = await newTable(longRows);
  let [pages, failures] = [0, 0];
  const env = tapEnv(testEnv, async ({ statements: [{ sql } = { sql: "" }] }, next) => {
    if (sql.includes("|| data ||")) pages += 1;
    const result = await next();
    if (!sql.includes("group_concat") || JSON.stringify(result).length < D1_TEXT_BYTES_MAX) {
      return result;
    }
    failures += 1;
    throw new Error("D1_ERROR: string or blob too big: SQLITE_TOOBIG");
  });
  const bounds = [0, 1, 2, 3, 4, 5, 6].map((month) => Date.UTC(2019, month, 1));
  const asked = { table, dateColumn: "at", filter: undefined, groupBy: [] };
  const firstAsked = { ...asked, memberColumn: "member", instants: bounds };
  const first = await firstDates(env, firstAsked, DEFAULT_SCAN);
  expect(new Set(first.dates())).toEqual(new Set([Date.UTC(2019, 0, 2)]));
  const beginning = { date: first, periods: 6, chosen: new Set(["0", "1"]) };
  const question = { ...asked, operation: "sum" as const, column: "value", bounds };
  const { cells } = await ask(env, { ...question, beginning }, DEFAULT_SCAN);
  const words = cells.map(({ period, group, value }) => [period, ...group, amountText(value)]);
  expect(words).toEqual(MONTHS.map((month) => [month, "0", String(MEMBERS / 10)]));
  expect(pages).toBe(0);
  // Of each shard in each of the two passes.
  expect(failures).toBe(4);
});
