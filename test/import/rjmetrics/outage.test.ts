/**
 * A 5xx of the RJMetrics import and of the Stitch batch: its body, and that sending again
 * settles it (wire.md 1.8, 2.8, 3.4; promises P1 and P3).
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { testEnv } from "../../support/env.ts";
import {
  type Answer,
  batchOf,
  json,
  pushPoints,
  seen,
  sendBatch,
  storedData,
  tablePath,
  upsert,
} from "../../support/batch-and-points.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { type Tap, tapEnv } from "../../support/tap.ts";
import { newTenant, type Tenant } from "../../support/tenant.ts";
import { callWorker, pushTextWith } from "../../support/worker.ts";

const OVERLOADED = "The service is overloaded. Send the same request again.";
const UNAVAILABLE = "The store is not available. Send the same request again.";
const DEFECT = "Something went wrong on our end.";

/** Messages of the store's errors, and what the caller is told. */
const FAILURES = [
  ["D1 DB is overloaded. Requests queued for too long.", 503, OVERLOADED],
  ["D1_ERROR: internal error", 503, UNAVAILABLE],
  ["D1_TYPE_ERROR: Type 'undefined' not supported", 500, DEFECT],
] as const;

/** Ten rows, so that both key ranges have some. */
const IDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const POINTS = IDS.map((id) => ({ keys: ["id"], id }));
const ROWS = IDS.map((id) => `{"id":${id}}`);

const failing = (when: (calls: number, binding: string) => boolean, message: string): Tap => {
  let calls = 0;
  return async (call, next) => {
    if (call.binding === "TABLE_RANGE") calls += 1;
    if (when(calls, call.binding)) throw new Error(message);
    return next();
  };
};

const pushTo = (env: Env, tenant: Tenant): Promise<Response> =>
  callWorker(env, tablePath(tenant, "t"), {
    method: "POST",
    headers: { Accept: "application/json" },
    body: JSON.stringify(POINTS),
  });

const rjmetricsError = (code: 500 | 503, reason: string): Answer => {
  const message = code === 503 ? "Service Unavailable" : "Server Error";
  return json(code, { code, message, reasons: [reason] });
};

beforeEach(() => {
  quietConsole();
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function expectRetryAfter(response: Response): Promise<void> {
  expect(response.headers.get("cache-control")).toBe("no-store");
  const retryAfter = response.headers.get("retry-after");
  if (response.status === 503) expect(retryAfter).toMatch(/^[1-9]\d*$/);
  else expect(retryAfter).toBeNull();
}

describe.each(FAILURES)("where an object answers %s", (message, status, reason) => {
  const env = tapEnv(
    testEnv,
    failing((_, binding) => binding === "TABLE_RANGE", message),
  );

  it("an RJMetrics push is a 5xx, and the same request stores all rows", async () => {
    const tenant = await newTenant();
    const answer = await pushTo(env, tenant);
    await expectRetryAfter(answer);
    expect(await seen(answer)).toEqual(rjmetricsError(status, reason));
    expect(await storedData(tenant, "t")).toEqual([]);
    expect((await pushPoints(tenant, "t", POINTS)).status).toBe(201);
    expect(await storedData(tenant, "t")).toEqual(ROWS);
  });

  it("a batch is a 5xx in its own shape, and the same request stores all rows", async () => {
    const tenant = await newTenant();
    const body = JSON.stringify(
      batchOf(
        "t",
        IDS.map((id) => upsert(1, { id })),
      ),
    );
    const answer = await pushTextWith(env, tenant, body, "batch");
    await expectRetryAfter(answer);
    expect(await seen(answer)).toEqual(json(status, { status: "ERROR", message: reason }));
    expect((await sendBatch(tenant, body)).status).toBe(201);
    expect(await storedData(tenant, "t")).toEqual(ROWS);
  });
});

describe("where the catalogue is gone", () => {
  const env = tapEnv(
    testEnv,
    failing((_, binding) => binding === "CATALOG", "D1_ERROR: internal error"),
  );

  it("neither family answers 401 to a good key", async () => {
    const tenant = await newTenant();
    expect(await seen(pushTo(env, tenant))).toEqual(rjmetricsError(503, UNAVAILABLE));
    const body = JSON.stringify(batchOf("t", [upsert(1, { id: 1 })]));
    const answer = pushTextWith(env, tenant, body, "batch");
    expect(await seen(answer)).toEqual(json(503, { status: "ERROR", message: UNAVAILABLE }));
    const { clientId, token } = tenant;
    const path = `/v2/client/${clientId}/authenticate?apikey=${token}`;
    expect((await callWorker(env, path)).status).toBe(503);
  });
});

describe("half done", () => {
  it("an RJMetrics push that reached one range only is settled by the same request", async () => {
    const tenant = await newTenant();
    const env = tapEnv(
      testEnv,
      failing(
        (calls, binding) => binding === "TABLE_RANGE" && calls > 1,
        "D1 DB is overloaded. Requests queued for too long.",
      ),
    );
    expect(await seen(pushTo(env, tenant))).toEqual(rjmetricsError(503, OVERLOADED));
    const half = await storedData(tenant, "t");
    expect(half.length).toBeGreaterThan(0);
    expect(half.length).toBeLessThan(ROWS.length);
    expect((await pushPoints(tenant, "t", POINTS)).status).toBe(201);
    expect(await storedData(tenant, "t")).toEqual(ROWS);
  });

  it("an append-only batch is never half done: one call has all of its rows", async () => {
    const tenant = await newTenant();
    const messages = Array.from({ length: 500 }, (_, n) => upsert(1, { n, s: "x".repeat(5_000) }));
    const body = JSON.stringify(batchOf("events", messages, { key_names: [] }));
    let calls = 0;
    const counted = tapEnv(testEnv, async (call, next) => {
      if (call.binding === "TABLE_RANGE") calls += 1;
      return next();
    });
    expect((await pushTextWith(counted, tenant, body, "batch")).status).toBe(201);
    expect(calls).toBe(1);
    expect(await storedData(tenant, "events")).toHaveLength(500);
  });
});
