/**
 * Schemas and records as JSON text, problems as `<field>: <reason>`.
 */
import { compileSchema } from "../../../src/import/stitch/schema.ts";
import { isObject, type JsonObject, parseExact } from "../../../src/json/exact.ts";

/** An object from its text. */
export function object(text: string): JsonObject {
  const value = parseExact(text);
  if (!isObject(value)) throw new TypeError(`not an object: ${text}`);
  return value;
}

/** The problem of one record; undefined where it fits the schema. */
export function check(schema: string, record: string): string | undefined {
  const problem = compileSchema(object(schema)).check(object(record));
  return problem === undefined ? undefined : `${problem.field}: ${problem.reason}`;
}

/** The problem of a value, as the member `v` of a record. */
export function checkValue(schema: string, value: string): string | undefined {
  return check(`{"properties":{"v":${schema}}}`, `{"v":${value}}`);
}
