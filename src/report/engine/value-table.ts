/**
 * The different values of many cells, and how often each was met, exactly, in little memory:
 * a hash table in typed arrays. A JavaScript Map takes five times as much.
 */
import { canonicalNumber } from "../../json/decimal.ts";
import { VALUE_BYTES_MAX, VALUES_MAX } from "./engine-limits.ts";
import { exactDouble } from "./exact-double.ts";

/** Marks the cell of an entry whose value is bytes. */
const BYTES_FLAG = 0x8000_0000;

/** Longest value: a row has 2,000,000 bytes. */
const CHUNK_BYTES = 2 ** 21;
const FIRST_CHUNK_BYTES = 2 ** 14;

const FIRST_ENTRIES = 1_024;

/** 4 + 8 + 4 bytes of an entry, and 4 for each of its two slots. */
const ENTRY_BYTES = 24;

/** Bytes before a value's own: their count. */
const HEAD_BYTES = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const oneDouble = new Float64Array(1);
const itsWords = new Uint32Array(oneDouble.buffer);

/** There is no room for the values of a question: see VALUES_MAX and VALUE_BYTES_MAX. */
export class ValuesFull extends Error {}

/** Which values are counted: 1 of 1, 2, 4 or 8 parts, about equally large, from 0. */
export interface ValuePart {
  readonly index: number;
  readonly of: number;
  /** Most bytes that the table takes; VALUE_BYTES_MAX where it is absent. */
  readonly bytesMax?: number;
}

/** Bits of a hash that say which of eight parts a value is in; slots are found by the others. */
const PART_BITS = 3;

/** Most parts. */
export const PARTS_MAX = 2 ** PART_BITS;

/** Counts the values of cells. */
export class ValueTable {
  #slots: Uint32Array | undefined = new Uint32Array(2 * FIRST_ENTRIES);
  #cells = new Uint32Array(FIRST_ENTRIES);
  /** A number, or the place of its bytes: chunk × CHUNK_BYTES + offset. */
  #values = new Float64Array(FIRST_ENTRIES);
  #times = new Uint32Array(FIRST_ENTRIES);
  readonly #chunks: Uint8Array[] = [];
  #chunkEnd = 0;
  #chunkBytes = 0;
  #size = 0;
  readonly #scratch = new Uint8Array(CHUNK_BYTES);
  readonly #part: ValuePart;

  /** @param part values of other parts are not added. */
  constructor(part: ValuePart = { index: 0, of: 1 }) {
    this.#part = part;
  }

  /** Entries: pairs of a cell and a value. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of memory, but a scratch. */
  get bytes(): number {
    return this.#cells.length * ENTRY_BYTES + this.#chunkBytes;
  }

  /**
   * Adds a value, given as compact JSON as JSON.stringify writes it.
   *
   * @param cell below 2^31.
   * @returns whether it is the cell's first of this value.
   * @throws ValuesFull.
   */
  add(cell: number, json: string, times: number): boolean {
    const known = this.#size;
    return this.entryOf(cell, json, times) === known;
  }

  /**
   * The entry of a value, given as in {@link add}: 0, 1, … in the order in which they came.
   *
   * @param times that it is added; 0 only looks for it.
   * @returns -1 where there is none.
   * @throws ValuesFull.
   */
  entryOf(cell: number, json: string, times: number): number {
    const code = json.charCodeAt(0);
    const isNumber = code === 0x2d || (code >= 0x30 && code <= 0x39);
    if (!isNumber) return this.#entryOfBytes(cell, json, times);
    const double = exactDouble(json);
    if (double !== undefined) return this.entryOfDouble(cell, double, times);
    return this.#entryOfBytes(cell, canonicalNumber(json), times);
  }

  /** Adds a number that a double is ({@link exactDouble}); not -0. */
  addDouble(cell: number, value: number, times: number): boolean {
    const known = this.#size;
    return this.entryOfDouble(cell, value, times) === known;
  }

