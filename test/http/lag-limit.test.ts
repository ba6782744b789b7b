import { describe, expect, test } from "vitest";
import { LagLimit } from "../../src/http/lag-limit.ts";
import { IN_FLIGHT_BYTES_MAX, LAG_BYTES_MIN, LAG_MS_MAX } from "../../src/http/limits.ts";

/** Notes timers that are late by so much, one after the other, until an instant. */
function noteUntil(limit: LagLimit, begin: number, end: number, lagMs: number, bytes: number) {
  for (let now = begin; now < end; now += Math.max(10, lagMs)) limit.note(lagMs, bytes, now);
}

describe("what an isolate takes that has too much to do", () => {
  test("is all that it may while timers are on time", () => {
    const limit = new LagLimit();
    noteUntil(limit, 0, 10_000, LAG_MS_MAX, IN_FLIGHT_BYTES_MAX);
    expect(limit.bytesMax(10_000)).toBe(IN_FLIGHT_BYTES_MAX);
  });

  test("becomes less while they are late, and never less than many small bodies", () => {
    const limit = new LagLimit();
    noteUntil(limit, 0, 1_000, LAG_MS_MAX + 30, 10_000_000);
    expect(limit.bytesMax(1_000)).toBeLessThan(10_000_000);
    noteUntil(limit, 1_000, 30_000, LAG_MS_MAX + 30, LAG_BYTES_MIN);
    expect(limit.bytesMax(30_000)).toBe(LAG_BYTES_MIN);
  });

  test("one timer that is late among others says nothing", () => {
    const limit = new LagLimit();
    for (let now = 0; now < 5_000; now += 100) {
      limit.note(now % 200 === 0 ? 1_000 : 1, 20_000_000, now);
    }
    expect(limit.bytesMax(5_000)).toBe(IN_FLIGHT_BYTES_MAX);
  });

  test("comes back by degrees within seconds, and at once where nothing was measured", () => {
    const limit = new LagLimit();
    noteUntil(limit, 0, 30_000, LAG_MS_MAX + 30, LAG_BYTES_MIN);
    noteUntil(limit, 30_000, 34_000, 1, LAG_BYTES_MIN);
    expect(limit.bytesMax(34_000)).toBe(IN_FLIGHT_BYTES_MAX);
    noteUntil(limit, 34_000, 36_000, LAG_MS_MAX + 30, LAG_BYTES_MIN);
    expect(limit.bytesMax(36_000)).toBeLessThan(IN_FLIGHT_BYTES_MAX);
    expect(limit.bytesMax(40_000)).toBe(IN_FLIGHT_BYTES_MAX);
  });

  test("asks for one timer at a time, only under load, and gives one up that never came", () => {
    const limit = new LagLimit();
    expect(limit.asks(LAG_BYTES_MIN - 1, 0)).toBe(false);
    expect(limit.asks(LAG_BYTES_MIN, 0)).toBe(true);
    expect(limit.asks(LAG_BYTES_MIN, 999)).toBe(false);
    expect(limit.asks(LAG_BYTES_MIN, 1_000)).toBe(true);
    limit.note(1, LAG_BYTES_MIN, 1_001);
    expect(limit.asks(LAG_BYTES_MIN, 1_001)).toBe(true);
  });
});
