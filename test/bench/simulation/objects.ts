/** Tables and the objects in front of their key ranges, with the real rules of slots and splits. */
import { RangeLoad } from "../../../src/warehouse/range-load.ts";
import { endOf, type KeyRange, splitRanges } from "../../../src/warehouse/slots.ts";
import { type Group, GroupCommit } from "./group-commit.ts";
import type { Thread } from "./thread.ts";

/** The object of one key range. */
export class RangeObject {
  readonly queue = new GroupCommit();
  readonly load: RangeLoad;
  readonly thread: Thread;
  readonly table: Table;
  readonly range: KeyRange;
  /** What is being written. */
  group: Group | undefined;
  isOverloaded = false;
  splitAttempts = 0;
  /** The table's generation that the split under way has read. */
  splitGeneration = 0;

  constructor(table: Table, range: KeyRange, thread: Thread, splitRequestsPerS: number) {
    this.table = table;
    this.range = range;
    this.thread = thread;
    this.load = new RangeLoad(splitRequestsPerS);
  }
}

/** A table: each change of its ranges is a generation, of which isolates know an older one. */
export class Table {
  readonly client: number;
  readonly generations: (readonly KeyRange[])[];
  /** Objects by the start of their range. */
  readonly objects = new Map<number, RangeObject>();

  constructor(client: number, ranges: readonly KeyRange[]) {
    this.client = client;
    this.generations = [ranges];
  }

  /** The number of the newest generation. */
  get newest(): number {
    return this.generations.length - 1;
  }

  /** The ranges of a generation. */
  rangesOf(generation: number): readonly KeyRange[] {
    return this.generations[generation] ?? [];
  }

  /** Where the range that begins there ends now. */
  endNow(start: number): number {
    return endOf(this.rangesOf(this.newest), start);
  }

  /** Splits a range as the catalogue does; false where that is not possible. */
  split(start: number): boolean {
    const ranges = splitRanges(this.rangesOf(this.newest), start);
    if (ranges !== undefined) this.generations.push(ranges);
    return ranges !== undefined;
  }
}

/**
 * The points of a request by ranges, as many as each has slots, with a chance for what is over:
 * `offset` from 0 to below 1 decides. The sum is `points`.
 */
export function spreadPoints(
  ranges: readonly KeyRange[],
  points: number,
  slots: number,
  offset: number,
): number[] {
  let before = 0;
  return ranges.map((_, index) => {
    const end = ranges[index + 1]?.start ?? slots;
    const upTo = end === slots ? points : Math.floor((points * end) / slots + offset);
    const own = upTo - before;
    before = upTo;
    return Math.max(0, own);
  });
}
