import { describe, expect, test } from "vitest";
import { tableNames } from "../../support/stitch.ts";
import { newTenant } from "../../support/tenant.ts";
import { countsOf, gzipOf, NDJSON, postText, storedData } from "./support.ts";

const lines = { headers: NDJSON };

describe("NDJSON", () => {
  test.each<[name: string, body: string]>([
    ["LF", '{"id":1}\n{"id":2}\n'],
    ["no newline at the end", '{"id":1}\n{"id":2}'],
    ["CR LF", '{"id":1}\r\n{"id":2}\r\n'],
    ["empty lines", '\n\r\n{"id":1}\n \t\n\n{"id":2}\n\n'],
    ["a byte order mark", '\ufeff{"id":1}\n{"id":2}'],
    ["white space around", ' {"id":1} \n\t{"id":2}\t\n'],
  ])("%s", async (_name, body) => {
    const tenant = await newTenant();
    expect(countsOf(await postText(tenant, body, lines))).toEqual([200, 2, 0, 0, 0]);
    expect(await storedData(tenant)).toEqual(['{"id":1}', '{"id":2}']);
  });

  test("U+2028 and escaped newlines end no line", async () => {
    const tenant = await newTenant();
    const body = '{"id":1,"a":"x\u2028y\\nz"}\n';
    expect((await postText(tenant, body, lines)).body.received).toBe(1);
    expect(await storedData(tenant)).toEqual(['{"id":1,"a":"x\u2028y\\nz"}']);
  });

  test.each([
    "application/x-ndjson; charset=utf-8",
    "APPLICATION/NDJSON",
    "application/jsonl",
    "application/x-jsonlines",
  ])("as %s", async (type) => {
    const tenant = await newTenant();
    const answer = await postText(tenant, '{"id":1}\n{"id":2}', {
      headers: { "Content-Type": type },
    });
    expect(answer.body.inserted).toBe(2);
  });

  test.each(['{"id":3', "{'id':3}", "x", "[", '{"id":3}{"id":4}', '{"id":3},'])(
    "the line %s is named",
    async (line) => {
      const tenant = await newTenant();
      const body = `{"id":1}\n\n{"id":2}\n${line}\n{"id":5}`;
      const answer = await postText(tenant, body, lines);
      const problem = { code: "record_malformed", index: 2, field: null };
      expect(answer).toMatchObject({ status: 422, body: problem });
      expect(answer.body.detail).toMatch(/^Line 4: ./);
      expect(await tableNames(tenant)).toEqual([]);
    },
  );

  test.each(["1", "null", '"x"', "[]", "true", "58.40"])(
    "the line %s is no record",
    async (line) => {
      const tenant = await newTenant();
      const answer = await postText(tenant, `{"id":1}\n${line}`, lines);
      const problem = { code: "record_not_object", index: 1, field: null };
      expect(answer).toMatchObject({ status: 422, body: problem });
    },
  );

  test("the first bad record is named, whatever is wrong with later ones", async () => {
    const tenant = await newTenant();
    const answer = await postText(tenant, '{"id":1}\n{"id":null}\n{"id', lines);
    expect(answer.body).toMatchObject({ code: "key_null", index: 1, field: "id" });
  });

  test.each(["", "\n", " \r\n\n", "\ufeff"])("%j has no records", async (body) => {
    const tenant = await newTenant();
    const answer = await postText(tenant, body, lines);
    expect(answer).toMatchObject({ status: 400, body: { code: "array_expected" } });
  });
});

describe("JSON", () => {
  test.each(["[]", "1", "null", '"x"', "true", "58.40"])("%s is no records", async (body) => {
    const tenant = await newTenant();
    const answer = await postText(tenant, body);
    expect(answer).toMatchObject({ status: 400, body: { code: "array_expected" } });
  });

  test.each(["", "[", '{"id":1}\n{"id":2}', "[{]", "\u0000", '[{"id":01}]'])(
    "%j is malformed",
    async (body) => {
      const tenant = await newTenant();
      const answer = await postText(tenant, body);
      expect(answer).toMatchObject({ status: 400, body: { code: "body_malformed" } });
      expect(answer.body).not.toHaveProperty("index");
    },
  );

  test("what is not UTF-8 is malformed, in both forms", async () => {
    const tenant = await newTenant();
    const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    for (const headers of [{}, NDJSON]) {
      const answer = await postText(tenant, bytes, { headers });
      expect(answer).toMatchObject({ status: 400, body: { code: "body_malformed" } });
    }
  });
});

test.each([
  "",
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/transit+json",
  "text/csv",
])("Content-Type %j is refused", async (type) => {
  const tenant = await newTenant();
  const answer = await postText(tenant, '{"id":1}', { headers: { "Content-Type": type } });
  expect(answer).toMatchObject({ status: 415, body: { code: "content_type" } });
  expect(answer.body.detail).toContain("application/x-ndjson");
});

describe("at and above the limits", () => {
  const BYTES = 20_000_000;
  const padded = (record: string, bytes: number) => record + " ".repeat(bytes - record.length);

  test("20,000,000 bytes, and one more", async () => {
    const tenant = await newTenant();
    expect((await postText(tenant, padded('{"id":1}', BYTES))).status).toBe(200);
    const over = await postText(tenant, padded('{"id":2}', BYTES + 1));
    expect(over).toMatchObject({ status: 413, body: { code: "body_too_large" } });
    expect(await storedData(tenant)).toHaveLength(1);
  });

  test("as many once gzip is undone", async () => {
    const tenant = await newTenant();
    const headers = { "Content-Encoding": "gzip" };
    const at = await gzipOf(padded('{"id":1}', BYTES));
    expect((await postText(tenant, at, { headers })).status).toBe(200);
    const over = await postText(tenant, await gzipOf(padded('{"id":2}', BYTES + 1)), { headers });
    expect(over.status).toBe(413);
  });

  test("20,000 records, and one more, in both forms", async () => {
    const tenant = await newTenant();
    const texts = Array.from({ length: 20_001 }, (_, id) => `{"id":${id}}`);
    const some = texts.slice(1);
    const made: readonly [string, string, object][] = [
      [`[${some.join()}]`, `[${texts.join()}]`, {}],
      [`${some.join("\n\n")}\n`, texts.join("\n"), lines],
    ];
    for (const [at, over, parts] of made) {
      expect(await postText(tenant, at, parts)).toMatchObject({
        status: 200,
        body: { received: 20_000 },
      });
      const answer = await postText(tenant, over, { ...parts, table: "over" });
      expect(answer).toMatchObject({ status: 400, body: { code: "records_too_many" } });
    }
    expect(await tableNames(tenant)).toEqual(["t"]);
  });
});
