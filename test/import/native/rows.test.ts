import { describe, expect, test } from "vitest";
import { call } from "../../support/export.ts";
import { testEnv } from "../../support/env.ts";
import { tableNames } from "../../support/stitch.ts";
import { newTenant, pushRecords, storedRows } from "../../support/tenant.ts";
import { callWorker } from "../../support/worker.ts";
import { countsOf, gzipOf, NDJSON, postRecords, postText, storedData } from "./support.ts";

test("an array is stored, and counted", async () => {
  const tenant = await newTenant();
  const answer = await postRecords(tenant, [{ id: 1, a: "x" }, { id: 2 }]);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.body).toEqual({
    received: 2,
    inserted: 2,
    replaced: 0,
    stale: 0,
    skipped: 0,
    dry_run: false,
  });
  expect(await storedData(tenant)).toEqual(['{"id":1,"a":"x"}', '{"id":2}']);
});

test("a bare object is one record", async () => {
  const tenant = await newTenant();
  expect(countsOf(await postText(tenant, '{"id":1}'))).toEqual([200, 1, 0, 0, 0]);
});

test("without a sequence the last write wins", async () => {
  const tenant = await newTenant();
  await postRecords(tenant, [{ id: 1, a: 1 }]);
  expect(countsOf(await postRecords(tenant, [{ id: 1, a: 2 }, { id: 2 }]))).toEqual([
    200, 1, 1, 0, 0,
  ]);
  expect(await storedData(tenant)).toEqual(['{"id":1,"a":2}', '{"id":2}']);
});

test("numbers keep every digit", async () => {
  const tenant = await newTenant();
  const texts = [
    '{"id":9007199254740993,"price":58.40,"big":1e400}',
    '{"id":9007199254740992,"low":-9999999999999999.9999999999999999999999}',
  ];
  expect((await postText(tenant, `[${texts.join()}]`)).status).toBe(200);
  expect((await postText(tenant, texts.join("\n"), { headers: NDJSON })).body.replaced).toBe(2);
  expect(await storedData(tenant)).toEqual(texts.toReversed());
});

test("what was imported is in the list of exports' tables", async () => {
  const tenant = await newTenant();
  await postRecords(tenant, [{ id: 1 }], { table: "orders / été" });
  const response = await call(tenant, `/client/${tenant.clientId}/table`);
  expect(await response.json()).toMatchObject({ tables: [{ name: "orders / été" }] });
});

describe("the table's name", () => {
  test.each(["orders", "a b", "a/b", "100%", "é😀", "..x", "a?b#c", "%2F", "x".repeat(255)])(
    "%s",
    async (table) => {
      const tenant = await newTenant();
      expect((await postRecords(tenant, [{ id: 1 }], { table })).status).toBe(200);
      expect(await tableNames(tenant)).toEqual([table]);
    },
  );

  test.each(["%20", "%ff", "%zz", "%", "x".repeat(256), "%e9"])(
    "%s is refused",
    async (encoded) => {
      const tenant = await newTenant();
      const headers = {
        Authorization: `Bearer ${tenant.token}`,
        "Content-Type": "application/json",
      };
      const init = { method: "POST", headers, body: '{"id":1}' };
      const response = await callWorker(testEnv, `/api/v1/tables/${encoded}/rows?keys=id`, init);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: "table_name_bad" });
      expect(await tableNames(tenant)).toEqual([]);
    },
  );
});

