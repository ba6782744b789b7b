/** What a queue under load does with these rules: commit-queue-load.test.ts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CommitWait, type Weighed } from "../../src/warehouse/commit-wait.ts";
import {
  COMMIT_STALL_MS_MIN,
  CROWD_PAUSE_MS,
  CROWD_REQUESTS,
  GROUP_BYTES_MAX,
  GROUP_COUNTED_MAX,
  GROUP_REQUESTS_MAX,
  QUEUE_BYTES_MAX,
} from "../../src/warehouse/limits.ts";

const isCounted = ({ counting }: Weighed): boolean => counting !== undefined;

const weighed = fc.record(
  { bytes: fc.integer({ min: 1, max: GROUP_BYTES_MAX + 1 }), counting: fc.constant({}) },
  { requiredKeys: ["bytes"] },
);

describe("groups", () => {
  test("have what was taken in, whole, in order, within their limits", () => {
    fc.assert(
      fc.property(fc.array(weighed, { minLength: 1, maxLength: 60 }), (requests) => {
        const wait = new CommitWait<Weighed>();
        const taken = requests.filter((request) => wait.offer(request, 0) === undefined);
        expect(wait.queuedBytes).toBe(taken.reduce((sum, { bytes }) => sum + bytes, 0));
        const written: Weighed[] = [];
        while (wait.waitingCount > 0) {
          const group = wait.take();
          const own = group.requests;
          expect(group.bytes).toBe(own.reduce((sum, { bytes }) => sum + bytes, 0));
          expect(own.length).toBeLessThanOrEqual(GROUP_REQUESTS_MAX);
          expect(own.filter(isCounted).length).toBeLessThanOrEqual(GROUP_COUNTED_MAX);
          if (own.length > 1) expect(group.bytes).toBeLessThanOrEqual(GROUP_BYTES_MAX);
          wait.begin(group.bytes, 0);
          wait.end(group.bytes, undefined);
          written.push(...own);
        }
        expect(written).toEqual(taken);
        expect(wait.queuedBytes).toBe(0);
      }),
    );
  });
});

describe("a request", () => {
  test("is taken while nobody waits, however large and slow the one that is written", () => {
    const wait = new CommitWait<Weighed>();
    expect(wait.offer({ bytes: QUEUE_BYTES_MAX * 2 }, 0)).toBeUndefined();
    wait.begin(wait.take().bytes, 0);
    expect(wait.offer({ bytes: 1 }, 0)).toBe(`${QUEUE_BYTES_MAX * 2} bytes wait already`);
    wait.end(QUEUE_BYTES_MAX * 2, 60_000);
    expect(wait.offer({ bytes: GROUP_BYTES_MAX }, 0)).toBeUndefined();
    wait.begin(wait.take().bytes, 0);
    expect(wait.offer({ bytes: 1 }, 0)).toBeUndefined();
  });

  test("does not wait behind a write that is stuck, and waits again after its end", () => {
    const wait = new CommitWait<Weighed>();
    wait.offer({ bytes: 1 }, 0);
    wait.begin(wait.take().bytes, 5_000);
    expect(wait.offer({ bytes: 1 }, 5_000 + COMMIT_STALL_MS_MIN)).toBeUndefined();
    expect(wait.offer({ bytes: 1 }, 5_001 + COMMIT_STALL_MS_MIN)).toBe("a commit is stuck");
    wait.end(1, undefined);
    expect(wait.offer({ bytes: 1 }, 5_001 + COMMIT_STALL_MS_MIN)).toBeUndefined();
  });

  test("does not wait longer than is expected of its like, nor once those are written", () => {
    const wait = new CommitWait<Weighed>();
    const request: Weighed = { bytes: 100_000 };
    let taken = 0;
    while (taken < 10_000 && wait.offer(request, 0) === undefined) taken += 1;
    expect(wait.offer(request, 0)).toMatch(/^\d+ ms of commits wait already$/);
    expect(taken * request.bytes).toBeLessThan(QUEUE_BYTES_MAX / 2);
    wait.take();
    expect(wait.offer(request, 0)).toBeUndefined();
  });
});

test("more requests are waited for after a crowd, and not where as many are here", () => {
  const wait = new CommitWait<Weighed>();
  expect(wait.pauseMsAfter(CROWD_REQUESTS - 1)).toBe(0);
  expect(wait.pauseMsAfter(CROWD_REQUESTS)).toBe(CROWD_PAUSE_MS);
  for (let count = 0; count < CROWD_REQUESTS; count += 1) wait.offer({ bytes: 1 }, 0);
  expect(wait.pauseMsAfter(CROWD_REQUESTS)).toBe(0);
});
