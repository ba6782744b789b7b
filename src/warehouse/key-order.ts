/** The members of a chunk in the order of their keys, in which SQLite writes them fastest. */
import { Buffer, freeBytes } from "../buffer.ts";

const COMMA = 0x2c;

/** Fewer rows than this are left as they come: of 300 nothing was gained, of 1,000 a twentieth. */
const SORTED_ROWS_MIN = 1_000;

/**
 * Where each member of a chunk is, while they come, and in what order of keys.
 *
 * Rows are clustered by key. A statement that meets them in that order finds each next to the one
 * before it, and writes each page once: a push of 10,000 updates takes 79 ms of CPU in place of 90
 * in a table of 10,000 rows, 159 in place of 211 in one of 100,000, 262 in place of 292 in one of a
 * million; of stale points between nothing and a seventh less. To sort them takes 4 ms, and 0.3
 * where they come sorted, as new keys mostly do. To sort in the statement what several requests
 * have together gained nothing.
 */
export class KeyOrder {
  readonly #keys: string[] = [];
  /** Of each member in bytes; of those not yet told by {@link became}, in UTF-16 units. */
  readonly #lengths: number[] = [];
  /** Members that are bytes. */
  #bytesUpTo = 0;
  #isSorted = true;

  /** Members that were added. */
  get size(): number {
    return this.#keys.length;
  }

  /** @param length of the member, in UTF-16 units. */
  add(key: string, length: number): void {
    if (key < (this.#keys.at(-1) ?? "")) this.#isSorted = false;
    this.#keys.push(key);
    this.#lengths.push(length);
  }

  /**
   * The members that were added since the last time have become bytes.
   *
   * @param text all of them, with commas between.
   * @param bytes of the text in UTF-8.
   */
  became(text: string, bytes: number): void {
    if (bytes > text.length) this.#count(text);
    this.#bytesUpTo = this.#lengths.length;
  }

  /**
   * The members, all of which are bytes, sorted by their keys where they are many; those of one key
   * stay in their order, because the last one wins. Takes the buffer, which may be empty afterwards.
   */
  sorted(members: Uint8Array): Uint8Array {
    if (this.#isSorted || this.size < SORTED_ROWS_MIN) return members;
    const starts = this.#starts();
    const arranged = new Uint8Array(members.byteLength).fill(COMMA);
    let at = 0;
    for (const index of this.#order()) {
      const start = starts[index] ?? 0;
      const length = this.#lengths[index] ?? 0;
      arranged.set(members.subarray(start, start + length), at);
      at += length + 1;
    }
    freeBytes(members);
    return arranged;
  }

  #count(text: string): void {
    let start = 0;
    for (let index = this.#bytesUpTo; index < this.#lengths.length; index += 1) {
      const end = start + (this.#lengths[index] ?? 0);
      this.#lengths[index] = Buffer.byteLength(text.slice(start, end));
      start = end + 1;
    }
  }

  #starts(): Uint32Array {
    const starts = new Uint32Array(this.#lengths.length);
    let at = 0;
    for (const [index, length] of this.#lengths.entries()) {
      starts[index] = at;
      at += length + 1;
    }
    return starts;
  }

  /** Indexes of the members by key. Not quite SQLite's order of texts beyond U+FFFF: no matter. */
  #order(): Uint32Array {
    const keys = this.#keys;
    return Uint32Array.from(keys.keys()).sort((a, b) => {
      const [one = "", other = ""] = [keys[a], keys[b]];
      if (one === other) return a - b;
      return one < other ? -1 : 1;
    });
  }
}
