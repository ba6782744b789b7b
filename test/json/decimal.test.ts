import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalNumber,
  compareDecimals,
  isIntegral,
  isMultipleOf,
  parseDecimal,
} from "../../src/json/decimal.ts";

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(..."0000123456789"), { minLength: min, maxLength: max })
    .map((all) => all.join(""));

/** Texts of JSON numbers: many zeros, both signs, all forms of exponents. */
const numberText = fc
  .record({
    sign: fc.constantFrom("", "-"),
    whole: digits(1, 24).map((text) => text.replace(/^0+(?=\d)/, "")),
    fraction: fc.oneof(
      fc.constant(""),
      digits(1, 24).map((text) => `.${text}`),
    ),
    mark: fc.constantFrom("e", "E", "e+", "E+", "e-", "E-"),
    exponent: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
  })
  .map(({ sign, whole, fraction, mark, exponent }) => {
    return `${sign}${whole}${fraction}${exponent === undefined ? "" : mark + exponent}`;
  });

/** The value × 10^100 as an integer, computed another way than in the source. */
function scaled(text: string): bigint {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return BigInt(whole + fraction) * 10n ** BigInt(100 - fraction.length + Number(exponent));
}

describe("parseDecimal", () => {
  it.each([
    ["0", false, "", 0n],
    ["-0.000e99", false, "", 0n],
    ["0e999999999999", false, "", 0n],
    ["1", false, "1", 0n],
    ["-58.40", true, "584", -1n],
    ["0.00120", false, "12", -4n],
    ["1200", false, "12", 2n],
    ["1.20e+3", false, "12", 2n],
    ["1E-400", false, "1", -400n],
    ["12e99999999999999999999", false, "12", 99999999999999999999n],
    ["9007199254740993", false, "9007199254740993", 0n],
  ])("%s", (text, negative, expected, exponent) => {
    expect(parseDecimal(text)).toEqual({ negative, digits: expected, exponent });
  });

  it.each([
    "",
    "-",
    "+1",
    ".5",
    "5.",
    "1e",
    "1e+",
    "0x1",
    "1n",
    " 1",
    "1 ",
    "1\n",
    "NaN",
    "Infinity",
    "١",
  ])("refuses %j", (text) => {
    expect(() => parseDecimal(text)).toThrow(SyntaxError);
  });

  it("keeps the value", () => {
    fc.assert(
      fc.property(numberText, (text) => {
        const { negative, digits: all, exponent } = parseDecimal(text);
        const value = BigInt(all === "" ? 0 : all) * 10n ** (exponent + 100n);
        expect(negative ? -value : value).toBe(scaled(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("has neither leading nor trailing zeros, and no negative zero", () => {
    fc.assert(
      fc.property(numberText, (text) => {
        const decimal = parseDecimal(text);
        expect(decimal.digits).toMatch(/^(?:[1-9](?:\d*[1-9])?)?$/);
        const zero = { negative: false, digits: "", exponent: 0n };
        expect(decimal).toEqual(decimal.digits === "" ? zero : decimal);
      }),
    );
  });

  it("reads a long run of zeros in linear time", () => {
    const zeros = "0".repeat(1_000_000);
    expect(parseDecimal(`1${zeros}1`).digits).toHaveLength(1_000_002);
    expect(parseDecimal(`0.${zeros}1${zeros}`)).toEqual({
      negative: false,
      digits: "1",
      exponent: -1_000_001n,
    });
  });
});

describe("canonicalNumber", () => {
  it.each([
    ["1", "1"],
    ["1.0", "1"],
    ["1e0", "1"],
    ["-0", "0"],
    ["0.0e5", "0"],
    ["58.40", "584e-1"],
    ["-0.001", "-1e-3"],
    ["1e400", "1e400"],
    ["1e20", "100000000000000000000"],
    ["123e18", "123000000000000000000"],
    ["1e21", "1e21"],
    ["100000000000000000000000", "1e23"],
    ["999999999999999999999", "999999999999999999999"],
    ["9999999999999999999999", "9999999999999999999999e0"],
    ["1e999999999999", "1e999999999999"],
  ])("%s is %s", (text, expected) => {
    expect(canonicalNumber(text)).toBe(expected);
  });

  it("is one text for all spellings of a number, and for no other number", () => {
    fc.assert(
      fc.property(numberText, numberText, (a, b) => {
        expect(canonicalNumber(a) === canonicalNumber(b)).toBe(scaled(a) === scaled(b));
        expect(scaled(canonicalNumber(a))).toBe(scaled(a));
        expect(canonicalNumber(canonicalNumber(a))).toBe(canonicalNumber(a));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is the same for spellings made from one number", () => {
    const zeros = fc.nat(5).map((count) => "0".repeat(count));
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 25n), 10n ** 25n), zeros, fc.nat(9), (value, some, shift) => {
        const text = canonicalNumber(String(value));
        expect(canonicalNumber(`${value}.0${some}`)).toBe(text);
        expect(canonicalNumber(`${value}${"0".repeat(shift)}e-${shift}`)).toBe(text);
      }),
    );
  });
});

describe("isIntegral", () => {
  it.each([
    ["0.0", true],
    ["-1.0", true],
    ["1.5e1", true],
    ["1e999999999", true],
    ["1.5", false],
    ["1e-999999999", false],
    ["10e-1", true],
    ["15e-1", false],
  ])("%s: %s", (text, expected) => {
    expect(isIntegral(parseDecimal(text))).toBe(expected);
  });
});

describe("compareDecimals", () => {
  const compare = (a: string, b: string): number =>
    Math.sign(compareDecimals(parseDecimal(a), parseDecimal(b)));

  it.each([
    ["1", "1.0", 0],
    ["0", "-0.0", 0],
    ["0", "1e-999999999", -1],
    ["0", "-1e999999999", 1],
    ["-1", "1", -1],
    ["-1", "-2", 1],
    ["1.23", "1.3", -1],
    ["12", "123", -1],
    ["1e999999999", "9e999999998", 1],
    ["1e-999999999", "1e999999999", -1],
    ["9007199254740993", "9007199254740992", 1],
  ])("%s and %s: %i", (a, b, expected) => {
    expect(compare(a, b)).toBe(expected);
    expect(compare(b, a)).toBe(expected === 0 ? 0 : -expected);
  });

  it("orders as integers of the same scale do", () => {
    fc.assert(
      fc.property(numberText, numberText, (a, b) => {
        const difference = scaled(a) - scaled(b);
        expect(compare(a, b)).toBe(difference === 0n ? 0 : difference < 0n ? -1 : 1);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("isMultipleOf", () => {
  const isMultiple = (value: string, divisor: string): boolean =>
    isMultipleOf(parseDecimal(value), parseDecimal(divisor));

  it.each([
    ["0.3", "0.1", true],
    ["0.35", "0.1", false],
    ["0", "7", true],
    ["-10", "2.5", true],
    ["1e999999999", "8", true],
    ["1e999999999", "7", false],
    ["1e999999999", "1e-999999999", true],
    ["5e-1", "1e999999999", false],
    ["-9999999999999999.9999999999999999999999", "1e-22", true],
    ["-9999999999999999.9999999999999999999999", "1e-21", false],
  ])("%s of %s: %s", (value, divisor, expected) => {
    expect(isMultiple(value, divisor)).toBe(expected);
  });

  it("refuses 0", () => {
    expect(() => isMultiple("1", "0.0")).toThrow(RangeError);
  });

  it("agrees with integers of the same scale", () => {
    fc.assert(
      fc.property(numberText, numberText, (value, divisor) => {
        fc.pre(scaled(divisor) !== 0n);
        expect(isMultiple(value, divisor)).toBe(scaled(value) % scaled(divisor) === 0n);
      }),
      { numRuns: 2_000 },
    );
  });

  it("finds the multiples of divisors with factors 2, 5 and others", () => {
    const factors = fc.array(fc.constantFrom(2n, 5n, 3n, 10n), { maxLength: 12 });
    fc.assert(
      fc.property(factors, fc.bigInt(1n, 999n), fc.nat(30), (all, value, exponent) => {
        const divisor = all.reduce((product, factor) => product * factor, 1n);
        const expected = (value * 10n ** BigInt(exponent)) % divisor === 0n;
        expect(isMultiple(`${value}e${exponent}`, String(divisor))).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes long numbers piece by piece", () => {
    const long = 7n ** 2_000n;
    expect(isMultiple(String(long), "49")).toBe(true);
    expect(isMultiple(String(long + 1n), "49")).toBe(false);
    expect(isMultiple("3".repeat(1_000_000), "3")).toBe(true);
    expect(isMultiple(`${"3".repeat(1_000_000)}1`, "3")).toBe(false);
  });
});
