import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { chunkMember } from "../../src/warehouse/chunks.ts";
import { writeCommitPoint } from "../../src/warehouse/commit-metrics.ts";
import type { RangeCommit, TableRange } from "../../src/warehouse/table-range.ts";
import { testEnv } from "../support/env.ts";
import { stillClock } from "../support/still-clock.ts";

stillClock();

let lastTableId = 8_500_000;

/** An object whose metrics go to the test, and the messages for it. */
async function rangeWith(metrics: unknown) {
  lastTableId += 1;
  const tableId = lastTableId;
  const stub = testEnv.TABLE_RANGE.getByName(`${tableId}:0`);
  await evictDurableObject(stub).catch(() => undefined);
  await runInDurableObject(stub, (range: TableRange) => {
    Reflect.set(range, "env", { ...testEnv, METRICS: metrics });
  });
  const part = (...keys: readonly string[]): RangeCommit => {
    const members = keys.map((key) => chunkMember("1", "0", key, "{}")).join();
    const chunks = [{ members, bytes: members.length, rows: keys.length }];
    return { tableId, shard: 0, chunks };
  };
  return { stub, part, tableId };
}

test("each group is a point: requests, changes, rows, bytes, time and what waits", async () => {
  const points: AnalyticsEngineDataPoint[] = [];
  const metrics = {
    writeDataPoint: (point: AnalyticsEngineDataPoint): void => void points.push(point),
  };
  const { stub, part, tableId } = await rangeWith(metrics);
  await stub.commit(part("A1", "A2"));
  const counting = { rows: 2, inserted: 2, keys: [] };
  await stub.commitCounted({ ...part("A2", "A3"), counting });
  await stub.commit({ ...part(), chunks: [{ members: "}", bytes: 1 }] });
  const { bytes = 0 } = part("A1", "A2").chunks[0] ?? {};
  const doubles = [
    [1, 2, 2, bytes, expect.any(Number), 0],
    [1, 1, 2, bytes, expect.any(Number), 0],
    [1, 0, 0, 1, expect.any(Number), 0],
  ];
  expect(points).toEqual(
    doubles.map((numbers, index) => ({
      indexes: [String(tableId)],
      blobs: ["commit", index === 2 ? "failed" : "ok"],
      doubles: numbers,
    })),
  );
});

test("the requests of one group are one point, with what waits behind it", async () => {
  const points: AnalyticsEngineDataPoint[] = [];
  const metrics = {
    writeDataPoint: (point: AnalyticsEngineDataPoint): void => void points.push(point),
  };
  const { stub, part } = await rangeWith(metrics);
  const parts = Array.from({ length: 10 }, (_, i) => part(`B1${i}`));
  await Promise.all(parts.map((one) => stub.commit(one)));
  const numbers = points.map(({ doubles = [] }) => doubles);
  expect(numbers.reduce((sum, [requests = 0]) => sum + requests, 0)).toBe(10);
  expect(numbers.length).toBeLessThan(10);
  const bytes = part("B10").chunks[0]?.bytes ?? 0;
  let left = 10;
  for (const [requests = 0, , , , , waiting = 0] of numbers) {
    left -= requests;
    expect(waiting).toBeLessThanOrEqual(left * bytes);
  }
  expect(numbers.at(-1)?.[5]).toBe(0);
});

test("no commit fails for its metrics, nor where there are none", async () => {
  const broken = {
    writeDataPoint: (): void => {
      throw new Error("too many points");
    },
  };
  for (const metrics of [broken, undefined, {}]) {
    const { stub, part } = await rangeWith(metrics);
    expect(await stub.commit(part("A1"))).toEqual({});
    expect(await stub.commit(part("A2"))).toEqual({});
  }
});

test("the binding of this runtime takes them", () => {
  const point = { requests: 1, changes: 1, rows: 1, bytes: 1, ms: 1, waitingBytes: 0 };
  expect(() => {
    testEnv.METRICS.writeDataPoint({ indexes: ["1"], blobs: ["commit", "ok"], doubles: [1] });
    writeCommitPoint(testEnv, { ...point, tableId: 1, outcome: "ok" });
  }).not.toThrow();
});
