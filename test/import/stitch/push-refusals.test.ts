import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOf, rightRecord, storedAll, tableNames } from "../../support/stitch.ts";
import { ERROR_CASES, unprocessable } from "../../support/stitch-cases.ts";
import { newTenant, pushRecords, pushText, send, type Tenant } from "../../support/tenant.ts";

describe("push refuses, and stores nothing", () => {
  let before: string[] = [];
  beforeAll(async () => {
    before = await storedAll();
  });
  afterAll(async () => {
    const after = await storedAll();
    if (after.join() !== before.join()) throw new Error(`something was stored: ${after.join()}`);
  });

  it.each(ERROR_CASES)("$status $name", async ({ body, headers, status, expected }) => {
    const tenant = await newTenant();
    const all = { Accept: "application/json", ...headers };
    const response = await pushText(tenant, body(tenant), all);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await answerOf(response)).toEqual({ status, body: expected(tenant) });
    expect(await tableNames(tenant)).toEqual([]);
  });

  it("has the documented bytes", async () => {
    const tenant = await newTenant();
    const wrong = rightRecord(tenant, { data: { status: "no id" } });
    const records = [...Array.from({ length: 17 }, () => rightRecord(tenant)), wrong];
    const response = await pushText(tenant, JSON.stringify(records));
    expect(await response.text()).toBe(
      '{"status":"ERROR","error":"Request cannot be processed; see errors.",' +
        '"errors":[{"reason":{"data":["data must include keys"]}}],"record":17}',
    );
  });

  it("answers 400 to what is not UTF-8", async () => {
    const tenant = await newTenant();
    const response = await pushText(tenant, new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]));
    expect(await answerOf(response)).toMatchObject({
      status: 400,
      body: { status: "ERROR", message: "Malformed json in the body!", input: null },
    });
  });

  it.each(["[", '["^ ","~:a"]', '[["^ ","x","^0"]]', '["~i"]', ""])(
    "answers 400 to the transit body %s",
    async (body) => {
      const tenant = await newTenant();
      const type = { "Content-Type": "application/transit+json" };
      const answer = await answerOf(await pushText(tenant, body, type));
      expect(answer).toMatchObject({
        status: 400,
        body: { status: "ERROR", message: "Malformed json in the body!", input: null },
      });
      expect((answer.body as { error: unknown }).error).toMatch(/./);
    },
  );

  it("refuses a request without Content-Type", async () => {
    const tenant = await newTenant();
    const response = await send("/v2/import/push", {
      method: "POST",
      headers: { Authorization: `Bearer ${tenant.token}` },
      body: new TextEncoder().encode(JSON.stringify([rightRecord(tenant)])),
    });
    const message =
      "Unsupported content-type . Please send application/json or application/transit+json";
    expect(await answerOf(response)).toEqual({ status: 415, body: { status: "ERROR", message } });
  });
});

describe("key names that are not the table's", () => {
  const refusal = (names: string, record: number): unknown =>
    unprocessable({ key_names: [`table orders has the keys ${names}`] }, record);

  it("are refused against what is stored", async () => {
    const tenant = await newTenant();
    expect((await pushRecords(tenant, [rightRecord(tenant)])).status).toBe(201);
    const before = await storedAll();
    for (const names of [["status"], ["id", "status"], ["ID"]]) {
      const data = { id: 1, ID: 1, status: "s", more: true };
      const response = await pushRecords(tenant, [
        rightRecord(tenant, { sequence: 2 }),
        rightRecord(tenant, { table_name: "new" }),
        rightRecord(tenant, { key_names: names, data }),
      ]);
      expect(await answerOf(response)).toEqual({ status: 422, body: refusal("id", 2) });
    }
    expect(await storedAll()).toEqual(before);
  });

  it("are refused within one request", async () => {
    const tenant = await newTenant();
    const before = await storedAll();
    const data = { id: 1, b: 2 };
    const response = await pushRecords(tenant, [
      rightRecord(tenant, { key_names: ["id", "b"], data }),
      rightRecord(tenant, { key_names: ["id"], data }),
    ]);
    expect(await answerOf(response)).toEqual({ status: 422, body: refusal("id, b", 1) });
    expect(await storedAll()).toEqual(before);
  });
});

describe("paths and methods", () => {
  const NOT_FOUND = { status: 404, body: { status: "ERROR", message: "Not found." } };

  it.each(["nope", "", "push/", "push/1", "Push", "statu"])(
    "answers 404 to /v2/import/%s",
    async (path) => {
      const tenant = await newTenant();
      const response = await pushText(tenant, "[]", {}, path);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await answerOf(response)).toEqual(NOT_FOUND);
    },
  );

  it.each(["push", "validate"])("answers 405 to other methods of %s", async (endpoint) => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const response = await send(`/v2/import/${endpoint}`, { method });
      expect([response.status, response.headers.get("allow")], method).toEqual([405, "POST"]);
      expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.text()).toBe("Method not allowed.");
    }
    const head = await send(`/v2/import/${endpoint}`, { method: "HEAD" });
    expect([head.status, head.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

const TYPE = { "Content-Type": "x/y" };
const LONG = "{".repeat(5_000_000);

type Call = (tenant: Tenant) => Promise<Response>;

/** Each request breaks one check and, where that can be, every later one. */
const ORDER: [status: number, name: string, text: string, call: Call][] = [
  [404, "the path", "Not found.", () => send("/v2/import/nope", { method: "DELETE" })],
  [405, "the method", "not allowed", () => send("/v2/import/push", { method: "PUT", body: LONG })],
  [401, "the token", "authorized", (tenant) => pushText({ ...tenant, token: "x" }, LONG, TYPE)],
  [415, "the type", "content-type x/y", (tenant) => pushText(tenant, LONG, TYPE)],
  [413, "the size", "5000000 bytes", (tenant) => pushText(tenant, LONG)],
  [400, "the syntax", "Malformed", (tenant) => pushText(tenant, `[${"5,".repeat(10_001)}`)],
  [400, "the array", "array of records", (tenant) => pushText(tenant, '{"client_id":null}')],
  [400, "the count", "10001 records", (tenant) => pushText(tenant, `[${"5,".repeat(10_000)}5]`)],
];

describe("the order of the checks", () => {
  it.each(ORDER)("%i for %s", async (status, _name, text, call) => {
    const answer = await answerOf(await call(await newTenant()));
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(text);
  });

  it.each([
    [401, "missing", [{ action: "x" }, { client_id: 9_999_999 }, { client_id: undefined }]],
    [422, "several", [{ action: "x" }, { client_id: 9_999_999 }]],
    [403, "foreign", [{ client_id: 9_999_999, action: "x" }, { client_id: 9_999_999 }]],
  ])("%i for client_id %s, before wrong records", async (status, _name, members) => {
    const tenant = await newTenant();
    const records = members.map((one) => rightRecord(tenant, one));
    const answer = await answerOf(await pushText(tenant, JSON.stringify(records)));
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).not.toContain("upsert");
  });
});
