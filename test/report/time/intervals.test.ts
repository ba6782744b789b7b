import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INTERVALS, labelOf, startOf, stepFrom } from "../../../src/report/time/intervals.ts";

const local = (text: string): number => Date.parse(text.length > 10 ? `${text}Z` : text);
const textOf = (time: number): string => new Date(time).toISOString().slice(0, 19);

describe("startOf", () => {
  it.each([
    ["2019-08-01T14:22:32", "hour", "2019-08-01T14:00:00"],
    ["2019-08-01T23:59:59", "day", "2019-08-01T00:00:00"],
    ["2019-08-31T14:22:32", "month", "2019-08-01T00:00:00"],
    ["2020-02-29T00:00:00", "month", "2020-02-01T00:00:00"],
    ["2019-03-31T23:59:59", "quarter", "2019-01-01T00:00:00"],
    ["2019-04-01T00:00:00", "quarter", "2019-04-01T00:00:00"],
    ["2019-09-30T12:00:00", "quarter", "2019-07-01T00:00:00"],
    ["2019-12-31T23:59:59", "quarter", "2019-10-01T00:00:00"],
    ["2019-12-31T23:59:59", "year", "2019-01-01T00:00:00"],
    ["1969-12-31T23:59:59", "hour", "1969-12-31T23:00:00"],
    ["1969-12-31T23:59:59", "day", "1969-12-31T00:00:00"],
    ["0001-06-01T00:00:00", "year", "0001-01-01T00:00:00"],
    ["9999-12-31T23:59:59", "quarter", "9999-10-01T00:00:00"],
  ] as const)("%s, %s: %s", (text, interval, start) => {
    expect(textOf(startOf(local(text), interval, "monday"))).toBe(start);
  });

  // 2019-08-05 was a Monday; 2018-12-31 was one, too.
  it.each([
    ["2019-08-04T23:59:59", "2019-07-29", "2019-08-04"],
    ["2019-08-05T00:00:00", "2019-08-05", "2019-08-04"],
    ["2019-08-10T12:00:00", "2019-08-05", "2019-08-04"],
    ["2019-08-11T00:00:00", "2019-08-05", "2019-08-11"],
    ["2019-01-01T00:00:00", "2018-12-31", "2018-12-30"],
    ["1970-01-01T00:00:00", "1969-12-29", "1969-12-28"],
    ["0001-01-01T00:00:00", "0001-01-01", "0000-12-31"],
  ])("the week of %s begins on Monday %s, on Sunday %s", (text, monday, sunday) => {
    expect(textOf(startOf(local(text), "week", "monday")).slice(0, 10)).toBe(monday);
    expect(textOf(startOf(local(text), "week", "sunday")).slice(0, 10)).toBe(sunday);
  });
});

const intervals = fc.constantFrom(...INTERVALS).filter((interval) => interval !== "none");
const weekStarts = fc.constantFrom("monday" as const, "sunday" as const);
const times = fc.integer({ min: local("0001-01-08"), max: local("9999-01-01") });

describe("stepFrom", () => {
  it.each([
    ["2019-12-01", "month", 1, "2020-01-01"],
    ["2020-01-01", "month", -1, "2019-12-01"],
    ["2019-01-01", "month", 25, "2021-02-01"],
    ["2019-10-01", "quarter", 1, "2020-01-01"],
    ["2019-01-01", "quarter", -1, "2018-10-01"],
    ["2019-01-01", "year", -19, "2000-01-01"],
    ["2020-02-28", "day", 1, "2020-02-29"],
    ["2019-02-28", "day", 1, "2019-03-01"],
    ["1900-02-28", "day", 1, "1900-03-01"],
    ["2000-02-28", "day", 2, "2000-03-01"],
    ["2019-12-30", "week", 1, "2020-01-06"],
    ["2019-12-30", "week", -52, "2018-12-31"],
    ["0099-01-01", "year", 1, "0100-01-01"],
    ["0002-01-01", "year", -1, "0001-01-01"],
  ] as const)("%s, %s, %i: %s", (start, interval, count, end) => {
    expect(textOf(stepFrom(local(start), interval, count)).slice(0, 10)).toBe(end);
  });

  it("leads from a beginning to the next, and back", () => {
    fc.assert(
      fc.property(times, intervals, weekStarts, (time, interval, weekStart) => {
        const start = startOf(time, interval, weekStart);
        const next = stepFrom(start, interval, 1);
        expect(start).toBeLessThanOrEqual(time);
        expect(next).toBeGreaterThan(time);
        expect(startOf(start, interval, weekStart)).toBe(start);
        expect(startOf(next, interval, weekStart)).toBe(next);
        expect(startOf(next - 1, interval, weekStart)).toBe(start);
        expect(stepFrom(next, interval, -1)).toBe(start);
      }),
    );
  });

  it("takes several steps at once", () => {
    const counts = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(times, intervals, counts, counts, (time, interval, one, other) => {
        const start = startOf(time, interval, "monday");
        const both = stepFrom(stepFrom(start, interval, one), interval, other);
        expect(stepFrom(start, interval, one + other)).toBe(both);
      }),
    );
  });
});

describe("labelOf", () => {
  it.each([
    ["2019-08-01T14:00:00", "hour", "2019-08-01T14:00:00"],
    ["2019-08-01T04:00:00", "hour", "2019-08-01T04:00:00"],
    ["2019-08-01T14:00:00", "day", "2019-08-01"],
    ["2019-08-01T14:00:00", "none", "2019-08-01"],
    ["0001-01-01T00:00:00", "year", "0001-01-01"],
    ["0000-12-31T00:00:00", "week", "0000-12-31"],
    ["9999-12-31T23:00:00", "hour", "9999-12-31T23:00:00"],
  ] as const)("%s, %s: %s", (text, interval, label) => {
    expect(labelOf(local(text), interval)).toBe(label);
  });
});
