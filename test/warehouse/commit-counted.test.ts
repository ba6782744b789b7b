import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DataPoint } from "../../src/warehouse/data-point.ts";
import { ImportPlan } from "../../src/warehouse/plan.ts";
import { listTables } from "../../src/warehouse/read-tables.ts";
import type { Once, Tally } from "../../src/warehouse/tally.ts";
import { testEnv } from "../support/env.ts";
import { Meter } from "../support/meter.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { stillClock } from "../support/still-clock.ts";
import { type Tap, tapEnv, tapRange } from "../support/tap.ts";
import { newTenant, storedRows, type Tenant } from "../support/tenant.ts";
import { otherIsolate, tableId } from "../support/worker.ts";

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Sent = Partial<DataPoint> & Pick<DataPoint, "data">;

let lastId = 0;
/** An id that no other request has. */
function newOnce(): Once {
  lastId += 1;
  return { id: `${crypto.randomUUID()}${lastId}` };
}

async function planOf(
  env: Env,
  tenant: Tenant,
  points: readonly Sent[],
  isOnce = false,
): Promise<ImportPlan> {
  const names = new Set(points.map(({ table = "t" }) => table));
  const plan = await ImportPlan.open(env, tenant, names, { isCounted: true, isOnce });
  points.forEach((more, record) => {
    plan.upsert({
      ...{ record, table: "t", keyNames: ["id"], sequence: "1", version: "0", keyLengthMax: 256 },
      ...more,
    });
  });
  return plan;
}

async function store(
  tenant: Tenant,
  points: readonly Sent[],
  once?: Once,
  env: Env = otherIsolate(),
): Promise<Tally> {
  return (await planOf(env, tenant, points, once !== undefined)).commitCounted(once);
}

/** What would be stored; nothing is. */
async function dryRun(tenant: Tenant, points: readonly Sent[]): Promise<Tally> {
  return (await planOf(otherIsolate(), tenant, points)).tally();
}

const tally = (inserted: number, replaced = 0, stale = 0): Tally => ({ inserted, replaced, stale });

const points = (count: number, more: Partial<Sent> = {}): Sent[] =>
  Array.from({ length: count }, (_, id) => ({ data: { id }, ...more }));

/** Rows of a table without keys, more than one range would have by chance. */
const appended = (count: number): Sent[] => points(count, { keyNames: [] });

describe("counts", () => {
  test("of new, replaced and stale rows, over all ranges, tables and a dry run before", async () => {
    const tenant = await newTenant();
    const steps: [Sent[], Tally][] = [
      [points(50), tally(50)],
      [points(60), tally(10, 0, 50)],
      [points(70, { sequence: "2" }), tally(10, 60)],
      [points(70, { sequence: "-1" }), tally(0, 70)],
      [points(70, { sequence: "2" }), tally(0, 0, 70)],
      [[...points(3, { table: "u" }), ...points(2, { sequence: "3" })], tally(3, 2)],
      [points(3, { table: "u" }), tally(0, 0, 3)],
    ];
    for (const [sent, expected] of steps) {
      expect(await dryRun(tenant, sent)).toEqual(expected);
      expect(await store(tenant, sent)).toEqual(expected);
    }
    expect(await storedRows(tenant, "t")).toHaveLength(70);
  });

  test("of keys that are more than once in a request", async () => {
    const tenant = await newTenant();
    const row = (id: number, sequence: string, x: number): Sent => ({ sequence, data: { id, x } });
    const first = [
      row(1, "5", 0),
      row(1, "6", 1),
      row(1, "6", 2),
      row(2, "-1", 3),
      row(2, "-1", 4),
    ];
    expect(await dryRun(tenant, first)).toEqual(tally(2, 0, 3));
    expect(await store(tenant, first)).toEqual(tally(2, 0, 3));
    // Of 1 the last one is too low, the middle one not; of 2 the last one wins.
    const second = [
      row(1, "6", 5),
      row(1, "9", 6),
      row(1, "8", 7),
      row(2, "-1", 8),
      row(2, "-1", 9),
    ];
    expect(await dryRun(tenant, second)).toEqual(tally(0, 2, 3));
    expect(await store(tenant, second)).toEqual(tally(0, 2, 3));
    expect((await storedRows(tenant, "t")).map(({ data }) => data)).toEqual([
      '{"id":1,"x":6}',
      '{"id":2,"x":9}',
    ]);
  });

  test("of a key whose rows are in several parameters, and in several calls", async () => {
    const tenant = await newTenant();
    const text = "x".repeat(1_000_000);
    // 30 MB in all: more than one call of an object takes of a range.
    const sent = Array.from({ length: 60 }, (_, i): Sent => {
      return { sequence: String(i + 1), data: { id: i % 2, text } };
    });
    const once = newOnce();
    expect(await store(tenant, sent, once)).toEqual(tally(2, 0, 58));
    expect(await store(tenant, sent, once)).toEqual(tally(2, 0, 58));
    expect(await store(tenant, sent, newOnce())).toEqual(tally(0, 0, 60));
  });

  test("of rows without keys: all are new", async () => {
    const tenant = await newTenant();
    expect(await dryRun(tenant, appended(20))).toEqual(tally(20));
    expect(await store(tenant, appended(20))).toEqual(tally(20));
    expect(await store(tenant, appended(5))).toEqual(tally(5));
    expect(await storedRows(tenant, "t")).toHaveLength(25);
  });

  test("are not made by a plan that was not opened for them", async () => {
    const tenant = await newTenant();
    const plan = await ImportPlan.open(testEnv, tenant, new Set(["t"]));
    plan.upsert({
      ...{ record: 0, table: "t", keyNames: ["id"], sequence: "1", version: "0", keyLengthMax: 9 },
      data: { id: 1 },
    });
    await expect(plan.commitCounted()).rejects.toThrow("not opened to be counted");
    const counted = await planOf(testEnv, tenant, points(1));
    await expect(counted.commitCounted(newOnce())).rejects.toThrow(
      "not opened to be committed once",
    );
  });
});

