/** Statements and the reading of records give the same answers. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { Operator } from "../../../src/filter/filter.ts";
import { ask, askGuessing } from "../../../src/report/engine/engine.ts";
import { dateExtent } from "../../../src/report/engine/extent.ts";
import { OPERATIONS, type Question } from "../../../src/report/engine/question.ts";
import { periodOf } from "../../../src/report/engine/reference.ts";
import { DEFAULT_SCAN, type ScanOptions } from "../../../src/report/engine/scan.ts";
import { testEnv } from "../../support/env.ts";
import { tapEnv } from "../../support/tap.ts";
import { filterOn, newTable, questionOf, wordsOf } from "../tables.ts";

const NUMBERS = [
  "0",
  "-0",
  "0.0",
  "-0.00",
  "0e5",
  "1",
  "1.0",
  "1e0",
  "10E-1",
  "1.50",
  "1.5",
  "-1.5",
  "58.40",
  "58.4",
  "0.1",
  "0.2",
  "0.30000000000000004",
  "0.3",
  "99999999999999",
  "100000000000000",
  "999999999999999",
  "9007199254740992",
  "9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "12345678901234567890.5",
  "1e-7",
  "1E400",
  "-1e400",
  "1e-400",
  "1e1001",
  "5e-324",
  "123456789.0123",
  "0.1000000000000000055511151231257827",
  "3",
  "2",
  "2.5",
  "-3",
  "100.0",
  "1000",
];
const TEXTS = [
  '""',
  '"a"',
  '"A"',
  '"b"',
  '"ab"',
  '"a%b"',
  '"a_b"',
  '"Ä"',
  '"ä"',
  '"\uffff"',
  '"😀"',
  '"\\ud800"',
  '"\\n"',
  '"a\\nb"',
  '"\\\\"',
  '"\\""',
  '"1"',
  '"null"',
  '"true"',
  '"\\u0000"',
  '"a\\u0000"',
  '" a"',
  '"!"',
];
const DATES = [
  '"2019-01-31"',
  '"2019-01-31 23:59:59"',
  '"2019-02-01"',
  '"2019-02-01T00:00:00"',
  '"2019-02-01T00:00:00Z"',
  '"2019-02-01 00:00:00.000"',
  '"2019-02-01T00:00:00.0001Z"',
  '"2019-02-01T00:00:00.5+00:00"',
  '"2019-02-01T02:00:00+02:00"',
  '"2019-01-31T21:30:00-0230"',
  '"2019-02-29"',
  '"2020-02-29"',
  '"2019-02-30 01:00:00"',
  '"2019-04-31"',
  '"2019-12-31T23:59:59.999999999Z"',
  '"1969-12-31 23:59:59.5"',
  '"0000-01-01"',
  '"9999-12-31"',
  '"0000-01-01T00:00:00+00:01"',
  '"9999-12-31T23:59:59-00:01"',
  '"2019-02-01 24:00:00"',
  '"2019-02-01 10:00"',
  '"2019-02-01T10:00:00.123456789+05:45"',
  "1548979200000",
  "1548979199999",
  "1548979199999.5",
  "1.5489792e12",
  "-62167219200000",
  "-62167219200001",
  "253402300799999",
  "253402300800000",
];
const OTHERS = ["true", "false", "null", "[]", "{}", "[1.0]", '{"a":"b"}', ""];

const datesMade = fc
  .tuple(
    fc.constantFrom("2019", "2020", "1900", "2000", "0000", "9999", "201x"),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
    fc.constantFrom("", " ", "T", "t", "  "),
    fc.integer({ min: 0, max: 25 }),
    fc.integer({ min: 0, max: 61 }),
    fc.integer({ min: 0, max: 61 }),
    fc.constantFrom("", "", ".", ".5", ".000", ".9999999", ",5"),
    fc.constantFrom(
      "",
      "",
      "Z",
      "z",
      "+00:00",
      "-00:30",
      "+0200",
      "-23:59",
      "+24:00",
      "+02",
      " ",
      "+02:60",
      "+2:000",
    ),
  )
  .map(([year, month, day, separator, hour, minute, second, fraction, zone]) => {
    const two = (n: number): string => String(n).padStart(2, "0");
    const date = `${year}-${two(month)}-${two(day)}`;
    if (separator === "") return `"${date}${zone}"`;
    return `"${date}${separator}${two(hour)}:${two(minute)}:${two(second)}${fraction}${zone}"`;
  });

const numbersMade = fc
  .tuple(
    fc.integer({ min: -9999, max: 9999 }),
    fc.integer({ min: 0, max: 4 }),
    fc.constantFrom("", "", "", "0", "e2", "E-3"),
  )
  .map(([units, scale, rest]) => {
    const text = (Math.abs(units) / 10 ** scale).toFixed(scale);
    return `${units < 0 ? "-" : ""}${text}${rest === "0" && scale === 0 ? "" : rest}`;
  });

const number = fc.oneof(fc.constantFrom(...NUMBERS), numbersMade);
const text = fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom('"a"', '"b"'));
const date = fc.oneof(fc.constantFrom(...DATES), datesMade);
const other = fc.constantFrom(...OTHERS);
const mostly = (own: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: own },
    { weight: 1, arbitrary: other },
    { weight: 1, arbitrary: number },
    { weight: 1, arbitrary: text },
  );

const columns = {
  n: mostly(number),
  s: mostly(text),
  t: mostly(date),
  b: fc.constantFrom("true", "false", "1", "null", '"true"'),
  g: mostly(fc.constantFrom('"x"', '"y"', "1", "1.0")),
};
const row = fc.record(columns).map((members) => {
  const present = Object.entries(members).filter(([, json]) => json !== "");
  return `{${present.map(([name, json]) => `"${name}":${json}`).join(",")}}`;
});

const TYPES = { n: "decimal", s: "string", t: "timestamp", b: "boolean", g: "string" } as const;

const COMPARED: Operator[] = [
  "equal",
  "not_equal",
  "greater",
  "greater_or_equal",
  "less",
  "less_or_equal",
];
const LISTED: Operator[] = ["in", "not_in"];
const isOperandNumber = (json: string): boolean => !json.includes("1e1001");
const validDates = DATES.filter((json) => /^"20\d\d-(?:01|02-01|12)[^ ]*$/.test(json));

function comparing(
  name: string,
  operand: fc.Arbitrary<string>,
  operators = COMPARED,
): fc.Arbitrary<string> {
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...operators), operand)
      .map(([operator, value]) => `{"column":"${name}","operator":"${operator}","value":${value}}`),
    fc
      .tuple(fc.constantFrom(...LISTED), fc.array(operand, { minLength: 1, maxLength: 4 }))
      .map(
        ([operator, list]) =>
          `{"column":"${name}","operator":"${operator}","value":[${list.join(",")}]}`,
      ),
  );
}

const condition = fc.oneof(
  comparing("n", number.filter(isOperandNumber)),
  comparing("s", text),
  comparing("t", fc.constantFrom(...validDates)),
  comparing("b", fc.constantFrom("true", "false"), ["equal", "not_equal"]),
  fc
    .tuple(
      fc.constantFrom("like", "not_like"),
      fc.constantFrom(
        '"%a%"',
        '"_"',
        '"A%"',
        '"%\\\\_b"',
        '"%\\\\%%"',
        '"ä"',
        '""',
        `"%${"x".repeat(60)}"`,
      ),
    )
    .map(([operator, value]) => `{"column":"s","operator":"${operator}","value":${value}}`),
  fc
    .tuple(fc.constantFrom("n", "s", "t"), fc.constantFrom("is_null", "is_not_null"))
    .map(([name, operator]) => `{"column":"${name}","operator":"${operator}"}`),
);

const filter = fc
  .tuple(fc.array(condition, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([conditions, isOr]) => {
    const letters = ["A", "B", "C"].slice(0, conditions.length);
    return filterOn(TYPES, `[${conditions.join(",")}]`, isOr ? letters.join(" OR ") : undefined);
  });

const month = (n: number): number => Date.UTC(2019, n, 1);
const BOUNDS = [
  [0, 1, 2, 3],
  [-24_000, 0, 1, 12, 13, 96_000],
].map((months) => months.map(month));
/** More than a statement lists. */
const DAYS = Array.from({ length: 700 }, (_, day) => Date.UTC(2018, 11, 1 + day));

