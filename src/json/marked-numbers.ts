/**
 * The fast way to exact numbers: before the text is parsed, each number that a double would
 * change is put into a string with a mark in front (`58.40` becomes `"\u000158.40"`); after it,
 * those strings become raw numbers. All between is the runtime's own parser.
 *
 * Nothing malformed gets through: only what is a number is marked, never where a name stands,
 * and all the rest reaches `JSON.parse` as it was.
 */
import type { Json } from "./exact.ts";
import type { Weight } from "./weight.ts";

/** The mark as it stands in JSON text, and its code in a parsed string. */
export const MARK_SOURCE = "\\u0001";
const MARK_CODE = 1;
const MARK_BEGIN = `"${MARK_SOURCE}`;

/** Numbers of up to 15 digits are what they are as a double, and their text is the shortest. */
const SAFE_DIGITS_MAX = 15;

/** JavaScript writes 0.000001 out and 0.0000001 as 1e-7. */
const PLAIN_FRACTION_ZEROS_MAX = 5;

/** A number of JSON (RFC 8259, section 6). */
export const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** JSON knows these four as white space, and JavaScript many more. */
const ARRAY_BEGIN = /^[ \t\n\r]*\[/;

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
/** Turns a letter's code into that of the small letter. */
const LOWER = 0x20;
const SMALL_E = 0x65;

/** Between two looks at the weight, in numbers to mark: 20 MB of them are 180 MB in the end. */
const WEIGHED_NUMBERS = 1_024;

/**
 * A run of elements of a text that is one array, in UTF-16 units. Texts of this size die young,
 * where V8 tidies up at once; larger ones are kept apart, until it looks through all of its memory.
 */
const RUN_LENGTH = 32_768;

/** What a look at a JSON text has found. */
export interface Found {
  /** Begin and end of each number to mark, in their order. */
  readonly numbers: Places;
  /**
   * Commas between elements of the outermost array, some {@link RUN_LENGTH} apart, and the place of
   * its last bracket; empty where the text is no array, or not longer than that.
   */
  readonly cuts: readonly number[];
}

const NO_PLACES = new Int32Array(0);

/** A list of places that grows, without an object for each. */
class Places {
  #places = NO_PLACES;
  length = 0;

  add(place: number): void {
    if (this.length === this.#places.length) {
      const larger = new Int32Array(Math.max(64, 2 * this.length));
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[this.length] = place;
    this.length += 1;
  }

  /** Infinity beyond the last one. */
  at(index: number): number {
    return index < this.length ? (this.#places[index] ?? 0) : Infinity;
  }
}

/**
 * Looks for the numbers of a JSON text that must be marked, and for places where to cut it.
 *
 * @param weight what the text will take is added to it, and it may refuse.
 */
export function findNumbers(text: string, weight?: Weight): Found {
  const { length } = text;
  let arrays = 0;
  let objects = 0;
  let members = 0;
  let values = 0;
  let rawNumbers = 0;
  let digits = 0;
  let stringStart = 0;
  let untilName = weight?.namesUntilSample ?? Infinity;
  const numbers = new Places();
  const cuts: number[] = [];
  let depth = 0;
  let cutFrom = length > RUN_LENGTH && ARRAY_BEGIN.test(text) ? RUN_LENGTH : Infinity;
  let at = 0;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      stringStart = at;
      at = stringEnd(text, at);
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const end = numberEnd(text, at);
      if (!isKept(text, at, end) && NUMBER.test(text.slice(at, end)) && !isName(text, end)) {
        numbers.add(at);
        numbers.add(end);
        rawNumbers += 1;
        digits += end - at;
        if (rawNumbers >= WEIGHED_NUMBERS) {
          weight?.add({ arrays, objects, members, values, rawNumbers, digits });
          arrays = objects = members = values = rawNumbers = digits = 0;
        }
      }
      at = end;
    } else {
      if (code === COMMA) {
        values += 1;
        if (depth === 1 && at >= cutFrom) {
          cuts.push(at);
          cutFrom = at + RUN_LENGTH;
        }
      } else if (code === COLON) {
        members += 1;
        untilName -= 1;
        if (untilName < 0 && weight !== undefined) {
          weight.addName(text.slice(stringStart, at));
          untilName = weight.namesUntilSample;
        }
      } else if (code === BRACE) {
        objects += 1;
        depth += 1;
      } else if (code === BRACKET) {
        arrays += 1;
        depth += 1;
      } else if (code === BRACE_END || code === BRACKET_END) depth -= 1;
      at += 1;
    }
  }
  if (weight !== undefined) {
    weight.namesUntilSample = untilName;
    weight.add({ arrays, objects, members, values, rawNumbers, digits });
  }
  if (cuts.length > 0) cuts.push(text.lastIndexOf("]"));
  return { numbers, cuts };
}

/** A part of a text, its numbers marked. */
export interface Marked {
  readonly text: string;
  /** The number after the last one that the part has. */
  readonly next: number;
}

/**
 * Marks the numbers of a part of a text.
 *
 * @param next the first number of the part.
 */
export function markNumbers(
  text: string,
  numbers: Found["numbers"],
  { start, end, next }: { readonly start: number; readonly end: number; readonly next: number },
): Marked {
  const pieces: string[] = [];
  let copied = start;
  let index = next;
  for (; numbers.at(index) < end; index += 2) {
    const [from, to] = [numbers.at(index), numbers.at(index + 1)];
    pieces.push(text.slice(copied, from), MARK_BEGIN, text.slice(from, to), '"');
    copied = to;
  }
  pieces.push(text.slice(copied, end));
  return { text: pieces.join(""), next: index };
}

/** The place after a string that begins at `start`; the text's end where it has none. */
function stringEnd(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (quote - before) % 2 === 0;
}

/** The place after the characters that a number can have, in whatever order. */
function numberEnd(text: string, start: number): number {
  let end = start + 1;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    const isDigit = code >= ZERO && code <= NINE;
    const isOther = code === POINT || code === PLUS || code === MINUS || (code | LOWER) === SMALL_E;
    if (!isDigit && !isOther) break;
  }
  return end;
}

