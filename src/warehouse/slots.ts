/**
 * Slots and key ranges. A key hashes to one of 256 slots, for ever; a key range is a run of
 * slots; each slot of a table lives in one shard, chosen when the table is created and
 * recorded with it (design.md 3). A range can be split at any time, because the guard in the
 * upsert, not the object in front of it, has the last word on order; a slot never changes its
 * shard.
 */

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

/**
 * The ranges of a new table: as many as there are shards, equally wide. One object in front of
 * one database is fastest as long as one database is the limit (platform.md 1.8).
 */
export function rangesForNewTable(shards: number): KeyRange[] {
  return Array.from({ length: shards }, (_, shard) => ({
    start: Math.floor((shard * SLOTS) / shards),
    shard,
  }));
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
