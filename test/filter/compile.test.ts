import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { compile } from "../../src/filter/compile.ts";
import { numberFromText } from "../../src/json/exact.ts";
import { filterOf, objectOf } from "./support.ts";

/** Whether a record with this value, in JSON, meets a condition on the column. */
function meets(
  name: string,
  operator: string,
  operand: string | undefined,
  value: string,
): boolean {
  const rest = operand === undefined ? "" : `,"value":${operand}`;
  const test = compile(filterOf(`[{"column":"${name}","operator":"${operator}"${rest}}]`));
  return test(objectOf(value === "" ? "{}" : `{"other":1,"${name}":${value}}`));
}

const OPERATORS = ["equal", "not_equal", "greater", "greater_or_equal", "less", "less_or_equal"];

/** The operators, of those that take one operand, that a value meets. */
const met = (name: string, operand: string, value: string): string[] =>
  OPERATORS.filter((operator) => meets(name, operator, operand, value));

const EQUAL = ["equal", "greater_or_equal", "less_or_equal"];
const MORE = ["not_equal", "greater", "greater_or_equal"];
const LESS = ["not_equal", "less", "less_or_equal"];
const OTHER = ["not_equal"];

describe("one condition", () => {
  test.each<[name: string, operand: string, value: string, operators: string[]]>([
    ["total", "10", "10", EQUAL],
    ["total", "10", "10.00", EQUAL],
    ["total", "10", "11", MORE],
    ["total", "10", "9", LESS],
    ["total", "9007199254740993", "9007199254740992", LESS],
    ["total", "9007199254740992", "9007199254740993", MORE],
    ["total", "0.10", "0.1", EQUAL],
    ["total", "12345678901234567890.5", "12345678901234567890.50", EQUAL],
    ["total", "12345678901234567890.5", "12345678901234567890.4", LESS],
    ["total", "0", "-0", EQUAL],
    ["total", "10", '"10"', OTHER],
    ["total", "10", "true", OTHER],
    ["total", "10", "{}", OTHER],
    ["total", "10", "[10]", OTHER],
    ["total", "10", "null", []],
    ["total", "10", "", []],
    ["status", '"b"', '"b"', EQUAL],
    ["status", '"b"', '"c"', MORE],
    ["status", '"b"', '"B"', LESS],
    ["status", '"b"', '""', LESS],
    ["status", '"\uffff"', '"😀"', MORE],
    ["status", '"1"', "1", OTHER],
    ["status", '"b"', "null", []],
    ["status", '"b"', "", []],
    ["at", '"2019-08-01 12:00:00"', '"2019-08-01T14:00:00+02:00"', EQUAL],
    ["at", '"2019-08-01"', '"2019-08-01 00:00:00.001"', MORE],
    ["at", '"2019-08-01"', '"2019-07-31T23:30:00Z"', LESS],
    ["at", '"2019-08-01"', '"2019-02-30"', OTHER],
    ["at", '"2019-08-01"', '"never"', OTHER],
    ["at", '"1970-01-01"', "0", OTHER],
    ["at", '"2019-08-01"', "null", []],
    ["note", '"2019-08-01 12:00:00"', '"2019-08-01T14:00:00+02:00"', MORE],
    ["constructor", '"x"', "", []],
    ["constructor", '"x"', '"x"', EQUAL],
    ["__proto__", "1", "", []],
    ["__proto__", "1", "1", EQUAL],
  ])("%s against %s, for %s", (name, operand, value, operators) => {
    expect(met(name, operand, value)).toEqual(operators);
  });

  test.each<[name: string, operand: string, value: string, isIn: boolean, isNotIn: boolean]>([
    ["total", "[1,2.50]", "2.5", true, false],
    ["total", "[1,2.50]", "1.0", true, false],
    ["total", "[1,2.50]", "3", false, true],
    ["total", "[9007199254740993]", "9007199254740992", false, true],
    ["total", "[1]", '"1"', false, true],
    ["total", "[1]", "[1]", false, true],
    ["total", "[1]", "null", false, false],
    ["total", "[1]", "", false, false],
    ["status", '["a","b"]', '"b"', true, false],
    ["status", '["a","b"]', '"B"', false, true],
    ["at", '["2019-08-01","2020-01-01"]', '"2019-07-31T22:00:00-0200"', true, false],
    ["at", '["2019-08-01"]', '"2019-08-02"', false, true],
    ["at", '["2019-08-01"]', '"x"', false, true],
    ["paid", "[true]", "true", true, false],
    ["paid", "[true]", "false", false, true],
    ["paid", "[true]", "1", false, true],
  ])("%s in %s, for %s: %s, not in: %s", (name, operand, value, isIn, isNotIn) => {
    expect(meets(name, "in", operand, value)).toBe(isIn);
    expect(meets(name, "not_in", operand, value)).toBe(isNotIn);
  });

  test.each<[name: string, operand: string, value: string, isLike: boolean, isNotLike: boolean]>([
    ["status", '"comp%"', '"Complete"', true, false],
    ["status", '"comp%"', '"open"', false, true],
    ["status", '"%"', "1", false, false],
    ["status", '"%"', "null", false, false],
    ["status", '"%"', "", false, false],
    ["at", '"2019-%"', '"2019-08-01"', true, false],
    ["at", '"2019-%"', '"never"', false, true],
  ])("%s like %s, for %s: %s, not like: %s", (name, operand, value, isLike, isNotLike) => {
    expect(meets(name, "like", operand, value)).toBe(isLike);
    expect(meets(name, "not_like", operand, value)).toBe(isNotLike);
  });

  test.each<[value: string, isNull: boolean]>([
    ["null", true],
    ["", true],
    ["false", false],
    ["0", false],
    ['""', false],
    ["{}", false],
  ])("null or not, for %s", (value, isNull) => {
    for (const name of ["tree", "constructor"]) {
      expect(meets(name, "is_null", undefined, value)).toBe(isNull);
      expect(meets(name, "is_not_null", undefined, value)).toBe(!isNull);
    }
  });

  test("equal and not_equal for booleans", () => {
    const results = ["true", "false", "1", '"true"', "null"].map((value) =>
      ["equal", "not_equal"].map((operator) => meets("paid", operator, "true", value)),
    );
    expect(results).toEqual([
      [true, false],
      [false, true],
      [false, true],
      [false, true],
      [false, false],
    ]);
  });
});

describe("conditions together", () => {
  const filters = `[{"column":"status","operator":"equal","value":"complete"},
    {"column":"total","operator":"greater","value":10},
    {"column":"paid","operator":"equal","value":true}]`;
  const record = (a: boolean, b: boolean, c: boolean) => ({
    status: a ? "complete" : "open",
    total: b ? numberFromText("10.01") : 10,
    paid: c,
  });

  test.each<[logic: string | undefined, wanted: (a: boolean, b: boolean, c: boolean) => boolean]>([
    [undefined, (a, b, c) => a && b && c],
    ["([A] AND [B]) OR [C]", (a, b, c) => (a && b) || c],
    ["[A] AND ([B] OR [C])", (a, b, c) => a && (b || c)],
    ["A OR B OR C", (a, b, c) => a || b || c],
    ["A OR B AND C", (a, b, c) => a || (b && c)],
  ])("%s", (logic, wanted) => {
    const test = compile(filterOf(filters, logic));
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), (a, b, c) => {
        expect(test(record(a, b, c))).toBe(wanted(a, b, c));
      }),
    );
  });
});
