import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Chunk } from "../../src/warehouse/chunks.ts";
import {
  CommitQueue,
  type CommitResult,
  type Write,
  type Written,
} from "../../src/warehouse/commit-queue.ts";
import {
  COMMIT_DEADLINE_MS,
  CROWD_PAUSE_MS,
  CROWD_REQUESTS,
  GROUP_BYTES_MAX,
  GROUP_COUNTED_MAX,
  GROUP_REQUESTS_MAX,
  PARAMETER_BYTES_MAX,
  QUEUE_BYTES_MAX,
} from "../../src/warehouse/limits.ts";

/** The chunks of a request that has one member. */
function request(label: string, bytes = 0): Chunk[] {
  const members = `"${label}":1${" ".repeat(Math.max(0, bytes - label.length - 4))}`;
  return [{ members, bytes: members.length }];
}

/** The labels of what was written together, statement by statement. */
const labels = (parameters: readonly string[]): string[] =>
  parameters.flatMap((json) => [...json.matchAll(/"(.+?)":/g)].map((match) => match[1] ?? ""));

const NOTHING: Written = { changes: 0, tallies: [] };

/** A database that ends a write when the test says so. */
class SlowDatabase {
  readonly writes: string[][] = [];
  readonly #ends: ((error?: Error) => void)[] = [];
  readonly queue = new CommitQueue((writes) => {
    this.writes.push(labels(writes.flatMap(({ parameters }) => parameters)));
    return new Promise((resolve, reject) => {
      this.#ends.push((error) => {
        if (error === undefined) resolve(NOTHING);
        else reject(error);
      });
    });
  });

  /** Ends the oldest write that is under way. */
  async end(error?: Error): Promise<void> {
    this.endNow(error);
    await vi.advanceTimersByTimeAsync(CROWD_PAUSE_MS);
  }

  /** The same without letting time pass. */
  endNow(error?: Error): void {
    this.#ends.shift()?.(error);
  }

  get underWay(): number {
    return this.#ends.length;
  }
}

