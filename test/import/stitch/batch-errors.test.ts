/** `POST /v2/import/batch`: every row of its table of errors (wire.md 2.8). */
import { describe, expect, it } from "vitest";
import {
  type Answer,
  batchOf,
  expectNothingStored,
  json,
  seen,
  sendBatch,
  storedPairs,
  upsert,
} from "../../support/batch-and-points.ts";
import { newTenant, storedRows } from "../../support/tenant.ts";

const refused = (error: string, record?: number): Answer =>
  json(400, record === undefined ? { error } : { error, record });

const failed = (text: string, record?: number): Answer =>
  refused(`Request failed validation:${text}`, record);

const good = upsert(1, { id: 1 });

/** The documented sentence about a message that misses a member. */
const misses = (index: number, name: string): string => {
  const at = `#/messages/${index}`;
  return (
    `${at}: #: 0 subschemas matched instead of one ${at}: 2 schema violations found ` +
    `${at}: required key [${name}] not found ${at}: extraneous key [data] is not permitted ` +
    `${at}: required key [${name}] not found`
  );
};

interface Case {
  readonly what: string;
  /** Instead of those of a right batch; undefined leaves a member out. */
  readonly members?: Record<string, unknown>;
  readonly messages?: readonly unknown[];
  readonly answer: Answer;
}

const MAX = "9223372036854775807";

/** A number that JavaScript would change, as JSON.stringify writes it. */
const exact = (text: string): unknown => JSON.rawJSON(text);

const BODY_CASES: readonly Case[] = [
  ...["table_name", "schema", "messages"].map((name) => ({
    what: `no ${name}`,
    members: { [name]: undefined },
    answer: failed(`#: required key [${name}] not found`),
  })),
  ...["key_properties", "constructor", "rows"].map((name) => ({
    what: `the member ${name}`,
    members: { [name]: [] },
    answer: failed(`#: extraneous key [${name}] is not permitted`),
  })),
  ...(
    [
      ["table_name", 1, "String", "Integer"],
      ["table_name", null, "String", "Null"],
      ["schema", [], "JSONObject", "JSONArray"],
      ["schema", "{}", "JSONObject", "String"],
      ["messages", {}, "JSONArray", "JSONObject"],
      ["messages", null, "JSONArray", "Null"],
      ["key_names", "id", "JSONArray", "String"],
      ["table_version", "1", "Integer", "String"],
      ["table_version", 1.5, "Integer", "Number"],
      ["table_version", exact("1.0"), "Integer", "Number"],
      ["table_version", true, "Integer", "Boolean"],
    ] as const
  ).map(([name, value, expected, found]) => ({
    what: `${name} ${JSON.stringify(value)}`,
    members: { [name]: value },
    answer: failed(`#/${name}: expected type: ${expected}, found: ${found}`),
  })),
  {
    what: "a key name that is no string",
    members: { key_names: ["id", 2] },
    answer: failed("#/key_names/1: expected type: String, found: Integer"),
  },
  {
    what: "more key names than a table may have",
    members: { key_names: Array.from({ length: 65 }, (_, n) => `k${n}`) },
    answer: failed("#/key_names: expected maximum item count: 64, found: 65"),
  },
  {
    what: "an empty table name",
    members: { table_name: "" },
    answer: failed("#/table_name: expected minLength: 1, actual: 0"),
  },
  {
    what: "a table name that is too long",
    members: { table_name: "😀".repeat(256) },
    answer: failed("#/table_name: expected maxLength: 255, actual: 256"),
  },
  {
    what: "a table version above int64",
    members: { table_version: exact("9223372036854775808") },
    answer: failed(`#/table_version: can not be above ${MAX}`),
  },
  {
    what: "a table version below 0",
    members: { table_version: -1 },
    answer: failed("#/table_version: can not be below 0"),
  },
  {
    what: "no messages",
    messages: [],
    answer: failed("#/messages: expected minimum item count: 1, found: 0"),
  },
  {
    what: "an unknown type in the schema",
    members: { schema: { type: "text" } },
    answer: refused("Invalid JSON schema: unknown type: [text]"),
  },
];

