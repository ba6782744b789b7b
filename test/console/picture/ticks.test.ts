import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  areDates,
  CHARACTER_PX,
  dateNamer,
  labelTicks,
  shortened,
} from "../../../src/console/picture/ticks.ts";

const DAY_MS = 86_400_000;
const days = (count: number, from = "2019-01-01", step = 1): string[] =>
  Array.from({ length: count }, (_, index) =>
    new Date(Date.parse(from) + index * step * DAY_MS).toISOString().slice(0, 10),
  );
const months = (count: number, step = 1): string[] =>
  Array.from({ length: count }, (_, index) => {
    const month = index * step;
    return `${2018 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-01`;
  });
const hours = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    new Date(Date.parse("2019-01-03T05:00:00Z") + (index * DAY_MS) / 24).toISOString().slice(0, 19),
  );

/** The texts under a picture of so many pixels. */
const written = (labels: readonly string[], widthPx: number): string[] =>
  labelTicks(
    labels,
    labels.map((_, index) => index),
    widthPx / labels.length,
  ).map(({ text, under }) => (under === undefined ? text : `${text}/${under}`));

describe("dates", () => {
  it("are told from groups", () => {
    expect(areDates(["2019-01-01", "2019-02-01"])).toBe(true);
    expect(areDates(["2019-01-01T00:00:00"])).toBe(true);
    for (const labels of [[], ["Month 1"], ["2019-01-01", ""], ["2019"], ["2019-01-01 red"]]) {
      expect(areDates(labels)).toBe(false);
    }
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ["months", ["2018-12-01", "2019-01-01", "2019-02-01"], ["Dec 2018", "Jan 2019", "Feb 2019"]],
    ["quarters", ["2018-10-01", "2019-01-01"], ["Q4 2018", "Q1 2019"]],
    ["years", ["2018-01-01", "2019-01-01"], ["2018", "2019"]],
    ["days", ["2018-12-31", "2019-01-01"], ["31 Dec 2018", "1 Jan 2019"]],
    ["hours", ["2019-01-01T13:00:00"], ["1 Jan 2019, 13:00"]],
    ["texts", ["Month 1", "a"], ["Month 1", "a"]],
  ])("%s have names", (_, labels, names) => {
    expect(labels.map(dateNamer(labels))).toEqual(names);
  });

  it("are thinned as a calendar has them, with the year where it is new", () => {
    expect(written(months(24), 880).filter((_, index) => index % 6 === 0)).toEqual([
      "Jan/2018",
      "Jul",
      "Jan/2019",
      "Jul",
    ]);
    expect(written(months(24), 330)).toEqual([
      "Jan/2018",
      "Apr",
      "Jul",
      "Oct",
      "Jan/2019",
      "Apr",
      "Jul",
      "Oct",
    ]);
    expect(written(months(120), 330)).toEqual([2018, 2020, 2022, 2024, 2026].map(String));
    expect(written(months(8, 3), 330)).toEqual([
      "Q1/2018",
      "Q2",
      "Q3",
      "Q4",
      "Q1/2019",
      "Q2",
      "Q3",
      "Q4",
    ]);
    expect(written(days(365), 880)).toHaveLength(12);
    expect(written(days(60), 330)).toEqual(["Jan/2019", "Feb", "Mar"]);
    expect(written(days(52, "2019-01-07", 7), 880)).toHaveLength(13);
    expect(written(hours(48), 880)).toContain("00:00/4 Jan 2019");
    expect(written(["2019-05-17"], 300)).toEqual(["17 May/2019"]);
  });

  it("do not touch each other, and are never none", () => {
    const shapes = fc.oneof(
      fc.integer({ min: 1, max: 3_500 }).map((count) => days(count)),
      fc.integer({ min: 1, max: 500 }).map((count) => days(count, "2019-03-04", 7)),
      fc.integer({ min: 1, max: 3_000 }).map((count) => months(count)),
      fc.integer({ min: 1, max: 3_500 }).map(hours),
      fc
        .integer({ min: 1, max: 400 })
        .map((n) => Array.from({ length: n }, (_, i) => `Month ${i}`)),
    );
    fc.assert(
      fc.property(shapes, fc.integer({ min: 200, max: 1_000 }), (labels, widthPx) => {
        const band = widthPx / labels.length;
        const ticks = labelTicks(
          labels,
          labels.map((_, index) => index),
          band,
        );
        expect(ticks.length).toBeGreaterThan(0);
        for (const [at, { index, text }] of ticks.entries()) {
          const before = ticks[at - 1];
          if (before === undefined) continue;
          const widthMean = ((text.length + before.text.length) / 2) * CHARACTER_PX;
          expect((index - before.index) * band).toBeGreaterThan(widthMean);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("texts", () => {
  it("are cut between characters, with an ellipsis", () => {
    expect(shortened("Germany", 7)).toBe("Germany");
    expect(shortened("Germany and France", 9)).toBe("Germany…");
    expect(shortened("🇪🇸🇪🇸🇪🇸🇪🇸🇪🇸", 5).isWellFormed()).toBe(true);
  });

  it("say their whole where they are cut", () => {
    const long = "A group with a very long name";
    const [first] = labelTicks([long, "b"], [0, 1], 100);
    expect(first?.whole).toBe(long);
    expect(first?.text).toMatch(/^A group.*…$/);
  });
});
