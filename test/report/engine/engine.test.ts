import { describe, expect, test } from "vitest";

import { ask } from "../../../src/report/engine/engine.ts";
import { dateExtent } from "../../../src/report/engine/extent.ts";
import type { Operation, Question } from "../../../src/report/engine/question.ts";
import { WINDOW_BYTES } from "../../../src/report/engine/engine-limits.ts";
import { DEFAULT_SCAN } from "../../../src/report/engine/scan.ts";
import { Windows } from "../../../src/report/engine/windows.ts";
import type { TableInfo } from "../../../src/warehouse/read-tables.ts";
import { testEnv } from "../../support/env.ts";
import { tapEnv } from "../../support/tap.ts";
import { filterOn, newTable, questionOf, wordsOf } from "../tables.ts";

const BY_RECORD = { ...DEFAULT_SCAN, byRecord: true };
const SMALL = { ...DEFAULT_SCAN, windowRows: 3 };

/** The answer both ways; they must be the same. The first one must come from statements alone. */
async function answerOf(question: Question): Promise<string[]> {
  let pages = 0;
  const env = tapEnv(testEnv, (call, next) => {
    if (call.statements.some(({ sql }) => sql.includes("|| data ||"))) pages += 1;
    return next();
  });
  const words = wordsOf(await ask(env, question, SMALL));
  expect(pages).toBe(0);
  expect(wordsOf(await ask(testEnv, question, BY_RECORD))).toEqual(words);
  return words;
}

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);

function values(...list: string[]): Promise<TableInfo> {
  return newTable(list.map((value) => (value === "" ? "{}" : `{"value":${value}}`)));
}

async function resultOf(operation: Operation, list: string[]): Promise<string[]> {
  const table = await values(...list);
  const rest = operation === "count" ? {} : { column: "value" };
  return answerOf(questionOf(table, { operation, ...rest }));
}

describe("operations", () => {
  const SOME = ["3", "1", "1.0", "10", '"1"', "null", "", "2.5", "true"];

  test.each<[operation: Operation, list: string[], words: string[]]>([
    ["count", SOME, ["0 : 9"]],
    ["count_distinct", SOME, ["0 : 6"]],
    ["sum", SOME, ["0 : 17.5", "out: 0 2"]],
    ["average", SOME, ["0 : 3.5", "out: 0 2"]],
    ["min", SOME, ["0 : 1", "out: 0 2"]],
    ["max", SOME, ["0 : 10", "out: 0 2"]],
    ["median", SOME, ["0 : 2.5", "out: 0 2"]],
    ["first_quartile", SOME, ["0 : 1", "out: 0 2"]],
    ["third_quartile", SOME, ["0 : 3", "out: 0 2"]],
    ["percentile_10", SOME, ["0 : 1", "out: 0 2"]],
    ["percentile_90", SOME, ["0 : 7.2", "out: 0 2"]],
    ["sum", ["0.1", "0.2"], ["0 : 0.3"]],
    ["sum", ["9007199254740993", "9007199254740993", "1"], ["0 : 18014398509481987"]],
    ["sum", ["9223372036854775807", "9223372036854775807"], ["0 : 18446744073709551614"]],
    ["sum", ["1e3", "-1E-3", "5e-1", "-0", "0.0"], ["0 : 1000.499"]],
    [
      "sum",
      ["58.40", "-0.05", "99999999999999", "0.000000000001"],
      ["0 : 100000000000057.350000000001"],
    ],
    ["average", ["1", "2", "2"], ["0 : 1.66666666666666666667"]],
    ["min", ["-0.5", "-0.49", "5e-324", "1e400"], ["0 : -0.5"]],
    ["max", ["0.30000000000000004", "0.3", "0.30000000000000001"], ["0 : 0.30000000000000004"]],
    ["min", ["0.30000000000000004", "0.30000000000000002"], ["0 : 0.30000000000000002"]],
    ["median", ["9007199254740992", "9007199254740993"], ["0 : 9007199254740992.5"]],
    ["median", ["5"], ["0 : 5"]],
    ["percentile_90", ["1", "2"], ["0 : 1.9"]],
    [
      "count_distinct",
      ["1", "1.0", "1e0", '"1"', "[1]", "{}", "true", "false", '"a"', '"\\n"'],
      ["0 : 8"],
    ],
    ["count_distinct", ["9007199254740993", "9007199254740992", "9007199254740992.0"], ["0 : 2"]],
    ["count_distinct", ['"\\ud800"', '"\ufffd"', "0", "-0", "-0.0"], ["0 : 3"]],
    ["count_distinct", ["null", ""], []],
    ["sum", ["null", "", '"5"', "[]"], ["out: 0 2"]],
    ["sum", ["1e1001", "1"], ["0 : 1", "out: 0 1"]],
    ["max", [], []],
    ["count", [], []],
  ])("%s of %s", async (operation, list, words) => {
    expect(await resultOf(operation, list)).toEqual(words);
  });
});

