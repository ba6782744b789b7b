import { describe, expect, test } from "vitest";
import * as z from "zod";
import { NativeAnswer } from "../../../src/import/native/answer.ts";
import { readKeyNames } from "../../../src/import/native/key-names.ts";
import { NativeHeaders, NativeQuery } from "../../../src/import/native/options.ts";
import { tableNames } from "../../support/stitch.ts";
import { newTenant } from "../../support/tenant.ts";
import { postRecords, postText } from "./support.ts";

const long = "x".repeat(256);

describe("what is refused", () => {
  test.each<[query: string, headers: Record<string, string>, detail: string]>([
    ["key=id", {}, "key: is not a parameter of this path"],
    ["keys=id&dryrun=1", {}, "dryrun: is not a parameter of this path"],
    ["keys=id&__proto__=1", {}, "__proto__: is not a parameter of this path"],
    ["keys=id&toString=1", {}, "toString: is not a parameter of this path"],
    ["keys=id&=", {}, ": is not a parameter of this path"],
    ["keys=id&dry_run=yes", {}, "dry_run: must be 0, 1, true or false"],
    ["keys=id&dry_run=", {}, "dry_run: must be 0, 1, true or false"],
    ["keys=id&dry_run=1&dry_run=1", {}, "dry_run: is given more than once"],
    ["keys=id&on_error=ignore", {}, "on_error: must be refuse or skip"],
    ["keys=id&sequence=", {}, "sequence: must be an integer from 0 to 9223372036854775807"],
    ["keys=id&sequence=-1", {}, "sequence: must be an integer from 0 to 9223372036854775807"],
    ["keys=id&sequence=1.0", {}, "sequence: must be an integer from 0 to 9223372036854775807"],
    ["keys=id&sequence=01", {}, "sequence: must be an integer from 0 to 9223372036854775807"],
    [
      "keys=id&sequence=9223372036854775808",
      {},
      "sequence: must be an integer from 0 to 9223372036854775807",
    ],
    ["keys=id&sequence_field=", {}, "sequence_field: must name a field"],
    [
      "keys=id&sequence=1&sequence_field=at",
      {},
      "sequence_field: cannot be given together with sequence",
    ],
    [
      "keys=id&sequence=1",
      { "Headgate-Sequence-Field": "at" },
      "sequence_field: cannot be given together with sequence",
    ],
    [
      "keys=id&sequence=1",
      { "Headgate-Sequence": "2" },
      "sequence: differs from the header that says the same",
    ],
    [
      "keys=id&sequence_field=a",
      { "Headgate-Sequence-Field": "b" },
      "sequence_field: differs from the header that says the same",
    ],
    ["keys=id", { "Headgate-Keys": "a" }, "keys: differs from the header Headgate-Keys"],
    ["keys=", { "Headgate-Keys": "a" }, "keys: differs from the header Headgate-Keys"],
    ["", { "Headgate-Key": "id" }, "headgate-key: is not a header of this path"],
    ["keys=id,", {}, "keys: must be names with commas between them, or a JSON array of strings"],
    ["keys=[1]", {}, "keys: must be names with commas between them, or a JSON array of strings"],
    [
      "",
      { "Headgate-Keys": "[" },
      "headgate-keys: must be names with commas between them, or a JSON array of strings",
    ],
    [`keys=${Array.from({ length: 65 }, (_, i) => i).join()}`, {}, "keys: cannot be more than 64"],
    [
      "keys=id",
      { "Idempotency-Key": long },
      "idempotency-key: must have 1 to 255 printable ASCII characters",
    ],
  ])("%s %j", async (query, headers, detail) => {
    const tenant = await newTenant();
    const answer = await postRecords(tenant, [{ id: 1 }], { query, headers });
    expect(answer).toMatchObject({
      status: 400,
      body: { type: "/docs/errors#option_invalid", code: "option_invalid", detail },
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await tableNames(tenant)).toEqual([]);
  });

  test("in this order: token, table, options, type, body", async () => {
    const tenant = await newTenant();
    const wrong = { Authorization: "Bearer x", "Content-Type": "text/csv" };
    const codes = [];
    const body = "[";
    codes.push(await postText(tenant, body, { table: " ", query: "x=1", headers: wrong }));
    const type = { "Content-Type": "text/csv" };
    codes.push(await postText(tenant, body, { table: " ", query: "x=1", headers: type }));
    codes.push(await postText(tenant, body, { query: "x=1", headers: type }));
    codes.push(await postText(tenant, body, { headers: type }));
    codes.push(await postText(tenant, body));
    expect(codes.map((answer) => answer.body.code)).toEqual([
      "unauthorized",
      "table_name_bad",
      "option_invalid",
      "content_type",
      "body_malformed",
    ]);
    expect(codes[0]?.headers.get("www-authenticate")).toBe("Bearer");
  });
});

test("an option may stand in the query and in its header alike", async () => {
  const tenant = await newTenant();
  const headers = { "Headgate-Keys": '["id"]', "Headgate-Sequence": "5" };
  const parts = { query: "keys=id&sequence=5&dry_run=false&on_error=refuse", headers };
  expect(await postRecords(tenant, [{ id: 1 }], parts)).toMatchObject({ status: 200 });
});

test.each<[readonly string[], unknown]>([
  [[""], { names: [] }],
  [["a", "b,a"], { names: ["a", "b"] }],
  [['["",","]', "x"], { names: ["", ",", "x"] }],
  [["", "a"], { problem: expect.any(String) as unknown }],
  [['["a",1]'], { problem: expect.any(String) as unknown }],
  [['["a"'], { problem: expect.any(String) as unknown }],
])("key names %j", (texts, expected) => {
  expect(readKeyNames(texts)).toEqual(expected);
});

test("the schemas can be written as JSON Schema", () => {
  for (const schema of [NativeQuery, NativeHeaders, NativeAnswer]) {
    const made = z.toJSONSchema(schema) as { properties: Record<string, { description?: string }> };
    for (const [name, { description }] of Object.entries(made.properties)) {
      expect(description, name).toMatch(/./);
    }
  }
});
