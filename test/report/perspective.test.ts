import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Amount, amountOf, amountText } from "../../src/report/amount.ts";
import { type Interval, periodsOf } from "../../src/report/calendar.ts";
import {
  applyPerspective,
  type Perspective,
  type PerspectiveOptions,
} from "../../src/report/perspective.ts";

/** Values as texts, null for none. */
type Texts = readonly (string | null)[];

function amounts(texts: Texts): (Amount | undefined)[] {
  return texts.map((text) => (text === null ? undefined : amountOf(text)));
}

function seen(texts: Texts, options: Partial<PerspectiveOptions>): Texts {
  const labels = texts.map((_, index) => `2019-01-${String(index + 1).padStart(2, "0")}`);
  const all = { perspective: "standard", interval: "day", labels, ...options } as const;
  const values = applyPerspective(amounts(texts), all);
  return values.map((value) => (value === undefined ? null : amountText(value)));
}

describe("perspectives", () => {
  it.each<[Perspective, Texts, Texts]>([
    ["standard", ["1", null, "0"], ["1", null, "0"]],
    ["cumulative", ["0.1", "0.2", "0", "-5"], ["0.1", "0.3", "0.3", "-4.7"]],
    ["cumulative", [null, "1", null, "2"], ["0", "1", "1", "3"]],
    ["change_previous_period", ["1", "3", "0", "0.5"], [null, "2", "-3", "0.5"]],
    ["change_previous_period", ["1", null, "2", "3"], [null, null, null, "1"]],
    [
      "percent_change_previous_period",
      ["2", "3", "0", "4", "-2"],
      [null, "50", "-100", null, "-150"],
    ],
    ["percent_change_previous_period", ["-2", "2"], [null, "-200"]],
    ["percent_of_first", ["4", "2", "5", null], ["100", "50", "125", null]],
    ["percent_of_first", ["0", null, "4", "1"], ["0", null, "100", "25"]],
    ["percent_of_first", ["0", "0"], [null, null]],
    ["percent_of_first", ["3", "1"], ["100", "33.333333333333333333"]],
  ])("%s of %j is %j", (perspective, texts, expected) => {
    expect(seen(texts, { perspective })).toEqual(expected);
  });

  it.each<[number | undefined, Texts, Texts]>([
    [2, ["1", "2", "4"], ["1", "1.5", "3"]],
    [3, ["1", "2", "6", "4"], ["1", "1.5", "3", "4"]],
    [1, ["1", "2"], ["1", "2"]],
    [undefined, ["1", "2"], ["1", "2"]],
    [10, ["1", "2"], ["1", "1.5"]],
    [2, ["1", null, null, "3"], ["1", "1", null, "3"]],
  ])("rolling_average of %j periods: %j is %j", (window, texts, expected) => {
    expect(seen(texts, { perspective: "rolling_average", window })).toEqual(expected);
  });

  it("say nothing of no periods", () => {
    for (const perspective of ["cumulative", "percent_of_first", "rolling_average"] as const) {
      expect(seen([], { perspective, window: 2 })).toEqual([]);
    }
  });

  it("leave the last cumulative value the sum, of which the changes are the values", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (numbers) => {
        const texts = numbers.map((number) => String(number));
        const sums = seen(texts, { perspective: "cumulative" });
        expect(sums.at(-1)).toBe(String(numbers.reduce((sum, number) => sum + BigInt(number), 0n)));
        const changes = seen(sums, { perspective: "change_previous_period" });
        expect(changes.slice(1)).toEqual(texts.slice(1).map((text) => String(Number(text))));
      }),
    );
  });
});

/** The labels of a span of days in UTC. */
function labelsOf(interval: Interval, from: string, to: string): string[] {
  const span = { from: Date.parse(from), to: Date.parse(to) };
  return periodsOf(span, interval, "UTC", "monday").labels;
}

/** By label, what change_previous_year subtracts: each period's value is its place from 0. */
function comparedWith(interval: Interval, labels: readonly string[]): Map<string, string | null> {
  const places = labels.map((_, index) => String(index));
  const perspective = "change_previous_year";
  const changes = seen(places, { perspective, interval, labels });
  return new Map(
    changes.map((change, index) => [
      labels[index] ?? "",
      change === null ? null : (labels[index - Number(change)] ?? ""),
    ]),
  );
}

describe("the same period a year before", () => {
  it.each<[Interval, string, string]>([
    ["day", "2020-03-01", "2019-03-01"],
    ["day", "2021-02-28", "2020-02-28"],
    ["day", "2020-12-31", "2019-12-31"],
    ["month", "2020-01-01", "2019-01-01"],
    ["month", "2021-02-01", "2020-02-01"],
    ["quarter", "2020-10-01", "2019-10-01"],
    ["year", "2021-01-01", "2020-01-01"],
    // Of weeks the one 52 weeks before, although the date is another.
    ["week", "2020-03-02", "2019-03-04"],
    ["week", "2021-01-04", "2020-01-06"],
  ])("for the %s of %s is that of %s", (interval, label, before) => {
    const labels = labelsOf(interval, "2019-01-01", "2021-12-31");
    expect(comparedWith(interval, labels).get(label)).toBe(before);
  });

  it("for an hour is that of the same date", () => {
    const labels = labelsOf("hour", "2020-02-28", "2021-03-02");
    const compared = comparedWith("hour", labels);
    expect(compared.get("2021-02-28T13:00:00")).toBe("2020-02-28T13:00:00");
    expect(compared.get("2021-03-01T00:00:00")).toBe("2020-03-01T00:00:00");
  });

  it("is none for 29 February, and before the first period", () => {
    const days = comparedWith("day", labelsOf("day", "2019-01-01", "2020-12-31"));
    expect(days.get("2020-02-29")).toBeNull();
    expect(days.get("2019-12-31")).toBeNull();
    expect(
      comparedWith("week", labelsOf("week", "2019-01-07", "2020-03-01")).get("2019-12-30"),
    ).toBeNull();
  });

  it("may be zero, of which there is no percent", () => {
    const labels = ["2018-01-01", "2018-02-01", "2019-01-01", "2019-02-01"];
    const options = { perspective: "percent_change_previous_year", interval: "month" } as const;
    expect(seen(["0", "8", "5", "2"], { ...options, labels })).toEqual([null, null, null, "-75"]);
  });
});
