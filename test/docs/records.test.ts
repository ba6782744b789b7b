/**
 * The schemas of the old imports' records describe what is checked by hand: what the one takes
 * the other takes, for all that a JSON schema can say. What it cannot say is kept out of the
 * generated values: integers that are written with a fraction or an exponent, sequences beyond
 * an int64, keys that the data does not have, and foreign clients (src/docs/schemas/imports.ts).
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openApi } from "../../src/docs/document.ts";
import { readElements, readPoint } from "../../src/import/rjmetrics/points.ts";
import { readBatchBody, readMessage } from "../../src/import/stitch/batch-body.ts";
import { readRecord } from "../../src/import/stitch/record.ts";
import { Refusal } from "../../src/http/errors.ts";
import { isObject, type Json, parseExact } from "../../src/json/exact.ts";
import { KEY_NAMES_MAX } from "../../src/warehouse/limits.ts";
import { schemaTakes } from "./taken.ts";

/** Whether reading does without a refusal. */
function reads(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

const exact = (value: unknown): Json => parseExact(JSON.stringify(value));

function recordTaken(value: unknown): boolean {
  const record = exact(value);
  return isObject(record) && "record" in readRecord(record);
}

function batchTaken(value: unknown): boolean {
  return reads(() => {
    const body = readBatchBody(exact(value));
    body.messages.forEach((message, index) => readMessage(message, body.version, index));
  });
}

const pointsTaken =
  (version: "v1" | "v2") =>
  (value: unknown): boolean =>
    reads(() => {
      readElements(exact(value), 100).forEach((element, index) =>
        readPoint(element, version, index),
      );
    });

/** Values that are wrong in most places, and right in some. */
const odd = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    true,
    "",
    " \t",
    "x",
    0,
    -1,
    1.5,
    7,
    [],
    {},
    [1],
    ["id"],
    ["id", 1],
    [null],
    "upsert",
    "UPSERT",
    "switch_view",
    "x".repeat(255),
    "x".repeat(256),
    "\u{1f600}".repeat(255),
    "\u{1f600}".repeat(256),
    "\u00a0\u2003",
  ),
  fc.constant(Array.from({ length: KEY_NAMES_MAX }, (_, index) => `k${index}`)),
  fc.constant(Array.from({ length: KEY_NAMES_MAX + 1 }, (_, index) => `k${index}`)),
  fc.jsonValue({ maxDepth: 2 }).filter(isPlain),
);

/** Without numbers whose text has a fraction that says nothing, or an exponent, or no int64. */
function isPlain(value: unknown): boolean {
  if (typeof value === "number") {
    return !Number.isInteger(value) || Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  }
  if (typeof value !== "object" || value === null) return true;
  return !("__proto__" in Object.keys(value)) && Object.values(value).every(isPlain);
}

/** An object of which some members are absent, changed or added. */
function mutated(
  base: fc.Arbitrary<Record<string, unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  const change = fc.record({
    member: fc.nat(),
    kind: fc.constantFrom("drop", "set", "add", "none"),
    value: odd,
  });
  return fc.tuple(base, fc.array(change, { maxLength: 2 })).map(([object, changes]) => {
    const copy = { ...object };
    for (const { member, kind, value } of changes) {
      const names = Object.keys(copy);
      const name = names[member % Math.max(1, names.length)] ?? "x";
      if (kind === "drop") delete copy[name];
      if (kind === "set") copy[name] = value;
      if (kind === "add") copy["another"] = value;
    }
    return copy;
  });
}

const int = fc.nat();
const data = fc.dictionary(fc.constantFrom("id", "a", "b"), odd);
const keyNames = fc.array(fc.constantFrom("id", "a"), { maxLength: 3 });
const action = fc.constantFrom("upsert", "switch_view", "activate_version");
const version = fc.oneof(int, fc.constant(null));

const record = mutated(
  fc.record(
    {
      client_id: int,
      table_name: fc.constantFrom("orders", "o", " x "),
      sequence: int,
      action,
      key_names: keyNames,
      data,
      table_version: version,
      namespace: odd,
    },
    { requiredKeys: ["client_id", "table_name", "sequence", "action", "key_names", "data"] },
  ),
);

const message = mutated(
  fc.record(
    { action, sequence: int, data, table_version: version, time_extracted: odd },
    { requiredKeys: ["action", "sequence", "data"] },
  ),
);

const batch = mutated(
  fc.record(
    {
      table_name: fc.constantFrom("orders", " x "),
      schema: fc.constantFrom({}, { type: "object" }),
      messages: fc.array(message, { minLength: 1, maxLength: 3 }),
      key_names: keyNames,
      table_version: version,
      bookmark_names: odd,
      namespace: odd,
    },
    { requiredKeys: ["table_name", "schema", "messages"] },
  ),
);

const point = mutated(fc.record({ keys: keyNames, id: odd, a: odd }, { requiredKeys: ["keys"] }));
const points = fc.oneof(
  point,
  fc.array(point, { maxLength: 3 }),
  fc.constantFrom<unknown[]>([], null, 1, "x", [[]], Array(100).fill({ keys: ["a"], a: 1 })),
  fc.constant(Array(101).fill({ keys: ["a"], a: 1 })),
);

/** Both say the same of all values, and each answer comes often enough. */
function expectSame(
  arbitrary: fc.Arbitrary<unknown>,
  name: string,
  code: (value: unknown) => boolean,
): void {
  const seen = { yes: 0, no: 0 };
  fc.assert(
    fc.property(arbitrary, (value) => {
      const expected = code(value);
      seen[expected ? "yes" : "no"] += 1;
      expect({ value, taken: schemaTakes(name, value) }).toEqual({ value, taken: expected });
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(100);
}

describe("the document's schema and the surface take the same", () => {
  test("records of push and validate", () => {
    expectSame(record, "StitchRecord", recordTaken);
  });

  test("batches", () => {
    expectSame(batch, "StitchBatch", batchTaken);
  });

  test("data points of v2", () => {
    expectSame(points, "DataPoints", pointsTaken("v2"));
  });

  test("data points of v1", () => {
    expectSame(points, "DataPointsV1", pointsTaken("v1"));
  });
});

test("the numbers of records are bounded as the settings are", () => {
  const one = {
    client_id: 1,
    table_name: "t",
    sequence: 1,
    action: "upsert",
    key_names: ["id"],
    data: {},
  };
  expect(schemaTakes("StitchRecords", [])).toBe(false);
  expect(schemaTakes("StitchRecords", [one])).toBe(true);
  const { components } = openApi("0");
  expect(components.schemas["StitchRecords"]?.maxItems).toBe(10_000);
});

test("the bound of a sequence has all its digits", () => {
  expect(JSON.stringify(openApi("0"))).toContain('"maximum":9223372036854775807');
});
