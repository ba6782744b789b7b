/**
 * JSON whose numbers keep every digit: 9007199254740993, 58.40 and 1e400 come out of
 * {@link stringifyExact} as they went into {@link parseExact} (promise P2).
 *
 * A number is a JavaScript number only where `String(value)` gives its source text back, as it
 * does for most of up to 15 digits; any other is a raw number (`JSON.rawJSON`). So a plain number
 * may be trusted: its source text is `String(value)`, and an integer among them was written
 * without a fraction, and below 1e21 without an exponent. Raw numbers cannot be
 * structured-cloned: hand text across RPC.
 */
import {
  findNumbers,
  type Found,
  MARK_SOURCE,
  markNumbers,
  NUMBER,
  restoreNumbers,
} from "./marked-numbers.ts";
import type { Weight } from "./weight.ts";

/** A number that a double would change; `rawJSON` is its source text. */
export type RawNumber = RawJSON;

/** A parsed value. Objects are plain objects; `__proto__` is an own property like any other. */
export type Json = null | boolean | number | string | RawNumber | Json[] | JsonObject;

/** A parsed object. Look members up with `Object.hasOwn`: `constructor` is no member. */
export interface JsonObject {
  [name: string]: Json;
}

/**
 * Parses JSON text and keeps every number exact. 3.2 MB with a decimal in each record take 14 ms,
 * against 6 ms of a bare `JSON.parse` and 90 to 120 ms of one with a reviver for every value.
 *
 * @param weight for texts of strangers: asked before anything is made of the text.
 * @throws SyntaxError for malformed text; RangeError where the text is nested deeper than the
 * stack holds (several thousand levels); what the weight throws.
 */
export function parseExact(text: string, weight?: Weight): Json {
  const found = findNumbers(text, weight);
  const isPlain = found.numbers.length === 0;
  // A text that has the mark itself would be taken for a number.
  if (!isPlain && text.includes(MARK_SOURCE)) return JSON.parse(text, keepExact) as Json;
  if (found.cuts.length > 0) return parseRuns(text, found) ?? parseWhole(text);
  if (isPlain) return JSON.parse(text) as Json;
  const whole = { start: 0, end: text.length, next: 0 };
  try {
    return restoreNumbers(JSON.parse(markNumbers(text, found.numbers, whole).text) as Json);
  } catch (error) {
    // The places in the parser's words must be those of the caller's text.
    if (error instanceof SyntaxError) JSON.parse(text);
    throw error;
  }
}

/**
 * Parses an array a run of elements at a time: what is made of the text on the way is small and
 * dies young. Of 4 MB whole, its marked copy and the pieces of that were 12 MB until all memory
 * was tidied up.
 *
 * @returns undefined where the text is malformed.
 */
function parseRuns(text: string, { numbers, cuts }: Found): Json[] | undefined {
  const all: Json[] = [];
  const last = cuts.at(-1) ?? 0;
  if (!/^[ \t\n\r]*$/.test(text.slice(last + 1))) return undefined;
  let start = text.indexOf("[") + 1;
  let next = 0;
  for (const end of cuts) {
    const run = markNumbers(text, numbers, { start, end, next });
    const elements = parseRun(run.text);
    // White space alone is an array, too, but no element between two commas.
    if (elements === undefined || elements.length === 0) return undefined;
    if (run.next > next) restoreNumbers(elements);
    for (const element of elements) all.push(element);
    next = run.next;
    start = end + 1;
  }
  return all;
}

/**
 * For the parser's words about a text with a malformed run; what it takes after all stays exact.
 * Of 4 MB that end too early, a parser that keeps the numbers made 38 MB before it said so, against
 * 14 MB.
 *
 * @throws SyntaxError
 */
function parseWhole(text: string): Json {
  JSON.parse(text);
  return JSON.parse(text, keepExact) as Json;
}

function parseRun(elements: string): Json[] | undefined {
  try {
    return JSON.parse(`[${elements}]`) as Json[];
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function keepExact(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== "number") return value;
  const source = context.source;
  return source === undefined || String(value) === source ? value : JSON.rawJSON(source);
}

/**
 * Parses JSON text whose numbers are no data: they are JavaScript's.
 *
 * @throws as {@link parseExact}.
 */
export function parsePlain(text: string, weight: Weight): unknown {
  findNumbers(text, weight);
  return JSON.parse(text);
}

/** The value as compact JSON text, raw numbers with their own digits. */
export function stringifyExact(value: Json): string {
  return JSON.stringify(value);
}

/** Whether the value is a number, plain or raw. */
export function isNumber(value: unknown): value is number | RawNumber {
  return typeof value === "number" || JSON.isRawJSON(value);
}

/** Whether the value is an object with members: neither null, nor an array, nor a raw number. */
export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)
  );
}

/** The source text of a number. */
export function numberText(value: number | RawNumber): string {
  return typeof value === "number" ? String(value) : value.rawJSON;
}

/**
 * A number value from its JSON text, plain where a double keeps it and raw where it does not;
 * the counterpart of {@link numberText} for readers of other formats.
 *
 * @throws SyntaxError where the text is no JSON number.
 */
export function numberFromText(text: string): number | RawNumber {
  // JSON.rawJSON itself also takes null, true and strings.
  if (!NUMBER.test(text)) throw new SyntaxError(`not a number: ${text.slice(0, 40)}`);
  const value = Number(text);
  return String(value) === text ? value : JSON.rawJSON(text);
}

/**
 * The digits of an integer of any size (`-12`, `0`, `9223372036854775808`; `-0` is `0`), or
 * undefined where the value is no number or was written with a fraction or an exponent, which
 * makes it no integer on the wire (wire.md 2.4).
 */
export function integerText(value: unknown): string | undefined {
  if (typeof value === "number") {
    // From 1e21 on, a number's own text has an exponent.
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : undefined;
  }
  if (!JSON.isRawJSON(value) || !/^-?\d+$/.test(value.rawJSON)) return undefined;
  return value.rawJSON === "-0" ? "0" : value.rawJSON;
}

/**
 * How many levels a value has: 0 for a scalar, 1 for `{}` or `[1]`, 2 for `{"a":[]}`. Stops
 * counting at `limit + 1`, so that it ends early and never runs out of stack.
 */
export function depthOf(value: Json, limit: number): number {
  if (typeof value !== "object" || value === null || JSON.isRawJSON(value)) return 0;
  if (limit <= 0) return 1;
  let deepest = 0;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof member !== "object" || member === null) continue;
    deepest = Math.max(deepest, depthOf(member, limit - 1));
    if (deepest > limit) break;
  }
  return deepest + 1;
}
