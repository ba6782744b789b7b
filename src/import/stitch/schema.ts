/**
 * The check of a batch's records against its JSON Schema (wire.md 2.8).
 *
 * An evaluator of our own, compiled into closures without `eval`. A library
 * (@cfworker/json-schema) was the first choice and is the oracle of the tests, but it computes
 * on doubles. To give it exact decimals, the keywords of numbers would have to be taken out of
 * the schema and checked apart, and that cannot be done inside `anyOf`, `oneOf` and `not`, where
 * a number's check decides which alternative holds. Nor does it stop: a pattern, a `$ref` that
 * leads to itself or a schema that doubles the work at each level keeps it busy for hours. It is
 * also some ten times slower (it reads the schema anew for each value), and the list of
 * keywords is short.
 *
 * - Keywords: those of wire.md 2.8, and `minItems`, `maxItems`, `uniqueItems`, `minProperties`,
 *   `maxProperties`, `dependencies`; true and false as schemas. Others are ignored.
 * - Numbers are decimals as written, in records and schema: schema-numbers.ts, schema-equal.ts.
 * - Patterns take time linear in the text: schema-pattern.ts.
 * - The cost of a batch is bounded: STEPS_MAX and NESTED_MAX in schema-check.ts, the size of a
 *   schema in schema-compile.ts.
 */
import type { JsonObject } from "../../json/exact.ts";
import { type Check, LimitReached, Meter, shorten, type Violation } from "./schema-check.ts";
import { compileDocument } from "./schema-compile.ts";
import { unusable } from "./schema-read.ts";
import { timestampFields } from "./schema-timestamps.ts";

/** Characters of the pointer in an answer; names of members can have any length. */
const FIELD_CHARACTERS_MAX = 500;

/** What a record does wrong. */
export interface SchemaProblem {
  /** JSON pointer to the value (`/id`, `/lines/0/price`), or "" for the record itself. */
  readonly field: string;
  /** Such as `expected: [null, string], found: integer`. */
  readonly reason: string;
}

/** A compiled schema. It serves one batch: the steps that its checks may take are one sum. */
export interface RecordSchema {
  /**
   * The first violation of a record, or undefined. Where the limits of the check are reached,
   * that is the problem, of the record itself.
   */
  check(record: JsonObject): SchemaProblem | undefined;
  /**
   * The names of the record's own properties whose schema says `format: date-time`, also inside
   * `anyOf`, `oneOf`, `allOf` and behind `$ref`: their columns are timestamps.
   */
  readonly timestampFields: ReadonlySet<string>;
}

/**
 * Compiles the schema of a batch. `meter` is given where the check has to stop earlier.
 *
 * @throws Refusal batch_schema_unusable with REASON: `unknown type: [<TYPE>]`, or the place in
 * the schema and what is wrong there, such as
 * `#/properties/id/required: expected array of strings, found: string`.
 */
export function compileSchema(schema: JsonObject, meter = new Meter()): RecordSchema {
  const check = compileWithin(schema, meter);
  return {
    check: (record) => checkRecord(check, meter, record),
    timestampFields: timestampFields(schema),
  };
}

function compileWithin(schema: JsonObject, meter: Meter): Check {
  try {
    return compileDocument(schema, meter);
  } catch (error) {
    if (error instanceof LimitReached) throw unusable(error.message);
    throw error;
  }
}

function checkRecord(check: Check, meter: Meter, record: JsonObject): SchemaProblem | undefined {
  meter.restart();
  try {
    return problem(check(record));
  } catch (error) {
    if (error instanceof LimitReached) return { field: "", reason: error.message };
    throw error;
  }
}

function problem(violation: Violation | undefined): SchemaProblem | undefined {
  if (violation === undefined) return undefined;
  const { path, reason } = violation;
  return { field: shorten(path, FIELD_CHARACTERS_MAX), reason };
}
