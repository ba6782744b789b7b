import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMovingRange, resolveRange, type RangeOf } from "../../../src/report/time/ranges.ts";
import type { WeekStart } from "../../../src/report/time/intervals.ts";
import { wallText, ZONES } from "../walls.ts";

/** The first and the last second of a range, as clocks show them. */
function shown(
  range: RangeOf,
  now: string,
  timeZone = "UTC",
  weekStart: WeekStart = "monday",
): [string, string] {
  const span = resolveRange(range, Date.parse(now), timeZone, weekStart);
  if (span === "all_time") throw new Error("all time has no ends");
  return [wallText(timeZone, span.from), wallText(timeZone, span.to - 1000)];
}

/** From the beginning of one day to the end of another. */
const days = (from: string, to: string): [string, string] => [`${from}T00:00:00`, `${to}T23:59:59`];

const NAMED = ["this", "last", "last_full"].flatMap((kind) =>
  ["week", "month", "quarter", "year"].map((unit) => `${kind}_${unit}`),
);

describe("isMovingRange", () => {
  it.each([
    ...NAMED,
    "today",
    "yesterday",
    "all_time",
    "91 days ago to 1 day ago",
    "1 day ago to 1 day ago",
    "1 days ago to 0 days ago",
    "0 days ago to 0 days ago",
    "99999 days ago to 2 days ago",
  ])("knows %s", (words) => {
    expect(isMovingRange(words)).toBe(true);
    expect(resolveRange({ moving: words }, 0, "UTC", "monday")).toBeDefined();
  });

  it.each([
    "",
    "Today",
    "this_day",
    "this_hour",
    "last_full",
    "last_full_day",
    "full_week",
    "last_7_days",
    "this month",
    "this_month ",
    " today",
    "today\n",
    "all time",
    "tomorrow",
    "1 day ago to 2 days ago",
    "0 days ago to 1 day ago",
    "-1 days ago to -2 days ago",
    "1.5 days ago to 1 day ago",
    "100000 days ago to 1 day ago",
    "91 days ago",
    "91 days ago to today",
    "91 days ago to 1 day ago\n",
    "91  days ago to 1 day ago",
    "a days ago to 1 day ago",
    "constructor",
    "__proto__",
  ])("refuses %j", (words) => {
    expect(isMovingRange(words)).toBe(false);
  });

  it("throws no error but a RangeError for words that it refuses", () => {
    expect(() => resolveRange({ moving: "tomorrow" }, 0, "UTC", "monday")).toThrow(RangeError);
  });
});

/** Words, now, first day, last day. In UTC, with weeks from Monday on. */
const MOVING: readonly (readonly [string, string, string, string])[] = [
  ["today", "2019-08-01T00:00:00Z", "2019-08-01", "2019-08-01"],
  ["today", "2019-08-01T23:59:59Z", "2019-08-01", "2019-08-01"],
  ["yesterday", "2019-08-01T00:00:00Z", "2019-07-31", "2019-07-31"],
  ["yesterday", "2020-03-01T12:00:00Z", "2020-02-29", "2020-02-29"],
  ["yesterday", "2019-01-01T12:00:00Z", "2018-12-31", "2018-12-31"],
  // A Thursday, a Monday and a Sunday.
  ["this_week", "2019-08-01T12:00:00Z", "2019-07-29", "2019-08-01"],
  ["this_week", "2019-08-05T00:00:00Z", "2019-08-05", "2019-08-05"],
  ["this_week", "2019-08-04T23:59:59Z", "2019-07-29", "2019-08-04"],
  ["this_week", "2019-01-01T12:00:00Z", "2018-12-31", "2019-01-01"],
  ["last_full_week", "2019-08-01T12:00:00Z", "2019-07-22", "2019-07-28"],
  ["last_full_week", "2019-08-05T00:00:00Z", "2019-07-29", "2019-08-04"],
  ["last_full_week", "2019-01-01T12:00:00Z", "2018-12-24", "2018-12-30"],
  ["this_month", "2019-08-31T23:59:59Z", "2019-08-01", "2019-08-31"],
  ["this_month", "2019-09-01T00:00:00Z", "2019-09-01", "2019-09-01"],
  ["last_full_month", "2019-03-31T12:00:00Z", "2019-02-01", "2019-02-28"],
  ["last_full_month", "2020-03-31T12:00:00Z", "2020-02-01", "2020-02-29"],
  ["last_full_month", "2019-01-31T12:00:00Z", "2018-12-01", "2018-12-31"],
  ["last_full_month", "2019-08-01T00:00:00Z", "2019-07-01", "2019-07-31"],
  ["this_quarter", "2019-12-31T23:59:59Z", "2019-10-01", "2019-12-31"],
  ["this_quarter", "2019-05-31T12:00:00Z", "2019-04-01", "2019-05-31"],
  ["last_full_quarter", "2019-05-31T12:00:00Z", "2019-01-01", "2019-03-31"],
  ["last_full_quarter", "2019-01-01T00:00:00Z", "2018-10-01", "2018-12-31"],
  ["this_year", "2020-02-29T12:00:00Z", "2020-01-01", "2020-02-29"],
  ["this_year", "2019-12-31T23:59:59Z", "2019-01-01", "2019-12-31"],
  ["last_full_year", "2020-02-29T12:00:00Z", "2019-01-01", "2019-12-31"],
  ["91 days ago to 1 day ago", "2019-08-01T12:00:00Z", "2019-05-02", "2019-07-31"],
  ["366 days ago to 366 days ago", "2020-12-31T12:00:00Z", "2019-12-31", "2019-12-31"],
  ["1 day ago to 0 days ago", "2020-03-01T12:00:00Z", "2020-02-29", "2020-03-01"],
  ["0 days ago to 0 days ago", "2019-08-01T12:00:00Z", "2019-08-01", "2019-08-01"],
];