const question = fc
  .record({
    operation: fc.constantFrom(...OPERATIONS),
    column: fc.constantFrom("n", "n", "n", "s", "t", "g"),
    filter: fc.option(filter, { nil: undefined }),
    dateColumn: fc.constantFrom(undefined, "t", "t"),
    bounds: fc.constantFrom(undefined, ...BOUNDS, DAYS),
    range: fc.constantFrom(undefined, { from: month(0) + 86_400_000, to: month(2) }),
    groupBy: fc.constantFrom([], ["g"], ["g", "s"], ["n"]),
  })
  .map(({ column, ...rest }) => (rest.operation === "count" ? rest : { ...rest, column }));

test("statements and records give the same", { timeout: 600_000 }, async () => {
  const byRecord = { ...DEFAULT_SCAN, byRecord: true };
  const small = { ...DEFAULT_SCAN, windowRows: 2 };
  let [windows, pages] = [0, 0];
  const env = tapEnv(testEnv, (call, next) => {
    const [{ sql } = { sql: "" }] = call.statements;
    if (sql.includes("GROUP BY")) windows += 1;
    else if (sql.includes("|| data ||")) pages += 1;
    return next();
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 14 }),
      fc.array(question, { minLength: 6, maxLength: 6 }),
      async (rows, questions) => {
        const table = await newTable(rows);
        for (const [index, rest] of questions.entries()) {
          const asked: Question = questionOf(table, rest);
          const expected = wordsOf(await ask(testEnv, asked, byRecord));
          expect(wordsOf(await ask(env, asked, small))).toEqual(expected);
          const extent = await dateExtent(testEnv, asked, byRecord);
          expect(await dateExtent(testEnv, asked, small)).toEqual(extent);
          if (index < 2) await expectGuesses(env, asked, small, extent);
        }
      },
    ),
    { numRuns: RUNS },
  );
  // Else only one of the two ways was shown.
  expect(windows).toBeGreaterThan(pages);
});

