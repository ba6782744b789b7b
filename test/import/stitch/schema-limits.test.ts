/**
 * Schemas and records made to cost time, memory or stack. Each test ends because a limit holds;
 * without it, it would run for hours or run out of memory.
 */
import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/http/errors.ts";
import { Meter, NESTED_MAX, STEPS_MAX } from "../../../src/import/stitch/schema-check.ts";
import {
  COMBINED_MAX,
  SCHEMA_LEVELS_MAX,
  SCHEMA_VALUES_MAX,
  SUBSCHEMAS_MAX,
} from "../../../src/import/stitch/schema-compile.ts";
import { compileSchema, type SchemaProblem } from "../../../src/import/stitch/schema.ts";
import type { Json, JsonObject } from "../../../src/json/exact.ts";

function nested(levels: number, wrap: (inner: Json) => JsonObject, core: JsonObject): JsonObject {
  let value = core;
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

function members<Value>(count: number, make: (index: number) => Value): Record<string, Value> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`m${index}`, make(index)]),
  );
}

/** Fewer steps than a batch may take, so that the tests are quick. */
const STEPS = 500_000;

function check(schema: JsonObject, record: JsonObject): SchemaProblem | undefined {
  return compileSchema(schema, new Meter(STEPS)).check(record);
}

function unusable(schema: JsonObject): unknown {
  try {
    compileSchema(schema);
  } catch (error) {
    if (error instanceof Refusal && error.code === "batch_schema_unusable") {
      return error.params["REASON"];
    }
    throw error;
  }
  return undefined;
}

const toA = (inner: Json): JsonObject => ({ a: inner });
const tooManySteps = { field: "", reason: `the check takes over ${STEPS} steps` };
const tooDeep = { field: "", reason: "nested too deeply to be checked" };

describe("size of a schema", () => {
  const toProperty = (inner: Json): JsonObject => ({ properties: { a: inner } });

  it("takes the levels that records can have, and refuses more", () => {
    const most = nested(SCHEMA_LEVELS_MAX / 2 - 1, toProperty, { type: "null" });
    const record = nested(SCHEMA_LEVELS_MAX / 2 - 1, toA, {});
    expect(check(most, record)?.reason).toBe("expected: null, found: object");
    const more = nested(SCHEMA_LEVELS_MAX / 2, toProperty, { type: "null" });
    expect(unusable(more)).toBe(`nested deeper than ${SCHEMA_LEVELS_MAX} levels`);
    expect(unusable(nested(100_000, toA, {}))).toBe(
      `nested deeper than ${SCHEMA_LEVELS_MAX} levels`,
    );
  });

  it("counts values", () => {
    const values = Array.from({ length: SCHEMA_VALUES_MAX - 2 }, (_, index) => index);
    expect(unusable({ enum: values })).toBeUndefined();
    expect(unusable({ enum: [...values, 0] })).toBe(`over ${SCHEMA_VALUES_MAX} values`);
  });

  it("counts subschemas, true and false among them", () => {
    expect(unusable({ properties: members(SUBSCHEMAS_MAX, () => true) })).toBeUndefined();
    expect(unusable({ properties: members(SUBSCHEMAS_MAX + 1, () => true) })).toBe(
      `over ${SUBSCHEMAS_MAX} subschemas`,
    );
  });

  it("counts schemas that apply to one value through each other", () => {
    const chain = (length: number): JsonObject => ({
      $ref: "#/definitions/m0",
      definitions: {
        ...members(length, (index) => ({ allOf: [{ $ref: `#/definitions/m${index + 1}` }] })),
        [`m${length}`]: { required: ["id"] },
      },
    });
    const most = COMBINED_MAX / 2 - 1;
    expect(check(chain(most), {})?.reason).toBe("required key [id] not found");
    expect(unusable(chain(most + 1))).toMatch(`over ${COMBINED_MAX} schemas inside each other`);
    expect(unusable(chain(9_000))).toMatch(`over ${COMBINED_MAX} schemas inside each other`);
  });

  it("takes a long chain of references from member to member", () => {
    const length = 5_000;
    const definitions = members(length, (index) => ({
      properties: { a: { $ref: `#/definitions/m${(index + 1) % length}` } },
    }));
    const schema = { $ref: "#/definitions/m0", definitions };
    expect(check(schema, nested(100, toA, {}))).toBeUndefined();
  });

  it("shortens a reason", () => {
    const reason = String(unusable({ properties: { ["x".repeat(10_000)]: 1 } }));
    expect(reason).toHaveLength(501);
  });
});

