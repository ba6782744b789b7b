import { describe, expect, it } from "vitest";
import { decodeTransit } from "../../../src/import/transit/decode.ts";

/** Entries that references can name (wire.md 2.7). */
const ENTRIES_MAX = 1_936;

/** The reference of an entry, spelt out anew from wire.md 2.7. */
function reference(entry: number): string {
  const low = String.fromCharCode(48 + (entry % 44));
  return entry < 44 ? `^${low}` : `^${String.fromCharCode(48 + Math.floor(entry / 44))}${low}`;
}

/** Distinct keys of 8 characters. */
function keys(count: number, prefix = "key"): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(5, "0")}`);
}

/** A Transit map of keys as they are given, with their positions as values. */
function map(names: readonly string[]): unknown[] {
  return ["^ ", ...names.flatMap((name, i) => [name, i])];
}

/** The object that such a map shall give. */
function object(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, i]));
}

function decode(body: unknown): unknown {
  return decodeTransit(JSON.stringify(body));
}

function expectNothing(body: unknown, shown: string): void {
  expect(() => decode(body)).toThrow(
    new SyntaxError(`Transit: cache reference to nothing: ${JSON.stringify(shown)}`),
  );
}

describe("what enters the cache", () => {
  it.each([
    ["a map key of four characters", [map(["abcd"]), map(["^0"])], [{ abcd: 0 }, { abcd: 0 }]],
    ["a key with a tag, which counts", [map(["~i12"]), map(["^0"])], [{ 12: 0 }, { 12: 0 }]],
    ["an escaped key", [map(["~~ab"]), map(["^0"])], [{ "~ab": 0 }, { "~ab": 0 }]],
    ["a keyword", ["~:ab", "^0"], ["ab", "ab"]],
    ["a symbol", ["~$ab", "^0"], ["ab", "ab"]],
    ["a keyword that is a key", [map(["~:ab"]), "^0"], [{ ab: 0 }, "ab"]],
    ["a keyword that becomes a key", ["~:ab", map(["^0"])], ["ab", { ab: 0 }]],
    [
      "a tag",
      [
        ["~#set", [1]],
        ["^0", [2]],
      ],
      [[1], [2]],
    ],
    [
      "a tag of another kind",
      [
        ["~#point", 1],
        ["^0", 2],
      ],
      [1, 2],
    ],
    [
      "a tag in an object",
      [{ "~#cmap": [[1], 2] }, { "^0": [[3], 4] }],
      [{ "[1]": 2 }, { "[3]": 4 }],
    ],
    ["an object's key", [{ abcd: 1, efgh: 2 }, map(["^1"])], [{ abcd: 1, efgh: 2 }, { efgh: 0 }]],
    ["a key before its value", [["^ ", "abcd", "~:efgh"], "^1"], [{ abcd: "efgh" }, "efgh"]],
    ["a key of four UTF-16 units", [map(["a😀b"]), map(["^0"])], [{ "a😀b": 0 }, { "a😀b": 0 }]],
    [
      "a key twice in full",
      [map(["abcd", "abcd", "efgh"]), "~:x", map(["^2"])],
      [{ abcd: 1, efgh: 2 }, "x", { efgh: 0 }],
    ],
  ])("%s", (_, body, expected) => {
    expect(decode(body)).toEqual(expected);
  });

  it.each([
    ["a map key of three characters", [map(["abc"]), map(["^0"])]],
    ["a map key of four bytes", [map(["año"]), map(["^0"])]],
    ["a short keyword", ["~:a", "^0"]],
    [
      "a short tag",
      [
        ["~#u", [1, 2]],
        ["^0", [1, 2]],
      ],
    ],
    ["a string that is no key", ["abcdef", "^0"]],
    ["an escaped string that is no key", ["~~abcdef", "^0"]],
    ["a number that is no key", ["~i123456", "^0"]],
    ["a key of a cmap", [["~#'", ["abcdef", 1]], map(["^0"])]],
  ])("not %s", (_, body) => {
    expectNothing(body, "^0");
  });

  it("counts a cmap's tag and none of its string keys", () => {
    const body = [["~#cmap", ["abcdef", 1, "~:word", 2]], ["^0", ["x", 1]], "^1"];
    expect(decode(body)).toEqual([{ abcdef: 1, word: 2 }, { x: 1 }, "word"]);
    expectNothing([...body, "^2"], "^2");
  });

  it("starts empty with each body", () => {
    expect(decode([map(["abcd"]), map(["^0"])])).toEqual([{ abcd: 0 }, { abcd: 0 }]);
    expectNothing([map(["^0"])], "^0");
  });
});

describe("references", () => {
  it("names each entry with one or two characters", () => {
    const names = keys(ENTRIES_MAX);
    const references = names.map((_, i) => reference(i));
    expect(references.slice(42, 46)).toEqual(["^Z", "^[", "^10", "^11"]);
    expect(references.at(-1)).toBe("^[[");
    expect(decode([map(names), map(references)])).toEqual([object(names), object(names)]);
  });

  it.each(["^", "^1", "^[", "^10", "^[[", "^a", "^\\", "^\\0", "^/", "^0\\", "^0 ", "^  ", "^000"])(
    "refuses %s after one entry",
    (text) => {
      expectNothing([map(["abcd"]), text], text);
      expectNothing([map(["abcd"]), map([text])], text);
      expectNothing([map(["abcd"]), [text, 1]], text);
      expectNothing([map(["abcd"]), { [text]: 1 }], text);
    },
  );

  it.each(["^/", "^\\", "^a", "^ 0", "^1/", "^1\\", "^\\0", "^000"])(
    "refuses %s also where each entry is there",
    (text) => {
      expectNothing([map(keys(ENTRIES_MAX)), text], text);
    },
  );

  it("refuses one to an entry that comes later", () => {
    expectNothing(["^0", "~:abcd"], "^0");
  });

  it("refuses a long text that starts like one", () => {
    expectNothing([map([`^${"0".repeat(100)}`])], `^${"0".repeat(9)}`);
  });

  it("refuses one to a tag where there is no value for it", () => {
    expect(() => decode([["~#set", [1]], "^0"])).toThrow(/"~#set" has not exactly one value/);
    expect(() => decode([["~#set", [1]], map(["^0"])])).toThrow(/has not exactly one value/);
    expect(() => decode([["~#set", [1]], ["^0"]])).toThrow(/has not exactly one value/);
  });

  it("gives a key's entry its value's type where it stands for a value", () => {
    expect(decode([map(["~i123", "abcd"]), "^0", "^1"])).toEqual([
      { 123: 0, abcd: 1 },
      123,
      "abcd",
    ]);
  });

  it("leaves a single ^ with a blank alone", () => {
    expect(decode([map(["abcd"]), ["a", "^ "]])).toEqual([{ abcd: 0 }, ["a", "^ "]]);
  });
});

describe("the cache's end", () => {
  it("is emptied by entry 1,937, which is entry 0 again", () => {
    const names = keys(ENTRIES_MAX + 1);
    const last = names.at(-1) ?? "";
    expect(decode([map(names), map(["^0"])])).toEqual([object(names), { [last]: 0 }]);
    expectNothing([map(names), map(["^1"])], "^1");
    expectNothing([map(names), map(["^[["])], "^[[");
  });

  it("is not reached by 1,936 entries", () => {
    const names = keys(ENTRIES_MAX);
    expect(decode([map(names), map(["^0", "^[["])])).toEqual([
      object(names),
      { key00000: 0, key01935: 1 },
    ]);
  });

  it("comes again after as many entries", () => {
    const names = keys(2 * ENTRIES_MAX + 2);
    const fresh = names.slice(2 * ENTRIES_MAX);
    expect(decode([map(names), map(["^0", "^1"])])).toEqual([object(names), object(fresh)]);
    expectNothing([map(names), map(["^2"])], "^2");
  });

  it("counts keywords and tags, too", () => {
    const words = keys(ENTRIES_MAX - 1, "~:w");
    const body = [words, ["~#set", [1]], ["^[[", [2]], "~:next", "^0"];
    const plain = words.map((word) => word.slice(2));
    expect(decode(body)).toEqual([plain, [1], [2], "next", "next"]);
    expectNothing([...body, ["^[[", [3]]], "^[[");
  });

  // After 1,937 entries transit-python repeats every key in full and refers to none: its check
  // for a full cache comes before its look-up.
  it.each([1_936, 1_937, 1_938, 4_000])("reads transit-python's body of %d keys", (count) => {
    const names = keys(count);
    const again = count <= ENTRIES_MAX ? names.map((_, i) => reference(i)) : names;
    expect(decode([map(names), map(again), map(again)])).toEqual([
      object(names),
      object(names),
      object(names),
    ]);
  });
});