describe("dates", () => {
  const BOUNDS = ["2019-01-01", "2019-02-01", "2019-03-01"].map(utc);

  test.each<[date: string, words: string[]]>([
    ['"2019-01-31 23:59:59"', ["0 : 1"]],
    ['"2019-02-01"', ["1 : 1"]],
    ['"2019-02-28T23:59:59.9999"', ["1 : 1"]],
    ['"2019-03-01 00:00:00"', []],
    ['"2018-12-31 23:59:59.999"', []],
    ['"2019-01-31T23:00:00-01:00"', ["1 : 1"]],
    ['"2019-02-01T00:59:59.5+0100"', ["0 : 1"]],
    ['"2019-02-01T00:00:00Z"', ["1 : 1"]],
    ['"2019-02-01T00:00:00.000000000Z"', ["1 : 1"]],
    ["1548979199999", ["0 : 1"]],
    ["1548979200000", ["1 : 1"]],
    ["-1", []],
    ["12345678901234567890", ["out: 1 0"]],
    ['"2019-02-29"', ["out: 1 0"]],
    ['"2019-02-30 10:00:00"', ["out: 1 0"]],
    ['"2019-02-01 24:00:00"', ["out: 1 0"]],
    ['"2019-02-01 23:60:00"', ["out: 1 0"]],
    ['"2019-02-01 23:00:60"', ["out: 1 0"]],
    ['"2019-02-01 23:00"', ["out: 1 0"]],
    ['"2019-02-01  1:00:00"', ["out: 1 0"]],
    ['"2019-02-01t00:00:00"', ["out: 1 0"]],
    ['"2019-02-01T00:00:00z"', ["out: 1 0"]],
    ['"2019-02-01T00:00:00."', ["out: 1 0"]],
    ['"2019-02-01T00:00:00.Z"', ["out: 1 0"]],
    ['"2019-02-01T00:00:00 Z"', ["out: 1 0"]],
    ['"2019-02-01T00:00:00+24:00"', ["out: 1 0"]],
    ['"2019-02-01T00:00:00+02:60"', ["out: 1 0"]],
    ['"2019-02-01T00:00:00+02"', ["out: 1 0"]],
    ['"2019-02-01T00:00:00.1+02:00x"', ["out: 1 0"]],
    ['"2019-13-01"', ["out: 1 0"]],
    ['"2019-00-01"', ["out: 1 0"]],
    ['"2019-01-00"', ["out: 1 0"]],
    ['"0000-01-01T00:00:00+00:01"', ["out: 1 0"]],
    ['"2019-02-01 "', ["out: 1 0"]],
    ['"2019-02-01\\u0000"', ["out: 1 0"]],
    ['"2019-02-0１"', ["out: 1 0"]],
    ['"1548979200000"', ["out: 1 0"]],
    ['"now"', ["out: 1 0"]],
    ['""', ["out: 1 0"]],
    ["true", ["out: 1 0"]],
    ['["2019-02-01"]', ["out: 1 0"]],
    ["null", []],
  ])("%s", async (date, words) => {
    const table = await newTable([`{"at":${date}}`]);
    expect(await answerOf(questionOf(table, { dateColumn: "at", bounds: BOUNDS }))).toEqual(words);
  });

  test("the range counts, and so do the bounds; without a date column neither does", async () => {
    const days = ["2019-01-01", "2019-01-15", "2019-02-01", "2019-02-20"];
    const table = await newTable(days.map((day) => `{"at":"${day}"}`));
    const range = { from: utc("2019-01-02"), to: utc("2019-02-20") };
    const dated = { dateColumn: "at", bounds: BOUNDS };
    expect(await answerOf(questionOf(table, { ...dated, range }))).toEqual(["0 : 1", "1 : 1"]);
    expect(await answerOf(questionOf(table, dated))).toEqual(["0 : 2", "1 : 2"]);
    expect(await answerOf(questionOf(table, { dateColumn: "at", range }))).toEqual(["0 : 2"]);
    expect(await answerOf(questionOf(table, { range, bounds: BOUNDS }))).toEqual(["0 : 4"]);
  });

  test("thousands of hours", async () => {
    const hour = 3_600_000;
    const start = utc("2019-01-01");
    const bounds = Array.from({ length: 3000 }, (_, index) => start + index * hour);
    // An hour that is skipped: periods need not be equal.
    bounds.splice(1000, 1);
    const hours = [0, 998, 999, 1000, 1001, 2998];
    const table = await newTable(hours.map((n) => `{"at":${start + n * hour + 5}}`));
    expect(await answerOf(questionOf(table, { dateColumn: "at", bounds }))).toEqual([
      "0 : 1",
      "1000 : 1",
      "2997 : 1",
      "998 : 1",
      "999 : 2",
    ]);
  });

  test("the first and the last date, of wanted records, to the second", async () => {
    const dates = [
      '"2019-01-31T23:59:59.7Z"',
      '"2018-02-30"',
      "1500000000123",
      "null",
      '"2020-01-01"',
    ];
    const table = await newTable(dates.map((at, id) => `{"id":${id},"at":${at}}`));
    const filter = filterOn({ id: "integer" }, [{ column: "id", operator: "less", value: 4 }]);
    const question = questionOf(table, { filter, dateColumn: "at" });
    const extent = { from: 1_500_000_000_000, to: Date.parse("2019-02-01T00:00:00Z") };
    expect(await dateExtent(testEnv, question, SMALL)).toEqual(extent);
    expect(await dateExtent(testEnv, question, BY_RECORD)).toEqual(extent);
    const { dateColumn: _, ...undated } = question;
    expect(await dateExtent(testEnv, undated)).toBeUndefined();
    expect(
      await dateExtent(testEnv, questionOf(await newTable([]), { dateColumn: "at" })),
    ).toBeUndefined();
  });
});

