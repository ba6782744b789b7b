import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RANGES_MAX } from "../../src/warehouse/limits.ts";
import {
  endOf,
  haveSameShards,
  rangeIndexOf,
  rangesForNewTable,
  rangesFromText,
  rangesToText,
  shardsOf,
  slotOf,
  SLOTS,
  splitRanges,
  unsplitRanges,
} from "../../src/warehouse/slots.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, shard) => shard);

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
        const ranges = rangesForNewTable(numbers(count));
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
    expect(rangesToText(rangesForNewTable(numbers(1)))).toBe("[[0,0]]");
    expect(rangesToText(rangesForNewTable(numbers(2)))).toBe("[[0,0],[128,1]]");
    expect(rangesToText(rangesForNewTable(numbers(3)))).toBe("[[0,0],[85,1],[170,2]]");
    fc.assert(
      fc.property(shards, (count) => {
        const ranges = rangesForNewTable(numbers(count));
        expect(rangesFromText(rangesToText(ranges))).toEqual(ranges);
      }),
    );
  });

  test("the shards of a split table are named once", () => {
    const ranges = rangesFromText("[[0,2],[10,0],[100,2],[200,10]]");
    expect(shardsOf(ranges)).toEqual([0, 2, 10]);
  });
});

describe("a split", () => {
  const picks = fc.array(fc.nat({ max: 1_000 }), { maxLength: 60 });
  const shardOf = (ranges: ReturnType<typeof rangesForNewTable>, slot: number) =>
    ranges[rangeIndexOf(ranges, slot)]?.shard;

  test("any splits leave each slot its shard, and the ranges ascending from slot 0", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), picks, (count, list) => {
        const created = rangesForNewTable(numbers(count).map((shard) => shard * 2));
        let ranges = created;
        for (const pick of list) {
          const start = ranges[pick % ranges.length]?.start ?? 0;
          const width = endOf(ranges, start) - start;
          const split = splitRanges(ranges, start);
          expect(split === undefined).toBe(width < 2 || ranges.length === RANGES_MAX);
          if (split === undefined) continue;
          expect(split).toHaveLength(ranges.length + 1);
          const halves = endOf(split, start) - start;
          expect(width - 2 * halves).toBeOneOf([0, 1]);
          ranges = split;
        }
        const starts = ranges.map((range) => range.start);
        expect(starts[0]).toBe(0);
        expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
        expect(endOf(ranges, starts.at(-1) ?? 0)).toBe(SLOTS);
        for (let slot = 0; slot < SLOTS; slot += 1) {
          expect(shardOf(ranges, slot)).toBe(shardOf(created, slot));
        }
        expect(unsplitRanges(ranges)).toEqual(created);
        expect(haveSameShards(ranges, created)).toBe(true);
        expect(haveSameShards(ranges, [{ start: 0, shard: 99 }])).toBe(false);
      }),
    );
  });

  test("goes down to one slot, and needs a range that begins there", () => {
    let ranges = rangesForNewTable([3]);
    for (let i = 0; i < 8; i += 1) ranges = splitRanges(ranges, 0) ?? [];
    expect(rangesToText(ranges)).toBe(
      "[[0,3],[1,3],[2,3],[4,3],[8,3],[16,3],[32,3],[64,3],[128,3]]",
    );
    expect(splitRanges(ranges, 0)).toBeUndefined();
    expect(splitRanges(ranges, 5)).toBeUndefined();
  });
});