describe("keys", () => {
  test("come from the table, once it is there", async () => {
    const tenant = await newTenant();
    await postRecords(tenant, [{ a: 1, b: 1 }], { query: "keys=b,a" });
    const answer = await postRecords(tenant, [{ a: 1, b: 1, c: 1 }], { query: "" });
    expect(countsOf(answer)).toEqual([200, 0, 1, 0, 0]);
  });

  test("must be said for a new table", async () => {
    const tenant = await newTenant();
    const answer = await postRecords(tenant, [{ id: 1 }], { query: "" });
    expect(answer).toMatchObject({ status: 422, body: { code: "keys_missing" } });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body.detail).toContain("keys=id");
    expect(await tableNames(tenant)).toEqual([]);
  });

  test.each<[query: string, header: string | undefined, keyNames: string[]]>([
    ["keys=id", undefined, ["id"]],
    ["keys=id,a", undefined, ["id", "a"]],
    ["keys=a&keys=id", undefined, ["a", "id"]],
    ["keys=id,a&keys=id", undefined, ["id", "a"]],
    ["keys=%20id%20,%20a", undefined, ["id", "a"]],
    ["", "id", ["id"]],
    ["", "a, id", ["a", "id"]],
    ["keys=id,a", "a,id", ["id", "a"]],
    [`keys=${encodeURIComponent('["a,b"," c","\\ud83d\\ude00"]')}`, undefined, ["a,b", " c", "😀"]],
    ["", '["a,b"]', ["a,b"]],
    ["keys=", undefined, []],
    ["keys=[]", undefined, []],
    ["", "", []],
  ])("%s, header %s: %j", async (query, header, keyNames) => {
    const tenant = await newTenant();
    const record = { id: 1, a: 1, "a,b": 1, " c": 1, "😀": 1 };
    const headers: Record<string, string> = header === undefined ? {} : { "Headgate-Keys": header };
    expect(await postRecords(tenant, [record], { query, headers })).toMatchObject({ status: 200 });
    const stored = await testEnv.CATALOG.prepare(
      "SELECT key_names FROM tables WHERE integration_id = ?1",
    )
      .bind(tenant.integrationId)
      .first<string>("key_names");
    expect(JSON.parse(stored ?? "null")).toEqual(keyNames);
  });

  test("an append-only table takes every record, and counts it as inserted", async () => {
    const tenant = await newTenant();
    const parts = { query: "keys=" };
    expect(countsOf(await postRecords(tenant, [{ a: 1 }, { a: 1 }], parts))).toEqual([
      200, 2, 0, 0, 0,
    ]);
    expect((await postRecords(tenant, [{ a: 1 }], { query: "" })).body.inserted).toBe(1);
    expect(await storedData(tenant)).toHaveLength(3);
  });

  test("others than the table's are refused, in skip mode too, and blame no record", async () => {
    const tenant = await newTenant();
    await postRecords(tenant, [{ id: 1 }]);
    for (const mode of ["", "&on_error=skip"]) {
      const answer = await postRecords(tenant, [{ a: 1 }], { query: `keys=a${mode}` });
      expect(answer).toMatchObject({ status: 422, body: { code: "key_names_differ" } });
      expect(answer.body).not.toHaveProperty("index");
    }
  });
});

describe("sequences", () => {
  test("one for all records", async () => {
    const tenant = await newTenant();
    const at = (sequence: string) => ({ query: `keys=id&sequence=${sequence}` });
    expect(countsOf(await postRecords(tenant, [{ id: 1, a: 1 }], at("5")))).toEqual([
      200, 1, 0, 0, 0,
    ]);
    expect(countsOf(await postRecords(tenant, [{ id: 1, a: 2 }], at("5")))).toEqual([
      200, 0, 0, 1, 0,
    ]);
    const last = at("9223372036854775807");
    expect(countsOf(await postRecords(tenant, [{ id: 1, a: 3 }, { id: 2 }], last))).toEqual([
      200, 1, 1, 0, 0,
    ]);
    expect(await storedRows(tenant, "t")).toMatchObject([
      { sequence: "9223372036854775807", data: '{"id":1,"a":3}' },
      { sequence: "9223372036854775807" },
    ]);
  });

  test("from a field of each record, to the last digit", async () => {
    const tenant = await newTenant();
    const body = '[{"id":1,"at":9007199254740993},{"id":1,"at":9007199254740992},{"id":2,"at":0}]';
    const answer = await postText(tenant, body, { query: "keys=id&sequence_field=at" });
    expect(countsOf(answer)).toEqual([200, 2, 0, 1, 0]);
    expect(await storedRows(tenant, "t")).toMatchObject([
      { sequence: "9007199254740993" },
      { sequence: "0" },
    ]);
  });

  test("by header", async () => {
    const tenant = await newTenant();
    await postRecords(tenant, [{ id: 1 }], { headers: { "Headgate-Sequence": "7" } });
    await postRecords(tenant, [{ id: 2, at: 8 }], { headers: { "Headgate-Sequence-Field": "at" } });
    const rows = await storedRows(tenant, "t");
    expect(rows.map(({ sequence }) => sequence)).toEqual(["7", "8"]);
  });

  test.each(["-1", "1.5", "1e3", '"5"', "null", "true", "9223372036854775808", "[1]"])(
    "%s in a field is none",
    async (value) => {
      const tenant = await newTenant();
      const body = `[{"id":1,"at":1},{"id":2,"at":${value}}]`;
      const answer = await postText(tenant, body, { query: "keys=id&sequence_field=at" });
      const problem = { code: "sequence_bad", index: 1, field: "at" };
      expect(answer).toMatchObject({ status: 422, body: problem });
      expect(await tableNames(tenant)).toEqual([]);
    },
  );

  test("the sequences of the Stitch surface are the same ones", async () => {
    const tenant = await newTenant();
    const record = { table_name: "t", sequence: 10, key_names: ["id"], data: { id: 1, a: "old" } };
    await pushRecords(tenant, [record]);
    const at = (sequence: number) => ({ query: `sequence=${sequence}` });
    expect((await postRecords(tenant, [{ id: 1, a: "late" }], at(9))).body.stale).toBe(1);
    expect((await postRecords(tenant, [{ id: 1, a: "new" }], at(11))).body.replaced).toBe(1);
    expect(await storedData(tenant)).toEqual(['{"id":1,"a":"new"}']);
  });
});

