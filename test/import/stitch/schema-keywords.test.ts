/**
 * Each keyword: what it takes, and the words and the place where it does not.
 */
import { describe, expect, it } from "vitest";
import { check, checkValue } from "./schema-support.ts";

const VALUES = {
  null: "null",
  boolean: "false",
  string: '""',
  array: "[]",
  object: "{}",
  integer: "1",
  number: "1.5",
};

describe("type", () => {
  for (const [expected] of Object.entries(VALUES)) {
    it.each(Object.entries(VALUES))(`${expected} of %s`, (found, value) => {
      const isRight = expected === found || (expected === "number" && found === "integer");
      expect(checkValue(`{"type":"${expected}"}`, value)).toBe(
        isRight ? undefined : `/v: expected: ${expected}, found: ${found}`,
      );
    });
  }

  it.each(["1.0", "1e2", "-0", "-0.0", "1e400", "0e-5", "10.50e1", "9007199254740993", "1e+21"])(
    "integer admits %s",
    (value) => {
      expect(checkValue('{"type":"integer"}', value)).toBeUndefined();
    },
  );

  it.each(["1.5", "1e-1", "9007199254740993.5", "1e-400", "105e-1"])(
    "integer does not admit %s",
    (value) => {
      expect(checkValue('{"type":"integer"}', value)).toBe("/v: expected: integer, found: number");
    },
  );

  it("tells an integer that is written long", () => {
    expect(checkValue('{"type":"string"}', "1.00")).toBe("/v: expected: string, found: integer");
    expect(checkValue('{"type":["null"]}', "1.50")).toBe("/v: expected: null, found: number");
  });

  it("takes a list", () => {
    const schema = '{"type":["null","string","null"]}';
    expect(checkValue(schema, "null")).toBeUndefined();
    expect(checkValue(schema, '"a"')).toBeUndefined();
    expect(checkValue(schema, "1")).toBe("/v: expected: [null, string], found: integer");
  });

  it("is asked of the record, too", () => {
    expect(check('{"type":"object"}', "{}")).toBeUndefined();
    expect(check('{"type":["array","null"]}', "{}")).toBe(
      ": expected: [array, null], found: object",
    );
  });
});

describe("objects", () => {
  it.each([
    ['{"required":["a","b"]}', '{"a":1,"b":null}', undefined],
    ['{"required":["a","b"]}', '{"a":1}', ": required key [b] not found"],
    ['{"required":["constructor"]}', "{}", ": required key [constructor] not found"],
    ['{"required":["__proto__"]}', "{}", ": required key [__proto__] not found"],
    ['{"required":["__proto__"]}', '{"__proto__":1}', undefined],
    ['{"required":[]}', "{}", undefined],
    ['{"properties":{"a":{"required":["b"]}}}', '{"a":{}}', "/a: required key [b] not found"],
    ['{"properties":{"a":{"required":true}}}', "{}", undefined],
    ['{"properties":{"a":{"type":"null"}}}', "{}", undefined],
    ['{"properties":{"a":false}}', '{"a":1}', "/a: no value is allowed"],
    ['{"properties":{"a":true}}', '{"a":1}', undefined],
    [
      '{"properties":{"__proto__":{"type":"null"}}}',
      '{"__proto__":1}',
      "/__proto__: expected: null, found: integer",
    ],
    [
      '{"properties":{"a/b~c":{"type":"null"}}}',
      '{"a/b~c":1}',
      "/a~1b~0c: expected: null, found: integer",
    ],
    ['{"properties":{"a":{}},"additionalProperties":false}', '{"a":1}', undefined],
    [
      '{"properties":{"a":{}},"additionalProperties":false}',
      '{"a":1,"b":2}',
      ": extraneous key [b] is not permitted",
    ],
    [
      '{"additionalProperties":false}',
      '{"toString":1}',
      ": extraneous key [toString] is not permitted",
    ],
    [
      '{"properties":{"a":{}},"additionalProperties":{"type":"null"}}',
      '{"a":1,"b":2}',
      "/b: expected: null, found: integer",
    ],
    [
      '{"patternProperties":{"^a":{"type":"null"}}}',
      '{"b":1,"ab":2}',
      "/ab: expected: null, found: integer",
    ],
    [
      '{"patternProperties":{"^a":{}},"additionalProperties":false}',
      '{"ab":1,"b":2}',
      ": extraneous key [b] is not permitted",
    ],
    [
      '{"properties":{"ab":{}},"patternProperties":{"^a":{"type":"null"}}}',
      '{"ab":1}',
      "/ab: expected: null, found: integer",
    ],
    ['{"minProperties":1}', "{}", ": expected minProperties: 1, actual: 0"],
    ['{"maxProperties":1}', '{"a":1,"b":2}', ": expected maxProperties: 1, actual: 2"],
    ['{"minProperties":1,"maxProperties":1}', '{"a":1}', undefined],
    ['{"dependencies":{"a":["b"]}}', '{"c":1}', undefined],
    ['{"dependencies":{"a":["b"]}}', '{"a":1}', ": required key [b] not found"],
    ['{"dependencies":{"a":"b"}}', '{"a":1}', ": required key [b] not found"],
    [
      '{"dependencies":{"a":{"maxProperties":1}}}',
      '{"a":1,"b":1}',
      ": expected maxProperties: 1, actual: 2",
    ],
  ])("%s of %s", (schema, record, expected) => {
    expect(check(schema, record)).toBe(expected);
  });
});

