/**
 * Turns a JSON Schema into closures, once a batch: reads each part of the schema, resolves
 * `$ref`, and refuses what cannot be run.
 */
import {
  isNumber,
  isObject,
  type Json,
  type JsonObject,
  type RawNumber,
} from "../../json/exact.ts";
import { arrayChecks } from "./schema-arrays.ts";
import { type Check, type Meter, Violation } from "./schema-check.ts";
import { combinatorChecks } from "./schema-combine.ts";
import { enumCheck } from "./schema-equal.ts";
import { numberChecks } from "./schema-numbers.ts";
import { objectChecks } from "./schema-objects.ts";
import { PATTERN_STATES_MAX, type PatternSpace } from "./schema-pattern.ts";
import { readReference, resolveReference } from "./schema-ref.ts";
import { unusable, wrongKeyword } from "./schema-read.ts";
import { stringChecks } from "./schema-strings.ts";
import { TYPE_BITS, type TypeRule, typeRule } from "./schema-types.ts";

/** What a keyword needs to compile the schemas inside it. */
export interface Scope {
  readonly meter: Meter;
  readonly patterns: PatternSpace;
  /** Compiles a schema for a member or an item of the value. */
  inner(schema: Json, place: string): Check;
  /** Compiles a schema for the same value, as combinators have it. */
  same(schema: Json, place: string): Check;
}

/**
 * Levels of a schema document, two for each level of the records that it describes; they are
 * compiled by recursion.
 */
export const SCHEMA_LEVELS_MAX = 256;

/**
 * JSON values in a schema document, which bounds the memory of its lists and sets. A table of
 * 2,000 columns with `anyOf` in each has about 20,000.
 */
export const SCHEMA_VALUES_MAX = 100_000;

/** Subschemas that are used; compiled, 1-2 KB each. The same table has 6,000. */
export const SUBSCHEMAS_MAX = 20_000;

/** Schemas inside each other that may apply to one value, through combinators and `$ref`. */
export const COMBINED_MAX = 64;

/** A subschema, compiled or waiting for it. */
interface Part {
  readonly schema: JsonObject;
  readonly place: string;
  check: Check;
  /** Parts that are applied to the same value. */
  readonly same: Part[];
  /** Levels of `same` below this part; 0 while they are counted, undefined before. */
  levels: number | undefined;
}

/** Passes everything: `{}` and true. */
const pass: Check<unknown> = () => undefined;

/** Fails everything: false. */
const fail: Check = (value) => new Violation(value, () => "no value is allowed");

/**
 * Compiles a whole schema document.
 *
 * @throws Refusal batch_schema_unusable.
 */
export function compileDocument(document: JsonObject, meter: Meter): Check {
  countValues(document, SCHEMA_LEVELS_MAX, SCHEMA_VALUES_MAX);
  return new Compiler(document, meter).compile();
}

/** Counts down to the limits; returns how many values are left. */
function countValues(value: Json, levelsLeft: number, valuesLeft: number): number {
  if (valuesLeft === 0) throw unusable(`over ${SCHEMA_VALUES_MAX} values`);
  if (typeof value !== "object" || value === null || isNumber(value)) return valuesLeft - 1;
  if (levelsLeft === 0) throw unusable(`nested deeper than ${SCHEMA_LEVELS_MAX} levels`);
  let left = valuesLeft - 1;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    left = countValues(inner, levelsLeft - 1, left);
  }
  return left;
}

class Compiler {
  readonly #document: JsonObject;
  readonly #meter: Meter;
  readonly #patterns: PatternSpace = { statesLeft: PATTERN_STATES_MAX };
  /** By the object itself, so that a `$ref` meets the part that stands there. */
  readonly #parts = new Map<JsonObject, Part>();
  /** Parts that a `$ref` has met first; a queue, as references can make a long chain. */
  readonly #waiting: Part[] = [];
  #subschemas = 0;

  constructor(document: JsonObject, meter: Meter) {
    this.#document = document;
    this.#meter = meter;
  }

  compile(): Check {
    const root = this.#part(this.#document, "#");
    this.#fill(root);
    for (let part = this.#waiting.pop(); part !== undefined; part = this.#waiting.pop()) {
      this.#fill(part);
    }
    for (const part of this.#parts.values()) countLevels(part, 1);
    return root.check;
  }

  #part(schema: JsonObject, place: string): Part {
    const known = this.#parts.get(schema);
    if (known !== undefined) return known;
    const part: Part = { schema, place, check: unfilled, same: [], levels: undefined };
    this.#parts.set(schema, part);
    return part;
  }