/** What became of a commit so far. */
function watch(commit: Promise<CommitResult>): { result?: CommitResult } {
  const watched: { result?: CommitResult } = {};
  void commit.then((result) => {
    watched.result = result;
  });
  return watched;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("group commit", () => {
  test("what waits is written together, in the order of its arrival", async () => {
    const database = new SlowDatabase();
    const names = ["a", "b", "c", "d"];
    const results = names.map((name) => watch(database.queue.commit(request(name))));
    expect(database.writes).toEqual([["a"]]);
    await database.end();
    expect(results.map(({ result }) => result)).toEqual([{}, undefined, undefined, undefined]);
    expect(database.writes).toEqual([["a"], ["b", "c", "d"]]);
    results.push(watch(database.queue.commit(request("e"))));
    expect(database.underWay).toBe(1);
    await database.end();
    await database.end();
    expect(results.map(({ result }) => result)).toEqual([{}, {}, {}, {}, {}]);
    expect(database.writes.at(-1)).toEqual(["e"]);
    expect(database.queue.queuedBytes).toBe(0);
  });

  test("requests stay whole: the bytes of a group have a limit", async () => {
    const database = new SlowDatabase();
    const half = GROUP_BYTES_MAX / 2;
    const sizes = [1, 2 * GROUP_BYTES_MAX, half, half, half, 1];
    const results = sizes.map((size, index) =>
      watch(database.queue.commit(splitRequest(`r${index}-`, size))),
    );
    while (database.underWay > 0) await database.end();
    const groups = database.writes.map((write) => [...new Set(write.map((l) => l.split("-")[0]))]);
    expect(groups).toEqual([["r0"], ["r1"], ["r2", "r3"], ["r4", "r5"]]);
    expect(results.every(({ result }) => result?.error === undefined)).toBe(true);
  });

  test("the requests of a group have a limit", async () => {
    const database = new SlowDatabase();
    const some = 2 * GROUP_REQUESTS_MAX + 50;
    for (let index = 0; index < some; index += 1) void database.queue.commit(request(`r${index}`));
    while (database.underWay > 0) await database.end();
    const rest = some - 1 - 2 * GROUP_REQUESTS_MAX;
    const sizes = database.writes.map((write) => write.length);
    expect(sizes).toEqual([1, GROUP_REQUESTS_MAX, GROUP_REQUESTS_MAX, rest]);
  });

  test("rows and counted keys are given back once they are written, and not before", async () => {
    const bytes = (): Chunk => ({ members: new TextEncoder().encode('"a":1'), bytes: 5, rows: 1 });
    const [chunks, keys] = [[bytes()], [bytes()]];
    const left = (): number[] => [...chunks, ...keys].map(({ members }) => members.length);
    let attempts = 0;
    const queue = new CommitQueue(() => {
      expect(left()).toEqual([5, 5]);
      attempts += 1;
      if (attempts < 3) throw new Error("D1_ERROR: Network connection lost.");
      return Promise.resolve({ changes: 1, tallies: [{ inserted: 1, replaced: 0, stale: 0 }] });
    });
    const commit = watch(queue.commit(chunks, { rows: 1, inserted: 0, keys }));
    await vi.advanceTimersByTimeAsync(COMMIT_DEADLINE_MS);
    expect(commit.result?.error).toBeUndefined();
    expect([attempts, ...left()]).toEqual([3, 0, 0]);
  });

  test("requests that are counted are writes of their own, and have a limit", async () => {
    const groups: (readonly Write[])[] = [];
    const begun = Promise.withResolvers<void>();
    const queue = new CommitQueue(async (writes) => {
      groups.push(writes);
      await begun.promise;
      const counted = writes.flatMap(({ counting }) => counting ?? []);
      const tallies = counted.map(({ rows }) => ({ inserted: rows, replaced: 0, stale: 0 }));
      return { changes: 0, tallies };
    });
    const kinds = ["first", "plain", "plain", "counted", "plain", "counted", "counted", "plain"];
    for (let index = 0; index < GROUP_COUNTED_MAX; index += 1) kinds.push("counted");
    const commits = kinds.map((kind, rows) => {
      const counting = kind === "counted" ? { rows, inserted: 0, keys: [] } : undefined;
      return queue.commit(request(`r${rows}`), counting);
    });
    begun.resolve();
    await vi.advanceTimersByTimeAsync(CROWD_PAUSE_MS);
    const results = await Promise.all(commits);
    results.forEach((result, rows) => {
      const expected = { tally: { inserted: rows, replaced: 0, stale: 0 } };
      expect(result).toEqual(kinds[rows] === "counted" ? expected : {});
    });
    const counted = groups.map((writes) => writes.filter((write) => write.counting).length);
    expect(counted).toEqual([0, GROUP_COUNTED_MAX, 3]);
    const second = groups[1]?.slice(0, 6).map(({ parameters }) => labels(parameters));
    expect(second).toEqual([["r1", "r2"], ["r3"], ["r4"], ["r5"], ["r6"], ["r7"]]);
    expect(queue.queuedBytes).toBe(0);
  });

  test("after a crowded group the next one waits for those who were just answered", async () => {
    const database = new SlowDatabase();
    const send = (label: string): void => void database.queue.commit(request(label));
    send("first");
    for (let index = 0; index < CROWD_REQUESTS; index += 1) send(`crowd${index}`);
    await database.end();
    send("early");
    database.endNow();
    await vi.advanceTimersByTimeAsync(CROWD_PAUSE_MS - 1);
    expect(database.writes).toHaveLength(2);
    send("late");
    await vi.advanceTimersByTimeAsync(1);
    expect(database.writes[2]).toEqual(["early", "late"]);
  });

  test("a few requests are written without a pause", async () => {
    const database = new SlowDatabase();
    const send = (label: string): void => void database.queue.commit(request(label));
    send("first");
    for (let index = 1; index < CROWD_REQUESTS; index += 1) send(`r${index}`);
    await database.end();
    send("next");
    database.endNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(database.writes[2]).toEqual(["next"]);
  });
});

/** A request of so many bytes in chunks that fit a parameter. */
function splitRequest(label: string, bytes: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let left = bytes; left > 0; left -= PARAMETER_BYTES_MAX - 10) {
    const size = Math.min(left, PARAMETER_BYTES_MAX - 10);
    chunks.push(...request(`${label}${chunks.length}`, size));
  }
  return chunks;
}

describe("back-pressure", () => {
  test("past its bytes the queue refuses, and takes requests again when it is shorter", async () => {
    const database = new SlowDatabase();
    const large = QUEUE_BYTES_MAX - 100;
    // A request alone is taken whatever its size.
    const first = watch(database.queue.commit(splitRequest("first", large)));
    expect(database.queue.queuedBytes).toBe(large);
    const second = watch(database.queue.commit(request("second", 100)));
    const third = watch(database.queue.commit(request("third", 10)));
    await vi.advanceTimersByTimeAsync(0);
    expect(third.result?.error).toBe("overloaded");
    await database.end();
    await database.end();
    expect([first.result, second.result]).toEqual([{}, {}]);
    const fourth = watch(database.queue.commit(splitRequest("fourth", 2 * QUEUE_BYTES_MAX)));
    const fifth = watch(database.queue.commit(request("fifth", 10)));
    await database.end();
    expect([fourth.result, fifth.result?.error]).toEqual([{}, "overloaded"]);
    expect(database.queue.queuedBytes).toBe(0);
  });
});

