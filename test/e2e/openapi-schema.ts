/** Whether bodies are what the document says of them. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import type { JsonSchema, OpenApi } from "../../src/docs/openapi.ts";

/** Checks a value against a schema of the document. */
export type Check = (schema: JsonSchema, value: unknown, label: string) => void;

/**
 * @param isClosed whether members that the document does not have are wrong: it leaves answers
 * open, so that they may get more members, but those of now are all in it.
 */
export function checkerOf(document: OpenApi, isClosed: boolean): Check {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat("date-time", (text) => new Date(text).toISOString() === text);
  // A sequence is within the bounds of its format, which no double has exactly.
  ajv.addFormat("int64", { type: "number", validate: Number.isInteger });
  ajv.addSchema(isClosed ? (closed(document) as OpenApi) : document, "document");
  return (schema, value, label) => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"document#/');
    const validate = ajv.compile(JSON.parse(text) as JsonSchema);
    const isValid = validate(value);
    expect(
      isValid,
      `${label}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`,
    ).toBe(true);
  };
}

function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, closed(member)]),
  );
  const isObject = copy["type"] === "object" && typeof copy["properties"] === "object";
  return isObject && copy["additionalProperties"] === undefined
    ? { ...copy, additionalProperties: false }
    : copy;
}

/** Whether the answer has the members of the example, and these the types of the example's. */
export function expectMembers(actual: unknown, example: unknown, place: string): void {
  if (actual === null || example === null) return;
  expect(typeof actual, place).toBe(typeof example);
  if (Array.isArray(example)) {
    expect(Array.isArray(actual), place).toBe(true);
    const [first] = example as unknown[];
    if (first === undefined) return;
    expect(actual, place).not.toHaveLength(0);
    expectMembers((actual as unknown[])[0], first, `${place}[0]`);
    return;
  }
  if (typeof example !== "object" || typeof actual !== "object") return;
  const own = new Map(Object.entries(actual));
  for (const [name, member] of Object.entries(example)) {
    // By ids, which are others than the example's.
    const key = /^\d+$/.test(name) ? [...own.keys()][0] : name;
    expect([...own.keys()], place).toContain(key);
    expectMembers(own.get(key ?? name), member, `${place}.${name}`);
  }
}

/** Whether the answer is a row of the error table, whose places stand for anything. */
export function expectTemplate(actual: unknown, template: unknown, place: string): void {
  if (typeof template === "string") {
    if (/^<[A-Z]+>$/.test(template)) return;
    const parts = template
      .split(/<[A-Z]+>/)
      .map((part) => part.replaceAll(/[^\w\s]/g, String.raw`\$&`));
    expect(actual, place).toMatch(new RegExp(`^${parts.join(".*")}$`, "s"));
    return;
  }
  if (typeof template !== "object" || template === null) {
    expect(actual, place).toBe(template);
    return;
  }
  const own = actual as Readonly<Record<string, unknown>>;
  for (const [name, member] of Object.entries(template)) {
    expectTemplate(own[name], member, `${place}.${name}`);
  }
}