/** Answers by bounds that are a guess are those by known bounds, or none. */
async function expectGuesses(
  env: Env,
  asked: Question,
  small: ScanOptions,
  extent: Awaited<ReturnType<typeof dateExtent>>,
): Promise<void> {
  const { bounds, range: _, ...rest } = asked;
  if (bounds === undefined || rest.dateColumn === undefined) return;
  const [start = 0, end = 0] = [bounds[0], bounds.at(-1)];
  const isIn = extent === undefined || (extent.from >= start && extent.to <= end);
  const { cells, ...left } = await ask(testEnv, { ...rest, range: extent, bounds }, small);
  const answer = extent === undefined ? { ...left, cells: [] } : { ...left, cells };
  for (const options of [small, { ...small, byRecord: true }]) {
    const guessed = await askGuessing(env, { ...rest, bounds }, options);
    expect(guessed.answer && wordsOf(guessed.answer)).toEqual(isIn ? wordsOf(answer) : undefined);
    expectSpan(bounds, guessed.span, extent);
  }
}

/** In whole periods where the guess has the dates: those of the first and of the last one. */
function expectSpan(
  bounds: readonly number[],
  span: Awaited<ReturnType<typeof askGuessing>>["span"],
  extent: Awaited<ReturnType<typeof dateExtent>>,
): void {
  expect(span === undefined).toBe(extent === undefined);
  if (span === undefined || extent === undefined) return;
  expect(span.from).toBeLessThanOrEqual(extent.from);
  expect(periodOf(bounds, span.from)).toBe(periodOf(bounds, extent.from));
  expect(span.to).toBeGreaterThanOrEqual(extent.to);
  expect(periodOf(bounds, span.to - 1_000)).toBe(periodOf(bounds, extent.to - 1_000));
  if (periodOf(bounds, extent.from) < 0) expect(span.from).toBe(extent.from);
  if (periodOf(bounds, extent.to - 1_000) < 0) expect(span.to).toBe(extent.to);
}

/** Each has six questions. */
const RUNS = 60;
