/**
 * The rows of one request to an append-only table. They are kept until all switches of the
 * request are done, because they must be stored in one transaction, after the last of them: a
 * request that failed half-way and is sent again would otherwise add rows twice (wire.md 2.8).
 */
import { type Chunk, checkMember, ChunkBuilder, chunkMember } from "./chunks.ts";
import type { DataPoint } from "./data-point.ts";
import { type KeyRange, rangeIndexOf, slotOf } from "./slots.ts";

interface AppendedRow {
  readonly member: string;
  readonly version: bigint;
  readonly record: number;
  /** Switches of the request that stand before the row. */
  readonly switchesBefore: number;
}

/** See the module's comment. */
export class AppendRows {
  readonly #ranges: readonly KeyRange[];
  /** The versions that the request switches to, in its order. */
  readonly switches: string[] = [];
  readonly #rows: AppendedRow[] = [];
  /** Before the keys: they grow with time and are never equal. */
  readonly #prefix = `+${Date.now().toString(36).padStart(9, "0")}${crypto.randomUUID()}`;

  /** @param ranges the table's, of which one is chosen by chance. */
  constructor(ranges: readonly KeyRange[]) {
    this.#ranges = ranges;
  }

  /** Rows that were added. */
  get rows(): number {
    return this.#rows.length;
  }

  /** The key range of all of them, chosen by the text, or by chance. */
  rangeOf(text: string = this.#prefix): KeyRange {
    const range = this.#ranges[rangeIndexOf(this.#ranges, slotOf(text))];
    if (range === undefined) throw new Error("a table has at least one range");
    return range;
  }

  /** @throws Refusal record_too_large. */
  add({ record, sequence, version, data }: DataPoint): void {
    const key = `${this.#prefix}.${record.toString(36).padStart(4, "0")}`;
    const member = chunkMember(sequence, version, key, JSON.stringify(data));
    checkMember(member, record);
    const switchesBefore = this.switches.length;
    this.#rows.push({ member, version: BigInt(version), record, switchesBefore });
  }

  /**
   * The rows that are left when the switches have taken effect: none that a later one deletes.
   *
   * @param effective of each switch, whether it had an effect.
   */
  chunks(effective: readonly boolean[]): readonly Chunk[] {
    const builder = new ChunkBuilder();
    for (const { member, version, record, switchesBefore } of this.#rows) {
      const isDeleted = this.switches.some(
        (to, index) => index >= switchesBefore && effective[index] === true && version < BigInt(to),
      );
      if (!isDeleted) builder.add(member, record);
    }
    return builder.finish();
  }
}
