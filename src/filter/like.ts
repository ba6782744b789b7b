/**
 * Patterns of `like`, as SQLite's `LIKE … ESCAPE '\'`: `%` is any text, `_` any one character
 * (code point), letters of ASCII match in either case, and `\` takes the next character as it is.
 *
 * What stands between two `%` is searched for from left to right, and never again further left:
 * what has been found earliest leaves the most for the rest. So a search takes time in the
 * length of the text, times that of the longest such piece at the very worst, and there is no
 * pattern that makes it go back.
 */

/** Whether a pattern is whole: it does not end in a `\` that has nothing to escape. */
export function isWholePattern(pattern: string): boolean {
  return !pattern.replaceAll(/\\[^]/g, "").endsWith("\\");
}

/** A piece without `%`: what it matches, from the given index on or anywhere after it. */
interface Piece {
  readonly here: RegExp;
  readonly anywhere: RegExp;
  readonly characters: number;
}

/**
 * Compiles a whole pattern ({@link isWholePattern}).
 *
 * @returns whether a text matches it, from its first to its last character.
 */
export function compileLike(pattern: string): (text: string) => boolean {
  const [head = [], ...others] = splitPattern(pattern);
  const first = toPiece(head);
  const tail = others.pop();
  if (tail === undefined) return (text) => matchEnd(first.here, text, 0) === text.length;
  const last = toPiece(tail);
  const between = others.filter((sources) => sources.length > 0).map(toPiece);
  return (text) => {
    let at = matchEnd(first.here, text, 0);
    for (const { anywhere } of between) {
      if (at < 0) return false;
      at = matchEnd(anywhere, text, at);
    }
    if (at < 0) return false;
    const start = startOfLast(text, last.characters);
    return start >= at && matchEnd(last.here, text, start) === text.length;
  };
}

/** The pieces between `%`: for each of their characters the source of a RegExp. */
function splitPattern(pattern: string): string[][] {
  const pieces: string[][] = [[]];
  for (const [token] of pattern.matchAll(/\\?[^]/gu)) {
    if (token === "%") pieces.push([]);
    else pieces.at(-1)?.push(token === "_" ? "[^]" : characterSource(token));
  }
  return pieces;
}

/** The flag i would also match the Kelvin sign with k, and letters beyond ASCII. */
function characterSource(token: string): string {
  const character = token.length > 1 && token.startsWith("\\") ? token.slice(1) : token;
  if (/^[A-Za-z]$/.test(character)) {
    return `[${character.toLowerCase()}${character.toUpperCase()}]`;
  }
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function toPiece(sources: readonly string[]): Piece {
  const source = sources.join("");
  return {
    here: new RegExp(source, "uy"),
    anywhere: new RegExp(source, "ug"),
    characters: sources.length,
  };
}

/** The index after a match at or after `start`, or -1. */
function matchEnd(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** The index of the first of the last characters of a text, or -1 where it has fewer. */
function startOfLast(text: string, characters: number): number {
  let at = text.length;
  for (let left = characters; left > 0; left -= 1) {
    if (at === 0) return -1;
    at -= 1;
    if (at > 0 && isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))) at -= 1;
  }
  return at;
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
