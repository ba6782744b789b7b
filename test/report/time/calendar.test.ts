import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Interval,
  INTERVALS,
  periodsOf,
  type Span,
  type WeekStart,
} from "../../../src/report/time/calendar.ts";
import { wallText, ZONES } from "../walls.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A span between ISO times with a zone. */
const span = (from: string, to: string): Span => ({ from: Date.parse(from), to: Date.parse(to) });

/** The lengths of periods in hours. */
const hoursOf = (bounds: readonly number[]): number[] =>
  bounds.slice(1).map((bound, index) => (bound - (bounds[index] ?? NaN)) / HOUR_MS);

/** The label of the period that a local time is in, by its text. */
function labelBy(wall: string, interval: Interval, weekStart: WeekStart): string {
  const month = Number(wall.slice(5, 7));
  switch (interval) {
    case "hour":
      return `${wall.slice(0, 13)}:00:00`;
    case "week": {
      const day = new Date(`${wall.slice(0, 10)}T12:00:00Z`);
      const first = weekStart === "monday" ? 1 : 0;
      while (day.getUTCDay() !== first) day.setUTCDate(day.getUTCDate() - 1);
      return day.toISOString().slice(0, 10);
    }
    case "month":
      return `${wall.slice(0, 7)}-01`;
    case "quarter":
      return `${wall.slice(0, 5)}${["01", "04", "07", "10"][Math.floor((month - 1) / 3)]}-01`;
    case "year":
      return `${wall.slice(0, 4)}-01-01`;
    default:
      return wall.slice(0, 10);
  }
}

const LENGTH_MAX = { hour: 10, day: 100, week: 700, month: 3_000, quarter: 9_000, year: 15_000 };
const DATED = INTERVALS.filter((interval) => interval !== "none");

/** Clocks that are put back over the beginning of an hour or a day. */
const PUT_BACK_FAR: ReadonlySet<string> = new Set(["America/St_Johns", "Antarctica/Troll"]);

/** Instants near to which clocks are changed in one of the zones. */
const CHANGES = [
  "2019-03-31T01:00:00Z",
  "2019-10-27T01:00:00Z",
  "2019-11-03T06:00:00Z",
  "2019-04-06T15:00:00Z",
  "2019-10-05T15:30:00Z",
  "1985-12-31T18:30:00Z",
  "2011-12-30T10:00:00Z",
  "2018-06-17T02:00:00Z",
  "2018-02-18T02:00:00Z",
  "2018-11-04T03:00:00Z",
  "2010-11-07T02:31:00Z",
].map((text) => Date.parse(text));

const questions = fc.record({
  timeZone: fc.constantFrom(...ZONES),
  interval: fc.constantFrom(...DATED),
  weekStart: fc.constantFrom<WeekStart>("monday", "sunday"),
  from: fc.oneof(
    fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2038, 0, 1) }),
    fc
      .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -4 * HOUR_MS, max: 4 * HOUR_MS }))
      .map(([change, offset]) => change + offset),
  ),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
});

const spanOf = (from: number, part: number, interval: (typeof DATED)[number]): Span => ({
  from,
  to: from + 1 + Math.floor(part * LENGTH_MAX[interval] * DAY_MS),
});

