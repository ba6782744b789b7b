/** What transit-js writes, read back: both of its JSON forms, any values, long and many keys. */
import fc from "fast-check";
import transit from "transit-js";
import { describe, expect, it } from "vitest";
import { decodeTransit } from "../../../src/import/transit/decode.ts";
import { numberFromText, stringifyExact } from "../../../src/json/exact.ts";
import type { Json, JsonObject } from "../../../src/json/exact.ts";

const FORMATS = ["json", "json-verbose"] as const;
type Format = (typeof FORMATS)[number];

/** The rows of wire.md 2.7, from the writer's side: the plain value of a transit-js value. */
function plain(value: unknown, format: Format): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return numberFromText(JSON.stringify(value));
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return btoa(String.fromCharCode(...value));
  if (Array.isArray(value)) return value.map((element) => plain(element, format));
  if (transit.isMap(value)) return plainMap(value, format);
  if (transit.isSet(value)) return plainSet(value, format);
  if (transit.isInteger(value)) return numberFromText(nameOf(value));
  if (transit.isTaggedValue(value)) return plainTagged(value.tag, value.rep, format);
  return isPlainObject(value)
    ? plainMap(transit.map(Object.entries(value).flat(1)), format)
    : nameOf(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** The text of a keyword, a symbol, a UUID or an integer. */
function nameOf(value: unknown): string {
  return transit.isKeyword(value) ? String(value).slice(1) : String(value);
}

function plainTagged(tag: string, rep: unknown, format: Format): Json {
  if (tag === "n" || tag === "f") return numberFromText(String(rep));
  return plain(rep, format);
}

function plainSet(set: ReturnType<typeof transit.set>, format: Format): Json[] {
  const elements: Json[] = [];
  set.forEach((element) => elements.push(plain(element, format)));
  return elements;
}

/** Maps whose keys are all scalars have the text after the tag as names, others are cmaps. */
function plainMap(map: ReturnType<typeof transit.map>, format: Format): JsonObject {
  const entries: [unknown, unknown][] = [];
  map.forEach((value, key) => entries.push([key, value]));
  const isCmap = entries.some(([key]) => isComposite(key));
  const object: JsonObject = {};
  for (const [key, value] of entries) {
    object[isCmap ? cmapName(key, format) : keyName(key, format)] = plain(value, format);
  }
  return object;
}

function isComposite(key: unknown): boolean {
  return Array.isArray(key) || transit.isMap(key) || transit.isSet(key);
}

function cmapName(key: unknown, format: Format): string {
  const name = plain(key, format);
  return typeof name === "string" ? name : stringifyExact(name);
}

function keyName(key: unknown, format: Format): string {
  if (key === null) return "";
  if (typeof key === "boolean") return key ? "t" : "f";
  if (key instanceof Date) return format === "json" ? String(key.getTime()) : key.toISOString();
  if (transit.isTaggedValue(key)) return String(key.rep);
  return nameOf(key);
}

const start = fc.constantFrom("", "", "~", "^", "`", "~#", "~:", "~i", "^ ", "^0", "~~");
const text = fc
  .tuple(start, fc.string({ unit: "binary", maxLength: 8 }))
  .map((parts) => parts.join(""));
// transit-js looks keys up in a plain object and takes what Object.prototype has for entries.
const knownKey = fc.constantFrom("action", "data", "table_name", "año", "abcd", "~abc", "^ab");
const stringKey = fc.oneof(knownKey, text).filter((key) => !(key in Object.prototype));
const name = fc.stringMatching(/^[a-z][a-z0-9_/]{0,7}$/);
const date = fc.date({ noInvalidDate: true });
const keyDate = fc.date({
  noInvalidDate: true,
  min: new Date("1000-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59Z"),
});
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const named = fc.oneof(
  name.map((word) => transit.keyword(word)),
  name.map((word) => transit.symbol(word)),
  fc.uuid().map((uuid) => transit.uuid(uuid)),
  int64.map((integer) => transit.integer(String(integer))),
  fc.bigInt().map((integer) => transit.bigInt(String(integer))),
  fc
    .tuple(fc.bigInt(), fc.stringMatching(/^[0-9]{1,20}$/))
    .map(([whole, fraction]) => transit.bigDec(`${whole}.${fraction}`)),
  name.map((word) => transit.uri(`http://example.com/${word}`)),
);
const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const bytes = fc.uint8Array({ maxLength: 8 });
const scalar = fc.oneof(fc.constant(null), fc.boolean(), number, text, date, named, bytes);
const scalarKey = fc.oneof(
  { arbitrary: stringKey, weight: 4 },
  { arbitrary: fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), keyDate, named), weight: 1 },
);

// Keys of a few scalars, as a longer text than 1,024 characters is refused.
const scalars = fc.array(scalar, { maxLength: 3 });
const compositeKey = fc.oneof(
  scalarKey,
  scalars,
  scalars.map((values) => transit.set(values)),
  entries(scalarKey, scalar).map((flat) => transit.map(flat)),
);

const { tree } = fc.letrec<{ tree: unknown; values: unknown[] }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    scalar,
    tie("values"),
    tie("values").map((values) => transit.set(values)),
    tie("values").map((values) => transit.list(values)),
    fc.tuple(name, tie("tree")).map(([tag, value]) => transit.tagged(`app/${tag}`, value)),
    entries(scalarKey, tie("tree")).map((flat) => transit.map(flat)),
    entries(compositeKey, tie("tree")).map((flat) => transit.map(flat)),
    fc.dictionary(stringKey, tie("tree"), { maxKeys: 6, noNullPrototype: true }),
  ),
  values: fc.array(tie("tree"), { maxLength: 5 }),
}));

/** Keys and values in turn; no two keys with the same name, whose order the forms differ in. */
function entries(
  key: fc.Arbitrary<unknown>,
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown[]> {
  const names = { maxLength: 4, selector: ([it]: [unknown, unknown]) => cmapName(it, "json") };
  return fc.uniqueArray(fc.tuple(key, value), names).map((pairs) => pairs.flat(1));
}

describe.each(FORMATS)("transit-js's %s", (format) => {
  const write = (value: unknown) => transit.writer(format).write(value);

  it("reads any value back", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(stringifyExact(decodeTransit(write(value)))).toBe(
          stringifyExact(plain(value, format)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("reads any number of keys back, in any order", () => {
    const range = fc.tuple(fc.nat(3_000), fc.nat(1_500));
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 8 }), (ranges) => {
        const records = ranges.map(([first, count]) => {
          const names = Array.from({ length: count }, (_, i) => `key${first + i}`);
          return Object.fromEntries(names.map((key) => [key, transit.keyword(key)]));
        });
        const expected = records.map((record) => {
          return Object.fromEntries(Object.keys(record).map((key) => [key, key]));
        });
        expect(decodeTransit(write(records))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it.each([1_935, 1_936, 1_937, 3_872, 3_873, 5_000])("reads %d keys back, twice", (count) => {
    const names = Array.from({ length: count }, (_, i) => `name${i}`);
    const record = Object.fromEntries(names.map((key, i) => [key, i]));
    expect(decodeTransit(write([record, record, record]))).toEqual([record, record, record]);
  });
});
