import { describe, expect, it } from "vitest";
import { decodeTransit, TRANSIT_DEPTH_MAX } from "../../../src/import/transit/decode.ts";
import { depthOf } from "../../../src/json/exact.ts";

/** `open` and `close` so many times around a core. */
function nested(levels: number, open: string, core: string, close: string): string {
  return open.repeat(levels) + core + close.repeat(levels);
}

function refusal(text: string): unknown {
  try {
    decodeTransit(text);
  } catch (error) {
    return error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
}

describe("truncated bodies", () => {
  const body =
    '[["^ ","action","upsert","data",["^ ","id",1.50,"s","~~x","at","~m0"]],["^ ","^0","x"]]';

  it("refuses a body cut at any place", () => {
    expect(decodeTransit(body)).toHaveLength(2);
    for (let length = 0; length < body.length; length += 1) {
      expect(refusal(body.slice(0, length))).toBeInstanceOf(SyntaxError);
    }
  });
});

describe("nesting", () => {
  it("takes as many levels as it may have", () => {
    const value = decodeTransit(nested(TRANSIT_DEPTH_MAX, "[", "1.0", "]"));
    expect(depthOf(value, TRANSIT_DEPTH_MAX)).toBe(TRANSIT_DEPTH_MAX);
    const tagged = decodeTransit(nested(TRANSIT_DEPTH_MAX / 2, '["~#list",[', "1", "]]"));
    expect(depthOf(tagged, TRANSIT_DEPTH_MAX)).toBe(TRANSIT_DEPTH_MAX / 2);
  });

  it.each([
    ["arrays", "[", "]"],
    ["maps", '["^ ","a",', "]"],
    ["objects", '{"a":', "}"],
    ["tagged values", '["~#x",', "]"],
    ["tagged values as objects", '{"~#x":', "}"],
    ["keys", '["^ ",', ",1]"],
  ])("refuses more: %s", (_, open, close) => {
    for (const levels of [TRANSIT_DEPTH_MAX, 10_000, 100_000]) {
      // A number as 1 and as 1.0: the latter takes another way through the JSON parser.
      for (const core of ["[]", "[1]", "[1.0]"]) {
        const error = refusal(nested(levels, open, core, close));
        expect(error).toBeInstanceOf(SyntaxError);
        expect(String(error)).toContain("nested deeper than 500 levels");
      }
    }
  });

  it("refuses 2,000,000 brackets that never close", () => {
    expect(refusal("[".repeat(2_000_000))).toBeInstanceOf(SyntaxError);
  });
});

describe("names that objects have without members", () => {
  it.each([
    '["^ ","__proto__",["^ ","admin",true]]',
    '{"__proto__":{"admin":true}}',
    '["~#cmap",["__proto__",["^ ","admin",true]]]',
    '["^ ","~:__proto__",["^ ","admin",true]]',
    '{"~:__proto__":{"admin":true}}',
  ])("%s has an own member", (text) => {
    const value = decodeTransit(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":true}}');
    expect(Object.hasOwn({}, "admin")).toBe(false);
  });

  it("has it also by reference, and the last one wins", () => {
    const value = decodeTransit('[["^ ","__proto__",1],["^ ","^0",null,"a",2,"^0",3]]');
    expect(JSON.stringify(value)).toBe('[{"__proto__":1},{"__proto__":3,"a":2}]');
  });

  it("knows no tag, key or reference by the names of Object.prototype", () => {
    const text =
      '[["~#constructor",1],["~#__proto__",2],["^ ","constructor",3,"toString",4],["^2"]]';
    expect(JSON.stringify(decodeTransit(text))).toBe(
      '[1,2,{"constructor":3,"toString":4},["constructor"]]',
    );
  });
});

describe("bodies that are small and want much", () => {
  it("refuses keys in keys before their text doubles for ever", () => {
    const body = nested(60, '["~#cmap",[', '"x",1', "],1]");
    expect(String(refusal(body.replaceAll("],1]", '],["~#cmap",[]]]')))).toContain("SyntaxError");
    const keys = nested(40, '["^ ",', '"x"', ",1]");
    expect(String(refusal(keys))).toContain("a map key that is no string has more than 1024");
  });

  it("takes a key whose text is as long as it may be", () => {
    const key = "x".repeat(1_024 - 4);
    expect(decodeTransit(`["^ ",["${key}"],1]`)).toEqual({ [`["${key}"]`]: 1 });
    expect(String(refusal(`["^ ",["${key}x"],1]`))).toContain("more than 1024 characters");
    expect(decodeTransit(`["^ ","${"x".repeat(100_000)}",1]`)).toHaveProperty("x".repeat(100_000));
  });

  it("refuses references that stand for far more than the body is long", () => {
    const key = "k".repeat(10_000);
    const body = (count: number) =>
      JSON.stringify([["^ ", key, 0], ...Array.from({ length: count }, () => ["^ ", "^0", 0])]);
    expect(decodeTransit(body(100))).toHaveLength(101);
    expect(String(refusal(body(101)))).toContain("stand for more than 1000000 characters");
    const words = JSON.stringify([`~:${key}`, ...Array.from({ length: 101 }, () => "^0")]);
    expect(String(refusal(words))).toContain("stand for more than 1000000 characters");
  });

  it("takes references to long keys in a body of many records", () => {
    const names = Array.from({ length: 20 }, (_, i) => `a_rather_long_name_of_a_column_${i + 100}`);
    const references = names.map((_, i) => `^${String.fromCharCode(48 + i)}`);
    const record = (keys: string[]) => ["^ ", ...keys.flatMap((key) => [key, 0])];
    const records = Array.from({ length: 4_000 }, () => record(references));
    expect(decodeTransit(JSON.stringify([record(names), ...records]))).toHaveLength(4_001);
  });

  it("reads numbers of a million digits in linear time", () => {
    const digits = "7".repeat(1_000_000);
    expect(decodeTransit(`["~n${digits}"]`)).toEqual([JSON.rawJSON(digits)]);
    expect(decodeTransit(`["~f0.${digits}"]`)).toEqual([JSON.rawJSON(`0.${digits}`)]);
    expect(decodeTransit(`["~n${"0".repeat(1_000_000)}5"]`)).toEqual([5]);
    expect(refusal(`["~n${"0".repeat(1_000_000)}x"]`)).toBeInstanceOf(SyntaxError);
    expect(refusal(`["~f${"0".repeat(1_000_000)}x"]`)).toBeInstanceOf(SyntaxError);
    expect(refusal(`["~f.${"0".repeat(1_000_000)}x"]`)).toBeInstanceOf(SyntaxError);
    expect(refusal(`["~z${"nan".repeat(300_000)}x"]`)).toBeInstanceOf(SyntaxError);
    expect(refusal(`["~t${"1".repeat(1_000_000)}x"]`)).toBeInstanceOf(SyntaxError);
  });

  it("repeats little of a body in an error", () => {
    const long = "y".repeat(100_000);
    for (const text of [`~i${long}`, `~u${long}`, `~#${long}`, `^${long}`]) {
      expect(String(refusal(JSON.stringify([text]))).length).toBeLessThan(150);
    }
  });
});
