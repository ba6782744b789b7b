import * as fc from "fast-check";
import { expect, test } from "vitest";
import { amountOf, amountText, type Amount } from "../../../src/report/math/amount.ts";
import { ShortSums } from "../../../src/report/engine/short-sums.ts";

/** The sum of decimals with at most 20 places, in units of 10^-20. */
function unitsOf(text: string): bigint {
  const [, sign, whole = "", places = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const units = BigInt(whole + places.padEnd(20, "0"));
  return sign === "-" ? -units : units;
}

const short = fc
  .tuple(fc.boolean(), fc.integer({ min: 0, max: 13 }), fc.maxSafeNat())
  .map(([isNegative, scale, nat]) => {
    const digits = String(nat)
      .slice(0, 14 - (scale > 0 ? 1 : 0))
      .padStart(scale + 1, "0");
    const cut = digits.length - scale;
    const text = scale === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
    return `${isNegative ? "-" : ""}${text}`.slice(0, 15).replace(/\.$/, "");
  });

test("sums are those of whole numbers of units", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 2 }), short), { maxLength: 40 }), (values) => {
      const sums = new ShortSums();
      const expected = new Map<number, bigint>();
      for (const [cell, text] of values) {
        expect(sums.add(cell, text)).toBe(true);
        expected.set(cell, (expected.get(cell) ?? 0n) + unitsOf(text));
      }
      for (const cell of [0, 1, 2, 3]) {
        const units = expected.get(cell);
        const amount: Amount | undefined = units === undefined ? undefined : { units, scale: 20 };
        const sum = sums.result(cell);
        expect(sum && amountText(sum)).toBe(amount && amountText(amount));
      }
    }),
  );
});

test("sums that no double holds are exact", () => {
  const sums = new ShortSums();
  for (let at = 0; at < 30_001; at += 1) sums.add(5, "999999999999999");
  for (let at = 0; at < 20; at += 1) sums.add(5, "-0.1");
  const sum = sums.result(5);
  expect(sum && amountText(sum)).toBe(String(30_001n * 999_999_999_999_999n - 2n));
  expect(sums.result(4)).toBeUndefined();
});

test("what is no short number is not added", () => {
  const sums = new ShortSums();
  for (const text of ["1e2", "1E2", '"1"', "true", "null", "[]", "1234567890.123456"]) {
    expect(sums.add(0, text)).toBe(false);
  }
  expect(sums.result(0)).toBeUndefined();
  expect(sums.add(0, "-0")).toBe(true);
  expect(sums.result(0)).toEqual(amountOf("0"));
});
