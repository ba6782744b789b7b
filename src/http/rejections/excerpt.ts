/** The beginning of what a caller sent, to be shown to the owner of its integration. */
import { isNumber, isObject, type Json, type JsonObject, numberText } from "../../json/exact.ts";
import { scrub } from "./scrub.ts";

/** Longest excerpt, in UTF-16 units: enough for a record of usual size, or to know a large one. */
const EXCERPT_LENGTH_MAX = 1_000;

/**
 * What is read of a text before credentials are taken out of it, in bytes or UTF-16 units: a
 * credential that reaches over an excerpt's end is seen whole, however many stand before it.
 */
const BEGINNING_LENGTH = 4 * EXCERPT_LENGTH_MAX;

/** Levels of a record that are written. */
const LEVELS_MAX = 100;

/** What stands where a text was cut. */
const CUT = "…";

/** The beginning of a text as it was sent, credentials included: not to be kept for long. */
export interface Beginning {
  readonly text: string;
  readonly isCut: boolean;
}

/** The beginning of a body in any encoding, decoded as well as it can be. */
export function bodyBeginning(body: Uint8Array): Beginning {
  const isCut = body.byteLength > BEGINNING_LENGTH;
  // With `stream` the bytes of a character that was cut are left out.
  const decoder = new TextDecoder(encodingOf(body));
  const text = decoder.decode(body.subarray(0, BEGINNING_LENGTH), { stream: isCut });
  return { text: withoutPadding(text), isCut };
}

/**
 * UTF-32, and UTF-16 that is not known by its first bytes, have NUL between their characters,
 * which would hide a credential from us, but not from a reader.
 */
function withoutPadding(text: string): string {
  const pieces = text.split("\0");
  return 4 * (pieces.length - 1) > text.length ? pieces.join("") : text;
}

/** UTF-16 is malformed here, but shown as UTF-8 it would hide a credential, and all the rest. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0 || (first === 0xfe && second === 0xff)) return "utf-16be";
  return second === 0 || (first === 0xff && second === 0xfe) ? "utf-16le" : "utf-8";
}

/** The beginning of a record's JSON text, numbers with their own digits. */
export function recordBeginning(record: Json): Beginning {
  const writer = new Writer();
  writer.write(record, LEVELS_MAX);
  return { text: writer.pieces.join(""), isCut: writer.left <= 0 };
}

/** Writes JSON text until it is long enough: a record may have 1.9 MB. */
class Writer {
  readonly pieces: string[] = [];
  /** UTF-16 units that are still wanted. */
  left: number = BEGINNING_LENGTH;

  write(value: Json, levels: number): void {
    if (this.left <= 0) return;
    if (typeof value === "string") this.#put(this.#textOf(value));
    else if (isNumber(value)) this.#put(numberText(value).slice(0, BEGINNING_LENGTH));
    else if (value === null || typeof value === "boolean") this.#put(String(value));
    else if (levels === 0) this.left = 0;
    else if (Array.isArray(value)) this.#writeElements(value, levels - 1);
    else if (isObject(value)) this.#writeMembers(value, levels - 1);
  }

  #put(piece: string): void {
    if (this.left <= 0) return;
    this.pieces.push(piece);
    this.left -= piece.length;
  }

  /** Without the quote at its end where it is cut: scrubbing looks at how a cut text ends. */
  #textOf(text: string): string {
    if (text.length <= this.left) return JSON.stringify(text);
    return JSON.stringify(wellCut(text, this.left)).slice(0, -1);
  }

  #writeElements(elements: readonly Json[], levels: number): void {
    this.#put("[");
    for (const [index, element] of elements.entries()) {
      if (this.left <= 0) return;
      if (index > 0) this.#put(",");
      this.write(element, levels);
    }
    this.#put("]");
  }

  #writeMembers(members: JsonObject, levels: number): void {
    this.#put("{");
    for (const [index, name] of Object.keys(members).entries()) {
      if (this.left <= 0) return;
      this.#put(`${index > 0 ? "," : ""}${this.#textOf(name)}:`);
      this.write(members[name] ?? null, levels);
    }
    this.#put("}");
  }
}

/** The excerpt of a beginning: without credentials, and of at most 1,000 characters. */
export function excerptOf(
  { text, isCut }: Beginning,
  credentials: readonly (string | undefined)[],
): string {
  const scrubbed = scrub(unescaped(text), { credentials, isCut });
  return shortened(scrubbed, EXCERPT_LENGTH_MAX, isCut);
}

/** The text with `\u0061` as `a`, so that nothing hides in it; quotes and backslashes stay. */
function unescaped(text: string): string {
  return text.replaceAll(/(?<!\\)\\+u00([2-7][\da-f])/gi, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return '"\\\x7f'.includes(character) ? escape : character;
  });
}

/**
 * A scrubbed text as it is kept: control characters as JSON writes them, and `…` at the end
 * where it goes on.
 *
 * @param lengthMax in UTF-16 units, the `…` included.
 */
export function shortened(text: string, lengthMax: number, isCut = false): string {
  const shown = text.toWellFormed().replaceAll(/\p{Cc}/gu, controlText);
  if (!isCut && shown.length <= lengthMax) return shown;
  return `${wellCut(shown, lengthMax - CUT.length)}${CUT}`;
}

function controlText(character: string): string {
  const text = JSON.stringify(character).slice(1, -1);
  // JSON leaves those from 7f on as they are.
  const code = character.charCodeAt(0);
  return text === character ? `\\u${code.toString(16).padStart(4, "0")}` : text;
}

/** The first so many UTF-16 units of a text, or one less where they would end in half a pair. */
function wellCut(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  const isHalf = length < text.length && (last & 0xfc00) === 0xd800;
  return text.slice(0, isHalf ? length - 1 : length);
}
