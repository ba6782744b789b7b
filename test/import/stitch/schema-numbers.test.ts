import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileSchema } from "../../../src/import/stitch/schema.ts";
import { type Json, numberFromText } from "../../../src/json/exact.ts";

/** The reason why a number does not fit a schema; numbers are given as text. */
function reason(schema: Record<string, string | boolean>, value: string): string | undefined {
  const keywords = Object.entries(schema).map(([name, one]): [string, Json] => [
    name,
    typeof one === "string" ? numberFromText(one) : one,
  ]);
  const compiled = compileSchema({ properties: { v: Object.fromEntries(keywords) } });
  return compiled.check({ v: numberFromText(value) })?.reason;
}

describe("bounds", () => {
  it.each([
    [{ minimum: "5" }, "5.00", undefined],
    [{ minimum: "5" }, "4.9", "expected minimum: 5, actual: 4.9"],
    [{ maximum: "5" }, "5.1", "expected maximum: 5, actual: 5.1"],
    [{ maximum: "-5" }, "-4", "expected maximum: -5, actual: -4"],
    [{ minimum: "0" }, "-0.0", undefined],
    [{ minimum: "5", exclusiveMinimum: false }, "5", undefined],
    [{ minimum: "5", exclusiveMinimum: true }, "5.0", "expected exclusiveMinimum: 5, actual: 5.0"],
    [{ minimum: "5", exclusiveMinimum: true }, "5.01", undefined],
    [{ maximum: "5", exclusiveMaximum: true }, "5", "expected exclusiveMaximum: 5, actual: 5"],
    [{ exclusiveMaximum: "5" }, "5", "expected exclusiveMaximum: 5, actual: 5"],
    [{ exclusiveMaximum: "5" }, "4.99", undefined],
    [{ minimum: "7", exclusiveMinimum: "5" }, "6", "expected minimum: 7, actual: 6"],
    [{ minimum: "4", exclusiveMinimum: "5" }, "5", "expected exclusiveMinimum: 5, actual: 5"],
    [{ exclusiveMinimum: true }, "-99", undefined],
    // Equal as doubles.
    [
      { maximum: "9007199254740992" },
      "9007199254740993",
      "expected maximum: 9007199254740992, actual: 9007199254740993",
    ],
    [
      { minimum: "9007199254740993" },
      "9007199254740992",
      "expected minimum: 9007199254740993, actual: 9007199254740992",
    ],
    [
      { maximum: "0.1" },
      "0.1000000000000000000001",
      "expected maximum: 0.1, actual: 0.1000000000000000000001",
    ],
    [{ minimum: "0" }, "-1e-400", "expected minimum: 0, actual: -1e-400"],
    [{ exclusiveMinimum: "0" }, "1e-400", undefined],
    [{ maximum: "1e400" }, "1e401", "expected maximum: 1e400, actual: 1e401"],
    [{ maximum: "1e401" }, "-1e402", undefined],
    [{ maximum: "1e308" }, "1e400", "expected maximum: 1e308, actual: 1e400"],
    [
      { minimum: "1e999999999" },
      "1e999999998",
      "expected minimum: 1e999999999, actual: 1e999999998",
    ],
    [{ minimum: "-1e999999999" }, "-10e999999998", undefined],
  ])("%j of %s", (schema, value, expected) => {
    expect(reason(schema, value)).toBe(expected);
  });
});

describe("multipleOf", () => {
  it.each([
    ["2", "4", true],
    ["2", "4.0", true],
    ["2", "5", false],
    ["0.1", "0.3", true],
    ["0.1", "0.35", false],
    ["0.01", "58.40", true],
    ["1e-15", "1.5", true],
    ["1e-15", "0.1234567890123456", false],
    ["1e-15", "0.123456789012345", true],
    ["1e-15", "1e-7", true],
    ["1e-15", "1e+21", true],
    ["1e-15", "-0", true],
    ["1e-6", "1e-7", false],
    ["1e-22", "-9999999999999999.9999999999999999999999", true],
    ["1e-21", "-9999999999999999.9999999999999999999999", false],
    ["1e-15", "-9999999999999999.9999999999999999999999", false],
    ["3", "9007199254740993", true],
    ["3", "9007199254740992", false],
    ["2.5", "1e21", true],
    ["7", "1e999999999", false],
    ["8", "1e999999999", true],
    ["1e999999999", "1e999999998", false],
    ["1e-999999999", "1e999999999", true],
    ["1e999999999", "0", true],
  ])("of %s: %s is %s", (divisor, value, isMultiple) => {
    const expected = isMultiple ? undefined : `${value} is not a multiple of ${divisor}`;
    expect(reason({ multipleOf: divisor }, value)).toBe(expected);
  });

  it("refuses a number whose arithmetic would take long", () => {
    expect(() => reason({ multipleOf: "7".repeat(401) }, "1")).toThrow("batch_schema_unusable");
    expect(reason({ multipleOf: "7".repeat(400) }, "7".repeat(800))).toBeUndefined();
  });
});

/** Decimals of few digits near each other, in several spellings. */
const decimal = fc
  .tuple(fc.bigInt(-120n, 120n), fc.integer({ min: -4, max: 4 }), fc.nat(2), fc.boolean())
  .map(([digits, exponent, zeros, isPlain]) => {
    const text = isPlain ? plain(digits, exponent, zeros) : `${digits}e${exponent}`;
    return { digits, exponent, text };
  });

function plain(digits: bigint, exponent: number, zeros: number): string {
  const sign = digits < 0n ? "-" : "";
  const all = String(digits < 0n ? -digits : digits).padStart(8, "0");
  const places = Math.max(0, -exponent);
  const whole = all.slice(0, all.length - places) + "0".repeat(Math.max(0, exponent));
  const fraction = all.slice(all.length - places) + "0".repeat(zeros);
  return `${sign}${BigInt(whole)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** As an integer number of 10^-4. */
function scaled({ digits, exponent }: { digits: bigint; exponent: number }): bigint {
  return digits * 10n ** BigInt(exponent + 4);
}

describe("exactness", () => {
  it("bounds agree with integers of the same scale", () => {
    fc.assert(
      fc.property(decimal, decimal, (bound, value) => {
        const order = scaled(value) - scaled(bound);
        const fits = (schema: Record<string, string | boolean>): boolean =>
          reason(schema, value.text) === undefined;
        expect(fits({ minimum: bound.text })).toBe(order >= 0n);
        expect(fits({ maximum: bound.text })).toBe(order <= 0n);
        expect(fits({ exclusiveMinimum: bound.text })).toBe(order > 0n);
        expect(fits({ maximum: bound.text, exclusiveMaximum: true })).toBe(order < 0n);
      }),
      { numRuns: 1_000 },
    );
  });

  it("multiples agree with integers of the same scale", () => {
    fc.assert(
      fc.property(decimal, decimal, (divisor, value) => {
        fc.pre(divisor.digits > 0n);
        const isMultiple = scaled(value) % scaled(divisor) === 0n;
        expect(reason({ multipleOf: divisor.text }, value.text) === undefined).toBe(isMultiple);
      }),
      { numRuns: 2_000 },
    );
  });
});