describe("failures", () => {
  const lost = new Error("D1_ERROR: Network connection lost.");
  const malformed = new Error("D1_ERROR: malformed JSON: SQLITE_ERROR");

  test("of the kind that passes are tried again, and not seen", async () => {
    const database = new SlowDatabase();
    const commit = watch(database.queue.commit(request("a")));
    const next = watch(database.queue.commit(request("b")));
    await database.end(lost);
    await vi.advanceTimersByTimeAsync(50);
    expect(commit.result).toBeUndefined();
    await database.end();
    expect(commit.result).toEqual({});
    await database.end();
    expect(next.result).toEqual({});
    // The group that is tried again takes nobody in: what waits comes after it.
    expect(database.writes).toEqual([["a"], ["a"], ["b"]]);
  });

  test.each([
    [lost.message, "unavailable", 4],
    ["D1_ERROR: D1 DB is overloaded. Too many requests queued.", "overloaded", 1],
    [
      "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
      "unavailable",
      1,
    ],
    [malformed.message, "failed", 1],
  ])("that stay: %s is %s", async (message, error, attempts) => {
    const database = new SlowDatabase();
    const commit = watch(database.queue.commit(request("a")));
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await database.end(new Error(message));
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(commit.result).toEqual({ error, message });
    expect(database.writes).toHaveLength(attempts);
    expect(database.queue.queuedBytes).toBe(0);
    const next = watch(database.queue.commit(request("b")));
    await database.end();
    expect(next.result).toEqual({});
  });

  test("of the data of one request do not fail its neighbours", async () => {
    const database = new SlowDatabase();
    const names = ["a", "b", "bad", "c"];
    const results = names.map((name) => watch(database.queue.commit(request(name))));
    await database.end();
    await database.end(malformed);
    while (database.underWay > 0) {
      await database.end(database.writes.at(-1)?.includes("bad") === true ? malformed : undefined);
    }
    expect(database.writes).toEqual([["a"], ["b", "bad", "c"], ["b"], ["bad"], ["c"]]);
    expect(results.map(({ result }) => result?.error)).toEqual([
      undefined,
      undefined,
      "failed",
      undefined,
    ]);
    expect(database.queue.queuedBytes).toBe(0);
  });

  test("are tried again until the deadline of the request that waits longest", async () => {
    const database = new SlowDatabase();
    const commit = watch(database.queue.commit(request("a")));
    await vi.advanceTimersByTimeAsync(COMMIT_DEADLINE_MS + 1);
    expect(commit.result).toBeUndefined();
    await database.end(lost);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(commit.result?.error).toBe("unavailable");
    expect(database.writes).toHaveLength(1);
  });
});

test("however writes end: order, wholeness, and no answer before its write", async () => {
  const outcome = fc.constantFrom("ok", "ok", "ok", "lost", "overloaded");
  const sizes = fc.array(fc.constantFrom(10, 1_000, 3_000_000), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      sizes,
      fc.infiniteStream(outcome),
      async (s, list, outcomes) => {
        const written: string[] = [];
        const queue = new CommitQueue(async (writes) => {
          const how = String(outcomes.next().value);
          await s.schedule(Promise.resolve(), how);
          if (how === "overloaded") throw new Error("D1 DB is overloaded.");
          written.push(...labels(writes.flatMap(({ parameters }) => parameters)));
          // Written, and the answer lost: it is written again.
          if (how === "lost") throw new Error("Network connection lost.");
          return NOTHING;
        });
        const commits = s.schedule(Promise.resolve()).then(() =>
          list.map(async (size, index) => {
            const own = splitRequest(`r${index}.`, size);
            const result = await queue.commit(own);
            const ownLabels = own.map((_, part) => `r${index}.${part}`);
            const seen = ownLabels.filter((label) => written.includes(label)).length;
            if (result.error === undefined) expect(seen).toBe(own.length);
            else expect([0, own.length]).toContain(seen);
          }),
        );
        const all = commits.then((list) => Promise.all(list));
        const state = { isDone: false };
        void all.finally(() => {
          state.isDone = true;
        });
        while (!state.isDone) {
          await s.waitIdle();
          await vi.advanceTimersByTimeAsync(100);
        }
        await all;
        const order = written.map((label) => Number(/^r(\d+)/.exec(label)?.[1]));
        const firsts = [...new Set(order)];
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
        expect(queue.queuedBytes).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});
