/** Rate limits of tokens, keys, the admin and strangers. */
import { describe, expect, test, vi } from "vitest";
import { adminApp } from "../../../src/admin/app.ts";
import { ADMIN_TOKEN } from "../../admin/call.ts";
import { RATE_PERIOD_SECONDS } from "../../../src/http/limits.ts";
import { testEnv } from "../../support/env.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { stillClock } from "../../support/still-clock.ts";
import { tapEnv } from "../../support/tap.ts";
import { newTenant, newToken, storedRows, type Tenant } from "../../support/tenant.ts";
import { callWorker, otherIsolate, tableId } from "../../support/worker.ts";

/** A limit like the platform's, and the keys it was asked about. */
class FakeLimit implements RateLimit {
  readonly asked: string[] = [];
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  limit({ key }: RateLimitOptions): Promise<RateLimitOutcome> {
    this.asked.push(key);
    const count = this.asked.filter((other) => other === key).length;
    return Promise.resolve({ success: count <= this.#max });
  }
}

function limited(max: number, env: Env = otherIsolate()) {
  const limits = {
    IMPORT_RATE: new FakeLimit(max),
    EXPORT_RATE: new FakeLimit(max),
    ADMIN_RATE: new FakeLimit(max),
  };
  return { env: { ...env, ...limits }, ...limits };
}

const record = ({ clientId }: Tenant) => ({
  client_id: clientId,
  table_name: "t",
  sequence: 1,
  action: "upsert",
  key_names: ["id"],
  data: { id: 1 },
});

function push(env: Env, tenant: Tenant, token = tenant.token, headers: HeadersInit = {}) {
  return callWorker(env, "/v2/import/push", {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      ...headers,
    },
    body: JSON.stringify([record(tenant)]),
  });
}

const asExporter = ({ exportKey }: Tenant) => ({ headers: { "X-RJM-API-Key": exportKey } });
const asAdmin = { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } };
const ratesOf = ({ headers }: Response) => [
  headers.get("ratelimit-policy"),
  headers.get("ratelimit"),
  headers.get("retry-after"),
];

describe("an import token over its limit", () => {
  test("is answered 503 with all headers, and nothing is stored", async () => {
    const tenant = await newTenant();
    const { env, IMPORT_RATE } = limited(0);
    const answer = await push(env, tenant);
    expect(answer.status).toBe(503);
    expect(ratesOf(answer)).toEqual(['"import";q=10000;w=10', '"import";r=0;t=10', "10"]);
    expect(await answer.json()).toEqual({
      status: "ERROR",
      message: "Too many requests. Send the same request again in 10 s.",
    });
    expect(IMPORT_RATE.asked).toEqual([`token:${tenant.tokenId}`]);
    expect(await storedRows(tenant, "t")).toEqual([]);
  });

  test("does not count for the other token of its integration", async () => {
    const tenant = await newTenant();
    const { token } = await newToken(tenant.integrationId);
    const { env } = limited(2);
    const statuses: number[] = [];
    for (let sent = 0; sent < 3; sent += 1) statuses.push((await push(env, tenant)).status);
    expect(statuses).toEqual([201, 201, 503]);
    expect((await push(env, tenant, token)).status).toBe(201);
  });

  test("all import surfaces count together, the sandbox too", async () => {
    const tenant = await newTenant();
    const { clientId, token, tokenId } = tenant;
    const { env, IMPORT_RATE } = limited(9);
    const { headers } = { headers: { Authorization: `Bearer ${token}` } };
    await push(env, tenant);
    await callWorker(env, "/v2/import/validate", { method: "POST", headers });
    await callWorker(env, "/v2/import/batch", { method: "POST", headers });
    for (const prefix of ["/v1", "/v2", "/sandbox/v1", "/sandbox/v2"]) {
      await callWorker(env, `${prefix}/client/${clientId}/authenticate?apikey=${token}`);
    }
    expect(IMPORT_RATE.asked).toEqual(Array.from({ length: 7 }, () => `token:${tokenId}`));
  });

  test("success on the old surfaces says nothing of limits", async () => {
    const answer = await push(limited(1).env, await newTenant());
    expect(answer.status).toBe(201);
    expect(ratesOf(answer)).toEqual([null, null, null]);
  });
});

