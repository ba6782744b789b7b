/**
 * From stored rows to CSV without objects in between. A row's data is JSON text that
 * JSON.stringify has written, and most of a CSV record is a copy of parts of it: numbers digit
 * for digit, strings without their escapes, nested values with their quotes doubled. So the
 * bytes are looked at once and copied once. What the walk does not know (`\u` escapes, white
 * space) is left to parseExact and csvRow, whose result is the same by test.
 *
 * A row of 8 fields (190 bytes) takes 0.24 µs where it has all columns in their order, 0.41 µs
 * where it has them otherwise, and no garbage; parsed and written field by field, 2.5 µs (by CPU
 * time, Node 26, a busy machine).
 */
import { Buffer } from "../../buffer.ts";
import { type JsonObject, parseExact } from "../../json/exact.ts";
import { csvRow } from "../../csv.ts";
import {
  BACKSLASH,
  CLOSE_BRACE,
  COMMA,
  copyLiteral,
  copyQuoted,
  copyText,
  copyUnescaped,
  CR,
  ESCAPED,
  hasSpecial,
  LF,
  literalEnd,
  nameEnd,
  nestedEnd,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  startsWith,
} from "./json-bytes.ts";

/** How a field is written: its bytes as they are, or changed in one of these ways. */
const NOTHING = 0;
const AS_IT_IS = 1;
/** Each quote within is doubled. A string that has one has an escape, so only JSON text does. */
const IN_QUOTES = 2;
const UNESCAPED = 3;
type Kind = typeof NOTHING | typeof AS_IT_IS | typeof IN_QUOTES | typeof UNESCAPED;

/**
 * Columns that are compared with a member before it is looked up by its name: a comparison costs
 * a tenth of that. Without the look-up a row of 2,000 fields in an order of its own took 10 ms
 * instead of 0.8, and one of which every other column is chosen 5 ms instead of 0.3.
 */
const COMPARED_MAX = 8;

/** Rows that are not tried for the layout of the columns after one that had another. */
const UNTRIED_ROWS = 30;

/** Room that there is for a row at least before its size is known, in bytes. */
const ROW_ROOM_BYTES = 16 * 1024;

/** Bytes that the buffer has at first; it grows to what the largest run of rows needs. */
const FIRST_BYTES = 64 * 1024;

/** How records are written where it is not RFC 4180 alone. */
export interface CsvRowOptions {
  /** Writes one record with its CRLF; csvRow where it is not given. */
  readonly write?: (columns: readonly string[], data: JsonObject) => string;
  /** First bytes of a string that only `write` knows how to write. */
  readonly leaveTo?: ReadonlySet<number>;
}

/** Collects CSV records, as bytes, in the order of the columns. */
export class CsvRows {
  readonly #columns: readonly string[];
  readonly #write: (columns: readonly string[], data: JsonObject) => string;
  /** 1 for the bytes with which a string is left to `write`. */
  readonly #isLeft = new Uint8Array(256);
  /** `"name":` of each column. */
  readonly #members: readonly Uint8Array[];
  /** The columns by that text. */
  readonly #byMember: ReadonlyMap<string, number>;
  /** The column that came after each one in the row before: most rows are alike. */
  readonly #next: Int32Array;
  readonly #start: Int32Array;
  readonly #end: Int32Array;
  readonly #kind: Uint8Array;
  /** What stands before the value of each column in a row that has all of them in this order. */
  readonly #layout: readonly Uint8Array[];
  /** How many rows are not tried for that layout. */
  #untried = 0;
  #out: Uint8Array = new Uint8Array(FIRST_BYTES);
  #length = 0;

  constructor(columns: readonly string[], { write = csvRow, leaveTo }: CsvRowOptions = {}) {
    this.#columns = columns;
    this.#write = write;
    for (const byte of leaveTo ?? []) this.#isLeft[byte] = 1;
    const members = columns.map((name) => `${JSON.stringify(name)}:`);
    this.#members = members.map((member) => Buffer.from(member));
    this.#layout = members.map((member, at) => Buffer.from(`${at === 0 ? "{" : ","}${member}`));
    this.#byMember = new Map(members.map((member, column) => [member, column]));
    this.#next = Int32Array.from({ length: columns.length + 1 }, (_, index) => index);
    this.#start = new Int32Array(columns.length);
    this.#end = new Int32Array(columns.length);
    this.#kind = new Uint8Array(columns.length);
  }

