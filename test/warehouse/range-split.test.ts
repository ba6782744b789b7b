import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RANGES_MAX, SPLIT_WINDOW_MS } from "../../src/warehouse/limits.ts";
import { splitRange } from "../../src/warehouse/range-split.ts";
import { rangesToText, type SlotRun } from "../../src/warehouse/slots.ts";
import type { TableRange } from "../../src/warehouse/table-range.ts";
import { testEnv } from "../support/env.ts";
import { hotEnv, rangesText, splitAt } from "../support/hot.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { type Tap, tapEnv, tapRange } from "../support/tap.ts";
import { newTenant } from "../support/tenant.ts";
import { pushWith, tableId } from "../support/worker.ts";

const WHOLE: SlotRun = { start: 0, end: 128 };

/** A range is split beside the requests: for what nobody waits for, machines are busy. */
const BESIDE = { timeout: 60_000 };

beforeEach(() => {
  // Windows end when the test says so.
  vi.useFakeTimers({ toFake: ["Date"] });
  quietConsole("log");
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A table on two shards. */
async function newTable(): Promise<number> {
  const tenant = await newTenant();
  const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
  expect((await pushWith(testEnv, tenant, [record])).status).toBe(201);
  const id = await tableId(tenant, "t");
  expect(await rangesText(id)).toBe("[[0,0],[128,1]]");
  return id;
}

describe("a split in the catalogue", () => {
  test("puts a range of the same shard in the middle", async () => {
    const log = quietConsole("log");
    const id = await newTable();
    expect(await splitRange(testEnv, id, WHOLE)).toEqual({ end: 64, isLast: false });
    expect(await rangesText(id)).toBe("[[0,0],[64,0],[128,1]]");
    const second = { start: 128, end: 256 };
    expect(await splitRange(testEnv, id, second)).toEqual({ end: 192, isLast: false });
    expect(await rangesText(id)).toBe("[[0,0],[64,0],[128,1],[192,1]]");
    const line = { event: "range_split", table_id: id, start: 128, middle: 192, end: 256 };
    expect(JSON.parse(String(log.mock.lastCall?.[0]))).toMatchObject(line);
  });

  test("of a range that was split already changes nothing, and says where it ends", async () => {
    const id = await newTable();
    await splitAt(id, 32);
    expect(await splitRange(testEnv, id, WHOLE)).toEqual({ end: 32, isLast: false });
    expect(await rangesText(id)).toBe("[[0,0],[32,0],[128,1]]");
  });

  test.each(["[[0,0],[1,0],[128,1]]", "[[128,1]]"])("%s cannot be split at 0", async (text) => {
    const id = await newTable();
    await setRanges(id, text);
    const run = { start: 0, end: text.includes("[1,") ? 1 : 128 };
    expect(await splitRange(testEnv, id, run)).toEqual({ end: run.end, isLast: true });
    expect(await rangesText(id)).toBe(text);
  });

  test("a table with all the ranges that it may have, and one that is gone", async () => {
    const id = await newTable();
    const ranges = Array.from({ length: RANGES_MAX }, (_, i) => ({ start: i * 8, shard: 0 }));
    await setRanges(id, rangesToText(ranges));
    const run = { start: 8, end: 16 };
    expect(await splitRange(testEnv, id, run)).toEqual({ end: 16, isLast: true });
    expect(await splitRange(testEnv, 999_999_999, run)).toEqual({ end: 16, isLast: true });
  });

  test("all ranges at once: each is split, none is lost", async () => {
    const id = await newTable();
    for (let starts = [0, 128]; starts.length < 16;) {
      const runs = starts.map((start, i) => ({ start, end: starts[i + 1] ?? 256 }));
      // Who loses the race three times comes again, as with a later window.
      for (let left = runs; left.length > 0;) {
        const results = await Promise.all(left.map((run) => splitRange(testEnv, id, run)));
        left = left.filter((run, i) => results[i]?.end === run.end);
      }
      starts = runs.flatMap(({ start, end }) => [start, (start + end) / 2]);
      const expected = starts.map((start) => ({ start, shard: start < 128 ? 0 : 1 }));
      expect(await rangesText(id)).toBe(rangesToText(expected));
    }
  });

  test("whose answer was lost is made once", async () => {
    const id = await newTable();
    let lost = 0;
    const tap: Tap = async (call, next) => {
      const result = await next();
      if (call.method === "run" && lost++ === 0) throw new Error("Network connection lost.");
      return result;
    };
    expect(await splitRange(tapEnv(testEnv, tap), id, WHOLE)).toEqual({ end: 64, isLast: false });
    expect(await rangesText(id)).toBe("[[0,0],[64,0],[128,1]]");
    expect(lost).toBe(2);
  });
});

describe("an object", () => {
  const env = hotEnv(testEnv, 1);
  const objectOf = (id: number, start = 0): DurableObjectStub<TableRange> =>
    env.TABLE_RANGE.getByName(`${id}:${start}`);

  /** Commits so often, one after the other; which of the answers said that the caller is stale. */
  async function commits(id: number, count: number, run?: SlotRun): Promise<boolean[]> {
    const stale: boolean[] = [];
    for (let i = 0; i < count; i += 1) {
      const part = { tableId: id, shard: 0, chunks: [{ members: '"1/0 A1":{}', bytes: 11 }] };
      const result = await objectOf(id).commit(run === undefined ? part : { ...part, run });
      expect(result.error).toBeUndefined();
      stale.push(result.isStale === true);
    }
    return stale;
  }

  const untilSplit = (id: number, text: string): Promise<void> =>
    vi.waitFor(async () => expect(await rangesText(id)).toBe(text), BESIDE);

  test("splits its range when it is hot, and tells who does not know", async () => {
    const id = await newTable();
    expect(await commits(id, 9, WHOLE)).not.toContain(true);
    expect(await rangesText(id)).toBe("[[0,0],[128,1]]");
    await commits(id, 1, WHOLE);
    await untilSplit(id, "[[0,0],[64,0],[128,1]]");
    await vi.waitFor(async () => expect(await commits(id, 1, WHOLE)).toEqual([true]), BESIDE);
    expect(await commits(id, 3, { start: 0, end: 64 })).toEqual([false, false, false]);
    // Whoever does not know does not make it hot.
    expect(await commits(id, 30, WHOLE)).not.toContain(false);
    expect(await rangesText(id)).toBe("[[0,0],[64,0],[128,1]]");
    await commits(id, 7, { start: 0, end: 64 });
    await untilSplit(id, "[[0,0],[32,0],[64,0],[128,1]]");
  });

  test("that started anew looks before it splits", async () => {
    const id = await newTable();
    await splitAt(id, 64);
    await commits(id, 10, WHOLE);
    await vi.waitFor(async () => expect(await commits(id, 1, WHOLE)).toEqual([true]), BESIDE);
    expect(await rangesText(id)).toBe("[[0,0],[64,0],[128,1]]");
    await evictDurableObject(testEnv.TABLE_RANGE.getByName(`${id}:0`));
    expect(await commits(id, 1, WHOLE)).toEqual([false]);
    expect(await commits(id, 1, { start: 0, end: 64 })).toEqual([false]);
    expect(await commits(id, 1, WHOLE)).toEqual([true]);
  });

  test("that is called by an older release does neither", async () => {
    const id = await newTable();
    expect(await commits(id, 30)).not.toContain(true);
    await commits(id, 1, { start: 0, end: 64 });
    expect(await commits(id, 1)).toEqual([false]);
    expect(await rangesText(id)).toBe("[[0,0],[128,1]]");
  });

  test("commits as ever while the catalogue fails, and splits in a later window", async () => {
    const log = quietConsole();
    const id = await newTable();
    let failing = true;
    await tapRange(testEnv, `${id}:0`, (call, next) => {
      const fails = failing && call.binding === "CATALOG";
      return fails ? Promise.reject(new Error("D1_ERROR: a failure")) : next();
    });
    await commits(id, 30, WHOLE);
    await vi.waitFor(() => expect(log.mock.lastCall?.[0]).toContain("split_failed"), BESIDE);
    expect(log).toHaveBeenCalledTimes(1);
    failing = false;
    vi.setSystemTime(Date.now() + SPLIT_WINDOW_MS);
    await commits(id, 10, WHOLE);
    await untilSplit(id, "[[0,0],[64,0],[128,1]]");
  });
});

async function setRanges(id: number, text: string): Promise<void> {
  await testEnv.CATALOG.prepare("UPDATE tables SET ranges = ?2 WHERE id = ?1").bind(id, text).run();
}