describe("depth of a record", () => {
  const recursive = { properties: { a: { $ref: "#" } } };

  it("takes records far deeper than the endpoint lets through", () => {
    expect(check(recursive, nested(NESTED_MAX - 1, toA, {}))).toBeUndefined();
  });

  it("says so where it is deeper, and goes on with the next record", () => {
    const schema = compileSchema(recursive);
    expect(schema.check(nested(NESTED_MAX, toA, {}))).toEqual(tooDeep);
    expect(schema.check(nested(50_000, toA, {}))).toEqual(tooDeep);
    expect(schema.check({ a: {} })).toBeUndefined();
  });

  it("holds for equality, too", () => {
    const schema = { properties: { v: { enum: [{}], uniqueItems: true } } };
    expect(check(schema, { v: nested(50_000, toA, {}) })).toEqual(tooDeep);
    expect(check(schema, { v: [nested(50_000, toA, {})] })).toEqual(tooDeep);
  });
});

describe("steps of a batch", () => {
  it("stops a schema that doubles the work with each level", () => {
    const again = { properties: { a: { $ref: "#" } } };
    expect(check({ allOf: [again, { ...again }] }, nested(100, toA, {}))).toEqual(tooManySteps);
    expect(check({ anyOf: [{ not: again }, { not: { ...again } }] }, nested(101, toA, {}))).toEqual(
      tooManySteps,
    );
  });

  it("is one sum for all records", () => {
    const alternatives = [...Array.from({ length: 999 }, () => false), true];
    const schema = compileSchema({ anyOf: alternatives }, new Meter(STEPS));
    let records = 0;
    while (schema.check({}) === undefined) records += 1;
    expect(records).toBe(Math.floor(STEPS / 1_001));
  });

  it("counts long strings and numbers", () => {
    const times = (schema: JsonObject): JsonObject => ({
      allOf: Array.from({ length: 5_000 }, () => ({ properties: { v: schema } })),
    });
    const text = "a".repeat(10_000);
    expect(check(times({ minLength: 9_999 }), { v: text })).toEqual(tooManySteps);
    expect(check(times({ enum: [text] }), { v: text })?.reason).toMatch("steps");
    const digits = JSON.rawJSON("7".repeat(10_000));
    expect(check(times({ multipleOf: 7 }), { v: digits })).toEqual(tooManySteps);
    expect(check(times({ minimum: 7 }), { v: digits })).toEqual(tooManySteps);
    expect(check(times({ type: "integer" }), { v: digits })).toEqual(tooManySteps);
  });

  it("refuses a schema whose own numbers take too long", () => {
    const exponent = JSON.rawJSON(`1e${"9".repeat(10_000_000)}`);
    expect(unusable({ enum: [exponent] })).toBe(`the check takes over ${STEPS_MAX} steps`);
    expect(unusable({ minimum: exponent })).toBe("#/minimum: longer than 400 characters");
    const problem = check({ properties: { v: { type: "null" } } }, { v: exponent });
    expect(problem?.reason).toBe("expected: null, found: number");
  });

  it("leaves room for real batches", () => {
    const column: JsonObject = {
      anyOf: [{ type: "null" }, { type: "string", format: "date-time" }],
    };
    const properties: JsonObject = members(200, () => column);
    const schema = compileSchema({ properties });
    const record = members(200, () => "2020-01-13T21:25:03.123456Z");
    // 7 MB, a third of the largest body.
    for (let count = 0; count < 1_000; count += 1) expect(schema.check(record)).toBeUndefined();
    expect(schema.check(record)).toBeUndefined();
  });
});
