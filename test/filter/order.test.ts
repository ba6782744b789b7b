import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Buffer } from "../../src/buffer.ts";
import { isNumberAmong, type JsonNumber, numberOrder, textOrder } from "../../src/filter/order.ts";
import { numberFromText, numberText } from "../../src/json/exact.ts";

/** A number of up to 30 digits with an exponent, scaled to an integer; and a spelling of it. */
interface Sample {
  readonly scaled: bigint;
  readonly value: JsonNumber;
}

/** Below all exponents of the samples. */
const SCALE = 60n;

const digits = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 2n ** 53n - 1n, 10n ** 22n, 10n ** 22n + 1n),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
);
const sample = fc
  .tuple(digits, fc.integer({ min: -25, max: 5 }), fc.nat(3), fc.boolean())
  .map(([whole, exponent, zeros, isPlain]): Sample => {
    const scaled = whole * 10n ** (SCALE + BigInt(exponent));
    const spelled = `${whole}${zeros === 0 ? "" : `.${"0".repeat(zeros)}`}e${exponent}`;
    // As JavaScript spells it, where that is the same number.
    const isSmall = whole ** 2n < 10n ** 30n;
    const text = isPlain && isSmall ? String(Number(spelled)) : spelled;
    return { scaled, value: numberFromText(text) };
  });
const pair = fc.oneof(
  fc.tuple(sample, sample),
  // One number and, so small a step away that a double has no room for it, another.
  fc
    .tuple(fc.bigInt({ min: 1n, max: 10n ** 20n }), fc.constantFrom(0n, 1n), fc.nat(20))
    .map(([whole, step, zeros]): [Sample, Sample] => {
      const texts = [whole, whole + step].map((one) => `${one}${"0".repeat(zeros)}.0e-10`);
      const [a = "", b = ""] = texts;
      const scale = 10n ** (SCALE - 10n + BigInt(zeros));
      return [
        { scaled: whole * scale, value: numberFromText(a) },
        { scaled: (whole + step) * scale, value: numberFromText(b) },
      ];
    }),
);

const sign = (number: number | bigint): number => (number < 0 ? -1 : number > 0 ? 1 : 0);

describe("numberOrder", () => {
  test.each<[a: string, b: string, order: number]>([
    ["9007199254740993", "9007199254740992", 1],
    ["9007199254740992", "9007199254740993", -1],
    ["0.1", "0.10", 0],
    ["1", "1.0", 0],
    ["1e0", "1", 0],
    ["-0", "0", 0],
    ["-0.0", "0e5", 0],
    ["1e400", "1e401", -1],
    ["-1e400", "1e400", -1],
    ["1e-400", "0", 1],
    ["1e-400", "1e-401", 1],
    ["-1e-400", "0", -1],
    ["0.30000000000000004", "0.3", 1],
    ["0.1000000000000000055511151231257827", "0.1", 1],
    ["123456789012345678901234567890", "123456789012345678901234567891", -1],
  ])("%s and %s: %i", (a, b, order) => {
    expect(sign(numberOrder(numberFromText(b))(numberFromText(a)))).toBe(order);
    expect(sign(numberOrder(numberFromText(a))(numberFromText(b)))).toBe(0 - order);
    expect(isNumberAmong([numberFromText(b)])(numberFromText(a))).toBe(order === 0);
  });

  test("is that of integers scaled alike", () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const message = `${numberText(a.value)} ${numberText(b.value)}`;
        const order = sign(a.scaled - b.scaled);
        expect(sign(numberOrder(b.value)(a.value)), message).toBe(order);
        expect(isNumberAmong([b.value])(a.value), message).toBe(order === 0);
      }),
      { numRuns: 5_000 },
    );
  });

  test("one of many is found by its value", () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 20 }), sample, (list, one) => {
        const isAmong = isNumberAmong(list.map(({ value }) => value));
        expect(isAmong(one.value)).toBe(list.some(({ scaled }) => scaled === one.scaled));
        expect(list.every(({ value }) => isAmong(value))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("textOrder", () => {
  test.each<[a: string, b: string, order: number]>([
    ["", "a", -1],
    ["a", "A", 1],
    ["a", "ab", -1],
    ["\uffff", "😀", -1],
    ["\ue000", "😀", -1],
    ["\ud7ff", "😀", -1],
    ["😀", "😁", -1],
    ["a😀", "a\uffff", 1],
  ])("%j and %j: %i", (a, b, order) => {
    expect(sign(textOrder(b)(a))).toBe(order);
    expect(sign(textOrder(a)(b))).toBe(0 - order);
  });

  test("is that of UTF-8", () => {
    const text = fc.string({
      unit: fc.constantFrom(
        "a",
        "b",
        "\u007f",
        "é",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "😀",
        "𝄞",
        "\u{10ffff}",
      ),
      maxLength: 5,
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(sign(textOrder(b)(a))).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
