import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { amountOf, amountText } from "../../../src/report/math/amount.ts";
import { periodsOf } from "../../../src/report/time/calendar.ts";
import {
  applyPerspective,
  type Perspective,
  type PerspectiveOptions,
  PERSPECTIVES,
} from "../../../src/report/math/perspective.ts";

type Text = string | undefined;

/** The values as decimals; `-` is none, before and after. */
function seen(values: string, options: PerspectiveOptions): string {
  const amounts = values.split(" ").map((text) => (text === "-" ? undefined : amountOf(text)));
  return applyPerspective(amounts, options)
    .map((value): Text => value && amountText(value))
    .map((text) => text ?? "-")
    .join(" ");
}

/** The labels of so many periods from a day on. */
function labelsFrom(
  from: string,
  interval: PerspectiveOptions["interval"],
  count: number,
  timeZone = "UTC",
): string[] {
  const start = Date.parse(from);
  const to = start + count * 367 * 86_400_000;
  const days = interval === "hour" ? count / 24 + 2 : count * 2;
  const end = interval === "hour" || interval === "day" ? start + days * 86_400_000 : to;
  return periodsOf({ from: start, to: end }, interval, timeZone, "monday").labels.slice(0, count);
}

const months = (perspective: Perspective, count: number, window?: number): PerspectiveOptions => ({
  perspective,
  window,
  interval: "month",
  labels: labelsFrom("2019-01-01", "month", count),
});

describe("the values as they follow each other", () => {
  it.each([
    ["standard", "1 - 0 2.5", "1 - 0 2.5"],
    ["cumulative", "1 2 3.5 -4", "1 3 6.5 2.5"],
    ["cumulative", "- 2 - 3", "0 2 2 5"],
    ["cumulative", "0.1 0.2", "0.1 0.3"],
    ["change_previous_period", "1 3 3 -2", "- 2 0 -5"],
    ["change_previous_period", "1 - 3 4", "- - - 1"],
    ["change_previous_period", "0.3 0.1", "- -0.2"],
    ["percent_change_previous_period", "2 3 3 0", "- 50 0 -100"],
    ["percent_change_previous_period", "0 3 4", "- - 33.333333333333333333"],
    ["percent_change_previous_period", "4 - 5 10", "- - - 100"],
    ["percent_change_previous_period", "-2 -3 3", "- 50 -200"],
    ["percent_of_first", "4 2 5 0", "100 50 125 0"],
    ["percent_of_first", "- 0 4 - 1", "- 0 100 - 25"],
    ["percent_of_first", "0 0", "- -"],
    ["percent_of_first", "- -", "- -"],
    ["percent_of_first", "-4 2", "100 -50"],
    ["change_previous_year", "1 2", "- -"],
    ["percent_change_previous_year", "1 2", "- -"],
  ] as const)("%s of %s", (perspective, before, after) => {
    expect(seen(before, months(perspective, before.split(" ").length))).toBe(after);
  });

  it.each(PERSPECTIVES)("%s of nothing is nothing", (perspective) => {
    expect(applyPerspective([], months(perspective, 0, 3))).toEqual([]);
  });

  it.each(PERSPECTIVES)(
    "%s has as many values as there are, and leaves them alone",
    (perspective) => {
      const text = fc.constantFrom("0", "1", "-2.5", "-", "100");
      fc.assert(
        fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), (values) => {
          const amounts = values.map((value) => amountOf(value));
          const copy = [...amounts];
          const result = applyPerspective(amounts, months(perspective, values.length, 4));
          expect(result).toHaveLength(values.length);
          expect(amounts).toEqual(copy);
        }),
        { numRuns: 50 },
      );
    },
  );
});

describe("rolling_average", () => {
  it.each([
    [1, "1 2 - 4", "1 2 - 4"],
    [2, "1 2 5 -1", "1 1.5 3.5 2"],
    [3, "1 2 6 4", "1 1.5 3 4"],
    [3, "3 - - - 6", "3 3 3 - 6"],
    [2, "- 3 - 5", "- 3 3 5"],
    [3, "0 0 1", "0 0 0.33333333333333333333"],
    [100, "1 2 3", "1 1.5 2"],
  ])("over %i of %s", (window, before, after) => {
    const options = months("rolling_average", before.split(" ").length, window);
    expect(seen(before, options)).toBe(after);
  });

  it("is the value itself without a window", () => {
    expect(seen("1 2 4", months("rolling_average", 3))).toBe("1 2 4");
  });

  it("looks back to values that are cut off later", () => {
    const all = seen("9 9 3 3 3", months("rolling_average", 5, 3)).split(" ");
    expect(all.slice(2)).toEqual(["7", "5", "3"]);
  });

  it("is the sum of the window by its number of values", () => {
    const series = fc.array(fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 8 }), (values, window) => {
        const options = months("rolling_average", values.length, window);
        const result = applyPerspective(
          values.map((value) => (value === undefined ? undefined : amountOf(String(value)))),
          options,
        );
        for (const [index, value] of result.entries()) {
          const last = values.filter((_, i) => i <= index && i > index - window);
          const there = last.filter((number) => number !== undefined);
          const average = there.reduce((sum, number) => sum + number, 0) / there.length;
          if (value === undefined) expect(there).toEqual([]);
          else expect(Number(amountText(value))).toBeCloseTo(average, 9);
        }
      }),
    );
  });
});

