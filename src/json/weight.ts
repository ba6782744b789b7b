/**
 * How much memory a JSON text becomes when it is parsed, estimated before it is: 4 MB of `[` are
 * 200 MB of arrays, and an isolate has 128 MB (workers/platform/limits). Counted while numbers are
 * marked (marked-numbers.ts), which walks over the text anyway.
 *
 * The figures below were measured in workerd, with 4 MB of text of one kind each.
 */

/** Bytes of an object or array: 48 for `[[[[…`, 60 for `[[],[],…`, 85 for `{"a":{"a":…`. */
const CONTAINER_BYTES = 85;

/** Bytes of a value among others: 9 for `0,0,…`, 18 for `1.5,1.5,…`, 19 for `"","",…`. */
const VALUE_BYTES = 20;

/**
 * Bytes of a number that is kept as text, besides its digits, and for each of those: the marked
 * text, the string that it is parsed to, and the raw number. 105 for `-0,-0,…`, 120 for
 * `1e3,1e3,…`.
 */
const RAW_NUMBER_BYTES = 120;
const DIGIT_BYTES = 3;

/** Bytes of a member's name that no other member has: 190 for `{"a1":1,"a2":1,…`. */
const NAME_BYTES = 190;

/**
 * Of so many names one is looked at, on average: to look at all took as long as parsing. Which ones
 * is chance, so that nobody can write a body whose other names are all different.
 */
const NAMES_PER_SAMPLE = 64;

/** Most samples that are kept: they say already that the names are far too many. */
const SAMPLES_MAX = 10_000;

/** What was counted in a text, or in a part of it. */
export interface Counted {
  /** Opening brackets and braces. */
  readonly containers: number;
  /** Commas. */
  readonly values: number;
  /** Numbers that a double would change, and their characters. */
  readonly rawNumbers: number;
  readonly digits: number;
}

/** What the texts of one body become. */
export class Weight {
  readonly #check: (bytes: number) => void;
  #bytes = 0;
  readonly #names = new Set<string>();

  /** @param check is told the weight of all texts so far, before one is parsed; throws to refuse. */
  constructor(check: (bytes: number) => void) {
    this.#check = check;
  }

  /** About, and rather more than less, in bytes. */
  get bytes(): number {
    // A name that was met once stands for 64; all names of a usual body are met again and again.
    return this.#bytes + this.#names.size * NAMES_PER_SAMPLE * NAME_BYTES;
  }

  /**
   * Adds what was counted.
   *
   * @throws what the check throws.
   */
  add({ containers, values, rawNumbers, digits }: Counted): void {
    this.#bytes += containers * CONTAINER_BYTES + values * VALUE_BYTES;
    this.#bytes += rawNumbers * RAW_NUMBER_BYTES + digits * DIGIT_BYTES;
    this.#check(this.bytes);
  }

  /** Notes a name that was looked at. */
  addName(name: string): void {
    if (this.#names.size < SAMPLES_MAX) this.#names.add(name);
  }

  /** How many names to pass over before the next one is looked at. */
  static untilNextName(): number {
    return Math.floor(Math.random() * (2 * NAMES_PER_SAMPLE - 1));
  }
}
