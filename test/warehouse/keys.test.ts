import { Buffer } from "../../src/buffer.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../src/http/errors.ts";
import { type Json, type JsonObject, parseExact } from "../../src/json/exact.ts";
import { keyNamesDiffer, keyText, sameKeyNames, sortedKeyNames } from "../../src/warehouse/keys.ts";
import { KEY_LENGTH_MAX } from "../../src/warehouse/limits.ts";

function keyOf(...values: readonly Json[]): string {
  const names = values.map((_, index) => `k${String(index).padStart(2, "0")}`);
  const data = Object.fromEntries(values.map((value, index) => [names[index] ?? "", value]));
  return keyText(names, data, 256, 0);
}

const keyOfText = (json: string): string => keyOf(parseExact(json));

function refusalOf(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** Any text of UTF-16 units: lone surrogates and control characters, too. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 34, 44, 92, 0xd800)))
  .map((units) => String.fromCharCode(...units));

describe("the stored format, which must never change", () => {
  test.each([
    ["0", "A0"],
    ["-0", "A0"],
    ["0e7", "A0"],
    ["7", "A7"],
    ["1.0", "A1"],
    ["1e0", "A1"],
    ["100", "C100"],
    ["1e2", "C100"],
    ["-5", "-5"],
    ["-100", "-100"],
    ["0.1", "1e-1"],
    ["58.40", "584e-1"],
    ["-58.4", "-584e-1"],
    ["9007199254740991", "P9007199254740991"],
    ["9007199254740993", "P9007199254740993"],
    ["9223372036854775807", "S9223372036854775807"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["999999999999999999999", "U999999999999999999999"],
    ["1000000000000000000000", "1e21"],
    ["1e+21", "1e21"],
    ["1234567890123456789012", "1234567890123456789012e0"],
    ["1e400", "1e400"],
    ["1E-400", "1e-400"],
    ["-9999999999999999.9999999999999999999999", "-99999999999999999999999999999999999999e-22"],
    ['"1"', '"1"'],
    ['""', '""'],
    ['"a,b"', '"a,b"'],
    [String.raw`"a\"b\\c"`, String.raw`"a\"b\\c"`],
    [String.raw`"\u0000\n\u007f"`, '"\\u0000\\n\u007f"'],
    ['"é😀"', '"é😀"'],
    [String.raw`"\ud83d"`, String.raw`"\ud83d"`],
    ["true", "true"],
    ["false", "false"],
  ])("%s is %s", (json, key) => {
    expect(keyOfText(json)).toBe(key);
  });

  test("values of several names, in the order of the sorted names", () => {
    const data = parseExact('{"b":"x,\\"y","a":12,"c":true,"B":-1}') as JsonObject;
    const names = sortedKeyNames(["b", "a", "c", "B", "a"]);
    expect(names).toEqual(["B", "a", "b", "c"]);
    expect(keyText(names, data, 256, 0)).toBe('-1,B12,"x,\\"y",true');
  });
});

/** A decimal value and some spellings of it. */
const decimal = fc
  .record({
    negative: fc.boolean(),
    digits: fc.bigInt({ min: 0n, max: 10n ** 24n }),
    exponent: fc.integer({ min: -30, max: 30 }),
  })
  .map(({ negative, digits, exponent }) => ({ value: negative ? -digits : digits, exponent }));

type DecimalValue = { readonly value: bigint; readonly exponent: number };

function spellings({ value, exponent }: DecimalValue): string[] {
  const sign = value < 0n ? "-" : "";
  const digits = String(value < 0n ? -value : value);
  const point = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : `${digits}.0`;
  const shift = digits.length > 1 ? exponent + digits.length - 1 : exponent;
  const found = [
    `${sign}${digits}e${exponent}`,
    digits === "0" ? "0E-3" : `${sign}${digits}000E${exponent - 3}`,
    `${sign}${digits}.00e${exponent >= 0 ? "+" : ""}${exponent}`,
    `${sign}${point}e${shift}`,
  ];
  if (exponent >= 0) found.push(`${sign}${digits === "0" ? "0" : digits + "0".repeat(exponent)}`);
  return found;
}

function areEqual(a: DecimalValue, b: DecimalValue): boolean {
  const low = Math.min(a.exponent, b.exponent);
  const scale = (d: DecimalValue): bigint => d.value * 10n ** BigInt(d.exponent - low);
  return scale(a) === scale(b);
}

describe("canonical texts", () => {
  test("all spellings of a number are one key", () => {
    fc.assert(
      fc.property(decimal, (number) => {
        expect(new Set(spellings(number).map(keyOfText)).size).toBe(1);
      }),
    );
  });

  test("numbers are equal exactly where their keys are", () => {
    const near = fc.tuple(decimal, fc.integer({ min: -1, max: 1 }), fc.integer({ min: 0, max: 2 }));
    fc.assert(
      fc.property(near, ([a, step, zeros]) => {
        const value = a.value * 10n ** BigInt(zeros) + BigInt(step);
        const b = { value, exponent: a.exponent - zeros };
        const [textA = "", textB = ""] = [spellings(a)[0], spellings(b)[0]];
        expect(keyOfText(textA) === keyOfText(textB)).toBe(areEqual(a, b));
      }),
    );
  });

  test("integers from 0 sort by value, as SQLite compares texts", () => {
    const integer = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 21n - 1n }), fc.bigInt(0n, 2000n));
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        const order = Buffer.compare(
          Buffer.from(keyOfText(String(a))),
          Buffer.from(keyOfText(String(b))),
        );
        expect(order).toBe(a < b ? -1 : Number(a > b));
      }),
    );
  });

  test("a text is kept unit by unit, and always well-formed", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const key = keyText(["k"], { k: text }, 100_000, 0);
        expect(JSON.parse(key)).toBe(text);
        expect(key.isWellFormed()).toBe(true);
        // SQLite would end a text at a NUL in some functions.
        expect(key).not.toContain("\0");
      }),
    );
  });

  test("two lists of values have one key only if they are equal, type and value", () => {
    const scalar = fc.oneof(
      anyText,
      fc.constantFrom("1", "true", "A1", '"', ",", '","', "1,2"),
      fc.integer({ min: -20, max: 20 }),
      fc.boolean(),
    );
    const pair = fc.tuple(scalar, scalar, fc.option(scalar, { nil: undefined }));
    const values = (list: readonly (Json | undefined)[]): Json[] =>
      list.filter((value) => value !== undefined);
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const isSame = JSON.stringify(values(a)) === JSON.stringify(values(b));
        expect(keyOf(...values(a)) === keyOf(...values(b))).toBe(isSame);
      }),
    );
  });
});