  /** Bytes collected. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds the record of a row.
   *
   * @param json has the row's data from that place on, and a line end after it.
   * @returns the place of the line end.
   */
  addJson(json: Uint8Array, from: number): number {
    const copied = this.#copyAlike(json, from);
    if (copied >= 0) return copied;
    this.#kind.fill(NOTHING);
    const end = this.#walk(json, from);
    if (end >= 0 && json[end] === LF) {
      this.#copyFields(json, end - from);
      return end;
    }
    const to = json.indexOf(LF, from);
    this.addRecord(parseExact(lineText(json, from, to)) as JsonObject);
    return to;
  }

  /** Adds the record of data that was parsed by parseExact. */
  addRecord(data: JsonObject): void {
    const record = this.#write(this.#columns, data);
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    this.#makeRoom(3 * record.length);
    this.#length += encoder.encodeInto(record, this.#out.subarray(this.#length)).written;
  }

  /** What was collected. To be used before more is added: the bytes are the collector's own. */
  take(): Uint8Array {
    const taken = this.#out.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#out.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#out.length));
    larger.set(this.#out.subarray(0, this.#length));
    this.#out = larger;
  }

  /**
   * Adds a row that has all columns and nothing else, in their order, as most rows have: each
   * byte is looked at and copied at once (0.24 instead of 0.41 µs for 190 bytes). Returns the
   * place of the line end, or -1 where the row is another or has no room; then nothing was added.
   */
  #copyAlike(json: Uint8Array, from: number): number {
    if (this.#untried > 0) {
      this.#untried -= 1;
      return -1;
    }
    this.#makeRoom(ROW_ROOM_BYTES);
    const before = this.#length;
    const end = this.#copyLayout(json, from);
    // What is written beyond the buffer is lost: the row is to be made again, with room.
    if (end >= 0 && before + this.#bytesMax(end - from) <= this.#out.length) return end;
    this.#length = before;
    if (end < 0) this.#untried = UNTRIED_ROWS;
    return -1;
  }

  /** Copies such a row; bytes beyond the buffer are lost. Returns its line end, or -1. */
  #copyLayout(json: Uint8Array, from: number): number {
    const layout = this.#layout;
    const out = this.#out;
    let at = from;
    let length = this.#length;
    for (let column = 0; column < layout.length; column += 1) {
      const name = layout[column];
      if (name === undefined || !startsWith(json, at, name)) return -1;
      at += name.length;
      if (column > 0) out[length++] = COMMA;
      const isText = json[at] === QUOTE;
      const end = isText
        ? copyText(json, at, out, length, this.#isLeft)
        : copyLiteral(json, at, out, length);
      if (end >= 0) {
        length += isText ? end - at - 2 : end - at;
        at = end;
        continue;
      }
      this.#kind[column] = NOTHING;
      at = this.#field(json, at, column);
      if (at < 0) return -1;
      length = this.#copyField(json, column, length);
    }
    if (json[at] !== CLOSE_BRACE || json[at + 1] !== LF) return -1;
    out[length] = CR;
    out[length + 1] = LF;
    this.#length = length + 2;
    return at + 1;
  }

  /** Finds the fields of the row; returns where it ends, or -1 where it is for the parser. */
  #walk(json: Uint8Array, from: number): number {
    let at = from + 1;
    if (json[from] !== OPEN_BRACE) return -1;
    if (json[at] === CLOSE_BRACE) return at + 1;
    let before = this.#columns.length;
    for (;;) {
      const column = this.#columnAt(json, at, before);
      const start = column < 0 ? nameEnd(json, at) : at + (this.#members[column]?.length ?? 0);
      if (start < 0) return -1;
      const field = this.#field(json, start, column);
      if (field < 0) return -1;
      if (column >= 0) {
        this.#next[before] = column;
        before = column;
      }
      if (json[field] === CLOSE_BRACE) return field + 1;
      if (json[field] !== COMMA) return -1;
      at = field + 1;
    }
  }

  /** The column whose member begins here, looked for from the likeliest one on; -1 for none. */
  #columnAt(json: Uint8Array, at: number, before: number): number {
    const count = this.#members.length;
    const compared = Math.min(count, COMPARED_MAX);
    let column = this.#next[before] ?? 0;
    for (let tries = 0; tries < compared; tries += 1) {
      if (column >= count) column = 0;
      const member = this.#members[column];
      if (member !== undefined && startsWith(json, at, member)) return column;
      column += 1;
    }
    if (compared === count) return -1;
    const end = nameEnd(json, at);
    return end < 0 ? -1 : (this.#byMember.get(lineText(json, at, end)) ?? -1);
  }

  /** Notes a column's field; returns where its value ends, or -1 where it is for the parser. */
  #field(json: Uint8Array, start: number, column: number): number {
    const first = json[start] ?? 0;
    if (first === QUOTE) return this.#stringField(json, start, column);
    const isNested = first === OPEN_BRACE || first === OPEN_BRACKET;
    const end = isNested ? nestedEnd(json, start) : literalEnd(json, start);
    // `null`; a number or another literal begins with no n.
    if (end > 0 && first !== 0x6e) {
      const kind = isNested && hasSpecial(json, start, end) ? IN_QUOTES : AS_IT_IS;
      this.#note(column, start, end, kind);
    }
    return end;
  }

