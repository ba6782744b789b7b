import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Call } from "../../../src/http/calls/call.ts";
import { type ErrorCode, type ErrorParams, Refusal } from "../../../src/http/errors.ts";
import { noteRejection, rejectionsOf } from "../../../src/http/rejections/rejections.ts";
import { WRITE_STEP_MS } from "../../../src/http/calls/write-times.ts";
import { DIFFERENT_MAX } from "../../../src/http/rejections/rejections.ts";
import { REJECTIONS_KEPT_MAX, SAME_ROW_MS } from "../../../src/http/rejections/rows.ts";
import { testEnv } from "../../support/env.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { type Tap, tapEnv } from "../../support/tap.ts";
import { newTenant, type Tenant } from "../../support/tenant.ts";
import { callWorker, otherIsolate } from "../../support/worker.ts";
import { ERROR_CASES } from "../error-cases.ts";
import { newWorld } from "../error-world.ts";
import { rejectionOfRequest, type RejectionRow, rejectionsOfTenant } from "./support.ts";

const START = Date.UTC(2026, 10, 1);
const OURS: ReadonlySet<string> = new Set(["push", "validate", "batch", "rjmetrics", "native"]);

/** An isolate of its own, in invocations of its own, that counts its writes. */
class Isolate {
  writes = 0;
  failure: Error | undefined;
  readonly #contexts: ExecutionContext[] = [];
  readonly env: Env;

  constructor() {
    const tap: Tap = (call, next) => {
      if (!call.statements.some(({ sql }) => sql.includes("rejections"))) return next();
      this.writes += 1;
      return this.failure === undefined ? next() : Promise.reject(this.failure);
    };
    this.env = tapEnv(otherIsolate(), tap);
  }

  /** A refused request; the call is filled in by the test. */
  refuse(
    tenant: Tenant,
    code: ErrorCode = "array_expected",
    params: ErrorParams = {},
    fill: (call: Call) => number | undefined = () => undefined,
  ): Call {
    const { integrationId, clientId, tokenId, nested, token } = tenant;
    const call = new Call();
    call.surface = "push";
    call.importer = { integrationId, clientId, tokenId, nested };
    call.credential = token;
    const context = createExecutionContext();
    this.#contexts.push(context);
    noteRejection(this.env, context, call, new Refusal(code, params, fill(call)), 400);
    return call;
  }

  /** Waits until all invocations have ended; their timers must have run. */
  async end(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await waitOnExecutionContext(context);
  }

