import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  rangeIndexOf,
  rangesForNewTable,
  rangesFromText,
  rangesToText,
  shardsOf,
  slotOf,
  SLOTS,
} from "../../src/warehouse/slots.ts";

describe("the slot of a key, which must never change", () => {
  // The first three are published values of FNV-1a, folded by hand: 811c9dc5, e40c292c, bf9cf968.
  test.each([
    ["", 0xc5],
    ["a", 0xed],
    ["foobar", 0xb2],
    ["A1", 217],
    ["C100", 10],
    ['"x@y.z"', 141],
    ['"é😀"', 61],
    ["-1,true", 111],
  ])("%s", (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });

  test("keys of a growing id spread over all slots evenly", () => {
    const counts = Array.from({ length: SLOTS }, () => 0);
    for (let id = 0; id < 25_600; id += 1) {
      const slot = slotOf(`E${10_000 + id}`);
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(200);
  });
});

describe("ranges", () => {
  const shards = fc.integer({ min: 1, max: SLOTS });

  test("those of a new table cover each slot once, equally", () => {
    fc.assert(
      fc.property(shards, (count) => {
        const ranges = rangesForNewTable(count);
        const ends = [...ranges.slice(1).map((range) => range.start), SLOTS];
        const widths = ranges.map((range, index) => (ends[index] ?? 0) - range.start);
        expect(ranges[0]?.start).toBe(0);
        expect(ranges.map((range) => range.shard)).toEqual(ranges.map((_, index) => index));
        expect(Math.min(...widths)).toBeGreaterThanOrEqual(1);
        expect(Math.max(...widths) - Math.min(...widths)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("a slot is in the last range that starts at or before it", () => {
    const starts = fc.uniqueArray(fc.integer({ min: 1, max: SLOTS - 1 }), { maxLength: 20 });
    fc.assert(
      fc.property(starts, fc.integer({ min: 0, max: SLOTS - 1 }), (list, slot) => {
        const ranges = [0, ...list.toSorted((a, b) => a - b)].map((start) => ({ start, shard: 0 }));
        const expected = ranges.findLastIndex((range) => range.start <= slot);
        expect(rangeIndexOf(ranges, slot)).toBe(expected);
      }),
    );
  });

  test("as the catalogue stores them", () => {
    expect(rangesToText(rangesForNewTable(1))).toBe("[[0,0]]");
    expect(rangesToText(rangesForNewTable(2))).toBe("[[0,0],[128,1]]");
    expect(rangesToText(rangesForNewTable(3))).toBe("[[0,0],[85,1],[170,2]]");
    fc.assert(
      fc.property(shards, (count) => {
        const ranges = rangesForNewTable(count);
        expect(rangesFromText(rangesToText(ranges))).toEqual(ranges);
      }),
    );
  });

  test("the shards of a split table are named once", () => {
    const ranges = rangesFromText("[[0,2],[10,0],[100,2],[200,10]]");
    expect(shardsOf(ranges)).toEqual([0, 2, 10]);
  });
});
