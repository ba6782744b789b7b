/** The keys that a request sends to one range, for the count of what they replace. */
import { type Chunk, ChunkBuilder, NO_SEQUENCE } from "./chunks.ts";

/**
 * The keys of rows that are written together, each once, so that the count looks each up once
 * and the rows themselves travel once.
 */
export class SentKeys {
  /** Of each key, the sequence of the row that can do most: see {@link strongest}. */
  readonly #sequences = new Map<string, string>();
  #rows = 0;

  add(key: string, sequence: string): void {
    this.#rows += 1;
    const known = this.#sequences.get(key);
    this.#sequences.set(key, known === undefined ? sequence : strongest(known, sequence));
  }

  /** Rows that were added: at least as many as keys. */
  get rows(): number {
    return this.#rows;
  }

  /** Different keys. */
  get size(): number {
    return this.#sequences.size;
  }

  /** JSON texts `<sequence> <key>`, each once, in runs that fit a bound parameter as an array. */
  finish(): readonly Chunk[] {
    const builder = new ChunkBuilder();
    for (const [key, sequence] of this.#sequences) {
      builder.add(JSON.stringify(`${sequence} ${key}`), 0, key);
    }
    return builder.finish();
  }
}

/**
 * Of two sequences the one to which a stored row gives way if to any: none at all, else the
 * higher.
 */
function strongest(a: string, b: string): string {
  if (a === NO_SEQUENCE || b === NO_SEQUENCE) return NO_SEQUENCE;
  return BigInt(a) >= BigInt(b) ? a : b;
}