describe("a dry run", () => {
  test("creates no table, and makes a call for each shard", async () => {
    const tenant = await newTenant({ nested: true });
    const sent = points(500).map((point) => ({ data: { ...point.data, rows: [{ a: 1 }] } }));
    const plan = await planOf(otherIsolate(), tenant, sent);
    await plan.check();
    expect(await plan.tally()).toEqual(tally(500));
    expect(await listTables(testEnv, tenant.clientId)).toEqual([]);
    await store(tenant, sent);
    const meter = new Meter();
    const warm = await planOf(tapEnv(otherIsolate(), meter.tap), tenant, sent);
    const before = { ...meter.calls };
    expect(await warm.tally()).toEqual(tally(0, 0, 500));
    expect(before).toEqual({ CATALOG: 1 });
    expect(meter.calls).toEqual({ CATALOG: 1, SHARD_0: 1, SHARD_1: 1 });
    expect(meter.textBytesMax).toBeLessThan(10_000);
  });
});

/** Lets the n-th call of a method fail, before or after it was made. */
function fault(n: number, when: "before" | "after", message: string, binding?: string): Tap {
  let calls = 0;
  return async (call, next) => {
    if (binding !== undefined && call.binding !== binding) return next();
    calls += 1;
    if (calls !== n) return next();
    if (when === "after") await next();
    throw new Error(message);
  };
}

const LOST = "D1_ERROR: Network connection lost.";
const OVERLOADED = "D1_ERROR: D1 DB is overloaded. Too many requests queued.";