  /** Waits until the last invocation has ended, whatever became of those before it. */
  async endOfLast(): Promise<void> {
    const last = this.#contexts.pop();
    if (last !== undefined) await waitOnExecutionContext(last);
  }
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const timesOf = (rows: readonly RejectionRow[]): number =>
  rows.reduce((sum, { times }) => sum + times, 0);

describe("every refusal of an import whose integration is known", () => {
  const cases = ERROR_CASES.filter(({ surface }) => OURS.has(surface));

  beforeEach(() => {
    quietConsole();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each(cases)("$code on $surface", async ({ code, surface, status, send }) => {
    const world = await newWorld();
    const response = await send(world);
    const text = await response.text();
    const row = await rejectionOfRequest(response.headers.get("x-request-id"));
    if (["unauthorized", "not_found", "method_not_allowed"].includes(code)) {
      // What has no known token belongs to nobody, nor has a path that is none asked for one.
      expect(row).toBeNull();
      return;
    }
    if (row === null) {
      // The catalogue that fails is the one that the row would be in.
      expect(["unavailable", "overloaded", "internal"], text).toContain(code);
      return;
    }
    expect(row).toMatchObject({ surface, status, code });
    expect(row.reason).not.toMatch(/<[A-Z]+>|undefined|\[object/);
    expect(row.reason.length).toBeGreaterThan(10);
  });

  test("also where another client's path is asked for with the token", async () => {
    const { env, tenant } = await newWorld();
    const path = `/v2/client/999/table/t/data?apikey=${tenant.token}`;
    const response = await callWorker(env, path, { method: "POST", body: "{}" });
    expect(response.status).toBe(401);
    expect(await rejectionsOfTenant(tenant)).toMatchObject([
      { surface: "rjmetrics", status: 401, code: "unauthorized", times: 1, excerpt: null },
    ]);
  });

  test("also where only some records were refused, and the others taken", async () => {
    const { env, tenant } = await newWorld();
    const response = await callWorker(env, "/api/v1/tables/t/rows?keys=id&on_error=skip", {
      method: "POST",
      headers: { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" },
      body: `[{"id":1},{"id":null,"n":1.50},{"id":[]},{"id":2,"text":"${"x".repeat(99_999)}"}]`,
    });
    expect(response.status, await response.text()).toBe(207);
    expect(await rejectionsOfTenant(tenant)).toMatchObject([
      {
        surface: "native",
        status: 207,
        code: "key_null",
        record: 1,
        excerpt: '{"id":null,"n":1.50}',
      },
    ]);
  });

  test("but not in the sandbox, nor of an unknown token, nor what was taken", async () => {
    const { env, tenant } = await newWorld();
    const { clientId, token } = tenant;
    const post = (path: string, body: string) => callWorker(env, path, { method: "POST", body });
    const sandbox = `/sandbox/v2/client/${clientId}/table/t/data?apikey=${token}`;
    expect((await post(sandbox, "[1]")).status).toBe(400);
    expect((await post(`/v2/client/${clientId}/table/t/data?apikey=x`, "[1]")).status).toBe(401);
    const good = await post(
      `/v2/client/${clientId}/table/t/data?apikey=${token}`,
      '{"keys":["id"],"id":1}',
    );
    expect(good.status).toBe(201);
    expect(await rejectionsOfTenant(tenant)).toEqual([]);
  });
});

describe("what a row says", () => {
  test("the table, the record's index and its text with every digit", async () => {
    const { env, tenant } = await newWorld();
    const right = `{"client_id":${tenant.clientId},"table_name":"orders","sequence":1,"action":"upsert","key_names":["id"],"data":{"id":1}}`;
    const wrong = right
      .replace('"sequence":1,', "")
      .replace('"id":1', '"id":9007199254740993,"price":58.40,"text":"a\\nb"');
    const response = await callWorker(env, "/v2/import/push", {
      method: "POST",
      headers: { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" },
      body: `[${right},\n ${wrong}]`,
    });
    expect(response.status).toBe(422);
    const [row, ...others] = await rejectionsOfTenant(tenant);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      table_name: "orders",
      record: 1,
      times: 1,
      status: 422,
      code: "record_members",
      excerpt: wrong,
    });
    expect(row?.reason).toContain("sequence: ");
    expect(row?.first_at).toBe(row?.last_at);
  });

  test("of a body that is none, its beginning: unpacked, and decoded as well as can be", async () => {
    const { env, tenant } = await newWorld();
    const sent = async (body: BodyInit, headers: Record<string, string> = {}) => {
      await callWorker(env, "/v2/import/push", {
        method: "POST",
        headers: {
          Authorization: `Bearer ${tenant.token}`,
          "Content-Type": "application/json",
          ...headers,
        },
        body,
      });
      return (await rejectionsOfTenant(tenant))[0];
    };
    expect((await sent('{"a":\t1,\n"é": 𝄞}'))?.excerpt).toBe('{"a":\\t1,\\n"é": 𝄞}');
    const gzip = new Blob(["[oops"]).stream().pipeThrough(new CompressionStream("gzip"));
    const packed = await new Response(gzip).arrayBuffer();
    expect((await sent(packed, { "Content-Encoding": "gzip" }))?.excerpt).toBe("[oops");
    expect((await sent(new Uint8Array([0x5b, 0xff, 0x00, 0x41])))?.excerpt).toBe("[\ufffd\\u0000A");
    const utf16 = new Uint8Array([...'[{"a":1}]'].flatMap((one) => [one.charCodeAt(0), 0]));
    expect((await sent(utf16))?.excerpt).toBe('[{"a":1}]');
    const long = `[${'"𝄞é",'.repeat(9_999)}`;
    const excerpt = (await sent(long))?.excerpt ?? "";
    expect(excerpt.length).toBeLessThanOrEqual(1_000);
    expect(excerpt.length).toBeGreaterThan(990);
    expect(excerpt.isWellFormed()).toBe(true);
    expect(excerpt.endsWith("…") && long.startsWith(excerpt.slice(0, -1))).toBe(true);
  });

  test("a large record takes no longer than a small one", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    isolate.refuse(tenant, "key_missing", { KEY: "id" }, (call) => {
      call.records = [
        { table_name: "t", data: { text: "x".repeat(1_900_000), n: JSON.rawJSON("1e400") } },
      ];
      return 0;
    });
    await isolate.end();
    const [row] = await rejectionsOfTenant(tenant);
    expect(row?.excerpt).toMatch(/^\{"table_name":"t","data":\{"text":"x+…$/);
    expect(row?.excerpt).toHaveLength(1_000);
  });
});

describe("notes", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    // Not before what other tests have: a row is only deleted by its own integration's.
    vi.setSystemTime(START);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("a storm is one row and two writes", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    let last = new Call();
    for (let index = 0; index < 1_000; index += 1) {
      last = isolate.refuse(tenant, "key_missing", { KEY: "id" }, (call) => {
        call.records = Array.from({ length: index + 1 }, () => ({ table_name: "t", index }));
        return index;
      });
      await pass(1);
    }
    await pass(WRITE_STEP_MS);
    await isolate.end();
    expect(isolate.writes).toBe(2);
    expect(await rejectionsOfTenant(tenant)).toMatchObject([
      {
        first_at: START,
        last_at: START + 999,
        times: 1_000,
        record: 999,
        request_id: last.id,
        excerpt: '{"table_name":"t","index":999}',
      },
    ]);
  });

  test("a storm of different ones is bounded in writes and rows, and each is counted", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    for (let index = 0; index < 1_000; index += 1) {
      isolate.refuse(tenant, "record_members", { REASON: `number ${index}` });
    }
    await pass(WRITE_STEP_MS);
    await isolate.end();
    expect(isolate.writes).toBe(2);
    const rows = await rejectionsOfTenant(tenant);
    expect(rows).toHaveLength(DIFFERENT_MAX + 2);
    expect(timesOf(rows)).toBe(1_000);
    expect(rows.find(({ code }) => code === "others")).toMatchObject({
      times: 1_000 - DIFFERENT_MAX - 1,
      table_name: null,
    });
  });

  test("the newest rows are kept", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    for (let index = 0; index < REJECTIONS_KEPT_MAX + 30; index += 1) {
      isolate.refuse(tenant, "record_members", { REASON: `number ${index}` });
      await pass(500);
    }
    await pass(WRITE_STEP_MS);
    await isolate.end();
    const rows = await rejectionsOfTenant(tenant);
    expect(rows).toHaveLength(REJECTIONS_KEPT_MAX);
    expect(rows[0]?.reason).toContain(`number ${REJECTIONS_KEPT_MAX + 29}`);
    expect(rows.at(-1)?.reason).toContain("number 30");
  });

  test("equal ones of several isolates are one row while they are close together", async () => {
    const [tenant, one, two] = [await newTenant(), new Isolate(), new Isolate()];
    for (const isolate of [one, two]) {
      isolate.refuse(tenant);
      isolate.refuse(tenant, "records_too_many", { N: 3, LIMIT: 2 });
      await pass(WRITE_STEP_MS);
      await isolate.end();
    }
    const rows = await rejectionsOfTenant(tenant);
    expect(rows.map(({ times }) => times)).toEqual([2, 2]);
    await pass(SAME_ROW_MS + 1);
    one.refuse(tenant);
    await one.end();
    expect((await rejectionsOfTenant(tenant)).map(({ times }) => times)).toEqual([1, 2, 2]);
  });

  test("each integration has its own, and another surface or table is another row", async () => {
    const [one, two, isolate] = [await newTenant(), await newTenant(), new Isolate()];
    isolate.refuse(one);
    isolate.refuse(two);
    await isolate.end();
    expect(isolate.writes).toBe(2);
    for (const table of ["a", "b"]) {
      isolate.refuse(one, "array_expected", {}, (call) => {
        call.table = table;
        return undefined;
      });
    }
    await pass(WRITE_STEP_MS);
    await isolate.end();
    const tables = (await rejectionsOfTenant(one)).map(({ table_name }) => table_name);
    expect(new Set(tables)).toEqual(new Set(["a", "b", null]));
    expect(tables).toHaveLength(3);
    expect(await rejectionsOfTenant(two)).toHaveLength(1);
  });

  test.each([
    ["that may wait", 600, true],
    ["integrations than are remembered", 1_005, false],
  ])("of more %s are all written", async (_, integrations, areCountedTogether) => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    const written: { code: string; times: number }[] = [];
    // The catalogue itself would take long for so many.
    const prepare = () => ({ bind: (...values: unknown[]) => values });
    const batch = ([[notes]]: [[string]]) => {
      written.push(...(JSON.parse(notes) as { code: string; times: number }[]));
      return Promise.resolve();
    };
    Object.assign(isolate.env, { CATALOG: { prepare, batch } });
    for (const code of ["array_expected", "content_type", "key_missing"] as const) {
      for (let id = 1; id <= integrations; id += 1) {
        isolate.refuse({ ...tenant, integrationId: id }, code, { KEY: "id", TYPE: "x" });
      }
    }
    await pass(WRITE_STEP_MS);
    await isolate.end();
    expect(written.reduce((sum, { times }) => sum + times, 0)).toBe(3 * integrations);
    expect(written.some(({ code }) => code === "others")).toBe(areCountedTogether);
  });

  test("what could not be written is logged, and written with the next refusal", async () => {
    const log = quietConsole();
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    isolate.failure = new Error("Network connection lost.");
    isolate.refuse(tenant);
    await isolate.end();
    isolate.refuse(tenant);
    await pass(WRITE_STEP_MS);
    await isolate.end();
    expect(await rejectionsOfTenant(tenant)).toEqual([]);
    expect(log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toMatchObject(
      [1, 2].map(() => ({ event: "rejections_failed", integration: tenant.integrationId })),
    );
    isolate.failure = undefined;
    await pass(WRITE_STEP_MS);
    isolate.refuse(tenant);
    await isolate.end();
    expect(await rejectionsOfTenant(tenant)).toMatchObject([{ times: 3, first_at: START }]);
  });

  test("a write that ended with its invocation is made by a later refusal", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    isolate.refuse(tenant);
    await isolate.end();
    isolate.refuse(tenant);
    // The platform ends the invocation, and its timer with it.
    vi.clearAllTimers();
    vi.setSystemTime(START + 10_001);
    isolate.refuse(tenant);
    await isolate.endOfLast();
    expect(await rejectionsOfTenant(tenant)).toMatchObject([{ times: 3 }]);
  });
});

describe("an answer", () => {
  test("does not wait for its note, and is the same where that fails", async () => {
    const log = quietConsole();
    const { env, tenant } = await newWorld();
    const init = {
      method: "POST",
      headers: { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" },
      body: "{",
    };
    const fine = await callWorker(env, "/v2/import/push", init);
    let calls = 0;
    const failing = tapEnv(otherIsolate(), (call, next) => {
      if (!call.statements.some(({ sql }) => sql.includes("rejections"))) return next();
      calls += 1;
      throw new Error("D1_ERROR: no such table: rejections: SQLITE_ERROR");
    });
    rejectionsOf(failing, 0);
    const refused = await callWorker(failing, "/v2/import/push", init);
    expect([refused.status, await refused.text()]).toEqual([fine.status, await fine.text()]);
    expect([calls, log.mock.calls.length]).toEqual([1, 1]);
    vi.restoreAllMocks();
  });
});

test("writing reads no more than the rows of its integration", async () => {
  const plans: string[] = [];
  const env = tapEnv(otherIsolate(), async (call, next) => {
    for (const { sql, values } of call.statements) {
      if (!sql.includes("rejections")) continue;
      const { results } = await testEnv.CATALOG.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...values)
        .all<{ detail: string }>();
      plans.push(...results.map(({ detail }) => detail));
    }
    return next();
  });
  const tenant = await newTenant();
  const init = { method: "POST", body: "{" };
  await callWorker(env, `/v2/client/${tenant.clientId}/table/t/data?apikey=${tenant.token}`, init);
  expect(plans.length).toBeGreaterThan(5);
  const scans = plans.filter((plan) => plan.startsWith("SCAN"));
  expect(scans.filter((plan) => /rejections|row\b/.test(plan))).toEqual([]);
  expect(plans.some((plan) => plan.includes("rejections_by_integration"))).toBe(true);
});