  /** {@link entryOf} for a number as {@link addDouble} takes it. */
  entryOfDouble(cell: number, value: number, times: number): number {
    oneDouble[0] = value;
    const hash = mix(mix(itsWords[0] ?? 0, itsWords[1] ?? 0), cell);
    if (!this.#isInPart(hash)) return -1;
    const slots = this.#room();
    let slot = hash & (slots.length - 1);
    for (;;) {
      const entry = (slots[slot] ?? 0) - 1;
      if (entry < 0) break;
      if (this.#values[entry] === value && this.#cells[entry] === cell) {
        this.#times[entry] = (this.#times[entry] ?? 0) + times;
        return entry;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    return times === 0 ? -1 : this.#put(slots, slot, cell, value, times);
  }

  #entryOfBytes(cell: number, text: string, times: number): number {
    const scratch = this.#scratch;
    const { written: length, read } = encoder.encodeInto(text, scratch);
    if (read < text.length) throw new ValuesFull();
    const flagged = (cell | BYTES_FLAG) >>> 0;
    const hash = hashBytes(scratch, 0, length, flagged);
    if (!this.#isInPart(hash)) return -1;
    const slots = this.#room();
    let slot = hash & (slots.length - 1);
    for (;;) {
      const entry = (slots[slot] ?? 0) - 1;
      if (entry < 0) break;
      if (this.#cells[entry] === flagged && this.#isAt(this.#values[entry] ?? 0, length)) {
        this.#times[entry] = (this.#times[entry] ?? 0) + times;
        return entry;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    return times === 0 ? -1 : this.#put(slots, slot, flagged, this.#store(length), times);
  }

  #isInPart(hash: number): boolean {
    return (hash >>> (32 - PART_BITS)) % this.#part.of === this.#part.index;
  }

  #put(slots: Uint32Array, slot: number, cell: number, value: number, times: number): number {
    const entry = this.#size;
    this.#cells[entry] = cell;
    this.#values[entry] = value;
    this.#times[entry] = times;
    this.#size = entry + 1;
    slots[slot] = entry + 1;
    return entry;
  }

  /** Whether the bytes at a place are those in the scratch. */
  #isAt(place: number, length: number): boolean {
    const chunk = this.#chunks[Math.floor(place / CHUNK_BYTES)];
    const offset = place % CHUNK_BYTES;
    if (chunk === undefined || lengthAt(chunk, offset) !== length) return false;
    const start = offset + HEAD_BYTES;
    for (let at = 0; at < length; at += 1) {
      if (chunk[start + at] !== this.#scratch[at]) return false;
    }
    return true;
  }

  /** Stores the bytes in the scratch; returns their place. */
  #store(length: number): number {
    const bytes = length + HEAD_BYTES;
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || this.#chunkEnd + bytes > chunk.length) {
      const first = this.#chunks.length === 0 ? FIRST_CHUNK_BYTES : CHUNK_BYTES;
      chunk = new Uint8Array(Math.max(first, Math.min(bytes, CHUNK_BYTES)));
      this.#claim(chunk.length);
      if (bytes > chunk.length) throw new ValuesFull();
      this.#chunks.push(chunk);
      this.#chunkEnd = 0;
    }
    const start = this.#chunkEnd;
    new DataView(chunk.buffer).setUint32(start, length);
    chunk.set(this.#scratch.subarray(0, length), start + HEAD_BYTES);
    this.#chunkEnd = start + bytes;
    return (this.#chunks.length - 1) * CHUNK_BYTES + start;
  }

  #claim(bytes: number): void {
    this.#chunkBytes += bytes;
    this.#check(this.#cells.length);
  }

  #check(entries: number): void {
    const bytes = entries * ENTRY_BYTES + this.#chunkBytes;
    if (bytes > (this.#part.bytesMax ?? VALUE_BYTES_MAX)) throw new ValuesFull();
  }

  /** The slots, with room for one entry more. */
  #room(): Uint32Array {
    if (this.#slots === undefined) throw new Error("values are added after they were sorted");
    if (this.#size < this.#cells.length) return this.#slots;
    const entries = this.#size * 2;
    if (entries > VALUES_MAX) throw new ValuesFull();
    this.#check(entries);
    // One after the other, so that there are never two copies of all.
    this.#cells = grown(this.#cells, new Uint32Array(entries));
    this.#times = grown(this.#times, new Uint32Array(entries));
    this.#values = grown(this.#values, new Float64Array(entries));
    this.#slots = undefined;
    const slots = new Uint32Array(entries * 2);
    for (let entry = 0; entry < this.#size; entry += 1) {
      let slot = this.#hashOf(entry) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
    return slots;
  }

  #hashOf(entry: number): number {
    const cell = this.#cells[entry] ?? 0;
    const value = this.#values[entry] ?? 0;
    if (cell < BYTES_FLAG) {
      oneDouble[0] = value;
      return mix(mix(itsWords[0] ?? 0, itsWords[1] ?? 0), cell);
    }
    const chunk = this.#chunks[Math.floor(value / CHUNK_BYTES)] ?? new Uint8Array();
    const offset = value % CHUNK_BYTES;
    return hashBytes(chunk, offset + HEAD_BYTES, lengthAt(chunk, offset), cell);
  }

  /** The cell of an entry. */
  cellOf(entry: number): number {
    return (this.#cells[entry] ?? 0) & ~BYTES_FLAG;
  }

  /** How often an entry's value was added to its cell. */
  timesOf(entry: number): number {
    return this.#times[entry] ?? 0;
  }

  /** The double that an entry's value is, or NaN where {@link textOf} has it. */
  doubleOf(entry: number): number {
    return (this.#cells[entry] ?? 0) < BYTES_FLAG ? (this.#values[entry] ?? 0) : NaN;
  }

  /** The text of an entry whose value is no double: a canonical number, or JSON. */
  textOf(entry: number): string {
    const place = this.#values[entry] ?? 0;
    const chunk = this.#chunks[Math.floor(place / CHUNK_BYTES)] ?? new Uint8Array();
    const start = (place % CHUNK_BYTES) + HEAD_BYTES;
    return decoder.decode(chunk.subarray(start, start + lengthAt(chunk, start - HEAD_BYTES)));
  }

  /** Gives the memory back that only {@link add} needs. Nothing can be added any more. */
  close(): void {
    this.#slots = undefined;
  }
}

function grown<Items extends Uint32Array | Float64Array>(items: Items, larger: Items): Items {
  larger.set(items);
  return larger;
}

function lengthAt(chunk: Uint8Array, offset: number): number {
  return new DataView(chunk.buffer).getUint32(offset);
}

/** Of two words; the last steps are those of MurmurHash3. */
function mix(a: number, b: number): number {
  let hash = Math.imul(a, 0xcc9e_2d51) ^ Math.imul(b, 0x1b87_3593) ^ (b >>> 15);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hashBytes(bytes: Uint8Array, start: number, length: number, seed: number): number {
  let hash = 0x811c_9dc5;
  for (let at = start; at < start + length; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x0100_0193);
  }
  return mix(hash, seed);
}
