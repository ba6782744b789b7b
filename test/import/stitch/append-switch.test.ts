import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { quietConsole } from "../../support/quiet-console.ts";
import { type Tap, type TappedCall, tapEnv } from "../../support/tap.ts";
import { newTenant, storedRows } from "../../support/tenant.ts";
import { otherIsolate, pushTextWith } from "../../support/worker.ts";

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Calls that match fail, as they do where the store is down for longer than the retries. */
const failing =
  (matches: (call: TappedCall) => boolean): Tap =>
  async (call, next) => {
    if (matches(call)) throw new Error("D1_ERROR: Internal error in D1 DB storage");
    return next();
  };

const FAULTS: [name: string, matches: (call: TappedCall) => boolean][] = [
  ["the object", ({ binding, method }) => binding === "TABLE_RANGE" && method === "activate"],
  ["the catalogue", ({ statements }) => statements.some(({ sql }) => sql.startsWith("UPDATE tab"))],
];

// Such a batch is stored whole or not at all, so that it can be repeated after a 5xx (wire.md 2.8).
test.each(FAULTS)(
  "an append-only batch whose switch fails at %s adds its rows once",
  async (...fault) => {
    const [, matches] = fault;
    const tenant = await newTenant();
    const upsert = (n: number): unknown => ({ action: "upsert", sequence: n, data: { n } });
    const body = JSON.stringify({
      table_name: "events",
      schema: {},
      table_version: 2,
      messages: [upsert(1), upsert(2), { action: "activate_version", sequence: 3 }, upsert(4)],
    });
    const broken = tapEnv(otherIsolate(), failing(matches));
    expect((await pushTextWith(broken, tenant, body, "batch")).status).toBe(503);
    expect((await pushTextWith(otherIsolate(), tenant, body, "batch")).status).toBe(201);
    const rows = await storedRows(tenant, "events");
    expect(rows.map(({ data }) => data)).toEqual(['{"n":1}', '{"n":2}', '{"n":4}']);
  },
);
