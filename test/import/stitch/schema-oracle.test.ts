/**
 * The check against @cfworker/json-schema as the oracle, on schemas and values whose numbers
 * doubles hold. Both must find the same values right; texts and places are not compared.
 */
import { type Schema, type SchemaDraft, Validator } from "@cfworker/json-schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/http/errors.ts";
import { compileSchema, type RecordSchema } from "../../../src/import/stitch/schema.ts";
import { type JsonObject, parseExact } from "../../../src/json/exact.ts";

const NAMES = ["a", "b", "ab", "x/y~z"] as const;
const NUMBERS = [0, 1, -1, 2, 3, 0.1, 0.3, 1.5, -2.5, 1e21, 1e-7, 9007199254740991];
const DIVISORS = [1, 2, 3, 0.1, 0.5, 2.5, 1e-7, 1e-15, 1e21];
const TEXTS = [
  "",
  "a",
  "ab",
  "aab",
  "é",
  "😀",
  "😀😀",
  "1",
  "2020-01-13T21:25:03Z",
  "2020-02-30T21:25:03Z",
  "2020-02-29t21:25:03.5+02:00",
];
const PATTERNS = ["^a", "b$", "^(a|b)+$", ".{2}", "^$", "\\d", "[^a]", "😀{2}"];
const TYPES = ["null", "boolean", "string", "array", "object", "number", "integer"];

const scalar = fc.constantFrom<unknown[]>(null, true, false, ...NUMBERS, ...TEXTS);
const name = fc.constantFrom(...NAMES);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    { arbitrary: scalar, weight: 3 },
    { arbitrary: fc.array(tie("value"), { maxLength: 3 }), weight: 1 },
    { arbitrary: fc.dictionary(name, tie("value"), { maxKeys: 3 }), weight: 2 },
  ),
}));

const count = fc.constantFrom(0, 1, 2, 3);
const number = fc.constantFrom(...NUMBERS);
const reference = fc.constantFrom(
  "#",
  "#/definitions/a",
  "#/definitions/x~1y~0z",
  "#/definitions/x~1y%7E0z",
);

/** Keywords of one schema; `exclusive` is what the draft has for exclusiveMinimum. */
function schemas(exclusive: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  const { schema } = fc.letrec((tie) => {
    const inner = fc.oneof({ arbitrary: tie("schema"), weight: 9 }, fc.boolean());
    const one = tie("schema");
    const list = fc.array(one, { minLength: 1, maxLength: 3 });
    const keywords = {
      type: fc.oneof(
        fc.constantFrom(...TYPES),
        fc.uniqueArray(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 3 }),
      ),
      enum: fc.array(value, { minLength: 1, maxLength: 4 }),
      minimum: number,
      maximum: number,
      exclusiveMinimum: exclusive,
      exclusiveMaximum: exclusive,
      multipleOf: fc.constantFrom(...DIVISORS),
      minLength: count,
      maxLength: count,
      pattern: fc.constantFrom(...PATTERNS),
      format: fc.constantFrom("date-time", "unknown"),
      required: fc.uniqueArray(name, { maxLength: 2 }),
      properties: fc.dictionary(name, inner, { maxKeys: 3 }),
      patternProperties: fc.dictionary(fc.constantFrom(...PATTERNS), inner, { maxKeys: 2 }),
      additionalProperties: inner,
      minProperties: count,
      maxProperties: count,
      dependencies: fc.dictionary(name, fc.oneof(one, fc.array(name, { maxLength: 2 })), {
        maxKeys: 2,
      }),
      items: fc.oneof(inner, fc.array(inner, { maxLength: 2 })),
      additionalItems: inner,
      minItems: count,
      maxItems: count,
      uniqueItems: fc.boolean(),
      allOf: list,
      anyOf: list,
      oneOf: list,
      not: one,
    };
    const some = fc
      .subarray(Object.keys(keywords), { maxLength: 4 })
      .chain((names) =>
        fc.record(
          Object.fromEntries(
            Object.entries(keywords).filter(([keyword]) => names.includes(keyword)),
          ),
        ),
      );
    return {
      schema: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        { arbitrary: fc.record({ type: keywords.type }), weight: 1 },
        { arbitrary: fc.record({ $ref: reference }), weight: 1 },
        { arbitrary: some, weight: 4 },
      ),
    };
  });
  return fc
    .tuple(schema, schema, schema)
    .map(([root, a, b]) => Object.assign({}, root, { definitions: { a, "x/y~z": b } }));
}

function compileOrSkip(schemaText: string): RecordSchema {
  try {
    return compileSchema(parseExact(schemaText) as JsonObject);
  } catch (error) {
    // Loops, on which the library does not end.
    fc.pre(!(error instanceof Refusal && String(error.params["REASON"]).includes("leads back")));
    throw error;
  }
}

const record = fc.dictionary(name, value, { maxKeys: 4 });

function sameVerdicts(draft: SchemaDraft, exclusive: fc.Arbitrary<unknown>): void {
  let right = 0;
  let wrong = 0;
  const records = fc.array(record, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(schemas(exclusive), records, (schema, tried) => {
      const schemaText = JSON.stringify(schema);
      const ours = compileOrSkip(schemaText);
      const oracle = new Validator(JSON.parse(schemaText) as Schema, draft);
      for (const one of tried) {
        const text = JSON.stringify(one);
        const isRight = oracle.validate(JSON.parse(text)).valid;
        const problem = ours.check(parseExact(text) as JsonObject);
        expect(problem === undefined, `${schemaText} on ${text}`).toBe(isRight);
        if (isRight) right += 1;
        else wrong += 1;
      }
    }),
    { numRuns: 2_000 },
  );
  // The generators are of use only while they make enough of both.
  expect(Math.min(right, wrong)).toBeGreaterThan((right + wrong) / 10);
}

describe("the library agrees", () => {
  it("in draft 4, where exclusiveMinimum is true or false", () => {
    sameVerdicts("4", fc.boolean());
  });

  it("in draft 7, where exclusiveMinimum is a number", () => {
    sameVerdicts("7", number);
  });
});