describe("moving ranges", () => {
  it.each(MOVING)("%s at %s", (words, now, from, to) => {
    expect(shown({ moving: words }, now)).toEqual(days(from, to));
  });

  it.each(["week", "month", "quarter", "year"])("last_%s is the last full one", (unit) => {
    for (const [, now] of MOVING) {
      const full = shown({ moving: `last_full_${unit}` }, now, "Asia/Kolkata", "sunday");
      expect(shown({ moving: `last_${unit}` }, now, "Asia/Kolkata", "sunday")).toEqual(full);
    }
  });

  it.each([
    ["this_week", "2019-08-03T12:00:00Z", "2019-07-28", "2019-08-03"],
    ["this_week", "2019-08-04T00:00:00Z", "2019-08-04", "2019-08-04"],
    ["last_full_week", "2019-08-04T00:00:00Z", "2019-07-28", "2019-08-03"],
    ["last_full_week", "2019-01-01T12:00:00Z", "2018-12-23", "2018-12-29"],
  ])("%s at %s with weeks from Sunday on", (words, now, from, to) => {
    expect(shown({ moving: words }, now, "UTC", "sunday")).toEqual(days(from, to));
  });

  it.each([
    ["today", "2019-08-01T03:59:59Z", "America/New_York", "2019-07-31", "2019-07-31"],
    ["today", "2019-08-01T04:00:00Z", "America/New_York", "2019-08-01", "2019-08-01"],
    ["today", "2019-07-31T18:30:00Z", "Asia/Kolkata", "2019-08-01", "2019-08-01"],
    ["this_year", "2018-12-31T23:00:00Z", "Europe/Berlin", "2019-01-01", "2019-01-01"],
    ["last_full_month", "2019-04-01T12:00:00Z", "Europe/Berlin", "2019-03-01", "2019-03-31"],
    ["last_full_month", "2019-07-31T22:00:00Z", "Europe/Berlin", "2019-07-01", "2019-07-31"],
    ["yesterday", "2019-04-01T12:00:00Z", "Europe/Berlin", "2019-03-31", "2019-03-31"],
    ["yesterday", "2019-10-28T12:00:00Z", "Europe/Berlin", "2019-10-27", "2019-10-27"],
    [
      "2 days ago to 1 day ago",
      "2019-03-11T12:00:00Z",
      "America/New_York",
      "2019-03-09",
      "2019-03-10",
    ],
  ])("%s at %s in %s", (words, now, timeZone, from, to) => {
    expect(shown({ moving: words }, now, timeZone)).toEqual(days(from, to));
  });

  it.each([
    ["2019-03-31T12:00:00Z", "Europe/Berlin", 23],
    ["2019-10-27T12:00:00Z", "Europe/Berlin", 25],
    ["2018-11-04T12:00:00Z", "America/Sao_Paulo", 23],
    ["2019-04-06T20:00:00Z", "Australia/Lord_Howe", 24.5],
  ])("today at %s in %s has %d hours", (now, timeZone, hours) => {
    const span = resolveRange({ moving: "today" }, Date.parse(now), timeZone, "monday");
    expect(span === "all_time" ? 0 : (span.to - span.from) / 3_600_000).toBe(hours);
  });

  it("has no yesterday where the zone left the day out", () => {
    const now = Date.parse("2011-12-30T12:00:00Z");
    const skipped = Date.parse("2011-12-30T10:00:00Z");
    const span = resolveRange({ moving: "yesterday" }, now, "Pacific/Apia", "monday");
    expect(span).toEqual({ from: skipped, to: skipped });
  });

  it("has all time", () => {
    expect(resolveRange({ moving: "all_time" }, 0, "Europe/Berlin", "monday")).toBe("all_time");
  });

  it("holds now in today and in what runs, and ends what is full before it", () => {
    const instants = fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2038, 0, 1) });
    // In St. John's, midnight was shown before the last hour of the day before was over.
    const zones = fc.constantFrom(...ZONES.filter((name) => name !== "America/St_Johns"));
    fc.assert(
      fc.property(instants, zones, fc.constantFrom(...NAMED, "today"), (now, timeZone, words) => {
        const range = resolveRange({ moving: words }, now, timeZone, "monday");
        const today = resolveRange({ moving: "today" }, now, timeZone, "monday");
        if (range === "all_time" || today === "all_time") throw new Error("no ends");
        expect(today.from <= now && now < today.to).toBe(true);
        expect(range.from).toBeLessThan(range.to);
        if (words.startsWith("last")) expect(range.to).toBeLessThanOrEqual(today.from);
        else expect(range.to).toBe(today.to);
      }),
      { numRuns: 500 },
    );
  });
});

