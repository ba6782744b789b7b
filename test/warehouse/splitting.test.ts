import { evictDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DataPoint } from "../../src/warehouse/data-point.ts";
import {
  RECORD_AGE_MIN_MS,
  SPLIT_TABLES_MAX,
  SPLIT_WINDOW_MS,
} from "../../src/warehouse/limits.ts";
import { ImportPlan } from "../../src/warehouse/plan.ts";
import type { Once, Tally } from "../../src/warehouse/tally.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { hotEnv, rangesText, splitAt, startsOf } from "../support/hot.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { tapEnv } from "../support/tap.ts";
import { newTenant, storedRows, type Tenant } from "../support/tenant.ts";
import { callWorker, otherIsolate, pushWith, tableId } from "../support/worker.ts";

beforeEach(() => {
  // Windows end, and records are old enough, when the test says so.
  vi.useFakeTimers({ toFake: ["Date"] });
  quietConsole("log");
  quietConsole();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const later = (ms: number): unknown => vi.setSystemTime(Date.now() + ms);

const record = (id: number, sequence: number): Record<string, unknown> => ({
  ...{ table_name: "t", sequence, key_names: ["id"], data: { id, s: sequence } },
});

async function push(env: Env, tenant: Tenant, rows: readonly [id: number, sequence: number][]) {
  const response = await pushWith(
    env,
    tenant,
    rows.map(([id, s]) => record(id, s)),
  );
  expect([response.status, await response.text()]).toEqual([201, expect.any(String)]);
}

/** The sequence that each id has. */
async function stored(tenant: Tenant): Promise<Map<number, number>> {
  const rows = await storedRows(tenant, "t");
  return new Map(
    rows.map(({ data }) => Object.values(JSON.parse(data) as object) as [number, number]),
  );
}

/** An isolate that counts how often it looks tables up and calls objects. */
function countingIsolate(): { isolate: Env; calls: { lookUps: number; commits: number } } {
  const calls = { lookUps: 0, commits: 0 };
  const isolate = tapEnv(otherIsolate(), (call, next) => {
    if (call.binding === "TABLE_RANGE") calls.commits += 1;
    if (call.statements.some(({ sql }) => sql.includes("key_names"))) calls.lookUps += 1;
    return next();
  });
  return { isolate, calls };
}

/** A push of the point with a value but no sequence, over the RJMetrics surface. */
async function overwrite(env: Env, tenant: Tenant, id: number, value: number): Promise<void> {
  const path = `/v2/client/${tenant.clientId}/table/t/data?apikey=${tenant.token}`;
  const body = JSON.stringify([{ keys: ["id"], id, s: value }]);
  const response = await callWorker(env, path, { method: "POST", body });
  expect([response.status, await response.text()]).toEqual([201, expect.any(String)]);
}

test("a table under load becomes 16 ranges, and what is stored is what a register would be", async () => {
  const tenant = await newTenant();
  const isolates = Array.from({ length: 3 }, () => hotEnv(otherIsolate(), 1));
  const highest = new Map<number, number>();
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 1;
    return Math.floor((seed / 2 ** 31) * below);
  };
  await push(testEnv, tenant, [[0, 0]]);
  highest.set(0, 0);
  const id = await tableId(tenant, "t");
  const seen = new Set<number>();
  for (let round = 0; round < 60 && (await startsOf(id)).length < 16; round += 1) {
    const pushes = Array.from({ length: 30 }, () => {
      const rows = Array.from({ length: 1 + random(6) }, (): [number, number] => [
        random(200),
        random(1_000),
      ]);
      for (const [key, s] of rows) highest.set(key, Math.max(s, highest.get(key) ?? -1));
      return push(isolates[random(3)] ?? testEnv, tenant, rows);
    });
    const start = (await startsOf(id)).at(random(4)) ?? 0;
    if (round % 3 === 0) {
      await evictDurableObject(testEnv.TABLE_RANGE.getByName(`${id}:${start}`)).catch(() => {});
    }
    await Promise.all(pushes);
    seen.add((await startsOf(id)).length);
    later(round % 5 === 4 ? SPLIT_WINDOW_MS : RECORD_AGE_MIN_MS);
  }
  expect((await startsOf(id)).length).toBeGreaterThanOrEqual(16);
  expect(seen.size).toBeGreaterThan(4);
  expect(await stored(tenant)).toEqual(highest);
});

test("an isolate that does not know is right, and reads the catalogue once", async () => {
  const tenant = await newTenant();
  const { isolate, calls } = countingIsolate();
  const rows = Array.from({ length: 100 }, (_, id): [number, number] => [id, 1]);
  await push(isolate, tenant, rows);
  const id = await tableId(tenant, "t");
  await splitAt(id, 32);
  // Another isolate that reads the table tells the object.
  await push(otherIsolate(), tenant, rows);
  const callsOfPush = async (): Promise<unknown> => {
    Object.assign(calls, { lookUps: 0, commits: 0 });
    await push(isolate, tenant, rows);
    return [calls.lookUps, calls.commits];
  };
  // A record that was just read is kept, whatever an object says.
  expect(await callsOfPush()).toEqual([0, 2]);
  later(RECORD_AGE_MIN_MS);
  expect(await callsOfPush()).toEqual([0, 2]);
  expect(await callsOfPush()).toEqual([1, 3]);
  expect(await callsOfPush()).toEqual([0, 3]);
  later(RECORD_AGE_MIN_MS);
  expect(await callsOfPush()).toEqual([0, 3]);
  expect(await callsOfPush()).toEqual([0, 3]);
});

test("an object that believes too much costs a look-up in a while, not one each time", async () => {
  const tenant = await newTenant();
  const { isolate, calls } = countingIsolate();
  await push(isolate, tenant, [[1, 1]]);
  const id = await tableId(tenant, "t");
  // As after the catalogue was taken back to an hour ago.
  for (const start of [0, 128]) {
    const part = { tableId: id, shard: 0, chunks: [], run: { start, end: start + 1 } };
    await testEnv.TABLE_RANGE.getByName(`${id}:${start}`).commit(part);
  }
  calls.lookUps = 0;
  for (let i = 0; i < 30; i += 1) {
    await push(isolate, tenant, [[1, i]]);
    later(RECORD_AGE_MIN_MS / 10);
  }
  expect(calls.lookUps).toBeOneOf([2, 3]);
});

test("without sequences, what was acknowledged before it began is overwritten", async () => {
  const tenant = await newTenant();
  const isolates = Array.from({ length: 4 }, otherIsolate);
  await overwrite(isolates[0] ?? testEnv, tenant, 0, 0);
  const id = await tableId(tenant, "t");
  const last = new Map([[0, 0]]);
  // Each key has a chain of writes, each through an isolate that knows more, or less.
  const underWay = new Map<number, Promise<void>>();
  const chain = async (key: number): Promise<void> => {
    for (let value = 1; value <= 12; value += 1) {
      const write = overwrite(isolates[(key + value * 3) % 4] ?? testEnv, tenant, key, value);
      underWay.set(key, write);
      await write;
      last.set(key, value);
      if (value === 4 || value === 8) isolates[(key + value) % 4] = otherIsolate();
    }
  };
  const splits = async (): Promise<void> => {
    // A commit that seems to take longer than a step of the clock would be taken for stuck.
    let before: readonly Promise<void>[] = [];
    for (const slot of [64, 192, 32, 160, 96, 16]) {
      await splitAt(id, slot);
      await overwrite(otherIsolate(), tenant, 1_000 + slot, 1);
      last.set(1_000 + slot, 1);
      await Promise.allSettled(before);
      before = [...underWay.values()];
      later(RECORD_AGE_MIN_MS);
    }
  };
  await Promise.all([splits(), ...Array.from({ length: 8 }, (_, key) => chain(key))]);
  expect(await startsOf(id)).toHaveLength(8);
  expect(await stored(tenant)).toEqual(last);
});

test("a table with subtables: rows go on, and whoever reads them sees no split", async () => {
  const tenant = await newTenant({ nested: true });
  const isolate = otherIsolate();
  const nested = (from: number) =>
    Array.from({ length: 30 }, (_, i) => ({
      ...{ table_name: "t", sequence: 1, key_names: ["id"] },
      data: { id: from + i, lines: [{ sku: `a${from + i}` }, { sku: `b${from + i}` }] },
    }));
  const rowsOf = async (name: string): Promise<unknown[]> => {
    const id = await tableId(tenant, name);
    const path = `/admin/v1/clients/${tenant.clientId}/tables/${id}/rows?limit=1000`;
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const response = await callWorker(testEnv, path, { headers });
    expect(response.status).toBe(200);
    const { rows } = await response.json<{ rows: unknown[] }>();
    return rows;
  };
  expect((await pushWith(isolate, tenant, nested(0))).status).toBe(201);
  const before = [await rowsOf("t"), await rowsOf("t__lines")];
  expect(before.map((rows) => rows.length)).toEqual([30, 60]);
  for (const slot of [64, 192, 16]) await splitAt(await tableId(tenant, "t"), slot);
  expect([await rowsOf("t"), await rowsOf("t__lines")]).toEqual(before);
  // Through the isolate that does not know, and one that does.
  expect((await pushWith(isolate, tenant, nested(30))).status).toBe(201);
  expect((await pushWith(otherIsolate(), tenant, nested(60))).status).toBe(201);
  expect(await rowsOf("t")).toHaveLength(90);
  expect(await rowsOf("t__lines")).toHaveLength(180);
  // A version switch reaches the rows of all halves.
  const version = { table_name: "t", sequence: 2, table_version: 2 };
  const switched = await pushWith(isolate, tenant, [
    { ...version, key_names: ["id"], data: { id: 1 } },
    { ...version, action: "activate_version" },
  ]);
  expect(switched.status).toBe(201);
  expect(await rowsOf("t")).toHaveLength(1);
});

test("a request to many tables calls no more objects than before they were split", async () => {
  const tenant = await newTenant();
  const rowsOfT = Array.from({ length: 200 }, (_, id) => record(id, 1));
  await pushWith(otherIsolate(), tenant, rowsOfT);
  for (const slot of [32, 64, 160, 192]) await splitAt(await tableId(tenant, "t"), slot);
  const others = (count: number): Record<string, unknown>[] =>
    Array.from({ length: count }, (_, n) => ({ ...record(1, 1), table_name: `other${n}` }));
  await pushWith(otherIsolate(), tenant, others(SPLIT_TABLES_MAX));
  const commitsWith = async (count: number, sequence: number): Promise<number> => {
    const { isolate, calls } = countingIsolate();
    const again = Array.from({ length: 200 }, (_, id) => record(id, sequence));
    const response = await pushWith(isolate, tenant, [...again, ...others(count)]);
    expect(response.status).toBe(201);
    return calls.commits - count;
  };
  expect(await commitsWith(SPLIT_TABLES_MAX - 1, 2)).toBe(6);
  expect(await commitsWith(SPLIT_TABLES_MAX, 3)).toBe(2);
  expect(new Set((await stored(tenant)).values())).toEqual(new Set([3]));
});

test("requests to many tables say nothing of the load: a split would not lessen it", async () => {
  const tenant = await newTenant();
  const isolate = hotEnv(otherIsolate(), 1);
  const records = Array.from({ length: SPLIT_TABLES_MAX + 1 }, (_, n) => ({
    ...record(n, 1),
    table_name: `t${n}`,
  }));
  for (let request = 0; request < 30; request += 1) {
    expect((await pushWith(isolate, tenant, records)).status).toBe(201);
  }
  expect(await startsOf(await tableId(tenant, "t0"))).toEqual([0, 128]);
  // The same of fewer tables does.
  for (let request = 0; request < 30; request += 1) {
    await pushWith(isolate, tenant, records.slice(0, 1));
  }
  // Beside the requests, on a machine that may be busy.
  await vi.waitFor(
    async () => expect(await startsOf(await tableId(tenant, "t0"))).toHaveLength(3),
    { timeout: 60_000 },
  );
});

describe("a request that counts once", () => {
  type Sent = Partial<DataPoint> & Pick<DataPoint, "data">;

  async function send(env: Env, tenant: Tenant, sent: readonly Sent[], once: Once): Promise<Tally> {
    const options = { isCounted: true, isOnce: true };
    const plan = await ImportPlan.open(env, tenant, new Set(["t"]), options);
    sent.forEach((more, index) => {
      plan.upsert({
        ...{ record: index, table: "t", keyNames: ["id"], sequence: "-1", version: "0" },
        ...{ keyLengthMax: 256, ...more },
      });
    });
    return plan.commitCounted(once);
  }

  const rows = (keyNames: readonly string[], count: number, value: number): Sent[] =>
    Array.from({ length: count }, (_, id) => ({ keyNames, data: { id, value } }));

  const slots = fc.uniqueArray(
    fc.integer({ min: 1, max: 255 }).filter((slot) => slot !== 128),
    { minLength: 1, maxLength: 6 },
  );

  test.each([[["id"]], [[]]])(
    "repeated across splits, keys %o: the first answer, no row",
    async (keys) => {
      await fc.assert(
        fc.asyncProperty(slots, fc.uuid(), async (list, id) => {
          const tenant = await newTenant();
          const once = { id };
          const first = await send(otherIsolate(), tenant, rows(keys, 40, 1), once);
          expect(first).toEqual({ inserted: 40, replaced: 0, stale: 0 });
          await send(otherIsolate(), tenant, rows(keys, 20, 2), { id: crypto.randomUUID() });
          const before = await storedRows(tenant, "t");
          for (const slot of list) await splitAt(await tableId(tenant, "t"), slot);
          expect(await send(otherIsolate(), tenant, rows(keys, 40, 1), once)).toEqual(first);
          expect(await storedRows(tenant, "t")).toEqual(before);
          // What comes after the split is repeated across the next one.
          const next = { id: crypto.randomUUID() };
          const answer = await send(otherIsolate(), tenant, rows(keys, 30, 3), next);
          const free = [1, 2, 3, 4, 5, 6, 7].find((slot) => !list.includes(slot)) ?? 9;
          await splitAt(await tableId(tenant, "t"), free);
          expect(await send(otherIsolate(), tenant, rows(keys, 30, 3), next)).toEqual(answer);
          const added = keys.length === 0 ? 30 : 0;
          expect(await storedRows(tenant, "t")).toHaveLength(before.length + added);
        }),
        { numRuns: 8 },
      );
    },
  );

  test("half done before a split: the repeat does the rest, once", async () => {
    const tenant = await newTenant();
    await send(otherIsolate(), tenant, rows(["id"], 40, 1), { id: crypto.randomUUID() });
    const once = { id: crypto.randomUUID() };
    let parts = 0;
    const broken = tapEnv(otherIsolate(), (call, next) => {
      const fails = call.method === "commitCounted" && ++parts > 1;
      return fails ? Promise.reject(new Error("internal error")) : next();
    });
    await expect(send(broken, tenant, rows(["id"], 60, 2), once)).rejects.toMatchObject({
      code: "unavailable",
    });
    await send(otherIsolate(), tenant, rows(["id"], 60, 3), { id: crypto.randomUUID() });
    for (const slot of [64, 192, 32]) await splitAt(await tableId(tenant, "t"), slot);
    const answer = await send(otherIsolate(), tenant, rows(["id"], 60, 2), once);
    expect(answer.inserted + answer.replaced + answer.stale).toBe(60);
    const values = (await storedRows(tenant, "t")).map(
      ({ data }) => (JSON.parse(data) as { value: number }).value,
    );
    // The part that took effect is not written again, over what came after it.
    const older = values.filter((value) => value === 3).length;
    expect(older).toBeGreaterThan(10);
    expect(values.filter((value) => value === 2)).toHaveLength(60 - older);
    expect(await send(otherIsolate(), tenant, rows(["id"], 60, 2), once)).toEqual(answer);
  });

  test("says nothing of the load: its objects are those from before the split", async () => {
    const tenant = await newTenant();
    const env = hotEnv(otherIsolate(), 1);
    for (let i = 0; i < 30; i += 1) {
      await send(env, tenant, rows(["id"], 1, i), { id: crypto.randomUUID() });
    }
    expect(await startsOf(await tableId(tenant, "t"))).toEqual([0, 128]);
  });
});

describe("a table that another isolate created first", () => {
  const point = (id: number): DataPoint => ({
    ...{ record: id, table: "t", keyNames: ["id"], sequence: "1", version: "0" },
    ...{ keyLengthMax: 256, data: { id, s: 1 } },
  });

  test("and that is split already, takes the rows", async () => {
    const tenant = await newTenant();
    const plan = await ImportPlan.open(otherIsolate(), tenant, new Set(["t"]));
    for (let id = 0; id < 50; id += 1) plan.upsert(point(id));
    await push(otherIsolate(), tenant, [[100, 1]]);
    for (const slot of [64, 192]) await splitAt(await tableId(tenant, "t"), slot);
    await plan.commit();
    expect(await stored(tenant)).toEqual(
      new Map([...Array.from({ length: 50 }, (_, id) => id), 100].map((id) => [id, 1])),
    );
  });

  test("on other shards, is not written to by the wrong ones", async () => {
    const tenant = await newTenant();
    const plan = await ImportPlan.open(otherIsolate(), tenant, new Set(["t"]));
    plan.upsert(point(1));
    await push(otherIsolate(), tenant, [[100, 1]]);
    const id = await tableId(tenant, "t");
    await testEnv.CATALOG.prepare("UPDATE tables SET ranges = '[[0,1]]' WHERE id = ?1")
      .bind(id)
      .run();
    await expect(plan.commit()).rejects.toMatchObject({ code: "unavailable" });
    expect(await rangesText(id)).toBe("[[0,1]]");
    expect(await stored(tenant)).toEqual(new Map([[100, 1]]));
  });
});