describe("gzip", () => {
  test("of JSON and of NDJSON", async () => {
    const tenant = await newTenant();
    const coding = { "Content-Encoding": "gzip" };
    const json = await gzipOf('[{"id":1}]');
    expect((await postText(tenant, json, { headers: coding })).body.inserted).toBe(1);
    const lines = await gzipOf('{"id":2}\n{"id":3}\n');
    const headers = { ...coding, ...NDJSON };
    expect((await postText(tenant, lines, { headers })).body.inserted).toBe(2);
  });

  test.each(["[", "x".repeat(100), ""])("broken: %.5s", async (text) => {
    const tenant = await newTenant();
    const answer = await postText(tenant, text, { headers: { "Content-Encoding": "gzip" } });
    expect(answer).toMatchObject({ status: 400, body: { code: "body_malformed" } });
  });

  test("cut off", async () => {
    const tenant = await newTenant();
    const whole = await gzipOf(JSON.stringify(Array.from({ length: 99 }, (_, id) => ({ id }))));
    const cut = whole.subarray(0, whole.length - 10);
    const answer = await postText(tenant, cut, { headers: { "Content-Encoding": "gzip" } });
    expect(answer).toMatchObject({ status: 400, body: { code: "body_malformed" } });
    expect(await tableNames(tenant)).toEqual([]);
  });
});

test("an import is noted for fullupdatestatus", async () => {
  const tenant = await newTenant();
  await postRecords(tenant, [{ id: 1 }]);
  const row = await testEnv.CATALOG.prepare("SELECT import_jobs FROM clients WHERE id = ?1")
    .bind(tenant.clientId)
    .first<number>("import_jobs");
  expect(row).toBe(1);
});

test("nested values become subtables where the integration wants them", async () => {
  const tenant = await newTenant({ nested: true });
  expect((await postRecords(tenant, [{ id: 1, items: [{ sku: "a" }] }])).body.inserted).toBe(1);
  expect(await tableNames(tenant)).toEqual(["t", "t__items"]);
  const answer = await postRecords(tenant, [{ id: 1 }], { table: "t__items", query: "" });
  expect(answer).toMatchObject({ status: 422, body: { code: "table_is_subtable" } });
});

test("an escaped letter of the path is that letter", async () => {
  const tenant = await newTenant();
  const headers = { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" };
  const init = { method: "POST", headers, body: '{"id":1}' };
  const path = "/%61pi/v1/%74ables/%74%2f/ro%77s?keys=id";
  expect((await callWorker(testEnv, path, init)).status).toBe(200);
  expect(await tableNames(tenant)).toEqual(["t/"]);
});

test("other paths and methods of the surface answer with its problems", async () => {
  const tenant = await newTenant();
  const headers = { Authorization: `Bearer ${tenant.token}` };
  for (const path of ["/api/v1/", "/api/v1/tables", "/api/v1/tables//rows", "/api/v1/tables/t"]) {
    const response = await callWorker(testEnv, path, { method: "POST", headers, body: "[]" });
    expect(response.status, path).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ code: "not_found", status: 404 });
  }
  const wrong = await callWorker(testEnv, "/api/v1/tables/a%2Fb/rows", { method: "PUT", headers });
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
  expect(await wrong.json()).toMatchObject({ code: "method_not_allowed" });
});
