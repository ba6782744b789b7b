import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import type { Chunk } from "../../src/warehouse/chunks.ts";
import { chunkMember } from "../../src/warehouse/chunks.ts";
import type { TableRange } from "../../src/warehouse/table-range.ts";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { stillClock } from "../support/still-clock.ts";
import { type Tap, tapRange } from "../support/tap.ts";

stillClock();

let lastTableId = 6_000_000;
function newTableId(): number {
  lastTableId += 1;
  return lastTableId;
}

const chunk = (...rows: readonly [key: string, sequence: string, data: string][]): Chunk => {
  const members = rows.map(([key, sequence, data]) => chunkMember(sequence, "0", key, data)).join();
  return { members, bytes: Buffer.byteLength(members) };
};

const range = (tableId: number, start = 0): DurableObjectStub<TableRange> =>
  testEnv.TABLE_RANGE.getByName(`${tableId}:${start}`);

async function stored(tableId: number): Promise<string[]> {
  const { results } = await testEnv.SHARD_0.prepare(
    "SELECT key || ' ' || CAST(sequence AS TEXT) || ' ' || data AS row FROM rows WHERE table_id = ?1 ORDER BY key",
  )
    .bind(tableId)
    .all<{ row: string }>();
  return results.map(({ row }) => row);
}

/** Resolves when the test says so. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  return { opened, open };
}

afterEach(() => {
  vi.restoreAllMocks();
});

test("commits to the shard that it is told, and answers when D1 has the rows", async () => {
  const id = newTableId();
  const rows = chunk(["A1", "5", '{"a":1}'], ["A2", "-1", "{}"]);
  expect(await range(id).commit({ tableId: id, shard: 0, chunks: [rows] })).toEqual({});
  expect(await stored(id)).toEqual(['A1 5 {"a":1}', "A2 -1 {}"]);
  const binary = { members: Buffer.from('"6/0 A1":{"é":"😀"}'), bytes: 23 };
  expect(await range(id).commit({ tableId: id, shard: 0, chunks: [binary] })).toEqual({});
  expect((await stored(id))[0]).toBe('A1 6 {"é":"😀"}');
});

test("the guard, not the object, has the last word: racing objects end with the maximum", async () => {
  const write = fc.record({
    object: fc.constantFrom(0, 64, 128),
    key: fc.constantFrom("A1", "A2"),
    sequence: fc.integer({ min: 0, max: 30 }),
    evict: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 25 }), async (writes) => {
      const id = newTableId();
      const highest = new Map<string, number>();
      await Promise.all(
        writes.map(async ({ object, key, sequence, evict }) => {
          highest.set(key, Math.max(sequence, highest.get(key) ?? -1));
          const stub = range(id, object);
          const chunks = [chunk([key, String(sequence), `{"s":${sequence}}`])];
          const committed = stub.commit({ tableId: id, shard: 0, chunks });
          // Eviction waits for what is under way; what comes after finds a new object.
          if (evict) await evictDurableObject(stub).catch(() => undefined);
          expect(await committed).toEqual({});
        }),
      );
      const expected = [...highest].map(([key, s]) => `${key} ${s} {"s":${s}}`);
      expect(await stored(id)).toEqual(expected.toSorted());
    }),
    { numRuns: 20 },
  );
});

test("what waits for a write is one statement", async () => {
  const id = newTableId();
  const [begun, end] = [gate(), gate()];
  const statements: number[] = [];
  const tap: Tap = async (call, next) => {
    statements.push(call.statements.length);
    begun.open();
    await end.opened;
    return next();
  };
  await tapRange(testEnv, `${id}:0`, tap);
  const commit = (key: string): Promise<unknown> =>
    Promise.resolve(range(id).commit({ tableId: id, shard: 0, chunks: [chunk([key, "1", "{}"])] }));
  const first = commit("A0");
  await begun.opened;
  const others = Array.from({ length: 20 }, (_, i) => commit(`B1${i}`));
  // The others have arrived when a later call to the same object has.
  await runInDurableObject(range(id), () => undefined);
  expect(await stored(id)).toEqual([]);
  end.open();
  expect(await Promise.all([first, ...others])).toEqual(Array(21).fill({}));
  expect(await stored(id)).toHaveLength(21);
  expect(statements).toEqual([1, 1]);
});

test("a request of another table's data is refused alone", async () => {
  quietConsole();
  const id = newTableId();
  const bad = { members: '"1/0 A1":', bytes: 9 };
  const good = chunk(["A2", "1", "{}"]);
  const results = await Promise.all(
    [good, bad, good].map((one) => range(id).commit({ tableId: id, shard: 0, chunks: [one] })),
  );
  expect(results.map((result) => result.error)).toEqual([undefined, "failed", undefined]);
  expect(await stored(id)).toEqual(["A2 1 {}"]);
});

describe("a version switch", () => {
  const rows = Array.from({ length: 50 }, (_, i): [string, string, string] => [
    `B${10 + i}`,
    "1",
    "{}",
  ]);

  test("deletes what is lower, and may be repeated", async () => {
    const id = newTableId();
    await range(id).commit({ tableId: id, shard: 0, chunks: [chunk(...rows)] });
    const members = '"1/5 A1":{},"1/6 A2":{}';
    await range(id).commit({ tableId: id, shard: 0, chunks: [{ members, bytes: members.length }] });
    const activation = { tableId: id, shard: 0, version: "6", after: "" };
    expect(await range(id).activate(activation)).toEqual({});
    expect(await range(id).activate(activation)).toEqual({});
    expect(await stored(id)).toEqual(["A2 1 {}"]);
  });

  test("goes on where a call had enough", async () => {
    const id = newTableId();
    await range(id).commit({ tableId: id, shard: 0, chunks: [chunk(...rows)] });
    const calls: unknown[][] = [];
    // An object that finds a further step each time, for ever.
    await tapRange(testEnv, `${id}:0`, async (call, next) => {
      calls.push([...(call.statements[0]?.values ?? [])]);
      return call.method === "first" ? ("B30" as Awaited<ReturnType<typeof next>>) : next();
    });
    const result = await range(id).activate({ tableId: id, shard: 0, version: "1", after: "" });
    expect(result).toEqual({ next: "B30" });
    // Two queries a step: an invocation has 1,000.
    expect(calls.length).toBe(200);
    expect(calls.at(-1)).toEqual([id, "B30", "B30", "1"]);
  });

  test.each([
    ["D1_ERROR: Network connection lost.", {}],
    ["D1_ERROR: D1 DB is overloaded. Too many requests queued.", { error: "overloaded" }],
    ["D1_ERROR: no such table: SQLITE_ERROR", { error: "unavailable" }],
  ])("once %s", async (message, expected) => {
    const id = newTableId();
    await range(id).commit({ tableId: id, shard: 0, chunks: [chunk(...rows)] });
    let failures = 1;
    await tapRange(testEnv, `${id}:0`, async (_, next) => {
      failures -= 1;
      if (failures === 0) throw new Error(message);
      return next();
    });
    const activation = { tableId: id, shard: 0, version: "1", after: "" };
    const { error } = await range(id).activate(activation);
    expect({ ...(error === undefined ? {} : { error }) }).toEqual(expected);
    if (error === undefined) expect(await stored(id)).toEqual([]);
    else expect(await stored(id)).toHaveLength(50);
  });
});
