import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  type Amount,
  amountOf,
  amountText,
  compare,
  divide,
  multiply,
  subtract,
} from "../../../src/report/math/amount.ts";

/** A fraction of integers; the denominator is above zero. */
type Rational = readonly [bigint, bigint];

const rationalOf = ({ units, scale }: Amount): Rational => [units, 10n ** BigInt(scale)];

function same(a: Amount | undefined, [numerator, denominator]: Rational): void {
  if (a === undefined) throw new Error("no amount");
  const [units, power] = rationalOf(a);
  expect(units * denominator).toBe(numerator * power);
}

/** The number that must be there. */
function amount(text: string): Amount {
  const value = amountOf(text);
  if (value === undefined) throw new Error(`no amount: ${text}`);
  return value;
}

const amounts: fc.Arbitrary<Amount> = fc.record({
  units: fc.oneof(
    fc.bigInt({ min: -200n, max: 200n }),
    fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
    fc.integer({ min: 0, max: 30 }).map((zeros) => 10n ** BigInt(zeros)),
  ),
  scale: fc.integer({ min: 0, max: 30 }),
});

describe("amountOf", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["-0.000e5", "0"],
    ["7", "7"],
    ["-12", "-12"],
    ["58.40", "58.4"],
    ["0.1", "0.1"],
    ["-0.05", "-0.05"],
    ["1200", "1200"],
    ["1.50e1", "15"],
    ["1e3", "1000"],
    ["1E+3", "1000"],
    ["12.5e-3", "0.0125"],
    ["100e-2", "1"],
    ["1e-00000000002", "0.01"],
    ["0e99999999999999999999", "0"],
    ["0.00e-99999999999999999999", "0"],
    ["9007199254740993", "9007199254740993"],
    ["-123456789012345678901234567890.123456789", "-123456789012345678901234567890.123456789"],
  ])("%s is %s", (text, plain) => {
    expect(amountText(amount(text))).toBe(plain);
  });

  it.each(["", "-", ".5", "5.", "+1", "1e", "0x10", " 1", "1 ", "NaN", "Infinity", "1,5", "1_0"])(
    "%j is no number",
    (text) => {
      expect(amountOf(text)).toBeUndefined();
    },
  );

  it.each([
    "1e999",
    "-9.99e999",
    "1e-1000",
    "1.0e-1000",
    "1000e-1003",
    `1.${"0".repeat(5000)}`,
    `1${"0".repeat(999)}`,
    `${"0".repeat(5000)}1`,
    "7".repeat(1000),
    `${"7".repeat(500)}.${"7".repeat(500)}`,
    `${"1"}${"0".repeat(2000)}e-2000`,
  ])("takes up to 1,000 digits: %.20s", (text) => {
    expect(amountText(amount(text)).replace(/^-|\./g, "").length).toBeLessThanOrEqual(1002);
  });

  it.each([
    "1e1000",
    "1e-1001",
    "-1e1000",
    "1e999999999",
    "1e-999999999",
    "1e99999999999999999999",
    `1e-${"9".repeat(400)}`,
    `1e${"9".repeat(400)}`,
    "7".repeat(1001),
    `${"7".repeat(500)}.${"7".repeat(501)}`,
  ])("refuses more: %.20s", (text) => {
    expect(amountOf(text)).toBeUndefined();
  });

  it("is linear in the zeros of a text", () => {
    expect(amountOf(`${"0".repeat(500_000)}1${"0".repeat(500_000)}1e-500001`)).toBeUndefined();
    expect(amountOf(`${"0".repeat(1_000_000)}.${"0".repeat(900_000)}`)).toEqual(amount("0"));
  });

  it("reads what amountText writes, and amountText is plain and shortest", () => {
    fc.assert(
      fc.property(amounts, (a) => {
        const text = amountText(a);
        expect(text).toMatch(/^(?:0|-?(?:[1-9]\d*|0)(?:\.\d*[1-9])?)$/);
        expect(text).not.toBe("-0");
        same(amount(text), rationalOf(a));
      }),
    );
  });

  it("reads any spelling of a number", () => {
    const spelling = fc.record({
      units: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
      places: fc.integer({ min: 0, max: 24 }),
      exponent: fc.integer({ min: -40, max: 40 }),
      mark: fc.constantFrom("e", "E"),
    });
    fc.assert(
      fc.property(spelling, ({ units, places, exponent, mark }) => {
        const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
        const [whole, fraction] = [digits.slice(0, digits.length - places), digits.slice(-places)];
        const plain = (units < 0n ? "-" : "") + (places === 0 ? digits : `${whole}.${fraction}`);
        const raised = 10n ** BigInt(100 + exponent - places);
        same(amount(`${plain}${mark}${exponent}`), [units * raised, 10n ** 100n]);
      }),
    );
  });
});

