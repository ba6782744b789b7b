/**
 * Formulas: arithmetic over the metrics of a figure, `D / (B / 4)` (wire.md 5).
 *
 *     sum      = product { ("+" | "-") product }
 *     product  = factor { ("*" | "/") factor }
 *     factor   = "-" factor | "(" sum ")" | letter | number
 */
import { add, type Amount, amountOf, divide, isTooLong, multiply, subtract } from "./amount.ts";

/** Deepest brackets and signs: formulas are written by hand. */
const DEPTH_MAX = 50;

/** A parsed formula. */
export type Formula =
  | { readonly type: "number"; readonly value: Amount }
  | { readonly type: "input"; readonly letter: string }
  | {
      readonly type: "+" | "-" | "*" | "/";
      readonly left: Formula;
      readonly right: Formula;
    };

const ZERO: Amount = { units: 0n, scale: 0 };

/**
 * Parses a formula.
 *
 * @param letters the inputs that there are.
 * @throws SyntaxError that names the place: `at character 3: there is no metric C`.
 */
export function parseFormula(text: string, letters: readonly string[]): Formula {
  return new Parser(text, letters).parse();
}

/**
 * The value of a formula; undefined where an input has none, the divisor is zero, or a result
 * on the way has more than 1,000 digits. Sums and products are exact, quotients as divide of
 * amount.ts has them.
 */
export function evaluateFormula(
  formula: Formula,
  valueOf: (letter: string) => Amount | undefined,
): Amount | undefined {
  if (formula.type === "number") return formula.value;
  if (formula.type === "input") return valueOf(formula.letter);
  const left = evaluateFormula(formula.left, valueOf);
  const right = evaluateFormula(formula.right, valueOf);
  if (left === undefined || right === undefined) return undefined;
  const result = OPERATIONS[formula.type](left, right);
  return result !== undefined && isTooLong(result) ? undefined : result;
}

const OPERATIONS = { "+": add, "-": subtract, "*": multiply, "/": divide };

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z]+)|(.))/uy;

interface Token {
  readonly kind: "number" | "word" | "sign" | "end";
  readonly text: string;
  /** Counted from 1. */
  readonly place: number;
}

class Parser {
  readonly #text: string;
  readonly #letters: readonly string[];
  #at = 0;
  #token: Token;

  constructor(text: string, letters: readonly string[]) {
    this.#text = text;
    this.#letters = letters;
    this.#token = this.#read();
  }

  parse(): Formula {
    const formula = this.#sum(0);
    if (this.#token.kind !== "end") throw this.#unexpected("an operator or the end");
    return formula;
  }

  #sum(depth: number): Formula {
    let left = this.#product(depth);
    for (let type = this.#sign("+", "-"); type !== undefined; type = this.#sign("+", "-")) {
      this.#next();
      left = { type, left, right: this.#product(depth) };
    }
    return left;
  }

  #product(depth: number): Formula {
    let left = this.#factor(depth);
    for (let type = this.#sign("*", "/"); type !== undefined; type = this.#sign("*", "/")) {
      this.#next();
      left = { type, left, right: this.#factor(depth) };
    }
    return left;
  }

  #factor(depth: number): Formula {
    if (depth > DEPTH_MAX) throw this.#error(`brackets and signs are more than ${DEPTH_MAX} deep`);
    const { kind, text } = this.#token;
    if (kind === "number") return this.#number(text);
    if (kind === "word") return this.#input(text);
    if (text !== "-" && text !== "(") throw this.#unexpected('a letter, a number, "-" or "("');
    this.#next();
    if (text === "-") {
      const left: Formula = { type: "number", value: ZERO };
      return { type: "-", left, right: this.#factor(depth + 1) };
    }
    const inner = this.#sum(depth + 1);
    if (this.#token.text !== ")") throw this.#unexpected('")"');
    this.#next();
    return inner;
  }

  #number(text: string): Formula {
    const value = amountOf(text.replace(/^0+(?=\d)/, ""));
    if (value === undefined) throw this.#error("the number is too long");
    this.#next();
    return { type: "number", value };
  }

  #input(letter: string): Formula {
    if (!this.#letters.includes(letter)) throw this.#error(`there is no metric ${letter}`);
    this.#next();
    return { type: "input", letter };
  }

  #sign<Sign extends string>(...signs: readonly Sign[]): Sign | undefined {
    return signs.find((sign) => this.#token.kind === "sign" && this.#token.text === sign);
  }

  #next(): void {
    this.#token = this.#read();
  }

  #read(): Token {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) return { kind: "end", text: "", place: this.#text.length + 1 };
    this.#at = TOKEN.lastIndex;
    const [, number, word, sign = ""] = match;
    const text = number ?? word ?? sign;
    const place = this.#at - text.length + 1;
    if (text.trim() === "") return this.#read();
    return {
      kind: number !== undefined ? "number" : word !== undefined ? "word" : "sign",
      text,
      place,
    };
  }

  #unexpected(wanted: string): SyntaxError {
    const { kind, text } = this.#token;
    return this.#error(`expected ${wanted}, found ${kind === "end" ? "the end" : `"${text}"`}`);
  }

  #error(rule: string): SyntaxError {
    return new SyntaxError(`at character ${this.#token.place}: ${rule}`);
  }
}
