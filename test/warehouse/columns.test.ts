import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseExact } from "../../src/json/exact.ts";
import { columnType, TYPE_BITS, typeBit } from "../../src/warehouse/columns.ts";

type Seen = keyof typeof TYPE_BITS;

describe("the type of a value", () => {
  test.each<[string, number]>([
    ["null", 0],
    ['"a"', TYPE_BITS.string],
    ['""', TYPE_BITS.string],
    ['"2020-01-02T03:04:05Z"', TYPE_BITS.string],
    ["1", TYPE_BITS.integer],
    ["-0", TYPE_BITS.integer],
    ["9007199254740993", TYPE_BITS.integer],
    ["123456789012345678901234567890", TYPE_BITS.integer],
    ["1.5", TYPE_BITS.decimal],
    ["58.40", TYPE_BITS.decimal],
    ["1.0", TYPE_BITS.decimal],
    ["1e400", TYPE_BITS.decimal],
    ["true", TYPE_BITS.boolean],
    ["false", TYPE_BITS.boolean],
    ["{}", TYPE_BITS.json],
    ["[1]", TYPE_BITS.json],
  ])("%s", (json, bit) => {
    expect(typeBit(parseExact(json), false)).toBe(bit);
  });

  test("only texts are timestamps", () => {
    expect(typeBit("2020-01-02T03:04:05Z", true)).toBe(TYPE_BITS.timestamp);
    expect(typeBit(1, true)).toBe(TYPE_BITS.integer);
    expect(typeBit(null, true)).toBe(0);
    expect(typeBit([], true)).toBe(TYPE_BITS.json);
  });
});

describe("the one type of a column", () => {
  const bitsOf = (...types: readonly Seen[]): number =>
    types.reduce((bits, type) => bits | TYPE_BITS[type], 0);

  test.each<[Seen[], string]>([
    [[], "string"],
    [["string"], "string"],
    [["timestamp"], "timestamp"],
    [["string", "timestamp"], "string"],
    [["integer"], "integer"],
    [["decimal"], "decimal"],
    [["integer", "decimal"], "decimal"],
    [["boolean"], "boolean"],
    [["json"], "json"],
    [["string", "integer"], "json"],
    [["boolean", "integer"], "json"],
    [["timestamp", "decimal"], "json"],
    [["string", "json"], "json"],
    [["string", "integer", "decimal", "boolean", "timestamp", "json"], "json"],
  ])("%j is %s", (types, type) => {
    expect(columnType(bitsOf(...types))).toBe(type);
  });

  test("once json, a column stays json", () => {
    const bits = fc.integer({ min: 0, max: 63 });
    fc.assert(
      fc.property(bits, bits, (before, more) => {
        if (columnType(before) === "json") expect(columnType(before | more)).toBe("json");
      }),
    );
  });
});
