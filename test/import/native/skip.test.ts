import { describe, expect, test } from "vitest";
import { ERRORS, type ErrorCode } from "../../../src/http/errors.ts";
import { NativeAnswer } from "../../../src/import/native/answer.ts";
import { tableNames } from "../../support/stitch.ts";
import { newTenant } from "../../support/tenant.ts";
import { countsOf, NDJSON, postRecords, postText, storedData } from "./support.ts";

const SKIP = { query: "keys=id&on_error=skip" };
const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

/** One line for each defect that a record can have, and where it is found. */
const BAD: readonly [line: string, code: ErrorCode, field: string | null][] = [
  ['{"id":', "record_malformed", null],
  ["7", "record_not_object", null],
  ['{"a":1,"at":1}', "key_missing", "id"],
  ['{"id":null,"at":1}', "key_null", "id"],
  ['{"id":{},"at":1}', "key_not_scalar", "id"],
  [`{"id":"${"x".repeat(20_000)}","at":1}`, "key_too_long", "id"],
  ['{"id":1,"at":"1"}', "sequence_bad", "at"],
  ['{"id":1}', "sequence_bad", "at"],
  [`{"id":1,"at":1,"a":${nested(100)}}`, "record_too_deep", "a"],
  [`{"id":1,"at":1,"a":"${"x".repeat(1_950_000)}"}`, "record_too_large", null],
  [`{"id":1,"at":1,"${"n".repeat(1_025)}":1}`, "column_name_too_long", "n".repeat(1_000)],
];

test("the good records are stored, and each bad one is named", async () => {
  const tenant = await newTenant();
  const lines = BAD.flatMap(([line], at) => [line, `{"id":${100 + at},"at":1}`]);
  const query = "keys=id&on_error=skip&sequence_field=at";
  const answer = await postText(tenant, lines.join("\n"), { query, headers: NDJSON });
  expect(answer.body).toMatchObject({ received: 22, errors_total: 11 });
  expect(countsOf(answer)).toEqual([207, 11, 0, 0, 11]);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(NativeAnswer.parse(answer.body).errors).toEqual(
    BAD.map(([, code, field], at) => ({
      index: 2 * at,
      field,
      code,
      reason: expect.stringMatching(/^[^<]+$/) as unknown,
    })),
  );
  expect(await storedData(tenant)).toEqual(BAD.map((_, at) => `{"id":${100 + at},"at":1}`));
});

describe("each of them alone", () => {
  test.each(BAD.map(([line, code, field]) => [code, line, field] as const))(
    "%s refuses the request without skip, with the same words",
    async (code, line, field) => {
      const tenant = await newTenant();
      const body = `{"id":1,"at":1}\n${line}\n{"id":3,"at":1}`;
      const sequence = "sequence_field=at";
      const query = `keys=id&${sequence}`;
      const refused = await postText(tenant, body, { query, headers: NDJSON });
      expect(refused).toMatchObject({ status: 422, body: { code, index: 1, field } });
      expect(ERRORS[code].answers).toHaveProperty("native");
      expect(await tableNames(tenant)).toEqual([]);
      const skipped = await postText(tenant, body, {
        query: `${query}&on_error=skip`,
        headers: NDJSON,
      });
      expect(skipped.body.errors).toEqual([{ index: 1, field, code, reason: refused.body.detail }]);
      expect(await storedData(tenant)).toEqual(['{"id":1,"at":1}', '{"id":3,"at":1}']);
    },
  );
});

test("without a bad record the answer is a 200 without errors", async () => {
  const tenant = await newTenant();
  const answer = await postRecords(tenant, [{ id: 1 }], SKIP);
  expect(countsOf(answer)).toEqual([200, 1, 0, 0, 0]);
  expect(answer.body).not.toHaveProperty("errors");
});

test("only bad records make no table", async () => {
  const tenant = await newTenant();
  const answer = await postRecords(tenant, [1, { a: 1 }], SKIP);
  expect(countsOf(answer)).toEqual([207, 0, 0, 0, 2]);
  expect(await tableNames(tenant)).toEqual([]);
});

test("a skipped record leaves no column behind, and takes no place of one", async () => {
  const tenant = await newTenant();
  const wide = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`w${i}`, 1]));
  const most = Object.fromEntries(Array.from({ length: 1_999 }, (_, i) => [`m${i}`, 1]));
  const answer = await postRecords(
    tenant,
    [
      { id: 1, ...wide },
      { id: 2, ...most },
    ],
    SKIP,
  );
  expect(answer.body).toMatchObject({ inserted: 1, skipped: 1 });
  expect(answer.body.errors).toMatchObject([{ index: 0, code: "columns_too_many", field: null }]);
  // The table has as many columns as it may.
  const next = await postRecords(tenant, [{ id: 3, w1: 1 }], SKIP);
  expect(next.body.errors).toMatchObject([{ index: 0, code: "columns_too_many" }]);
});

test("20,000 bad records: all are counted, 1,000 are described", async () => {
  const tenant = await newTenant();
  const answer = await postRecords(
    tenant,
    Array.from({ length: 20_000 }, () => 1),
    SKIP,
  );
  expect(answer.body).toMatchObject({ received: 20_000, skipped: 20_000, errors_total: 20_000 });
  expect(answer.body.errors).toHaveLength(1_000);
  expect(answer.body.errors?.at(-1)?.index).toBe(999);
});

test("what is wrong with the request as a whole refuses it", async () => {
  const tenant = await newTenant();
  expect((await postText(tenant, "[{]", SKIP)).status).toBe(400);
  expect((await postRecords(tenant, [{ id: 1 }], { query: "on_error=skip" })).body.code).toBe(
    "keys_missing",
  );
});

test("names of subtables of nested values are a record's own reason", async () => {
  const tenant = await newTenant({ nested: true });
  await postRecords(tenant, [{ id: 1 }], { table: "t__items" });
  const records = [{ id: 1 }, { id: 2, items: [1] }, { id: 3, other: [1] }];
  const answer = await postRecords(tenant, records, SKIP);
  expect(answer.body).toMatchObject({ inserted: 2, skipped: 1 });
  expect(answer.body.errors).toMatchObject([{ index: 1, code: "subtable_name_taken" }]);
});