describe("arrays", () => {
  it.each([
    ['{"items":{"type":"integer"}}', "[1,2.0]", undefined],
    ['{"items":{"type":"integer"}}', "[1,null]", "/v/1: expected: integer, found: null"],
    ['{"items":{"type":"integer"}}', '{"0":null}', undefined],
    ['{"items":[{"type":"null"},{}]}', "[null,1,2]", undefined],
    ['{"items":[{"type":"null"}]}', "[1]", "/v/0: expected: null, found: integer"],
    ['{"items":[{}],"additionalItems":false}', "[1]", undefined],
    ['{"items":[{}],"additionalItems":false}', "[1,2]", "/v/1: no value is allowed"],
    [
      '{"items":[{}],"additionalItems":{"type":"null"}}',
      "[1,2]",
      "/v/1: expected: null, found: integer",
    ],
    ['{"items":{},"additionalItems":false}', "[1,2]", undefined],
    ['{"additionalItems":false}', "[1]", undefined],
    ['{"items":false}', "[]", undefined],
    ['{"items":false}', "[1]", "/v/0: no value is allowed"],
    ['{"minItems":1}', "[]", "/v: expected minItems: 1, actual: 0"],
    ['{"maxItems":1}', "[1,2]", "/v: expected maxItems: 1, actual: 2"],
    ['{"uniqueItems":true}', '[1,"1",true,[1],{"a":1},null,"null",[[1]],"[1]"]', undefined],
    ['{"uniqueItems":true}', "[1,2,1.0]", "/v: expected uniqueItems: two items are equal"],
    [
      '{"uniqueItems":true}',
      '[{"a":1,"b":[2]},{"b":[2.0],"a":1e0}]',
      "/v: expected uniqueItems: two items are equal",
    ],
    ['{"uniqueItems":false}', "[1,1]", undefined],
  ])("%s of %s", (schema, value, expected) => {
    expect(checkValue(schema, value)).toBe(expected);
  });
});

describe("strings", () => {
  it.each([
    ['{"minLength":2}', '"a"', "/v: expected minLength: 2, actual: 1"],
    ['{"minLength":2}', '"😀"', "/v: expected minLength: 2, actual: 1"],
    ['{"minLength":2}', '"😀a"', undefined],
    ['{"minLength":2}', "1", undefined],
    ['{"maxLength":10}', '"abcdefghijkl"', "/v: expected maxLength: 10, actual: 12"],
    ['{"maxLength":2}', '"😀😀"', undefined],
    ['{"maxLength":2}', '"a😀😀"', "/v: expected maxLength: 2, actual: 3"],
    ['{"maxLength":1}', '"\\ud83d\\ud83d"', "/v: expected maxLength: 1, actual: 2"],
    ['{"maxLength":2.0}', '"abc"', "/v: expected maxLength: 2, actual: 3"],
    ['{"maxLength":1e400}', '"abc"', undefined],
    ['{"maxLength":0}', '""', undefined],
    ['{"pattern":"b"}', '"abc"', undefined],
    ['{"pattern":"^b"}', '"abc"', "/v: [abc] does not match pattern ^b"],
    ['{"pattern":"^b"}', "1.50", undefined],
    ['{"format":"date-time"}', '"2020-01-13T21:25:03+0000"', undefined],
    [
      '{"format":"date-time"}',
      '"2020-02-30T00:00:00Z"',
      "/v: [2020-02-30T00:00:00Z] is not a valid date-time",
    ],
    ['{"format":"date-time"}', "20.0", undefined],
    ['{"format":"ipv4"}', '"anything"', undefined],
  ])("%s of %s", (schema, value, expected) => {
    expect(checkValue(schema, value)).toBe(expected);
  });

  it("repeats no more than the beginning of a long text", () => {
    const long = "x".repeat(1_000);
    expect(checkValue('{"pattern":"^b"}', `"${long}"`)).toBe(
      `/v: [${"x".repeat(100)}…] does not match pattern ^b`,
    );
    const problem = check('{"additionalProperties":{"type":"null"}}', `{"${long}":1}`);
    expect(problem).toBe(`/${"x".repeat(499)}…: expected: null, found: integer`);
  });
});

