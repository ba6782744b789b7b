/** Who is refused by a queue under load, and how long the others wait. Time is simulated. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pause } from "../../src/pause.ts";
import type { Chunk } from "../../src/warehouse/chunks.ts";
import { CommitQueue, type Write } from "../../src/warehouse/commit-queue.ts";
import {
  COMMIT_STALL_MS_MIN,
  COMMIT_WAIT_MS_MIN,
  CROWD_PAUSE_MS,
  QUEUE_BYTES_MAX,
} from "../../src/warehouse/limits.ts";

/** A database whose commits take so long, each and for each 100 kB. */
interface Speed {
  readonly fixedMs: number;
  readonly unitMs: number;
}

const UNIT_BYTES = 100_000;
const D1: Speed = { fixedMs: 40, unitMs: 10 };

/** How the requests of a queue fared. */
class Load {
  refused = 0;
  readonly waitsMs: number[] = [];
  speed: Speed;
  queuedBytesMax = 0;
  readonly queue = new CommitQueue(async (writes) => {
    const bytes = bytesOf(writes);
    await pause(this.speed.fixedMs + (this.speed.unitMs * bytes) / UNIT_BYTES);
    return { changes: 0, tallies: [] };
  });

  constructor(speed: Speed) {
    this.speed = speed;
  }

  async request(bytes: number): Promise<boolean> {
    const begin = Date.now();
    const committing = this.queue.commit([chunk(bytes)]);
    this.queuedBytesMax = Math.max(this.queuedBytesMax, this.queue.queuedBytes);
    const { error } = await committing;
    if (error === undefined) this.waitsMs.push(Date.now() - begin);
    else this.refused += 1;
    return error === undefined;
  }

  async client(bytes: number, until: number): Promise<void> {
    while (Date.now() < until) await this.request(bytes);
  }

  get waitMsMax(): number {
    return Math.max(...this.waitsMs);
  }
}

/** Members whose text is short: their size is what the database of these tests looks at. */
function chunk(bytes: number): Chunk {
  return { members: `"${bytes}":1`, bytes };
}

function bytesOf(writes: readonly Write[]): number {
  const texts = writes.flatMap(({ parameters }) => parameters);
  const sizes = texts.flatMap((text) => [...text.matchAll(/"(\d+)":/g)]);
  return sizes.reduce((sum, match) => sum + Number(match[1]), 0);
}

/** More than any chain of promises between two timers of the queue has. */
const MICROTASKS = 100;

/**
 * Lets simulated time pass, and what waits for it go on: vitest's own way takes several real
 * timers for each simulated one, and these tests took 16 s with it; now 1.5 s.
 */
async function passTime(ms: number): Promise<void> {
  const time = { isOver: false };
  setTimeout(() => (time.isOver = true), ms);
  while (!time.isOver) {
    vi.advanceTimersToNextTimer();
    for (let turn = 0; turn < MICROTASKS; turn += 1) await Promise.resolve();
  }
}

/** Requests by a schedule, whatever becomes of them. */
async function openLoop(load: Load, bytes: number, everyMs: number, ms: number): Promise<void> {
  for (const until = Date.now() + ms; Date.now() < until;) {
    void load.request(bytes);
    await passTime(everyMs);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("closed loops", () => {
  test.each([
    { clients: 64, bytes: 300, speed: D1 },
    { clients: 64, bytes: 300, speed: { fixedMs: 5, unitMs: 5 } },
    { clients: 64, bytes: 300, speed: { fixedMs: 800, unitMs: 10 } },
    { clients: 16, bytes: 30_000, speed: { fixedMs: 40, unitMs: 5 } },
    { clients: 16, bytes: 30_000, speed: { fixedMs: 2, unitMs: 5 } },
  ])("$clients clients with $bytes bytes on $speed are never refused", async (row) => {
    const load = new Load(row.speed);
    const until = Date.now() + 5_000;
    for (let count = 0; count < row.clients; count += 1) void load.client(row.bytes, until);
    await passTime(8_000);
    expect(load.refused).toBe(0);
    expect(load.waitsMs.length).toBeGreaterThan(row.clients);
  });
});

describe("twice the load that can be committed", () => {
  const speeds = fc.record({
    fixedMs: fc.integer({ min: 1, max: 200 }),
    unitMs: fc.integer({ min: 20, max: 150 }),
  });

  test("is taken by half, even the last within six times what a request takes alone", async () => {
    const sizes = fc.integer({ min: 20_000, max: 400_000 });
    await fc.assert(
      fc.asyncProperty(speeds, sizes, async (speed, bytes) => {
        const load = new Load(speed);
        const ownMs = (speed.unitMs * bytes) / UNIT_BYTES;
        // How fast the database is has to be learned first, from some full commits.
        await openLoop(load, bytes, ownMs / 2, 100 * ownMs + 20 * speed.fixedMs);
        await passTime(60_000);
        load.waitsMs.length = 0;
        await openLoop(load, bytes, ownMs / 2, 100 * ownMs + 10 * speed.fixedMs);
        const aloneMs = speed.fixedMs + ownMs;
        const limit = Math.max(6 * aloneMs, 3 * COMMIT_WAIT_MS_MIN);
        expect(load.waitMsMax).toBeLessThan(limit + CROWD_PAUSE_MS);
        expect(load.refused).toBeGreaterThan(0);
        expect(load.queuedBytesMax).toBeLessThanOrEqual(QUEUE_BYTES_MAX);
        await passTime(30_000);
        expect(load.queue.queuedBytes).toBe(0);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  test("once it is over, the first request is taken, and as fast as ever", async () => {
    const load = new Load(D1);
    await openLoop(load, 100_000, 5, 10_000);
    expect(load.refused).toBeGreaterThan(100);
    await passTime(200);
    load.waitsMs.length = 0;
    const { refused } = load;
    void load.request(100_000);
    await passTime(60);
    expect(load.waitsMs).toEqual([50]);
    expect(load.refused).toBe(refused);
  });
});

describe("whoever meets nobody that waits", () => {
  test("is taken, however slow the database was", async () => {
    const commits = fc.array(fc.tuple(fc.nat(20_000_000), fc.nat(3_000)), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(commits, async (some) => {
        const load = new Load(D1);
        for (const [bytes, fixedMs] of some) {
          load.speed = { fixedMs, unitMs: 1 };
          const taken = load.request(bytes);
          await passTime(60_000);
          expect(await taken).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("is taken behind a large commit, and beside a large request that waits", async () => {
    const load = new Load(D1);
    for (let count = 0; count < 10; count += 1) {
      void load.request(count * 200_000);
      await passTime(1_000);
    }
    void load.request(4_000_000);
    void load.request(4_000_000);
    for (let count = 0; count < 50; count += 1) void load.request(300);
    await passTime(5_000);
    expect(load.refused).toBe(0);
  });
});

describe("a commit that is stuck", () => {
  test("has nobody wait for it who comes later", async () => {
    const load = new Load({ fixedMs: 12_000, unitMs: 0 });
    void load.request(300);
    await passTime(COMMIT_STALL_MS_MIN);
    expect(load.refused).toBe(0);
    void load.request(300);
    await passTime(1);
    void load.request(300);
    await passTime(0);
    expect(load.refused).toBe(1);
    load.speed = D1;
    await passTime(12_000);
    const next = load.request(300);
    await passTime(100);
    expect(await next).toBe(true);
    expect(load.refused).toBe(1);
    expect(load.waitMsMax).toBe(12_000);
  });
});
