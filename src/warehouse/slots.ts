/**
 * Slots and key ranges. A key hashes to one of 256 slots, for ever; a key range is a run of
 * slots; each slot of a table lives in one shard, chosen when the table is created and
 * recorded with it (design.md 3). A range splits by itself when it is hot (range-split.ts), which
 * it may at any time, because the guard in the upsert, not the object in front of it, has the last
 * word on order; a slot never changes its shard.
 */
import { RANGES_MAX } from "./limits.ts";

/** Slots of a table. Part of the stored format: never change it. */
export const SLOTS = 256;

/** A run of slots from `start` to the next range's start, and the number of their shard. */
export interface KeyRange {
  readonly start: number;
  readonly shard: number;
}

/**
 * The slot of a key: FNV-1a over the UTF-16 units of its canonical text, folded to 8 bits.
 * Part of the stored format: never change it.
 */
export function slotOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & (SLOTS - 1);
}

/** The slots that a caller takes for a range's: from `start` to the one before `end`. */
export interface SlotRun {
  readonly start: number;
  readonly end: number;
}

/**
 * The ranges of a new table: one on each of these shards, equally wide. One object in front of
 * one database is fastest as long as one database is the limit (platform.md 1.8).
 *
 * @param shards their numbers, each once, at least one.
 */
export function rangesForNewTable(shards: readonly number[]): KeyRange[] {
  return shards.map((shard, index) => ({
    start: Math.floor((index * SLOTS) / shards.length),
    shard,
  }));
}

/** The slot after the last one of the range that begins at `start`. */
export function endOf(ranges: readonly KeyRange[], start: number): number {
  return ranges.find((range) => range.start > start)?.start ?? SLOTS;
}

/**
 * The ranges when the one that begins at `start` is split in its middle: both halves stay on its
 * shard. Undefined where no range begins there, it has one slot only, or the table has RANGES_MAX.
 */
export function splitRanges(ranges: readonly KeyRange[], start: number): KeyRange[] | undefined {
  const index = ranges.findIndex((range) => range.start === start);
  const range = ranges[index];
  const width = endOf(ranges, start) - start;
  if (range === undefined || width < 2 || ranges.length >= RANGES_MAX) return undefined;
  const half = { start: start + Math.floor(width / 2), shard: range.shard };
  return ranges.toSpliced(index + 1, 0, half);
}

/**
 * The ranges that the table was created with, whatever was split since: neighbours on one shard
 * are halves of one of them.
 */
export function unsplitRanges(ranges: readonly KeyRange[]): KeyRange[] {
  return ranges.filter(({ shard }, index) => shard !== ranges[index - 1]?.shard);
}

/** Whether each slot has the same shard in both, however the ranges are split. */
export function haveSameShards(some: readonly KeyRange[], others: readonly KeyRange[]): boolean {
  return rangesToText(unsplitRanges(some)) === rangesToText(unsplitRanges(others));
}

/** The index of the range that has the slot. `ranges` ascend and begin with slot 0. */
export function rangeIndexOf(ranges: readonly KeyRange[], slot: number): number {
  let index = ranges.length - 1;
  while (index > 0 && (ranges[index]?.start ?? 0) > slot) index -= 1;
  return index;
}

/** The ranges as the catalogue stores them: `[[0,0],[128,1]]`. */
export function rangesToText(ranges: readonly KeyRange[]): string {
  return JSON.stringify(ranges.map(({ start, shard }) => [start, shard]));
}

/** The inverse of {@link rangesToText}. */
export function rangesFromText(text: string): KeyRange[] {
  const pairs = JSON.parse(text) as [number, number][];
  return pairs.map(([start, shard]) => ({ start, shard }));
}

/** The shards that hold rows of these ranges, each once, ascending. */
export function shardsOf(ranges: readonly KeyRange[]): number[] {
  return [...new Set(ranges.map((range) => range.shard))].sort((a, b) => a - b);
}