describe("enum", () => {
  it.each([
    ['["a","b"]', '"b"', undefined],
    ['["a","b"]', '"c"', "/v: [c] is not one of the values of enum"],
    ["[1]", "1.0", undefined],
    ["[1.00]", "1", undefined],
    ["[100]", "1e2", undefined],
    ["[0]", "-0.0", undefined],
    ["[1]", '"1"', "/v: [1] is not one of the values of enum"],
    ["[1]", "true", "/v: true is not one of the values of enum"],
    ["[0]", "false", "/v: false is not one of the values of enum"],
    ['["null"]', "null", "/v: null is not one of the values of enum"],
    [
      "[9007199254740992]",
      "9007199254740993",
      "/v: 9007199254740993 is not one of the values of enum",
    ],
    ["[9007199254740993]", "9007199254740993.0", undefined],
    ["[1e400]", "10e399", undefined],
    ["[1e400]", "1e401", "/v: 1e401 is not one of the values of enum"],
    ["[null,true]", "null", undefined],
    ['[{"a":[1,{"b":2}]}]', '{"a":[1.0,{"b":2e0}]}', undefined],
    ['[{"a":1,"b":2}]', '{"b":2,"a":1}', undefined],
    ['[{"a":1}]', '{"a":"1"}', "/v: object is not one of the values of enum"],
    ["[[1,2]]", "[2,1]", "/v: array is not one of the values of enum"],
    ['["[1]"]', "[1]", "/v: array is not one of the values of enum"],
    ["[[1]]", '"[1]"', "/v: [[1]] is not one of the values of enum"],
  ])("%s of %s", (values, value, expected) => {
    expect(checkValue(`{"enum":${values}}`, value)).toBe(expected);
  });
});

describe("combinators", () => {
  const nullable = '{"anyOf":[{"type":"null"},{"type":"object","required":["a"]}]}';
  it.each([
    ['{"allOf":[{"minimum":1},{"maximum":2}]}', "1.50", undefined],
    ['{"allOf":[{"minimum":1},{"maximum":2}]}', "2.5", "/v: expected maximum: 2, actual: 2.5"],
    [nullable, "null", undefined],
    [nullable, '{"a":1}', undefined],
    [nullable, "1", "/v: expected: [null, object], found: integer"],
    [nullable, "{}", "/v: required key [a] not found"],
    [
      '{"anyOf":[{"type":"null"},{"items":{"type":"null"}}]}',
      "[1]",
      "/v/0: expected: null, found: integer",
    ],
    ['{"anyOf":[{"minimum":5},{"maximum":2}]}', "3", "/v: no subschema of anyOf matched"],
    [
      '{"anyOf":[{"anyOf":[{"type":"null"},{"type":"string"}]},{"type":["string","boolean"]}]}',
      "3",
      "/v: expected: [null, string, boolean], found: integer",
    ],
    ['{"oneOf":[{"type":"null"},{"type":"string"}]}', "null", undefined],
    ['{"oneOf":[{"type":"number"},{"type":"integer"}]}', "1.5", undefined],
    [
      '{"oneOf":[{"type":"number"},{"type":"integer"}]}',
      "1",
      "/v: 2 subschemas matched instead of one",
    ],
    ['{"oneOf":[{},{},{}]}', "1", "/v: 3 subschemas matched instead of one"],
    ['{"oneOf":[{"minimum":5},{"maximum":2}]}', "3", "/v: 0 subschemas matched instead of one"],
    [
      '{"oneOf":[{"type":"null"},{"type":"string"}]}',
      "1",
      "/v: expected: [null, string], found: integer",
    ],
    ['{"not":{"type":"null"}}', "1", undefined],
    ['{"not":{"type":"null"}}', "null", "/v: the subschema of not matched"],
    ['{"not":{"multipleOf":0.1}}', "0.30", "/v: the subschema of not matched"],
    ['{"anyOf":[{"multipleOf":0.2},{"multipleOf":0.3}]}', "0.90", undefined],
  ])("%s of %s", (schema, value, expected) => {
    expect(checkValue(schema, value)).toBe(expected);
  });
});
