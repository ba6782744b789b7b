/**
 * How much memory a JSON text becomes when it is parsed, estimated before it is: 4 MB of `[` are
 * 200 MB of arrays, and an isolate has 128 MB (workers/platform/limits). Counted while numbers are
 * marked (marked-numbers.ts), which walks over the text anyway.
 *
 * The figures below were measured in workerd, with 4 MB of text of one kind each. They are of what
 * is made besides the characters of strings, of which a body has no more than bytes.
 */

/** Bytes of an array: 48 for `[[[[…`, 60 for `[[],[],…`. */
const ARRAY_BYTES = 60;

/**
 * Bytes of an object with no member or one, `{"a":{"a":…`, and how many less it is for each of
 * three more on average: records share their shape, and have no room to spare.
 */
const OBJECT_BYTES = 85;
const OBJECT_BYTES_LESS = 15;
const MEMBERS_LESS_MAX = 3;

/** Bytes of a value among others: 9 for `0,0,…`, 18 for `1.5,1.5,…`, 19 for `"","",…`. */
const VALUE_BYTES = 20;

/**
 * Bytes of a number that is kept as text, besides its value and digits, and for each of those: the
 * string that it is parsed to, and the raw number. 80 for `-0,-0,…`, 90 for `1e3,1e3,…`.
 */
const RAW_NUMBER_BYTES = 90;
const DIGIT_BYTES = 2;

/** Bytes of a member's name that no other member has: 190 for `{"a1":1,"a2":1,…`. */
const NAME_BYTES = 190;

/**
 * Of so many names one is looked at, on average: to look at all took as long as parsing. Which ones
 * is chance, so that nobody can write a body whose other names are all different.
 */
const NAMES_PER_SAMPLE = 16;

/** Most samples that are kept: they say already that the names are far too many. */
const SAMPLES_MAX = 50_000;

/** What was counted in a text, or in a part of it. */
export interface Counted {
  /** Opening brackets, and opening braces. */
  readonly arrays: number;
  readonly objects: number;
  /** Colons. */
  readonly members: number;
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
  readonly #metOnce = new Set<string>();
  readonly #metAgain = new Set<string>();
  /** How many names to pass over before one is looked at; whoever counts keeps it up to date. */
  namesUntilSample = nextSample();

  /** @param check is told the weight of all texts so far, before one is parsed; throws to refuse. */
  constructor(check: (bytes: number) => void) {
    this.#check = check;
  }

  /** About, and rather more than less, in bytes. */
  get bytes(): number {
    // A name that was met once may stand for as many as were passed over; one that was met again
    // is repeated, and so are others.
    const names = this.#metOnce.size * NAMES_PER_SAMPLE + this.#metAgain.size;
    return this.#bytes + names * NAME_BYTES;
  }

  /**
   * Adds what was counted.
   *
   * @throws what the check throws.
   */
  add({ arrays, objects, members, values, rawNumbers, digits }: Counted): void {
    const more = Math.min(Math.max(0, members - objects), objects * MEMBERS_LESS_MAX);
    const less = more * OBJECT_BYTES_LESS;
    this.#bytes += arrays * ARRAY_BYTES + objects * OBJECT_BYTES - less + values * VALUE_BYTES;
    this.#bytes += rawNumbers * RAW_NUMBER_BYTES + digits * DIGIT_BYTES;
    this.#check(this.bytes);
  }

  /** Notes a name that was looked at, and chooses the next one. */
  addName(name: string): void {
    this.namesUntilSample = nextSample();
    if (this.#metAgain.has(name)) return;
    if (this.#metOnce.delete(name)) this.#metAgain.add(name);
    else if (this.#metOnce.size < SAMPLES_MAX) this.#metOnce.add(name);
  }
}

function nextSample(): number {
  return Math.floor(Math.random() * (2 * NAMES_PER_SAMPLE - 1));
}