  #fill(part: Part): void {
    if (part.check !== unfilled) return;
    const { schema, place } = part;
    const reference = readReference(schema, place);
    part.check =
      reference === undefined
        ? this.#keywords(part)
        : this.#apply(resolveReference(this.#document, reference, place), part, reference, true);
  }

  /** The check of a schema value; `from` is the part that applies it to its own value. */
  #apply(value: Json, from: Part | undefined, place: string, isReference: boolean): Check {
    this.#subschemas += 1;
    if (this.#subschemas > SUBSCHEMAS_MAX) throw unusable(`over ${SUBSCHEMAS_MAX} subschemas`);
    if (value === true) return pass;
    if (value === false) return fail;
    if (!isObject(value)) throw wrongKeyword(place, "object or boolean", value);
    if (Object.keys(value).length === 0) return pass;
    const part = this.#part(value, place);
    from?.same.push(part);
    if (isReference) this.#waiting.push(part);
    else this.#fill(part);
    const { check } = part;
    return check === unfilled ? (inner) => part.check(inner) : check;
  }

  #keywords(part: Part): Check {
    const { schema, place } = part;
    const meter = this.#meter;
    const scope: Scope = {
      meter,
      patterns: this.#patterns,
      inner: (value, at) => this.#apply(value, undefined, at, false),
      same: (value, at) => this.#apply(value, part, at, false),
    };
    const ofValues = enumCheck(schema, meter, place);
    return assemble(meter, {
      type: typeRule(schema, meter, place),
      any: sequence([ofValues, ...combinatorChecks(schema, scope, place)]),
      numbers: sequence(numberChecks(schema, meter, place)),
      strings: sequence(stringChecks(schema, meter, this.#patterns, place)),
      objects: sequence(objectChecks(schema, scope, place)),
      arrays: sequence(arrayChecks(schema, scope, place)),
    });
  }
}

const unfilled: Check = () => {
  throw new Error("a part of the schema was not compiled");
};

/** The checks of one part, by the kind of the value. */
interface Kinds {
  readonly type: TypeRule;
  readonly any: Check;
  readonly numbers: Check<number | RawNumber>;
  readonly strings: Check<string>;
  readonly objects: Check<JsonObject>;
  readonly arrays: Check<Json[]>;
}

function assemble(meter: Meter, kinds: Kinds): Check {
  const { type, any, numbers, strings, objects, arrays } = kinds;
  const check = (value: Json): Violation | undefined => {
    if (typeof value === "string") {
      return type.check(value, TYPE_BITS.string) ?? any(value) ?? strings(value);
    }
    if (typeof value === "boolean") return type.check(value, TYPE_BITS.boolean) ?? any(value);
    if (value === null) return type.check(value, TYPE_BITS.null) ?? any(value);
    if (isNumber(value)) return type.checkNumber(value) ?? any(value) ?? numbers(value);
    if (Array.isArray(value)) {
      return type.check(value, TYPE_BITS.array) ?? any(value) ?? arrays(value);
    }
    return type.check(value, TYPE_BITS.object) ?? any(value) ?? objects(value);
  };
  return function checkPart(value) {
    meter.enter();
    const violation = check(value);
    meter.leave();
    return violation;
  };
}

/** One check for several: the first violation. */
function sequence<Value>(checks: readonly (Check<Value> | undefined)[]): Check<Value> {
  const present = checks.filter((check) => check !== undefined).filter((check) => check !== pass);
  const [first, second] = present;
  if (first === undefined) return pass;
  if (second === undefined) return first;
  return function checkAll(value) {
    for (const check of present) {
      const violation = check(value);
      if (violation !== undefined) return violation;
    }
    return undefined;
  };
}

/**
 * Counts the parts that are applied to one value through each other, starting at `part`, which
 * is the `depth`th of them; refuses loops, which would never end, and long chains.
 */
function countLevels(part: Part, depth: number): number {
  if (part.levels === 0) throw unusable(`${part.place}: $ref leads back to itself`);
  if (depth + (part.levels ?? 1) > COMBINED_MAX + 1) {
    throw unusable(`${part.place}: over ${COMBINED_MAX} schemas inside each other for one value`);
  }
  if (part.levels !== undefined) return part.levels;
  part.levels = 0;
  let deepest = 0;
  for (const inner of part.same) deepest = Math.max(deepest, countLevels(inner, depth + 1));
  part.levels = deepest + 1;
  return part.levels;
}