describe.each([
  ["with keys", (count: number) => points(count, { sequence: "-1" })],
  ["without keys", appended],
])("at most once, %s", (_, rows) => {
  stillClock();

  test("a repeat answers what the first one did, whatever came between", async () => {
    const tenant = await newTenant();
    const [first, second] = [newOnce(), newOnce()];
    expect(await store(tenant, rows(30), first)).toEqual(tally(30));
    const other = await store(tenant, rows(40), second);
    const between = await storedRows(tenant, "t");
    for (const { id } of await listTables(testEnv, tenant.clientId)) {
      for (const start of [0, 128]) {
        await evictDurableObject(testEnv.TABLE_RANGE.getByName(`${id}:${start}`)).catch(() => {});
      }
    }
    expect(await store(tenant, rows(30), first)).toEqual(tally(30));
    expect(await store(tenant, rows(40), second)).toEqual(other);
    expect(await storedRows(tenant, "t")).toEqual(between);
  });

  test("requests with one id at the same time have one effect", async () => {
    const tenant = await newTenant();
    // A table that is there: else the requests would race for its creation, too.
    await store(tenant, rows(1));
    const once = newOnce();
    const same = await Promise.all(Array.from({ length: 8 }, () => store(tenant, rows(25), once)));
    expect(new Set(same.map((one) => JSON.stringify(one))).size).toBe(1);
    const sum = same[0];
    expect((sum?.inserted ?? 0) + (sum?.replaced ?? 0)).toBe(25);
    const isKeyed = rows(1)[0]?.keyNames === undefined;
    expect(await storedRows(tenant, "t")).toHaveLength(isKeyed ? 25 : 26);
  });

  test.each([
    ["after", LOST],
    ["before", LOST],
    ["after", OVERLOADED],
    ["before", OVERLOADED],
  ] as const)("a call of the database that fails %s it was made: %s", async (when, message) => {
    for (const start of [0, 128]) {
      const tenant = await newTenant();
      await store(tenant, rows(30));
      const before = await storedRows(tenant, "t");
      const id = await tableId(tenant, "t");
      await tapRange(testEnv, `${id}:${start}`, fault(1, when, message));
      const once = newOnce();
      const attempt = await store(tenant, rows(45), once).catch(() => undefined);
      const isKeyed = rows(1)[0]?.keyNames === undefined;
      const expected = isKeyed ? tally(15, 30) : tally(45);
      if (message === LOST) expect(attempt).toEqual(expected);
      // The parts that were stored are not stored again, and the others are.
      expect(await store(tenant, rows(45), once)).toEqual(expected);
      const stored = await storedRows(tenant, "t");
      expect(stored).toHaveLength(isKeyed ? 45 : before.length + 45);
      expect(await store(tenant, rows(45), once)).toEqual(expected);
      expect(await storedRows(tenant, "t")).toEqual(stored);
    }
  });

  test.each(["after", "before"] as const)(
    "a call of the object that breaks %s it",
    async (when) => {
      const tenant = await newTenant();
      await store(tenant, rows(1));
      const before = (await storedRows(tenant, "t")).length;
      const once = newOnce();
      const broken = tapEnv(otherIsolate(), fault(1, when, LOST, "TABLE_RANGE"));
      const first = await store(tenant, rows(10), once, broken);
      expect(first.inserted + first.replaced).toBe(10);
      expect(await store(tenant, rows(10), once)).toEqual(first);
      expect((await storedRows(tenant, "t")).length).toBe(before + first.inserted);
    },
  );
});

/** Longest wait for a write that nobody awaits, in ms: machines are busy. */
const WRITTEN_MS_MAX = 60_000;

test("a crash between the parts: a repeat stores the rest, and nothing of older rows", async () => {
  const tenant = await newTenant();
  await store(tenant, points(40));
  const once = newOnce();
  let calls = 0;
  const dying: Tap = (call, next) => {
    if (call.binding !== "TABLE_RANGE") return next();
    calls += 1;
    // The invocation ends after its first part.
    return calls === 1 ? next() : new Promise<never>(() => {});
  };
  const sent = points(40, { sequence: "-1" }).map(({ data }) => ({
    sequence: "-1",
    data: { ...data, by: "first" },
  }));
  void store(tenant, sent, once, tapEnv(otherIsolate(), dying));
  await vi.waitFor(
    async () => {
      const texts = (await storedRows(tenant, "t")).map(({ data }) => data);
      expect(texts.some((text) => text.includes("first"))).toBe(true);
    },
    { timeout: WRITTEN_MS_MAX },
  );
  const early = (await storedRows(tenant, "t")).filter(({ data }) => data.includes("first"));
  expect(early.length).toBeLessThan(40);
  // Somebody else replaces all rows; then the request comes again.
  const others = sent.map(({ data }) => ({ sequence: "-1", data: { ...data, by: "other" } }));
  await store(tenant, others);
  expect(await store(tenant, sent, once)).toEqual(tally(0, 40));
  const rows = await storedRows(tenant, "t");
  const others2 = rows.filter(({ data }) => data.includes("other"));
  expect(others2.map(({ key }) => key)).toEqual(early.map(({ key }) => key));
});

describe("an object of another release", () => {
  const objects = (stub: object): Env => ({
    ...otherIsolate(),
    TABLE_RANGE: { getByName: () => stub } as unknown as Env["TABLE_RANGE"],
  });

  test("that knows no counts writes nothing, and the client may come again", async () => {
    const tenant = await newTenant();
    await store(tenant, appended(1));
    const commit = vi.fn<() => Promise<object>>(async () => ({}));
    const old = objects({ commit });
    await expect(store(tenant, appended(2), newOnce(), old)).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(commit).not.toHaveBeenCalled();
  });

  test("that answers without counts is no success", async () => {
    const old = objects({ commitCounted: async () => ({}) });
    await expect(store(await newTenant(), points(1), undefined, old)).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});