const MESSAGE_CASES: readonly Case[] = [
  ...(
    [
      ["action", { sequence: 1, data: { id: 1 } }],
      ["sequence", { action: "upsert", data: { id: 1 } }],
      ["data", { action: "upsert", sequence: 1 }],
      ["sequence", { action: "activate_version" }],
    ] as const
  ).map(([name, message]) => ({
    what: `a message ${JSON.stringify(message)}`,
    messages: [good, message],
    answer: failed(misses(1, name), 1),
  })),
  ...(
    [
      ["", "x", "JSONObject", "String"],
      ["", null, "JSONObject", "Null"],
      ["/action", { action: 1, sequence: 1, data: {} }, "String", "Integer"],
      ["/sequence", upsert("1", {}), "Integer", "String"],
      ["/sequence", upsert(null, {}), "Integer", "Null"],
      ["/sequence", upsert(exact("1e3"), {}), "Integer", "Number"],
      ["/sequence", { action: "switch_view", sequence: [] }, "Integer", "JSONArray"],
      ["/data", upsert(1, []), "JSONObject", "JSONArray"],
      ["/data", upsert(1, null), "JSONObject", "Null"],
      ["/table_version", upsert(1, {}, { table_version: {} }), "Integer", "JSONObject"],
    ] as const
  ).map(([place, message, expected, found]) => ({
    what: `a message ${JSON.stringify(message)}`,
    messages: [good, good, message],
    answer: failed(`#/messages/2${place}: expected type: ${expected}, found: ${found}`, 2),
  })),
  ...["delete", "UPSERT", "", "__proto__"].map((action) => ({
    what: `the action "${action}"`,
    messages: [good, { action, sequence: 1, data: { id: 1 } }],
    answer: failed("#/messages/1/action: should be upsert, switch_view or activate_version", 1),
  })),
  ...["9223372036854775808", "17952410492441688000", "99999999999999999999999"].map((digits) => ({
    what: `the sequence ${digits}`,
    messages: [good, upsert(exact(digits), { id: 1 })],
    answer: failed(`#: sequence can not be above ${MAX}`, 1),
  })),
  {
    what: "a sequence below 0",
    messages: [upsert(-1, { id: 1 })],
    answer: failed("#: sequence can not be below 0", 0),
  },
  {
    what: "a version above int64 in a message",
    messages: [upsert(1, { id: 1 }, { table_version: exact("9223372036854775808") })],
    answer: failed(`#/messages/0/table_version: can not be above ${MAX}`, 0),
  },
];

const RECORD_CASES: readonly Case[] = [
  {
    what: "a field of another type than the schema's",
    members: { schema: { properties: { id: { type: "integer" } } } },
    messages: [good, upsert(1, { id: "x" })],
    answer: refused(
      "Record 1 did not conform to schema: #/id: expected: integer, found: string",
      1,
    ),
  },
  {
    what: "a record without a field that the schema requires",
    members: { schema: { required: ["at"] } },
    messages: [upsert(1, { id: 1, at: 1 }), good],
    answer: refused("Record 1 did not conform to schema: #: required key [at] not found", 1),
  },
  {
    what: "a record without a key",
    messages: [good, upsert(1, { ID: 1 })],
    answer: refused("Record is missing key property id", 1),
  },
  {
    what: "a key that is null",
    messages: [upsert(1, { id: null })],
    answer: refused("Record is missing key property id", 0),
  },
  {
    what: "a key that only objects inherit",
    members: { key_names: ["toString"] },
    answer: refused("Record is missing key property toString", 0),
  },
  {
    what: "a key that is an object",
    messages: [upsert(1, { id: {} })],
    answer: refused(
      "Record 0 did not conform to schema: #/id: keys must be strings, numbers or booleans",
      0,
    ),
  },
  {
    what: "a string key of 257 characters",
    messages: [upsert(1, { id: "😀".repeat(256) }), upsert(1, { id: "😀".repeat(257) })],
    answer: refused(
      "Record 1 did not conform to schema: #/id: expected maxLength: 256, actual: 257",
      1,
    ),
  },
  {
    what: "too many version switches",
    messages: Array.from({ length: 101 }, () => ({ action: "switch_view", sequence: 1 })),
    answer: failed("#/messages: more than 100 version switches", 100),
  },
];

