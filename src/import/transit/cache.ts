/**
 * The rolling cache of a Transit body (wire.md 2.7): a long map key, keyword, symbol or tag
 * stands in full once and is a short reference from then on.
 */

/** Digits of a reference: each is one of 44 characters, from `0` (48) to `[` (91). */
const REFERENCE_DIGITS = 44;
const REFERENCE_FIRST_CODE = 48;

/** Entries that two digits can name; with the next one the cache starts anew. */
const ENTRIES_MAX = REFERENCE_DIGITS * REFERENCE_DIGITS;

/**
 * Shortest text that enters the cache, its tag included, in UTF-16 units: so count transit-js,
 * transit-java and transit-clj. transit-python counts code points and transit-php bytes. That
 * differs only for keys of two or three characters that are not all ASCII (`año` is an entry of
 * PHP's and of nobody else's), and a body does not say who wrote it.
 */
const CACHEABLE_LENGTH_MIN = 4;

/**
 * How many times the body's length its references may stand for, and what any body may. A member
 * by reference needs 7 characters (`"^0",1,`), so keys of 70 characters on average pass. Without
 * a limit, references to one long key make terabytes of JSON text out of a few megabytes.
 */
const EXPANSION_MAX = 10;
const EXPANDED_LENGTH_FREE = 1_000_000;

/** Most characters of a reference that an error message repeats. */
const SHOWN_LENGTH_MAX = 10;

/** The first element of an array that stands for a map; it looks like a reference, but is none. */
export const MAP_MARK = "^ ";

/** What a reference stands for. */
export interface CacheEntry {
  /** The text as it stood in the body: `table_name`, `~:name`, `~#set`. */
  readonly text: string;
  /** The text as a map key: without its tag or escape; undefined for a tag (`~#set`). */
  readonly name: string | undefined;
}

/** The cache of one body; make a new one for each. */
export class RollingCache {
  #entries: CacheEntry[] = [];
  #expandedLength = 0;
  readonly #expandedLengthMax: number;

  /**
   * `bodyLength` is the body's in UTF-16 units: what its references stand for may have ten times
   * as many.
   */
  constructor(bodyLength: number) {
    this.#expandedLengthMax = Math.max(bodyLength * EXPANSION_MAX, EXPANDED_LENGTH_FREE);
  }

  /**
   * Takes a text that stood in full, in reading order. Two equal texts are two entries: a writer
   * that repeats a text in full counts both.
   */
  enter(text: string, name: string | undefined): void {
    if (text.length < CACHEABLE_LENGTH_MIN) return;
    if (this.#entries.length === ENTRIES_MAX) this.#entries = [];
    this.#entries.push({ text, name });
  }

  /**
   * What `^0` or `^10` stands for.
   *
   * @throws SyntaxError where the text is no reference, or one to nothing, and where the body's
   * references stand for too much.
   */
  resolve(reference: string): CacheEntry {
    const entry = this.#entries[indexOf(reference)];
    if (entry === undefined) {
      const shown = JSON.stringify(reference.slice(0, SHOWN_LENGTH_MAX));
      throw new SyntaxError(`Transit: cache reference to nothing: ${shown}`);
    }
    this.#expandedLength += entry.text.length;
    if (this.#expandedLength <= this.#expandedLengthMax) return entry;
    throw new SyntaxError(
      `Transit: cache references stand for more than ${this.#expandedLengthMax} characters`,
    );
  }
}

/** The entry's number; -1 or NaN, which no entry has, where the text is no reference. */
function indexOf(reference: string): number {
  const first = digitAt(reference, 1);
  if (reference.length === 2) return first;
  return reference.length === 3 ? first * REFERENCE_DIGITS + digitAt(reference, 2) : -1;
}

function digitAt(reference: string, position: number): number {
  const digit = reference.charCodeAt(position) - REFERENCE_FIRST_CODE;
  return digit >= 0 && digit < REFERENCE_DIGITS ? digit : Number.NaN;
}
