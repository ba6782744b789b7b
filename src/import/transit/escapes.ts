/** Transit's strings that start with `~`: scalars with a tag, and escaped plain strings. */
import type { Json } from "../../json/exact.ts";
import { readScalar } from "./scalars.ts";
import { tagName, tagWithoutValue } from "./tags.ts";

const ESCAPE_CODE = 0x7e;

/** First characters that a plain string cannot have as it is, hence `~~`, `~^` and `` ~` ``. */
const ESCAPED = "~^`";

/** Whether the text starts with `~`. */
export function isEscaped(text: string): boolean {
  return text.charCodeAt(0) === ESCAPE_CODE;
}

/**
 * The value of a text that starts with `~`: `~i5` gives 5, `~~x` gives `~x`.
 *
 * @throws SyntaxError where the text after a tag is not of its type, and for `~#tag`.
 */
export function decodeEscaped(text: string): Json {
  const tag = scalarTag(text);
  return tag === "" ? plainText(text) : readScalar(tag, plainText(text));
}

/**
 * The text after the tag, or after the escape: `5` for `~i5`, `~x` for `~~x`.
 *
 * @throws SyntaxError for `~#tag`.
 */
export function plainText(text: string): string {
  return text.slice(text === "~" ? 0 : 1 + scalarTag(text).length);
}

/** The tag, one character (code point); empty for an escaped string, and for `~` alone. */
function scalarTag(text: string): string {
  const tag = String.fromCodePoint(text.codePointAt(1) ?? ESCAPE_CODE);
  if (tag === "#") throw tagWithoutValue(tagName(text) ?? "");
  return ESCAPED.includes(tag) ? "" : tag;
}