const YEAR = "change_previous_year";

/** The place of each period that was a year before the one at a place; -1 for none. */
function yearBefore(
  interval: PerspectiveOptions["interval"],
  labels: readonly string[],
): readonly number[] {
  // Values of powers of two: a difference says which two they are.
  const amounts = labels.map((_, index) => ({ units: 2n ** BigInt(index), scale: 0 }));
  const changes = applyPerspective(amounts, { perspective: YEAR, interval, labels });
  const places = new Map(amounts.map(({ units }, index) => [units, index]));
  return changes.map((change, index) =>
    change === undefined ? -1 : (places.get(2n ** BigInt(index) - change.units) ?? -2),
  );
}

describe("the year before", () => {
  it.each([
    ["month", 12],
    ["quarter", 4],
    ["year", 1],
    ["week", 52],
  ] as const)("of a %s is %i periods ago", (interval, back) => {
    const labels = labelsFrom("2018-01-01", interval, 120);
    const expected = labels.map((_, index) => Math.max(-1, index - back));
    expect(yearBefore(interval, labels)).toEqual(expected);
  });

  it("of a week with the number 53 is 52 weeks ago, with the same day of the week", () => {
    const labels = labelsFrom("2019-12-30", "week", 60);
    expect(labels[52]).toBe("2020-12-28");
    expect(yearBefore("week", labels)[52]).toBe(0);
    expect(yearBefore("week", labels)[51]).toBe(-1);
  });

  it("of a day has its date; 29 February has none", () => {
    const labels = labelsFrom("2019-01-01", "day", 900);
    const places = yearBefore("day", labels);
    const before = (label: string): string | undefined =>
      labels[places[labels.indexOf(label)] ?? -1];
    expect(before("2020-02-28")).toBe("2019-02-28");
    expect(before("2020-02-29")).toBeUndefined();
    expect(before("2020-03-01")).toBe("2019-03-01");
    expect(before("2021-02-28")).toBe("2020-02-28");
    expect(before("2021-03-01")).toBe("2020-03-01");
    expect(before("2019-12-31")).toBeUndefined();
    expect(before("2020-01-01")).toBe("2019-01-01");
  });

  it("of an hour has its date and time; one that was not shown is none", () => {
    const labels = labelsFrom("2019-03-30T23:00:00Z", "hour", 8_900, "Europe/Berlin");
    const wanted = (label: string): string | undefined => {
      const values = labels.map((_, index) => ({ units: BigInt(index), scale: 0 }));
      const options = { perspective: YEAR, interval: "hour", labels } as const;
      const index = labels.indexOf(label);
      const change = applyPerspective(values, options)[index];
      return change && labels[index - Number(change.units)];
    };
    expect(wanted("2020-03-31T01:00:00")).toBe("2019-03-31T01:00:00");
    expect(wanted("2020-03-31T02:00:00")).toBeUndefined();
    expect(wanted("2020-03-31T03:00:00")).toBe("2019-03-31T03:00:00");
  });

  it("is a difference, or one in percent, where both values are", () => {
    const values = ["4", "-", "0", ...Array.from({ length: 9 }, () => "1"), "6", "1", "5", "-"];
    const change = [...Array.from({ length: 12 }, () => "-"), "2", "-", "5", "-"].join(" ");
    const percent = [...Array.from({ length: 12 }, () => "-"), "50", "-", "-", "-"].join(" ");
    expect(seen(values.join(" "), months("change_previous_year", 16))).toBe(change);
    expect(seen(values.join(" "), months("percent_change_previous_year", 16))).toBe(percent);
  });

  it("of the years 1 and 1000 is written with four digits", () => {
    expect(yearBefore("year", ["0001-01-01", "0002-01-01"])).toEqual([-1, 0]);
    expect(yearBefore("year", ["0999-01-01", "1000-01-01"])).toEqual([-1, 0]);
  });

  it("of the one period without an interval is none", () => {
    expect(yearBefore("none", ["2019-01-01"])).toEqual([-1]);
  });
});
