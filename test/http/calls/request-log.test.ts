/** The line of a request, and its id in every answer. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { handle } from "../../../src/http/handle.ts";
import { ADMIN_TOKEN } from "../../admin/call.ts";
import { exportedId } from "../../support/exported.ts";
import { tapEnv } from "../../support/tap.ts";
import { newTenant, type Tenant } from "../../support/tenant.ts";
import { callWorker, pushTextWith, pushWith, tableId } from "../../support/worker.ts";
import { captureLog, loggingEnv } from "../captured-log.ts";

let log = captureLog();
beforeEach(() => {
  log = captureLog();
});
afterEach(() => {
  log.restore();
});

const ID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const record = { table_name: "orders", sequence: 1, key_names: ["id"], data: { id: 1 } };
const asExporter = ({ exportKey }: Tenant) => ({ headers: { "X-RJM-API-Key": exportKey } });

describe("the line", () => {
  test("of a push has who, where to, how much and how long", async () => {
    const tenant = await newTenant();
    const body = JSON.stringify([{ client_id: tenant.clientId, action: "upsert", ...record }]);
    const answer = await pushTextWith(loggingEnv(), tenant, body);
    expect(answer.status).toBe(201);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]?.method).toBe("log");
    expect(log.events("request")).toEqual([
      {
        level: "info",
        event: "request",
        id: answer.headers.get("x-request-id"),
        surface: "push",
        method: "POST",
        path: "/v2/import/push",
        status: 201,
        client: tenant.clientId,
        integration: tenant.integrationId,
        table: "orders",
        records: 1,
        bytes: body.length,
        ms: expect.any(Number) as unknown,
      },
    ]);
  });

  test("of a push to several tables names none", async () => {
    const tenant = await newTenant();
    await pushWith(loggingEnv(), tenant, [record, { ...record, table_name: "other" }]);
    expect(log.events("request")[0]).toMatchObject({ records: 2 });
    expect(log.events("request")[0]).not.toHaveProperty("table");
  });

  test("of a batch and of the RJMetrics import has the same", async () => {
    const tenant = await newTenant();
    const env = loggingEnv();
    const messages = [1, 2, 3].map((id) => ({ action: "upsert", sequence: id, data: { id } }));
    const batch = { table_name: "b", schema: {}, key_names: ["id"], messages };
    await pushTextWith(env, tenant, JSON.stringify(batch), "batch");
    const path = `/v2/client/${tenant.clientId}/table/r/data`;
    const init = { method: "POST", body: '{"keys":["id"],"id":1}' };
    await callWorker(env, `${path}?apikey=${tenant.token}`, init);
    const client = tenant.clientId;
    expect(log.events("request")).toMatchObject([
      { surface: "batch", table: "b", records: 3, client, status: 201 },
      { surface: "rjmetrics", table: "r", records: 1, bytes: 22, client, path, status: 201 },
    ]);
  });

  test("of a refusal is a warning with its code", async () => {
    const tenant = await newTenant();
    await pushWith(loggingEnv(), tenant, [{ ...record, data: {} }]);
    expect(log.lines[0]?.method).toBe("warn");
    expect(log.events("request")).toMatchObject([
      { level: "warn", status: 422, code: "key_missing", table: "orders", records: 1 },
    ]);
  });

  test("of a defect is an error, and both lines have the id of the answer", async () => {
    const tenant = await newTenant();
    const env = tapEnv(loggingEnv(), (call, next) =>
      call.method === "batch" ? Promise.reject(new Error("D1_TYPE_ERROR: no")) : next(),
    );
    const answer = await pushWith(env, tenant, [record]);
    expect(answer.status).toBe(500);
    const id = answer.headers.get("x-request-id");
    expect(log.events("defect")).toMatchObject([{ level: "error", id, path: "/v2/import/push" }]);
    expect(log.events("request")).toMatchObject([
      { level: "error", id, status: 500, code: "internal" },
    ]);
  });

  test("of a store that fails is a warning, and what failed has the id, too", async () => {
    const tenant = await newTenant();
    const env = tapEnv(loggingEnv(), (call, next) =>
      call.method === "first" ? Promise.reject(new Error("D1 DB is overloaded")) : next(),
    );
    const answer = await callWorker(env, "/0.1/export", asExporter(tenant));
    expect(answer.status).toBe(429);
    const id = answer.headers.get("x-request-id");
    expect(log.events("store_failed")).toMatchObject([{ level: "error", id }]);
    expect(log.events("request")).toMatchObject([{ level: "warn", id, code: "overloaded" }]);
  });

  test("is one line, whatever a name or a path holds, and not a long one", async () => {
    const tenant = await newTenant();
    const name = 'a\n{"level":"error"}\u2028\u0000"\\\u001b[31m';
    await pushWith(loggingEnv(), tenant, [{ ...record, table_name: name }]);
    await callWorker(loggingEnv(), `/${"x".repeat(10_000)}%0a`);
    for (const { text } of log.lines) expect(text).not.toMatch(/\p{Cc}/u);
    expect(log.events("request")[0]?.["table"]).toBe(name);
    expect(log.lines[1]?.text.length).toBeLessThan(1_000);
  });

  test("names the platform's own id where there is one", async () => {
    await callWorker(loggingEnv(), "/healthz", { headers: { "CF-Ray": "8f00f00f00f-FRA" } });
    expect(log.events("request")).toMatchObject([{ ray: "8f00f00f00f-FRA", status: 200 }]);
  });

  test("of an export and of the admin API has the client, and the table", async () => {
    const tenant = await newTenant();
    const { clientId: client } = tenant;
    await pushWith(loggingEnv("none"), tenant, [record]);
    const env = loggingEnv();
    const table = `/0.1/client/${client}/table/${await tableId(tenant, "orders")}`;
    await callWorker(env, table, asExporter(tenant));
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const integrations = `/admin/v1/clients/${client}/integrations`;
    await callWorker(env, integrations, { headers });
    expect(log.events("request")).toMatchObject([
      { surface: "export", path: table, client, table: "orders", status: 200 },
      { surface: "admin", path: integrations, client, status: 200 },
    ]);
  });
});

describe("LOG_REQUESTS", () => {
  test.each([
    ["all", ["info", "warn", "error"]],
    ["failed", ["warn", "error"]],
    ["none", []],
  ] as const)("%s", async (which, levels) => {
    const tenant = await newTenant();
    const env = loggingEnv(which);
    const broken = tapEnv(loggingEnv(which), (call, next) =>
      call.method === "batch" ? Promise.reject(new Error("D1_TYPE_ERROR: no")) : next(),
    );
    await callWorker(env, "/healthz");
    await callWorker(env, "/nowhere");
    await pushWith(broken, tenant, [record]);
    expect(log.events("request").map(({ level }) => level)).toEqual(levels);
    // What failed is always said.
    expect(log.events("defect")).toHaveLength(1);
  });

  test("a wrong value keeps nothing quiet", async () => {
    await callWorker({ ...loggingEnv(), LOG_REQUESTS: "some" }, "/healthz");
    expect(log.events("request")).toHaveLength(1);
  });
});

describe("X-Request-Id", () => {
  const own = "00000000-0000-4000-8000-000000000000";
  const REQUESTS: readonly (readonly [string, string, number])[] = [
    ["GET", "/", 200],
    ["HEAD", "/", 200],
    ["GET", "/healthz", 200],
    ["GET", "/assets/console.css", 200],
    ["HEAD", "/assets/console.css", 200],
    ["GET", "/api/v1/nowhere", 404],
    ["POST", "/api/v1/tables/t/rows", 401],
    ["GET", "/nowhere", 404],
    ["GET", "/v2/import/status", 200],
    ["GET", "/v2/import/nowhere", 404],
    ["GET", "/v2/import/push", 405],
    ["POST", "/v2/import/push", 401],
    ["POST", "/v2/import/validate", 403],
    ["GET", "/v2/client/1/authenticate", 401],
    ["GET", "/0.1/export", 403],
    ["HEAD", "/0.1/export", 403],
    ["GET", "/0.1", 404],
    ["GET", "/admin/v1/clients", 401],
    ["PUT", "/admin/v1/clients", 401],
    ["OPTIONS", "/admin/v1/clients", 401],
  ];

  test.each(REQUESTS)("%s %s", async (method, path, status) => {
    const headers = { "X-Request-Id": own, Accept: "application/json" };
    const answer = await callWorker(loggingEnv(), path, { method, headers });
    const id = answer.headers.get("x-request-id");
    expect(answer.status).toBe(status);
    expect(id).toMatch(ID);
    // Never the caller's: it could stand for another request in the log.
    expect(id).not.toBe(own);
    expect(log.events("request")[0]?.["id"]).toBe(id);
  });

  test("is another one each time, on a sandbox host too", async () => {
    const ids = new Set<string | null>();
    for (const path of ["/", "/v2/client/1/authenticate", "/0.1/export", "/nowhere"]) {
      const context = createExecutionContext();
      const request = new Request(`https://sandbox.example${path}`);
      const answer = await handle(request, loggingEnv(), context);
      await waitOnExecutionContext(context);
      expect(answer.headers.get("x-request-id")).toMatch(ID);
      ids.add(answer.headers.get("x-request-id"));
    }
    expect(ids.size).toBe(4);
  });

  test("is on files and on what is not modified", async () => {
    const tenant = await newTenant();
    const id = await exportedId(tenant);
    const file = await callWorker(loggingEnv(), `/0.1/export/${id}`, asExporter(tenant));
    expect(file.status).toBe(200);
    expect(file.headers.get("x-request-id")).toMatch(ID);
    expect(await file.text()).toBe("zip");
    const etag = file.headers.get("etag") ?? "";
    const headers = { ...asExporter(tenant).headers, "If-None-Match": etag };
    const same = await callWorker(loggingEnv(), `/0.1/export/${id}`, { headers });
    expect(same.status).toBe(304);
    expect(same.headers.get("x-request-id")).toMatch(ID);
  });
});
