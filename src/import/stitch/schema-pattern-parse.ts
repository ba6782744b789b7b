/**
 * Reads a regular expression (ECMA-262, as JSON Schema has it) into parts that
 * schema-pattern.ts runs. Single characters, escapes and classes stay what the runtime makes of
 * them; only what stands around them is read here.
 */
import { shorten } from "./schema-check.ts";
import { unusable } from "./schema-read.ts";

/** A part of an expression. */
export type Part =
  | { readonly kind: "atom"; readonly matches: (code: number) => boolean }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Part[] }
  | { readonly kind: "repeat"; readonly part: Part; readonly min: number; readonly max: number }
  | { readonly kind: "edge"; readonly edge: Edge }
  | {
      readonly kind: "look";
      readonly part: Part;
      readonly isBehind: boolean;
      readonly isNegative: boolean;
    };

/** `^`, `$`, `\b` and `\B`. */
export type Edge = "start" | "end" | "word" | "inside";

/** A parsed expression; with `unicode` it matches code points, otherwise code units. */
export interface ParsedPattern {
  readonly part: Part;
  readonly unicode: boolean;
}

/** Characters of an expression; the longest known for an e-mail address or a URI have 2,000. */
const PATTERN_CHARACTERS_MAX = 4_000;
/** Groups inside each other: they are read by recursion. */
const GROUPS_NESTED_MAX = 100;

/** Escapes that stand for one character; without `u` no letters that have no meaning (`\A`). */
const ESCAPES = {
  unicode:
    /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}|[pP]\{[^}]*\}|x[\da-fA-F]{2}|c[a-zA-Z]|0(?!\d)|[dDwWsStnrvf]|[^a-zA-Z0-9])/uy,
  plain: /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|0(?!\d)|[dDwWsStnrvf]|[^a-zA-Z0-9])/y,
} as const;
const GROUP = /\((?:\?(?::|(<?)([=!])|<[^>]*>))?/y;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,)?(\d*)\})\??/y;

/**
 * Parses an expression.
 *
 * Expressions with the flag `u` are the rule; those that are wrong with it but right without
 * (`[\w-.]`, `\_`) are taken without it. Backreferences, `(?i:…)` and, without `u`, escaped
 * letters without a meaning (`\A`, `\Z` of other languages) are refused.
 *
 * @throws Refusal batch_schema_unusable for what is malformed, too long or not supported.
 */
export function parsePattern(source: string, place: string): ParsedPattern {
  if (source.length > PATTERN_CHARACTERS_MAX) {
    throw unusable(`${place}: longer than ${PATTERN_CHARACTERS_MAX} characters`);
  }
  const unicode = isExpression(source, "u");
  if (!unicode && !isExpression(source, "")) {
    throw unusable(`${place}: invalid regular expression: ${shorten(source)}`);
  }
  return { part: new Parser(source, unicode, place).choice(), unicode };
}

function isExpression(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Recursive descent over an expression that the runtime has found well-formed. */
class Parser {
  readonly #source: string;
  readonly #unicode: boolean;
  readonly #place: string;
  #index = 0;
  #groups = 0;

  constructor(source: string, unicode: boolean, place: string) {
    this.#source = source;
    this.#unicode = unicode;
    this.#place = place;
  }

  choice(): Part {
    const parts = [this.#sequence()];
    while (this.#source[this.#index] === "|") {
      this.#index += 1;
      parts.push(this.#sequence());
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: "choice", parts };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#index < this.#source.length && !"|)".includes(this.#source.charAt(this.#index))) {
      parts.push(this.#quantified(this.#term()));
    }
    return { kind: "sequence", parts };
  }

  #quantified(part: Part): Part {
    const match = this.#read(QUANTIFIER);
    if (match === undefined) return part;
    const [sign = "", from, comma, to] = match;
    if (sign.startsWith("*")) return { kind: "repeat", part, min: 0, max: Infinity };
    if (sign.startsWith("+")) return { kind: "repeat", part, min: 1, max: Infinity };
    if (sign.startsWith("?")) return { kind: "repeat", part, min: 0, max: 1 };
    const min = Number(from);
    if (comma === undefined) return { kind: "repeat", part, min, max: min };
    return { kind: "repeat", part, min, max: to === "" ? Infinity : Number(to) };
  }

  #term(): Part {
    const first = this.#source.charAt(this.#index);
    if (first === "(") return this.#group();
    if (first === "[") return this.#native(this.#classText());
    if (first === "\\") return this.#escaped();
    if (first === "^" || first === "$") {
      this.#index += 1;
      return { kind: "edge", edge: first === "^" ? "start" : "end" };
    }
    if (first === ".") {
      this.#index += 1;
      return this.#native(first);
    }
    return this.#literal();
  }

  #literal(): Part {
    const code = this.#unicode
      ? this.#source.codePointAt(this.#index)
      : this.#source.charCodeAt(this.#index);
    this.#index += code !== undefined && code > 0xffff ? 2 : 1;
    return { kind: "atom", matches: (other) => other === code };
  }

  #group(): Part {
    const match = this.#read(GROUP);
    if (match === undefined || this.#source[this.#index] === "?") throw this.#unsupported();
    this.#groups += 1;
    if (this.#groups > GROUPS_NESTED_MAX) throw this.#unsupported();
    const part = this.choice();
    this.#groups -= 1;
    this.#index += 1;
    const [, behind, sign] = match;
    if (sign === undefined) return part;
    return { kind: "look", part, isBehind: behind === "<", isNegative: sign === "!" };
  }

  #escaped(): Part {
    const next = this.#source[this.#index + 1];
    if (next === "b" || next === "B") {
      this.#index += 2;
      return { kind: "edge", edge: next === "b" ? "word" : "inside" };
    }
    return this.#native(this.#escapeText());
  }

  #escapeText(): string {
    const match = this.#read(this.#unicode ? ESCAPES.unicode : ESCAPES.plain);
    if (match === undefined) throw this.#unsupported();
    return match[0];
  }

  /** From `[` to its `]`; only an escaped `]` does not end it (`[]` and `[^]` are classes). */
  #classText(): string {
    const start = this.#index;
    this.#index += 1;
    while (this.#source[this.#index] !== "]") {
      if (this.#source[this.#index] !== "\\") this.#index += 1;
      else if (this.#source[this.#index + 1] === "b") this.#index += 2;
      else this.#escapeText();
    }
    this.#index += 1;
    return this.#source.slice(start, this.#index);
  }

  /** One character's test by the runtime itself; the answers for ASCII are kept. */
  #native(text: string): Part {
    const expression = new RegExp(`^(?:${text})$`, this.#unicode ? "u" : "");
    const known: (boolean | undefined)[] = Array.from({ length: 128 });
    const matches = (code: number): boolean => {
      if (code >= 128) return expression.test(String.fromCodePoint(code));
      return (known[code] ??= expression.test(String.fromCodePoint(code)));
    };
    return { kind: "atom", matches };
  }

  #read(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#index;
    const match = expression.exec(this.#source);
    if (match === null) return undefined;
    this.#index += match[0].length;
    return match;
  }

  #unsupported(): Error {
    return unusable(`${this.#place}: not supported in patterns: ${this.#rest()}`);
  }

  #rest(): string {
    return shorten(this.#source.slice(this.#index), 20);
  }
}