describe("groups", () => {
  test("are texts, and numbers of one value are one group", async () => {
    const list = ["1", "1.0", '"1"', "null", "", '""', "true", '{"a":1}', '["x"]', '"ä\\n"', "1e3"];
    const rows = list.map((g) => (g === "" ? "{}" : `{"g":${g}}`));
    const table = await newTable(rows);
    expect(await answerOf(questionOf(table, { groupBy: ["g"] }))).toEqual(
      [
        "0 1: 3",
        "0 : 3",
        "0 true: 1",
        '0 {"a":1}: 1',
        '0 ["x"]: 1',
        "0 ä\n: 1",
        "0 1000: 1",
      ].sort(),
    );
  });

  test("of several columns, each with what is counted in it", async () => {
    const table = await newTable([
      '{"a":"x","b":"y","v":1}',
      '{"a":"x","b":"y","v":2}',
      '{"a":"x","b":"z","v":4}',
      '{"a":"x,y","b":"","v":8}',
      '{"a":"w","v":null}',
    ]);
    const rest = { operation: "sum", column: "v", groupBy: ["a", "b"] } as const;
    expect(await answerOf(questionOf(table, rest))).toEqual(["0 x,y,: 8", "0 x,y: 3", "0 x,z: 4"]);
  });
});

describe("names of columns", () => {
  test.each([
    'a"b',
    "a\\b",
    "",
    "a.b",
    "$",
    "ä€😀",
    "\u0001",
    "[0]",
    "a'b",
    "constructor",
    "__proto__",
  ])("%j", async (name) => {
    const member = JSON.stringify(name);
    const table = await newTable([`{${member}:2}`, `{${member}:3}`, `{"other":4}`]);
    const question = questionOf(table, { operation: "sum", column: name, groupBy: [name] });
    const words = ["0 2: 2", "0 3: 3"];
    expect(wordsOf(await ask(testEnv, question, SMALL))).toEqual(words);
    expect(wordsOf(await ask(testEnv, question, BY_RECORD))).toEqual(words);
  });
});

describe("statements as deep as they get", () => {
  test("hundreds of days", async () => {
    const day = 86_400_000;
    const bounds = Array.from({ length: 500 }, (_, index) => utc("2019-01-01") + index * day);
    const days = ["2019-01-01", "2019-12-31 10:00:00", "2020-02-29"];
    const table = await newTable(days.map((at) => `{"at":"${at}"}`));
    const words = ["0 : 1", "364 : 1", "424 : 1"];
    expect(await answerOf(questionOf(table, { dateColumn: "at", bounds }))).toEqual(words);
  });

  test("brackets in brackets around comparisons of times", async () => {
    const filters = Array.from({ length: 22 }, (_, index) => ({
      column: "at",
      operator: index % 2 === 0 ? "greater" : "less",
      value: `2019-01-${String(index + 1).padStart(2, "0")}`,
    }));
    const [first = "", ...letters] = filters.map((_, index) => String.fromCharCode(65 + index));
    const logic = letters.slice(0, 20).reduce((inner, letter, index) => {
      return `(${inner} ${index % 2 === 0 ? "AND" : "OR"} ${letter})`;
    }, first);
    const filter = filterOn({ at: "timestamp" }, filters, `${logic} OR V`);
    const days = ["2019-01-01", "2019-01-12", "2019-02-01", "2019-02-30"];
    const table = await newTable(days.map((at) => `{"at":"${at}"}`));
    const rest = { filter, groupBy: ["at"], dateColumn: "at" };
    const words = wordsOf(await ask(testEnv, questionOf(table, rest), SMALL));
    expect(words).toEqual(wordsOf(await ask(testEnv, questionOf(table, rest), BY_RECORD)));
  });
});