describe("refusals", () => {
  test("a key that is missing, inherited or null, an object or an array", () => {
    const code = (data: string, name = "id"): string =>
      refusalOf(() => keyText([name], parseExact(data) as JsonObject, 256, 3)).code;
    expect(code("{}")).toBe("key_missing");
    expect(code("{}", "constructor")).toBe("key_missing");
    expect(code("{}", "__proto__")).toBe("key_missing");
    expect(code('{"id":null}')).toBe("key_null");
    expect(code('{"id":{}}')).toBe("key_not_scalar");
    expect(code('{"id":[1]}')).toBe("key_not_scalar");
    expect(keyText(["__proto__"], parseExact('{"__proto__":1}') as JsonObject, 256, 0)).toBe("A1");
  });

  test("names the record and the key", () => {
    const refusal = refusalOf(() => keyText(["a", "b"], { a: 1 }, 256, 17));
    expect(refusal).toMatchObject({ code: "key_missing", record: 17, params: { KEY: "b" } });
  });

  test("a text is as long as it has code points", () => {
    const emoji = "😀".repeat(256);
    expect(JSON.parse(keyOf(emoji))).toBe(emoji);
    expect(JSON.parse(keyOf("a".repeat(256)))).toHaveLength(256);
    const refusal = refusalOf(() => keyOf(`${emoji}a`));
    expect(refusal).toMatchObject({ code: "key_too_long", params: { N: 257, LIMIT: 256 } });
  });

  test("a number of any length ends as a refusal, and soon", () => {
    expect(keyOfText("1".repeat(1_000))).toHaveLength(1_002);
    for (const text of [
      "1".repeat(1_000_000),
      `1e${"9".repeat(1_000_000)}`,
      `0.${"0".repeat(1_000_000)}1`,
    ]) {
      expect(refusalOf(() => keyOfText(text)).code).toBe("key_too_long");
    }
  });

  test("the whole key has a limit", () => {
    const limit = KEY_LENGTH_MAX - 2;
    expect(keyText(["k"], { k: "a".repeat(limit) }, 1_000_000, 0)).toHaveLength(KEY_LENGTH_MAX);
    const refusal = refusalOf(() => keyText(["k"], { k: "a".repeat(limit + 1) }, 1_000_000, 0));
    expect(refusal).toMatchObject({ code: "key_too_long", params: { LIMIT: KEY_LENGTH_MAX } });
    const names = Array.from({ length: 64 }, (_, index) => `k${index}`);
    const data = Object.fromEntries(names.map((name) => [name, "a".repeat(256)]));
    expect(refusalOf(() => keyText(names, data, 256, 0)).code).toBe("key_too_long");
  });
});

test("lists of key names are sets", () => {
  expect(sortedKeyNames(["b", "a", "b"])).toEqual(["a", "b"]);
  expect(sameKeyNames(["a", "b"], ["a", "b"])).toBe(true);
  expect(sameKeyNames(["a"], ["a", "b"])).toBe(false);
  expect(sameKeyNames([], [])).toBe(true);
  const refusal = keyNamesDiffer({ name: "t", keyNames: ["b", "a"] }, 4);
  expect(refusal).toMatchObject({ record: 4, params: { TABLE: "t", NAMES: "b, a" } });
  expect(keyNamesDiffer({ name: "t", keyNames: [] }, 0).params["NAMES"]).toBe("(none)");
});
