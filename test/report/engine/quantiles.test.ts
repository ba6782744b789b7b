import * as fc from "fast-check";
import { expect, test } from "vitest";

import { type Amount, amountOf, amountText, compare } from "../../../src/report/math/amount.ts";
import { type Fraction, quantileReader } from "../../../src/report/engine/quantiles.ts";
import { exactDouble } from "../../../src/report/engine/exact-double.ts";
import { ValuesFull, ValueTable } from "../../../src/report/engine/value-table.ts";

const FRACTIONS: Fraction[] = [
  [1, 2],
  [1, 4],
  [3, 4],
  [1, 10],
  [9, 10],
];

function exact(text: string): Amount {
  const amount = amountOf(text);
  if (amount === undefined) throw new Error(text);
  return amount;
}

/** By the definition, with integers of one scale. */
function quantile(texts: readonly string[], [numerator, denominator]: Fraction): string {
  const sorted = texts.map(exact).toSorted(compare);
  const place = numerator * (sorted.length - 1);
  const at = Math.floor(place / denominator);
  const scale = Math.max(...sorted.map((one) => one.scale));
  const unitsAt = (index: number): bigint => {
    const { units, scale: own } = sorted[index] ?? { units: 0n, scale };
    return units * 10n ** BigInt(scale - own);
  };
  const [low, rest] = [unitsAt(at), BigInt(place % denominator)];
  const units =
    rest === 0n
      ? low * 100n
      : low * 100n + ((unitsAt(at + 1) - low) * rest * 100n) / BigInt(denominator);
  return amountText({ units, scale: scale + 2 });
}

const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map(String),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 1, max: 9 }))
    .map(([units, places]) => `${units}.${"123456789".slice(0, places)}`),
  fc.constantFrom(
    "1e3",
    "1000",
    "1000.0",
    "9007199254740993",
    "9007199254740992",
    "0.1",
    "0.1000000000000000000001",
  ),
);

test("quantiles of any numbers, in several cells", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(number, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...FRACTIONS),
      (cells, fraction) => {
        const table = new ValueTable();
        for (const [cell, texts] of cells.entries())
          for (const text of texts) table.add(cell, text, 1);
        const read = quantileReader(table, fraction);
        expect(cells.map((_, cell) => amountText(read(cell) ?? exact("0")))).toEqual(
          cells.map((texts) => quantile(texts, fraction)),
        );
        expect(read(cells.length)).toBeUndefined();
      },
    ),
    { numRuns: 300 },
  );
});

test("a table tells values apart as a map does, while it grows", () => {
  const texts = Array.from({ length: 30_000 }, (_, index) =>
    index % 3 === 0
      ? `"${(index * 7) % 9_000}"`
      : String(((index * 11) % 8_000) / (index % 2 === 0 ? 1 : 8)),
  );
  const table = new ValueTable();
  const known = new Map<string, number>();
  for (const [index, text] of texts.entries()) {
    const cell = index % 5;
    const name = `${cell} ${text}`;
    expect(table.add(cell, text, 2)).toBe(!known.has(name));
    known.set(name, (known.get(name) ?? 0) + 2);
  }
  const found = Array.from({ length: table.size }, (_, entry): [string, number] => {
    const double = table.doubleOf(entry);
    const text = Number.isNaN(double) ? table.textOf(entry) : String(double);
    return [`${table.cellOf(entry)} ${text}`, table.timesOf(entry)];
  });
  expect(new Map(found)).toEqual(known);
});

test("two million numbers have room, and more are refused", { timeout: 60_000 }, () => {
  const table = new ValueTable();
  for (let value = 0; value < 2_000_000; value += 1)
    table.addDouble(0, (value * 7_919) % 2_000_003, 1);
  expect(table.size).toBe(2_000_000);
  expect(() => {
    for (let value = 0; value < 200_000; value += 1) table.addDouble(1, value, 1);
  }).toThrow(ValuesFull);
});

test("ascending, descending and equal numbers are sorted in time", { timeout: 60_000 }, () => {
  for (const valueOf of [(at: number) => at, (at: number) => -at, (at: number) => at % 2]) {
    const table = new ValueTable();
    for (let at = 0; at < 200_001; at += 1) table.addDouble(0, valueOf(at) + 0, 1);
    const middle = amountText(quantileReader(table, [1, 2])(0) ?? exact("-1"));
    expect(middle).toBe(String(valueOf(1) === 1 && valueOf(2) === 0 ? 0 : valueOf(100_000)));
  }
});

test.each<[text: string, double: number | undefined]>([
  ["1", 1],
  ["1.0", 1],
  ["-0", 0],
  ["-0.00", 0],
  ["1e3", 1000],
  ["0.30000000000000004", 0.30000000000000004],
  ["0.3000000000000000444", undefined],
  ["9007199254740992", 9007199254740992],
  ["9007199254740993", undefined],
  ["9007199254740992.000", 9007199254740992],
  ["1e400", undefined],
  ["1e-400", undefined],
  ["5e-324", 5e-324],
])("the double of %s", (text, double) => {
  expect(exactDouble(text)).toBe(double);
});

test("parts have each value once, and are about equally large", () => {
  const sizes = [0, 1, 2, 3].map((index) => {
    const table = new ValueTable({ index, of: 4 });
    for (let value = 0; value < 20_000; value += 1) {
      table.add(value % 3, value % 2 === 0 ? String(value) : `"${value}"`, 1);
    }
    return table.size;
  });
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20_000);
  expect(Math.min(...sizes)).toBeGreaterThan(4_500);
});