describe("sums, differences, products and the order", () => {
  it("are exact", () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        const [[x, p], [y, q]] = [rationalOf(a), rationalOf(b)];
        same(add(a, b), [x * q + y * p, p * q]);
        same(subtract(a, b), [x * q - y * p, p * q]);
        same(multiply(a, b), [x * y, p * q]);
        expect(Math.sign(compare(a, b))).toBe(x * q < y * p ? -1 : x * q > y * p ? 1 : 0);
        expect(Math.sign(compare(b, a))).toBe(x * q < y * p ? 1 : x * q > y * p ? -1 : 0);
      }),
    );
  });

  it("do not show binary rounding", () => {
    expect(amountText(add(amount("0.1"), amount("0.2")))).toBe("0.3");
    expect(amountText(subtract(amount("0.3"), amount("0.1")))).toBe("0.2");
    expect(amountText(multiply(amount("1.1"), amount("1.1")))).toBe("1.21");
    expect(compare(amount("1.10"), amount("1.1"))).toBe(0);
  });

  it("work far beyond the powers that are remembered", () => {
    const small: Amount = { units: 1n, scale: 5000 };
    expect(amountText(add(small, amount("1")))).toBe(`1.${"0".repeat(4999)}1`);
    expect(compare(small, amount("0"))).toBe(1);
  });
});

/** The largest e with 10^e <= |value|, by trial. */
function magnitudeOf([numerator, denominator]: Rational): number {
  const n = numerator < 0n ? -numerator : numerator;
  let e = String(n).length - String(denominator).length;
  const isAtMost = (exponent: number): boolean =>
    exponent < 0
      ? denominator <= n * 10n ** BigInt(-exponent)
      : denominator * 10n ** BigInt(exponent) <= n;
  while (!isAtMost(e)) e -= 1;
  while (isAtMost(e + 1)) e += 1;
  return e;
}

/** Half away from zero at so many places. */
function roundedTo([numerator, denominator]: Rational, places: number): Rational {
  const scaled = (numerator < 0n ? -numerator : numerator) * 10n ** BigInt(places);
  const floor = scaled / denominator;
  const units = 2n * (scaled % denominator) >= denominator ? floor + 1n : floor;
  return [numerator < 0n ? -units : units, 10n ** BigInt(places)];
}

describe("divide", () => {
  it.each([
    ["1", "3", "0.33333333333333333333"],
    ["-1", "3", "-0.33333333333333333333"],
    ["2", "3", "0.66666666666666666667"],
    ["2", "-3", "-0.66666666666666666667"],
    ["10", "4", "2.5"],
    ["6", "3", "2"],
    ["0", "7", "0"],
    ["0", "-7", "0"],
    ["1", "8", "0.125"],
    ["100", "0.5", "200"],
    ["0.3", "0.1", "3"],
    ["1", "1e-5", "100000"],
    ["1e30", "3", "333333333333333333333333333333"],
    ["1e30", "7", "142857142857142857142857142857"],
    ["5e29", "1e30", "0.5"],
    ["123456789012345678901234567890", "1", "123456789012345678901234567890"],
    // Half away from zero, all digits before the point.
    ["1000000000000000000000000000001", "2", "500000000000000000000000000001"],
    ["-1000000000000000000000000000001", "2", "-500000000000000000000000000001"],
    ["1e-30", "3", "0.00000000000000000000000000000033333333333333333333"],
  ])("%s / %s is %s", (a, b, quotient) => {
    const value = divide(amount(a), amount(b));
    expect(value && amountText(value)).toBe(quotient);
  });

  it.each(["0", "0.00", "-0", "0e5"])("by %s is undefined", (zero) => {
    expect(divide(amount("1"), amount(zero))).toBeUndefined();
    expect(divide(amount("0"), amount(zero))).toBeUndefined();
  });

  it("has 20 or 21 significant digits, or all before the point, rounded half away", () => {
    fc.assert(
      fc.property(amounts, amounts, (a, b) => {
        fc.pre(a.units !== 0n && b.units !== 0n);
        const [[x, p], [y, q]] = [rationalOf(a), rationalOf(b)];
        const exact: Rational = y < 0n ? [-x * q, -y * p] : [x * q, y * p];
        const value = divide(a, b);
        if (value === undefined) throw new Error("no quotient");
        const places = 19 - magnitudeOf(exact);
        const allowed = [places, places + 1].map((count) => roundedTo(exact, Math.max(0, count)));
        const [units, power] = rationalOf(value);
        expect(allowed.some(([n, d]) => n * power === units * d)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("undoes a product whose quotient ends", () => {
    const few = fc.record({
      units: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
      scale: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(few, few, (a, b) => {
        fc.pre(b.units !== 0n);
        same(divide(multiply(a, b), b), rationalOf(a));
      }),
    );
  });

  it("takes numbers of a thousand digits", () => {
    const value = divide(amount("1e999"), amount("3e-1000"));
    expect(value && amountText(value)).toBe("3".repeat(1999));
    const small = divide(amount("1e-1000"), amount("3e999"));
    expect(small && amountText(small)).toBe(`0.${"0".repeat(1999)}${"3".repeat(20)}`);
  });
});