describe("an export key", () => {
  test("over its limit is answered 429; before, the policy is told", async () => {
    const tenant = await newTenant();
    const { env, EXPORT_RATE } = limited(1);
    const first = await callWorker(env, "/0.1/export", asExporter(tenant));
    expect([first.status, ...ratesOf(first)]).toEqual([200, '"export";q=600;w=10', null, null]);
    const second = await callWorker(env, "/0.1/export", asExporter(tenant));
    expect([second.status, ...ratesOf(second)]).toEqual([
      429,
      '"export";q=600;w=10',
      '"export";r=0;t=10',
      "10",
    ]);
    expect(await second.json()).toMatchObject({ code: 429, message: "Too Many Requests" });
    expect(new Set(EXPORT_RATE.asked).size).toBe(1);
    expect(EXPORT_RATE.asked[0]).toMatch(/^key:\d+$/);
    const other = await callWorker(env, "/0.1/export", asExporter(await newTenant()));
    expect(other.status).toBe(200);
  });
});

describe("the admin", () => {
  test("over the limit is answered 429 as a problem", async () => {
    const { env, ADMIN_RATE } = limited(1);
    const first = await callWorker(env, "/admin/v1/clients", asAdmin);
    expect([first.status, ...ratesOf(first)]).toEqual([200, '"admin";q=600;w=10', null, null]);
    const second = await callWorker(env, "/admin/v1/clients", asAdmin);
    expect(second.status).toBe(429);
    expect(second.headers.get("content-type")).toBe("application/problem+json");
    expect(ratesOf(second)).toEqual(['"admin";q=600;w=10', '"admin";r=0;t=10', "10"]);
    expect(ADMIN_RATE.asked).toEqual(["admin", "admin"]);
  });

  test("is not counted for what the service asks itself", async () => {
    const { env, ADMIN_RATE } = limited(0);
    const answer = await adminApp.fetch(new Request("https://console/clients", asAdmin), env);
    expect(answer.status).toBe(200);
    expect(ADMIN_RATE.asked).toEqual([]);
  });
});