describe("windows", () => {
  test("of which one has a row that SQL is not sure of", async () => {
    const rows = Array.from({ length: 20 }, (_, id) => `{"id":${id},"v":${id}}`);
    rows[7] = `{"id":1e0,"v":"${"x".repeat(600)}"}`;
    const table = await newTable(rows);
    const rest = { operation: "count_distinct", column: "v" } as const;
    expect(wordsOf(await ask(testEnv, questionOf(table, rest), SMALL))).toEqual(["0 : 20"]);
    const filter = filterOn({ id: "integer" }, [
      { column: "id", operator: "in", value: [1, 2, 3] },
    ]);
    const filtered = questionOf(table, { filter });
    expect(wordsOf(await ask(testEnv, filtered, SMALL))).toEqual(["0 : 4"]);
  });

  test("are refused where they take too many statements", async () => {
    const table = await newTable(Array.from({ length: 20 }, (_, id) => `{"id":${id}}`));
    const options = { ...SMALL, statementsMax: 10 };
    await expect(ask(testEnv, questionOf(table, {}), options)).rejects.toThrow("report_too_large");
  });

  test("are read by record where they are too much for a statement", async () => {
    const table = await newTable(Array.from({ length: 20 }, (_, id) => `{"id":${id}}`));
    let failures = 0;
    const env = tapEnv(testEnv, (call, next) => {
      const isAggregate = call.statements.some(({ sql }) => sql.includes("GROUP BY"));
      if (!isAggregate || failures === 2) return next();
      failures += 1;
      const words = ["D1_ERROR: string or blob too big: SQLITE_TOOBIG", "exceeded timeout"];
      return Promise.reject(new Error(words[failures - 1]));
    });
    const question = questionOf(table, { operation: "sum", column: "id" });
    expect(wordsOf(await ask(env, question, SMALL))).toEqual(["0 : 190"]);
    expect(failures).toBe(2);
  });

  test("have few rows where these are large", async () => {
    const note = "x".repeat(1_500_000);
    const table = await newTable(
      Array.from({ length: 60 }, (_, id) => `{"note":"${note}","id":${id}}`),
    );
    const sizes: number[] = [];
    const windows = new Windows(testEnv.SHARD_0, table.id);
    for (;;) {
      const window = await windows.next((call) => call());
      if (window === undefined) break;
      sizes.push(window.rows);
      expect(window.bytes).toBeLessThanOrEqual(WINDOW_BYTES);
    }
    expect(sizes).toEqual([17, 13]);
    const question = questionOf(table, { operation: "sum", column: "id" });
    expect(wordsOf(await ask(testEnv, question))).toEqual(["0 : 1770"]);
  });

  test("are worked through again for distinct values that have no room", async () => {
    const rows = Array.from({ length: 3000 }, (_, id) => {
      return `{"v":"${"x".repeat(20)}${id % 2500}","g":${id % 2},"at":"never"}`;
    });
    const table = await newTable(rows);
    const distinct = { operation: "count_distinct", column: "v", groupBy: ["g"] } as const;
    const options = { ...DEFAULT_SCAN, windowRows: 700, valueBytesMax: 100_000 };
    const words = ["0 0: 1250", "0 1: 1250"];
    const question = questionOf(table, distinct);
    expect(wordsOf(await ask(testEnv, question, options))).toEqual(words);
    expect(wordsOf(await ask(testEnv, question))).toEqual(words);
    const dated = { ...question, dateColumn: "at" };
    expect(wordsOf(await ask(testEnv, dated, options))).toEqual(["out: 3000 0"]);
    const few = { ...options, valueBytesMax: 10_000 };
    await expect(ask(testEnv, question, few)).rejects.toThrow("report_too_large");
  });

  test("read unrolled records", async () => {
    const row = (id: number): string => `{"id":${id},"a":{"b":${id}},"lines":[{"n":1},{"n":2.5}]}`;
    const root = await newTable([row(1), row(2)], { nested: true });
    const sum = { operation: "sum" } as const;
    const flat = questionOf(root, { ...sum, column: "a__b" });
    expect(wordsOf(await ask(testEnv, flat, SMALL))).toEqual(["0 : 3"]);
    const parent = { id: root.id, name: root.name, keyNames: root.keyNames };
    const lines = { ...root, id: 0, name: "orders__lines", parent };
    const nested = questionOf(lines, { ...sum, column: "n", groupBy: ["_sdc_source_key_id"] });
    expect(wordsOf(await ask(testEnv, nested, SMALL))).toEqual(["0 1: 3.5", "0 2: 3.5"]);
  });
});