  #stringField(json: Uint8Array, start: number, column: number): number {
    let kind: Kind = AS_IT_IS;
    let at = start + 1;
    if (this.#isLeft[json[at] ?? 0] === 1) return -1;
    for (let byte = json[at]; byte !== QUOTE; byte = json[at]) {
      if (byte === BACKSLASH) {
        if (ESCAPED[json[at + 1] ?? 0] === 0) return -1;
        kind = UNESCAPED;
        at += 1;
      } else if (byte === COMMA && kind === AS_IT_IS) kind = IN_QUOTES;
      else if (byte === undefined) return -1;
      at += 1;
    }
    if (at === start + 1) kind = IN_QUOTES;
    this.#note(column, start + 1, at, kind);
    return at + 1;
  }

  #note(column: number, start: number, end: number, kind: Kind): void {
    if (column < 0) return;
    this.#start[column] = start;
    this.#end[column] = end;
    this.#kind[column] = kind;
  }

  #copyFields(json: Uint8Array, bytes: number): void {
    const count = this.#columns.length;
    this.#makeRoom(this.#bytesMax(bytes));
    const out = this.#out;
    let length = this.#length;
    for (let column = 0; column < count; column += 1) {
      if (column > 0) out[length++] = COMMA;
      length = this.#copyField(json, column, length);
    }
    out[length] = CR;
    out[length + 1] = LF;
    this.#length = length + 2;
  }

  /** Copies a column's field to a place of the buffer; returns the place after it. */
  #copyField(json: Uint8Array, column: number, length: number): number {
    const kind = this.#kind[column];
    if (kind === NOTHING) return length;
    const out = this.#out;
    const start = this.#start[column] ?? 0;
    const end = this.#end[column] ?? 0;
    if (kind === IN_QUOTES) return copyQuoted(json, start, end, out, length);
    if (kind === UNESCAPED) return copyUnescaped(json, start, end, out, length);
    let to = length;
    for (let at = start; at < end; at += 1) out[to++] = json[at] ?? 0;
    return to;
  }

  /** Each byte becomes two at most; quotes, a comma for each column, and the line end. */
  #bytesMax(bytes: number): number {
    return 2 * bytes + 3 * this.#columns.length + 2;
  }
}

const encoder = new TextEncoder();

/** The text between two places. */
export function lineText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
}