describe("periodsOf", () => {
  it("gives whole periods without a gap, and none that the span does not touch", () => {
    fc.assert(
      fc.property(questions, ({ timeZone, interval, weekStart, from, part }) => {
        const { to } = spanOf(from, part, interval);
        const { bounds, labels } = periodsOf({ from, to }, interval, timeZone, weekStart);
        expect(bounds.length).toBe(labels.length + 1);
        expect(Math.min(...hoursOf(bounds))).toBeGreaterThan(0);
        expect(bounds[0]).toBeLessThanOrEqual(from);
        expect(bounds[1]).toBeGreaterThan(from);
        expect(bounds.at(-2)).toBeLessThan(to);
        expect(bounds.at(-1)).toBeGreaterThanOrEqual(to);
        expect(labels.toSorted()).toEqual(labels);
        expect(new Set(labels).size).toBe(labels.length);
      }),
      { numRuns: 500 },
    );
  });

  it("labels them with what Intl shows at their beginnings and inside of them", () => {
    fc.assert(
      fc.property(questions, ({ timeZone, interval, weekStart, from, part }) => {
        fc.pre(!PUT_BACK_FAR.has(timeZone));
        const { to } = spanOf(from, part, interval);
        const { bounds, labels } = periodsOf({ from, to }, interval, timeZone, weekStart);
        for (const [index, label] of labels.entries()) {
          const [start = NaN, end = NaN] = bounds.slice(index, index + 2);
          const inside = Math.min(Math.floor(start + (end - start) * part), end - 1);
          for (const instant of [start, inside, end - 1]) {
            const wall = wallText(timeZone, instant);
            expect(labelBy(wall, interval, weekStart)).toBe(label);
          }
          const first = interval === "hour" ? label : `${label}T00:00:00`;
          expect(wallText(timeZone, start - 1000) < first).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("agrees on one instant, wherever the span begins", () => {
    fc.assert(
      fc.property(questions, ({ timeZone, interval, weekStart, from, part }) => {
        const { to } = spanOf(from, part / 4, interval);
        const whole = periodsOf({ from, to }, interval, timeZone, weekStart);
        const middle = Math.floor(from + (to - from) * part);
        const later = periodsOf({ from: middle, to }, interval, timeZone, weekStart);
        if (later.labels.length === 0) return;
        expect(whole.labels.slice(-later.labels.length)).toEqual(later.labels);
        expect(whole.bounds.slice(-later.bounds.length)).toEqual(later.bounds);
      }),
      { numRuns: 300 },
    );
  });

  it("with none gives the span", () => {
    const whole = span("2019-08-01T12:00:00Z", "2019-09-01T01:02:03Z");
    const periods = { bounds: [whole.from, whole.to], labels: ["2019-08-02"] };
    expect(periodsOf(whole, "none", "Pacific/Apia", "monday")).toEqual(periods);
  });

  it("gives no period of an empty span at a beginning", () => {
    const from = Date.parse("2019-08-01T00:00:00Z");
    expect(periodsOf({ from, to: from }, "day", "UTC", "monday")).toEqual({
      bounds: [from],
      labels: [],
    });
  });

  it("counts the days of months, with and without a leap day", () => {
    const days = (year: number): number[] =>
      hoursOf(
        periodsOf(span(`${year}-01-01`, `${year + 1}-01-01`), "month", "UTC", "monday").bounds,
      ).map((hours) => hours / 24);
    expect(days(2019)).toEqual([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
    expect(days(2020)).toEqual([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
    expect(days(1900)[1]).toBe(28);
    expect(days(2000)[1]).toBe(29);
  });

  it("has a leap day", () => {
    const { labels } = periodsOf(span("2020-02-28", "2020-03-02"), "day", "UTC", "monday");
    expect(labels).toEqual(["2020-02-28", "2020-02-29", "2020-03-01"]);
  });

  it("has quarters and years, from a span that begins and ends inside of them", () => {
    const whole = span("2018-11-15T00:00:00Z", "2019-04-01T00:00:01Z");
    const quarters = ["2018-10-01", "2019-01-01", "2019-04-01"];
    expect(periodsOf(whole, "quarter", "UTC", "monday").labels).toEqual(quarters);
    expect(periodsOf(whole, "year", "UTC", "monday").labels).toEqual(["2018-01-01", "2019-01-01"]);
  });

  it.each([
    ["monday", ["2018-12-24", "2018-12-31", "2019-01-07"]],
    ["sunday", ["2018-12-23", "2018-12-30", "2019-01-06"]],
  ] as const)("has weeks over the end of a year that begin on %s", (weekStart, labels) => {
    const whole = span("2018-12-29T00:00:00Z", "2019-01-08T00:00:00Z");
    expect(periodsOf(whole, "week", "UTC", weekStart).labels).toEqual(labels);
  });

  it("has years that begin in the zone", () => {
    const whole = span("2018-12-31T23:30:00Z", "2019-12-31T22:59:59Z");
    const { bounds, labels } = periodsOf(whole, "year", "Europe/Berlin", "monday");
    expect(labels).toEqual(["2019-01-01"]);
    expect(bounds).toEqual([Date.UTC(2018, 11, 31, 23), Date.UTC(2019, 11, 31, 23)]);
  });

  it.each([
    ["Europe/Berlin", "2019-03-30T23:00:00Z", [23, 24]],
    ["Europe/Berlin", "2019-10-26T22:00:00Z", [25, 24]],
    ["America/New_York", "2019-03-10T05:00:00Z", [23, 24]],
    ["America/New_York", "2019-11-03T04:00:00Z", [25, 24]],
    ["Australia/Lord_Howe", "2019-10-05T13:30:00Z", [23.5, 24]],
    ["Australia/Lord_Howe", "2019-04-06T13:00:00Z", [24.5, 24]],
    ["America/Sao_Paulo", "2018-11-04T03:00:00Z", [23, 24]],
    ["America/Sao_Paulo", "2018-02-17T02:00:00Z", [25, 24]],
  ])("has short and long days in %s from %s", (timeZone, from, hours) => {
    const whole = { from: Date.parse(from), to: Date.parse(from) + 47 * HOUR_MS };
    const { bounds } = periodsOf(whole, "day", timeZone, "monday");
    expect(bounds[0]).toBe(whole.from);
    expect(hoursOf(bounds)).toEqual(hours);
  });

  it("has no day that a zone left out", () => {
    const whole = span("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z");
    const { bounds, labels } = periodsOf(whole, "day", "Pacific/Apia", "monday");
    expect(labels).toEqual(["2011-12-29", "2011-12-31"]);
    expect(hoursOf(bounds)).toEqual([24, 24]);
  });

  it.each([
    ["Europe/Berlin", "2019-03-31T00:00:00Z", ["01", "03"], [1, 1]],
    ["Europe/Berlin", "2019-10-26T23:00:00Z", ["01", "02", "03"], [1, 2, 1]],
    ["America/New_York", "2019-11-03T04:00:00Z", ["00", "01", "02"], [1, 2, 1]],
    ["America/Sao_Paulo", "2018-02-18T00:00:00Z", ["22", "23", "00"], [1, 2, 1]],
    ["Australia/Lord_Howe", "2019-10-05T14:30:00Z", ["01", "02", "03"], [1, 0.5, 1]],
    ["Australia/Lord_Howe", "2019-04-06T14:00:00Z", ["01", "02"], [1.5, 1]],
    ["Asia/Kathmandu", "1985-12-31T17:30:00Z", ["23", "00", "01"], [1, 0.75, 1]],
    // An hour that was shown before another one that is still running.
    ["Antarctica/Troll", "2019-10-27T00:00:00Z", ["02", "03"], [3, 1]],
  ])("has the hours that clocks in %s show from %s", (timeZone, text, shown, lengths) => {
    const from = Date.parse(text);
    const to = from + lengths.reduce((sum, hours) => sum + hours) * HOUR_MS;
    const { bounds, labels } = periodsOf({ from, to }, "hour", timeZone, "monday");
    expect(labels.map((label) => label.slice(11, 13))).toEqual(shown);
    expect(hoursOf(bounds)).toEqual(lengths);
  });

  it("does not begin with a period that has ended when its time is shown again", () => {
    // At 00:01 of 7 November clocks were put back to 23:01 of the 6th.
    const from = Date.parse("2010-11-07T02:40:00Z");
    const { labels } = periodsOf({ from, to: from + 1 }, "day", "America/St_Johns", "monday");
    expect(labels).toEqual(["2010-11-07"]);
  });

  it("knows the first year and the last", () => {
    const first = span("0001-01-01T00:00:00Z", "0001-01-03T00:00:00Z");
    expect(periodsOf(first, "day", "UTC", "monday").labels).toEqual(["0001-01-01", "0001-01-02"]);
    const last = span("9999-12-30T00:00:00Z", "9999-12-31T23:59:59Z");
    expect(periodsOf(last, "day", "UTC", "monday").labels).toEqual(["9999-12-30", "9999-12-31"]);
    expect(periodsOf(last, "year", "America/New_York", "monday")).toEqual({
      bounds: [Date.parse("9999-01-01T05:00:00Z"), Date.parse("+010000-01-01T05:00:00Z")],
      labels: ["9999-01-01"],
    });
  });

  it("takes 3,500 hours in less than 50 ms, once it knows the zone", () => {
    const from = Date.parse("2019-02-01T00:00:00Z");
    const whole = { from, to: from + 3_500 * HOUR_MS };
    const make = (): number => periodsOf(whole, "hour", "America/New_York", "monday").labels.length;
    expect(make()).toBe(3_500);
    const times = Array.from({ length: 40 }, () => {
      const start = performance.now();
      make();
      return performance.now() - start;
    });
    // The fastest one: what else the machine does makes some of them slow.
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it("refuses far more periods than a report can have", () => {
    const whole = span("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z");
    expect(() => periodsOf(whole, "hour", "UTC", "monday")).toThrow(RangeError);
    expect(periodsOf(whole, "year", "UTC", "monday").labels).toHaveLength(9_999);
  });
});
