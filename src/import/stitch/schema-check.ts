/**
 * What the parts of the schema check share: a check, a violation, the meter that bounds the
 * cost, and the words that both put into an answer.
 */
import { isNumber, type Json, numberText, type RawNumber } from "../../json/exact.ts";

/** A compiled part of a schema: the first violation of a value (of one kind), or undefined. */
export type Check<Value = Json> = (value: Value) => Violation | undefined;

/**
 * A violation, cheap to make because most of them are forgotten: `anyOf` makes one for each
 * alternative that does not fit. The text is written only for the one that is reported.
 */
export class Violation {
  /** JSON pointer from the value that was checked to the one that is wrong. */
  path = "";
  /** The value that is wrong. */
  readonly value: Json;
  /** The type names that were expected, where the type is what is wrong. */
  readonly types: readonly string[] | undefined;
  readonly #describe: (value: Json) => string;

  constructor(value: Json, describe: (value: Json) => string, types?: readonly string[]) {
    this.value = value;
    this.types = types;
    this.#describe = describe;
  }

  /** What is wrong, without the place. */
  get reason(): string {
    return this.#describe(this.value);
  }

  /** Puts a member's name or an item's index before the path. */
  under(step: string | number): this {
    this.path = `/${typeof step === "number" ? step : escapeStep(step)}${this.path}`;
    return this;
  }
}

/** A name as a step of a JSON pointer (RFC 6901). */
export function escapeStep(name: string): string {
  return /[~/]/.test(name) ? name.replaceAll("~", "~0").replaceAll("/", "~1") : name;
}

/** Thrown by {@link Meter} when a limit is reached; its message is the reason in the answer. */
export class LimitReached extends Error {
  override name = "LimitReached";
}

/**
 * Most steps that the check of one batch may take. A step is a part of a schema applied to one
 * value, or a comparable piece of work (10-50 ns). Real batches take a few steps a field: 20 MB
 * of records under a Singer schema stay under 20 million. Schemas can be written that double
 * the work with every level of a record; those stop here, after seconds at most.
 */
export const STEPS_MAX = 60_000_000;

/**
 * Most parts of a schema that may be under way inside each other. A record has at most 100
 * levels, and each can pass through a few combinators. Each part takes up to 800 bytes of the
 * stack, which has about 1 MB.
 */
export const NESTED_MAX = 500;

/** Counts the work of one batch's check and stops it at the limits. */
export class Meter {
  readonly #stepsMax: number;
  #stepsLeft: number;
  #nested = 0;

  constructor(stepsMax = STEPS_MAX) {
    this.#stepsMax = stepsMax;
    this.#stepsLeft = stepsMax;
  }

  /** Before a part of the schema is applied; {@link leave} follows. */
  enter(): void {
    this.spend(1);
    this.#nested += 1;
    if (this.#nested > NESTED_MAX) throw new LimitReached("nested too deeply to be checked");
  }

  leave(): void {
    this.#nested -= 1;
  }

  /** Back to the start of a record: what was thrown has left nothing. */
  restart(): void {
    this.#nested = 0;
  }

  /** @throws LimitReached where the batch has used up its steps. */
  spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new LimitReached(`the check takes over ${this.#stepsMax} steps`);
  }

  /** For work that reads a whole string at about 16 characters a step. */
  spendOnText(text: string): void {
    if (text.length >= 16) this.spend(text.length >> 4);
  }

  /** For exact arithmetic, which costs more than linear from some 100,000 digits on. */
  spendOnNumber(text: string): void {
    this.spend(text.length + (text.length >> 10) ** 2);
  }
}

/** Characters of a caller's own text that an answer repeats. */
const SHOWN_CHARACTERS = 100;

/** A text cut to what an answer may repeat. */
export function shorten(text: string, charactersMax = SHOWN_CHARACTERS): string {
  if (text.length <= charactersMax) return text;
  return `${text.slice(0, charactersMax).toWellFormed()}…`;
}

/** A value as an answer shows it: scalars by their text, others by their type. */
export function show(value: Json): string {
  if (typeof value === "string") return `[${shorten(value)}]`;
  if (isNumber(value)) return shorten(numberText(value));
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "array" : "object";
  return String(value);
}

/** A number's text as an answer shows it. */
export function showNumber(value: number | RawNumber): string {
  return shorten(numberText(value));
}