describe("whoever shows a credential that does not exist", () => {
  stillClock();

  const from = (address: string) => ({ "CF-Connecting-IP": address });

  test("is counted by address, and costs no lookup past the limit", async () => {
    const tenant = await newTenant();
    let lookups = 0;
    const tapped = tapEnv(otherIsolate(), (call, next) => {
      if (call.binding === "CATALOG") lookups += 1;
      return next();
    });
    const { env, IMPORT_RATE, ADMIN_RATE } = limited(2, tapped);
    const statuses: number[] = [];
    for (let guess = 0; guess < 6; guess += 1) {
      const answer = await push(env, tenant, `guess${guess}`, from("192.0.2.1"));
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([401, 401, 503, 503, 503, 503]);
    const unsaid = await push(env, tenant, "guess", from("192.0.2.8"));
    expect([unsaid.status, ...ratesOf(unsaid)]).toEqual([401, null, null, null]);
    expect(lookups).toBe(4);
    expect(IMPORT_RATE.asked).toEqual([]);
    const asked = [...Array.from({ length: 3 }, () => "address:192.0.2.1"), "address:192.0.2.8"];
    expect(ADMIN_RATE.asked).toEqual(asked);
    const held = await callWorker(env, "/0.1/export", {
      headers: { "X-RJM-API-Key": "guess", ...from("192.0.2.1") },
    });
    expect([held.status, ...ratesOf(held)]).toEqual([
      429,
      '"address";q=600;w=10',
      '"address";r=0;t=10',
      "10",
    ]);
    // Others are not touched.
    expect((await push(env, tenant, tenant.token, from("192.0.2.2"))).status).toBe(201);
    // Nor is a token that is known already.
    expect((await push(env, tenant, tenant.token, from("192.0.2.1"))).status).toBe(201);
  });

  test("is let in again after the time that it was told", async () => {
    const tenant = await newTenant();
    const { env, ADMIN_RATE } = limited(0);
    const guess = () => push(env, tenant, "guess", from("192.0.2.3"));
    expect((await guess()).status).toBe(503);
    vi.setSystemTime(Date.now() + 10_001);
    await guess();
    expect(ADMIN_RATE.asked).toHaveLength(2);
  });

  test.each([
    ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1:ffff::1", true],
    ["2001:db8:0:1::1", "2001:db8:0:2::1", false],
    ["::ffff:192.0.2.9", "192.0.2.9", true],
    ["192.0.2.9", "192.0.2.10", false],
  ])("%s and %s: one caller: %s", async (one, other, isOne) => {
    const tenant = await newTenant();
    const { env } = limited(1);
    await push(env, tenant, "guess", from(one));
    const answer = await push(env, tenant, "guess", from(other));
    expect(answer.status).toBe(isOne ? 503 : 401);
  });

  test("on the export and the admin surface, too; without an address nobody is", async () => {
    const tenant = await newTenant({ allowedIps: ["198.51.100.1"] });
    const { env, ADMIN_RATE, EXPORT_RATE } = limited(1);
    const address = from("192.0.2.4");
    // Right, but from an address that is not the key's.
    const headers = { "X-RJM-API-Key": tenant.exportKey, ...address };
    expect((await callWorker(env, "/0.1/export", { headers })).status).toBe(403);
    const wrong = { headers: { Authorization: "Bearer wrong", ...address } };
    expect((await callWorker(env, "/admin/v1/clients", wrong)).status).toBe(429);
    expect(ADMIN_RATE.asked).toEqual(["address:192.0.2.4", "address:192.0.2.4"]);
    expect(EXPORT_RATE.asked).toEqual([]);
    for (let guess = 0; guess < 3; guess += 1) {
      const unnamed = { headers: { Authorization: "Bearer wrong" } };
      expect((await callWorker(env, "/admin/v1/clients", unnamed)).status).toBe(401);
    }
    // No credential at all is no guess.
    expect((await callWorker(env, "/admin/v1/clients", { headers: address })).status).toBe(401);
    expect(ADMIN_RATE.asked).toHaveLength(2);
  });
});

describe("nobody is refused", () => {
  const broken = { limit: () => Promise.reject(new Error("no limits today")) };

  test.each<[string, RateLimit | undefined]>([
    ["where a limit is missing", undefined],
    ["where a limit fails", broken],
  ])("%s", async (_name, limit) => {
    const log = quietConsole();
    const tenant = await newTenant();
    const limits = { IMPORT_RATE: limit, EXPORT_RATE: limit, ADMIN_RATE: limit };
    const env = { ...otherIsolate(), ...limits } as Env;
    const headers = { "CF-Connecting-IP": "192.0.2.5" };
    expect((await push(env, tenant, tenant.token, headers)).status).toBe(201);
    expect((await push(env, tenant, "guess", headers)).status).toBe(401);
    expect((await callWorker(env, "/0.1/export", asExporter(tenant))).status).toBe(200);
    expect((await callWorker(env, "/admin/v1/clients", asAdmin)).status).toBe(200);
    // One line, not one a request.
    expect(log.mock.calls.length).toBeLessThanOrEqual(1);
    log.mockRestore();
  });

  test("for 100 requests in a row with one export key, by the limits of wrangler.toml", async () => {
    const tenant = await newTenant();
    await push(testEnv, tenant);
    const path = `/0.1/client/${tenant.clientId}/table/${await tableId(tenant, "t")}`;
    for (let asked = 0; asked < 100; asked += 1) {
      expect((await callWorker(testEnv, path, asExporter(tenant))).status).toBe(200);
    }
  });
});

describe("a real limit of the platform", () => {
  test("refuses what is too much", async () => {
    // Its windows are those of the clock, a minute each: what is sent now falls into two at most.
    const answers = await Promise.all(
      Array.from({ length: 11 }, () => testEnv.SMALL_RATE.limit({ key: "test:platform" })),
    );
    const allowed = answers.filter(({ success }) => success).length;
    expect(allowed).toBeGreaterThanOrEqual(5);
    expect(allowed).toBeLessThanOrEqual(10);
  });

  test.each(["IMPORT", "EXPORT", "ADMIN"] as const)("of the kind %s is what is told", (kind) => {
    const files = import.meta.glob("../../../wrangler.toml", {
      query: "?raw",
      import: "default",
      eager: true,
    });
    const limits = /^name = "(\w+)_RATE"\n.*\nsimple = \{ limit = (\d+), period = (\d+) \}$/gm;
    const found = [...String(Object.values(files)[0]).matchAll(limits)];
    const limit = found.find(([, name]) => name === kind);
    expect(limit?.slice(2)).toEqual([
      testEnv[`${kind}_REQUESTS_PER_10_S`],
      String(RATE_PERIOD_SECONDS),
    ]);
  });
});