describe("fixed ranges", () => {
  it.each([
    ["2019-01-01", "2019-12-31", "UTC"],
    ["2019-01-31", "2019-01-31", "UTC"],
    ["2020-02-29", "2020-02-29", "America/New_York"],
    ["2019-03-31", "2019-10-27", "Europe/Berlin"],
    ["2019-10-06", "2019-10-06", "Australia/Lord_Howe"],
    ["0001-01-02", "0001-01-02", "UTC"],
    ["9999-12-31", "9999-12-31", "Asia/Kathmandu"],
  ])("%s to %s, both included, in %s", (from, to, timeZone) => {
    expect(shown({ from, to }, "2024-01-01T00:00:00Z", timeZone)).toEqual(days(from, to));
  });

  it("begin with the first second of the year 1 and end with the last of 9999", () => {
    const range = { from: "0001-01-01", to: "9999-12-31" };
    expect(resolveRange(range, 0, "UTC", "monday")).toEqual({
      from: Date.parse("0001-01-01T00:00:00Z"),
      to: Date.parse("+010000-01-01T00:00:00Z"),
    });
  });

  it("begin when the clock jumps over midnight", () => {
    const range = { from: "2018-11-04", to: "2018-11-04" };
    expect(resolveRange(range, 0, "America/Sao_Paulo", "monday")).toEqual({
      from: Date.parse("2018-11-04T03:00:00Z"),
      to: Date.parse("2018-11-05T02:00:00Z"),
    });
  });
});

describe("ranges in other units", () => {
  const NOW = Date.UTC(2026, 2, 31, 12);
  const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);

  it.each([
    ["2 weeks ago to 1 week ago", "2026-03-17", "2026-03-25"],
    ["1 month ago to 1 day ago", "2026-02-28", "2026-03-31"],
    ["13 Months ago to 1 month ago", "2025-02-28", "2026-03-01"],
    ["1 quarter ago to 0 days ago", "2025-12-31", "2026-04-01"],
    ["1 year ago to 1 year ago", "2025-03-31", "2025-04-01"],
  ])("%s", (moving, from, to) => {
    expect(isMovingRange(moving)).toBe(true);
    const range = resolveRange({ moving }, NOW, "UTC", "monday");
    if (range === "all_time") throw new Error("not all time");
    expect([dayOf(range.from), dayOf(range.to)]).toEqual([from, to]);
  });

  it.each(["1 day ago to 1 week ago", "99999 years ago to 1 day ago", "1 hour ago to 0 days ago"])(
    "%s is none",
    (words) => {
      expect(isMovingRange(words)).toBe(false);
    },
  );
});
