/** JSON text as bytes: where its values end, and their copies as fields of CSV (csv-rows.ts). */

/** `"` */
export const QUOTE = 0x22;
/** `,` */
export const COMMA = 0x2c;
const COLON = 0x3a;
/** `\` */
export const BACKSLASH = 0x5c;
/** `[` */
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** `{` */
export const OPEN_BRACE = 0x7b;
/** `}` */
export const CLOSE_BRACE = 0x7d;
/** Carriage return. */
export const CR = 0x0d;
/** Line feed. */
export const LF = 0x0a;

/** What stands after a backslash, by its byte; 0 where the walk leaves the row to the parser. */
export const ESCAPED = new Uint8Array(256);
for (const [letter, text] of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"].map(
  (pair) => [pair.charCodeAt(0), pair.charCodeAt(1)] as const,
)) {
  ESCAPED[letter] = text;
}

/** 1 for the bytes at which a copy of plain text ends: quote, comma, backslash, controls. */
const ENDS_TEXT = new Uint8Array(256).fill(1, 0, 0x20);
for (const byte of [QUOTE, COMMA, BACKSLASH]) ENDS_TEXT[byte] = 1;

/** The same for a number, true or false. */
const ENDS_LITERAL = new Uint8Array(256).fill(1, 0, 0x21);
for (const byte of [COMMA, CLOSE_BRACE]) ENDS_LITERAL[byte] = 1;

/** 1 for the first bytes of values that are not copied as they are: null and nested ones. */
const NOT_COPIED = new Uint8Array(256);
for (const byte of [0x6e, OPEN_BRACE, OPEN_BRACKET]) NOT_COPIED[byte] = 1;

/**
 * Copies the text of a string that needs neither quotes nor changes. Returns where its value
 * ends, or -1 for any other, of which some may have been copied.
 *
 * @param isLeft 1 for the first bytes of those that are not copied.
 */
export function copyText(
  json: Uint8Array,
  at: number,
  out: Uint8Array,
  length: number,
  isLeft: Uint8Array,
): number {
  let to = length;
  let place = at + 1;
  let byte = json[place] ?? 0;
  if (byte === QUOTE || isLeft[byte] === 1) return -1;
  while (ENDS_TEXT[byte] === 0) {
    out[to++] = byte;
    place += 1;
    byte = json[place] ?? 0;
  }
  return byte === QUOTE ? place + 1 : -1;
}

/** Copies a number, true or false. Returns where it ends, or -1 for another value. */
export function copyLiteral(json: Uint8Array, at: number, out: Uint8Array, length: number): number {
  let to = length;
  let place = at;
  let byte = json[place] ?? 0;
  if (NOT_COPIED[byte] === 1) return -1;
  while (ENDS_LITERAL[byte] === 0) {
    out[to++] = byte;
    place += 1;
    byte = json[place] ?? 0;
  }
  return place;
}

/** Whether a member's name with its punctuation stands at a place. */
export function startsWith(json: Uint8Array, at: number, member: Uint8Array): boolean {
  // Backwards: names often begin alike.
  for (let i = member.length - 1; i >= 0; i -= 1) if (json[at + i] !== member[i]) return false;
  return true;
}

/** Where the value of a member begins whose name is no column's; -1 for a name with escapes. */
export function nameEnd(json: Uint8Array, start: number): number {
  if (json[start] !== QUOTE) return -1;
  let at = start + 1;
  for (let byte = json[at]; byte !== QUOTE; byte = json[at]) {
    // It may be a column's name in another spelling.
    if (byte === BACKSLASH || byte === undefined) return -1;
    at += 1;
  }
  return json[at + 1] === COLON ? at + 2 : -1;
}

/** Where a number, true, false or null ends. */
export function literalEnd(json: Uint8Array, start: number): number {
  let at = start;
  for (let byte = json[at]; byte !== COMMA && byte !== CLOSE_BRACE; byte = json[at]) {
    // White space and control characters stand in no literal.
    if (byte === undefined || byte <= 0x20) return -1;
    at += 1;
  }
  return at > start ? at : -1;
}

/** Where an object or an array ends, or -1 where it has escapes that the parser would rewrite. */
export function nestedEnd(json: Uint8Array, start: number): number {
  let depth = 0;
  let isString = false;
  for (let at = start; ; at += 1) {
    const byte = json[at];
    if (byte === undefined || byte <= 0x20) {
      // A space in a string is text; elsewhere compact JSON has none.
      if (byte !== 0x20 || !isString) return -1;
    } else if (byte === QUOTE) isString = !isString;
    else if (isString) {
      if (byte === BACKSLASH) {
        // A slash may be written with a backslash, and compact JSON has none.
        const escape = json[at + 1] ?? 0;
        if (ESCAPED[escape] === 0 || escape === 0x2f) return -1;
        at += 1;
      }
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
}

/** Whether compact JSON has a character for which a CSV field is quoted. */
export function hasSpecial(json: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (json[at] === QUOTE || json[at] === COMMA) return true;
  }
  return false;
}

/** A text in quotes, each quote in it doubled; returns the place after it in `out`. */
export function copyQuoted(
  json: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  length: number,
): number {
  let to = length;
  out[to++] = QUOTE;
  for (let at = start; at < end; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) out[to++] = QUOTE;
    out[to++] = byte;
  }
  out[to++] = QUOTE;
  return to;
}

/**
 * A string with escapes; in quotes only where the text needs them. Returns the place after it in
 * `out`.
 */
export function copyUnescaped(
  json: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  length: number,
): number {
  let isSpecial = false;
  let to = length + 1;
  for (let at = start; at < end; at += 1) {
    let byte = json[at] ?? 0;
    if (byte === BACKSLASH) {
      at += 1;
      byte = ESCAPED[json[at] ?? 0] ?? 0;
      if (byte === QUOTE) out[to++] = QUOTE;
      isSpecial ||= byte === QUOTE || byte === CR || byte === LF;
    } else isSpecial ||= byte === COMMA;
    out[to++] = byte;
  }
  if (!isSpecial) {
    out.copyWithin(length, length + 1, to);
    return to - 1;
  }
  out[length] = QUOTE;
  out[to++] = QUOTE;
  return to;
}
