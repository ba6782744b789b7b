import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  formatNumber,
  formatTick,
  isShownWhole,
  type NumberFormat,
} from "../../../src/console/picture/format.ts";
import { numberFromText } from "../../../src/json/exact.ts";

const format = (text: string, as: NumberFormat = "number"): string =>
  formatNumber(numberFromText(text), as);

describe("numbers", () => {
  test.each([
    ["0", "0"],
    ["-0", "0"],
    ["-0.0", "0"],
    ["7", "7"],
    ["999", "999"],
    ["1000", "1,000"],
    ["-1234567.5", "−1,234,567.5"],
    ["58.40", "58.4"],
    ["9007199254740993", "9,007,199,254,740,993"],
    ["9007199254740993.3", "9,007,199,254,740,993.3"],
    ["0.00005", "0.0001"],
    ["0.00004999", "0"],
    ["-0.00004", "0"],
    ["0.99995", "1"],
    ["33.333333333333333333", "33.3333"],
    ["1e3", "1,000"],
    ["1e400", "1e+400"],
    ["-12345678e60", "−1.2345e+67"],
    ["1e-400", "0"],
    ["123456789012345678901234567890", "123,456,789,012,345,678,901,234,567,890"],
  ])("%s is %s", (text, shown) => {
    expect(format(text)).toBe(shown);
  });

  test.each<[string, NumberFormat, string]>([
    ["1234.5", "currency", "1,234.50"],
    ["1234", "currency", "1,234.00"],
    ["0.005", "currency", "0.01"],
    ["-0.004", "currency", "0.00"],
    ["-0.00", "currency", "0.00"],
    ["9007199254740993.305", "currency", "9,007,199,254,740,993.31"],
    ["0.25", "percent", "25\u00A0%"],
    ["-0.12345", "percent", "−12.35\u00A0%"],
    ["25", "points", "25\u00A0%"],
    ["33.3333", "points", "33.33\u00A0%"],
    ["59.5", "time", "0:01:00"],
    ["59.4", "time", "0:00:59"],
    ["3723", "time", "1:02:03"],
    ["-90", "time", "−0:01:30"],
    ["273600", "time", "3\u00A0d 04:00:00"],
  ])("%s as %s is %s", (text, as, shown) => {
    expect(format(text, as)).toBe(shown);
  });

  it("are within half a unit of the last place", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
        const read = Number(formatNumber(value, "number").replaceAll(",", "").replace("−", "-"));
        expect(Math.abs(read - value)).toBeLessThanOrEqual(0.5e-4 + 1e-6);
      }),
    );
  });

  it("are said to be whole only where their text is", () => {
    const decimal = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 8 }));
    fc.assert(
      fc.property(decimal, fc.constantFrom("number", "currency"), ([units, scale], as) => {
        const text = (units / 10 ** scale).toFixed(scale);
        const value = numberFromText(text);
        const read = formatNumber(value, as).replaceAll(",", "").replace("−", "-");
        if (isShownWhole(value, as)) expect(Number(read)).toBe(Number(text));
        else expect(text).toMatch(/\.\d{3,}$/);
      }),
    );
  });
});

describe("ticks", () => {
  test.each<[number, number, number, NumberFormat, string]>([
    [0, 5_000, 15_000, "number", "0"],
    [5_000, 5_000, 15_000, "number", "5k"],
    [5_000, 1_000, 9_000, "number", "5,000"],
    [2_500, 500, 10_000, "number", "2.5k"],
    [-1_500_000, 500_000, 1_500_000, "number", "−1.5M"],
    [0.3, 0.1, 0.5, "number", "0.3"],
    [0.4, 0.2, 1, "percent", "40\u00A0%"],
    [0.005, 0.005, 0.02, "percent", "0.5\u00A0%"],
    [40, 20, 100, "points", "40\u00A0%"],
    [5_400, 1_800, 7_200, "time", "1:30:00"],
    [2e18, 1e18, 3e18, "number", "2e+18"],
    [3e-9, 1e-9, 5e-9, "number", "3e-9"],
  ])("%d by %d to %d as %s is %s", (value, step, greatest, as, shown) => {
    expect(formatTick(value, { step, greatest }, as)).toBe(shown);
  });
});