/**
 * Whether a double keeps the number for sure, that is, gives its text back: up to 15 digits do,
 * except where the text has a final zero after the point, an exponent, a negative zero, or where
 * JavaScript would write an exponent (below 1e-6). Comparing `String(Number(text))` would also
 * keep some longer ones, but takes longer than carrying them as raw numbers.
 */
function isKept(text: string, start: number, end: number): boolean {
  if (end - start > SAFE_DIGITS_MAX) return false;
  let point = -1;
  let firstNonZero = -1;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === POINT) point = at;
    else if (code < ZERO || code > NINE) {
      if (at !== start || code !== MINUS) return false;
    } else if (code !== ZERO && firstNonZero === -1) firstNonZero = at;
  }
  const isNegative = text.charCodeAt(start) === MINUS;
  if (firstNonZero === -1) return !isNegative && point === -1;
  if (point === -1) return true;
  return text.charCodeAt(end - 1) !== ZERO && firstNonZero - point <= PLAIN_FRACTION_ZEROS_MAX + 1;
}

/** Whether a colon follows: a number is no member's name, and must not become one. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (" \t\n\r".includes(text.charAt(at)) && at < text.length) at += 1;
  return text.charCodeAt(at) === COLON;
}

/** Turns marked strings into raw numbers, in place. */
export function restoreNumbers(value: Json): Json {
  if (typeof value === "string") return isMarked(value) ? JSON.rawJSON(value.slice(1)) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) restoreElements(value);
  else restoreMembers(value as Record<string, Json>);
  return value;
}

function restoreElements(elements: Json[]): void {
  for (let index = 0; index < elements.length; index += 1) {
    const element = elements[index];
    if (typeof element === "string") {
      if (isMarked(element)) elements[index] = JSON.rawJSON(element.slice(1));
    } else if (typeof element === "object") restoreNumbers(element);
  }
}

function restoreMembers(members: Record<string, Json>): void {
  // Own members only: a parsed object inherits nothing that can be enumerated.
  for (const name in members) {
    const member = members[name];
    if (typeof member === "string") {
      if (isMarked(member)) members[name] = JSON.rawJSON(member.slice(1));
    } else if (typeof member === "object") restoreNumbers(member);
  }
}

function isMarked(text: string): boolean {
  return text.charCodeAt(0) === MARK_CODE;
}
