import { expect, test } from "vitest";
import { SPLIT_WINDOW_MS } from "../../src/warehouse/limits.ts";
import { RangeLoad } from "../../src/warehouse/range-load.ts";

const run = (end: number) => ({ start: 0, end });

/** How often the range was hot in these requests. */
function hot(load: RangeLoad, count: number, at: number, end = 256): number {
  let times = 0;
  for (let i = 0; i < count; i += 1) if (load.note(run(end), at)) times += 1;
  return times;
}

test("a range is hot once in a window, and only when that many came in it", () => {
  const load = new RangeLoad(5);
  expect(hot(load, 49, 1_000)).toBe(0);
  expect(hot(load, 49, 1_000 + SPLIT_WINDOW_MS)).toBe(0);
  expect(hot(load, 1, 2_000 + SPLIT_WINDOW_MS)).toBe(1);
  expect(hot(load, 500, 3_000 + SPLIT_WINDOW_MS)).toBe(0);
  expect(hot(load, 500, 1_000 + 2 * SPLIT_WINDOW_MS)).toBe(1);
});

test("a setting of 0 means never", () => {
  expect(hot(new RangeLoad(0), 10_000, 1)).toBe(0);
});

test("the lowest end that a caller names is the range's, and who names another is stale", () => {
  const load = new RangeLoad(5);
  expect(hot(load, 49, 1, 256)).toBe(0);
  expect(load.isStale(run(256))).toBe(false);
  // A new window for the smaller range; what is meant for the larger one does not count.
  expect(hot(load, 49, 1, 128)).toBe(0);
  expect(load.isStale(run(256))).toBe(true);
  expect(load.isStale(run(128))).toBe(false);
  expect(hot(load, 1_000, 1, 256)).toBe(0);
  expect(hot(load, 1, 1, 128)).toBe(1);
  load.learn(256);
  expect(load.isStale(run(256))).toBe(true);
});

test("what was split begins to count anew, until it cannot be split any more", () => {
  const load = new RangeLoad(5);
  expect(hot(load, 60, 1)).toBe(1);
  load.learn(128);
  expect(hot(load, 60, 2, 128)).toBe(1);
  load.stop();
  expect(hot(load, 1_000, 2 + SPLIT_WINDOW_MS, 128)).toBe(0);
  expect(load.isStale(run(256))).toBe(true);
});