describe.each([
  ["the body", BODY_CASES],
  ["a message", MESSAGE_CASES],
  ["a record", RECORD_CASES],
])("refused for %s, and nothing written:", (_, cases) => {
  it.each(cases)("$what", async ({ members = {}, messages = [good], answer }) => {
    const tenant = await newTenant();
    expect(await seen(sendBatch(tenant, batchOf("t", messages, members)))).toEqual(answer);
    await expectNothingStored(tenant);
  });
});

describe("refused", () => {
  it.each([
    ["[]", "JSONArray"],
    ["null", "Null"],
    ["1.5", "Number"],
  ])("the root %s", async (text, found) => {
    const tenant = await newTenant();
    const answer = failed(`#: expected type: JSONObject, found: ${found}`);
    expect(await seen(sendBatch(tenant, text))).toEqual(answer);
  });

  it.each(["", "{", '{"a":01}', '{"a":"\u0001"}', "\u00e9", '["^ "]x', '{"a":1,}'])(
    "malformed JSON: %j",
    async (text) => {
      const answer = await seen(sendBatch(await newTenant(), text));
      expect(answer).toMatchObject({ status: 400, type: "application/json" });
      const body = JSON.parse(answer.text) as object;
      const message = "Malformed json in the body!";
      const error: unknown = expect.stringMatching(/./);
      expect(body).toEqual({ status: "ERROR", message, error, input: null });
      expect(Object.keys(body)).toEqual(["status", "message", "error", "input"]);
    },
  );

  it("other key names than the table's, from the first write on", async () => {
    const tenant = await newTenant();
    await sendBatch(tenant, batchOf("t", [upsert(1, { a: 1, b: 2 })], { key_names: ["b", "a"] }));
    const columns = [upsert(1, { a: 1, b: 2, c: 3 })];
    const answer = (names: string): Answer =>
      failed(`#/key_names: table t has the keys ${names}`, 0);
    for (const keyNames of [["a"], ["a", "b", "c"], []]) {
      const body = batchOf("t", columns, { key_names: keyNames });
      expect(await seen(sendBatch(tenant, body))).toEqual(answer("b, a"));
    }
    const again = batchOf("t", columns, { key_names: ["a", "b", "a"] });
    expect((await sendBatch(tenant, again)).status).toBe(201);
    await sendBatch(tenant, batchOf("events", [good], { key_names: [] }));
    const keyed = await seen(sendBatch(tenant, batchOf("events", [good])));
    expect(keyed).toEqual(failed("#/key_names: table events has the keys (none)", 0));
    expect(await storedRows(tenant, "events")).toHaveLength(1);
  });

  it("as a whole: rows before the wrong one are not stored, stored ones stay", async () => {
    const tenant = await newTenant();
    await sendBatch(tenant, batchOf("t", [good]));
    const messages = [upsert(2, { id: 1, v: 2 }), upsert(2, { id: 2 }), upsert(2, {})];
    expect((await sendBatch(tenant, batchOf("t", messages))).status).toBe(400);
    const switched = [{ action: "switch_view", sequence: 9, table_version: 9 }, upsert(2, {})];
    expect((await sendBatch(tenant, batchOf("t", switched))).status).toBe(400);
    expect(await storedPairs(tenant, "t")).toEqual([["1", { id: 1 }]]);
  });
});
