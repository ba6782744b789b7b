import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utcDay, Zone, zoneOf } from "../../../src/report/time/zones.ts";
import { wallText, ZONES } from "../walls.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A local time in the form of wallText. */
const textOf = (local: number): string => new Date(local).toISOString().slice(0, 19);

/** What an ISO text without a zone shows. */
const local = (text: string): number => Date.parse(`${text}Z`);

const instants = fc.oneof(
  fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2040, 0, 1) }),
  fc.integer({ min: utcDay(1, 0, 2), max: Date.UTC(9999, 11, 30) }),
);

describe("localOf", () => {
  it("is what Intl shows, at any time in any zone", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instants, (name, instant) => {
        expect(textOf(zoneOf(name).localOf(instant))).toBe(wallText(name, instant));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(ZONES)("keeps the milliseconds in %s", (name) => {
    const instant = Date.UTC(2019, 5, 1, 12, 34, 56, 789);
    expect(zoneOf(name).localOf(instant) % 1000).toBe(789);
    expect(zoneOf(name).localOf(-1)).toBe(zoneOf(name).localOf(-1000) + 999);
  });

  it("keeps them on a day when clocks are changed", () => {
    const change = Date.parse("2019-03-31T01:00:00Z");
    const zone = zoneOf("Europe/Berlin");
    expect(textOf(zone.localOf(change - 1))).toBe("2019-03-31T01:59:59");
    expect(zone.localOf(change - 1)).toBe(change + HOUR_MS - 1);
    expect(zone.localOf(change + 1)).toBe(change + 2 * HOUR_MS + 1);
  });

  it.each([
    ["UTC", "0001-01-01T00:00:00"],
    ["America/New_York", "0000-12-31T19:03:58"],
    ["Asia/Kolkata", "0001-01-01T05:53:28"],
  ])("knows the year 1 in %s", (name, text) => {
    expect(textOf(zoneOf(name).localOf(utcDay(1, 0, 1)))).toBe(text);
  });

  it("knows the end of the year 9999", () => {
    const instant = Date.UTC(9999, 11, 31, 23, 59, 59);
    expect(textOf(zoneOf("UTC").localOf(instant))).toBe("9999-12-31T23:59:59");
    expect(textOf(zoneOf("America/New_York").localOf(instant))).toBe("9999-12-31T18:59:59");
  });
});

/** Zone, a local time, and the first instant that shows it or later. */
const SHOWN: readonly (readonly [string, string, string])[] = [
  // Never shown: from 02:00 to 03:00.
  ["Europe/Berlin", "2019-03-31T01:59:59", "2019-03-31T00:59:59Z"],
  ["Europe/Berlin", "2019-03-31T02:00:00", "2019-03-31T01:00:00Z"],
  ["Europe/Berlin", "2019-03-31T02:30:00", "2019-03-31T01:00:00Z"],
  ["Europe/Berlin", "2019-03-31T03:00:00", "2019-03-31T01:00:00Z"],
  ["Europe/Berlin", "2019-03-31T03:00:01", "2019-03-31T01:00:01Z"],
  // Shown twice: from 02:00 to 03:00.
  ["Europe/Berlin", "2019-10-27T01:59:59", "2019-10-26T23:59:59Z"],
  ["Europe/Berlin", "2019-10-27T02:00:00", "2019-10-27T00:00:00Z"],
  ["Europe/Berlin", "2019-10-27T02:59:59", "2019-10-27T00:59:59Z"],
  ["Europe/Berlin", "2019-10-27T03:00:00", "2019-10-27T02:00:00Z"],
  ["America/New_York", "2019-03-10T02:15:00", "2019-03-10T07:00:00Z"],
  ["America/New_York", "2019-11-03T01:15:00", "2019-11-03T05:15:00Z"],
  ["America/New_York", "2019-11-03T02:00:00", "2019-11-03T07:00:00Z"],
  // Half an hour.
  ["Australia/Lord_Howe", "2019-10-06T02:10:00", "2019-10-05T15:30:00Z"],
  ["Australia/Lord_Howe", "2019-10-06T02:30:00", "2019-10-05T15:30:00Z"],
  ["Australia/Lord_Howe", "2019-04-07T01:45:00", "2019-04-06T14:45:00Z"],
  ["Australia/Lord_Howe", "2019-04-07T02:00:00", "2019-04-06T15:30:00Z"],
  ["Asia/Kolkata", "2019-08-01T00:00:00", "2019-07-31T18:30:00Z"],
  ["Asia/Kathmandu", "2019-08-01T00:00:00", "2019-07-31T18:15:00Z"],
  ["Asia/Kathmandu", "1986-01-01T00:10:00", "1985-12-31T18:30:00Z"],
  // A day that there was not.
  ["Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59Z"],
  ["Pacific/Apia", "2011-12-30T00:00:00", "2011-12-30T10:00:00Z"],
  ["Pacific/Apia", "2011-12-30T23:59:59", "2011-12-30T10:00:00Z"],
  ["Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00Z"],
  // Summer time is left for Ramadan.
  ["Africa/Casablanca", "2018-05-13T02:30:00", "2018-05-13T01:30:00Z"],
  ["Africa/Casablanca", "2018-06-17T02:30:00", "2018-06-17T02:00:00Z"],
  // Days without midnight, and with two of 23:00.
  ["America/Sao_Paulo", "2018-11-04T00:00:00", "2018-11-04T03:00:00Z"],
  ["America/Sao_Paulo", "2018-11-04T01:00:00", "2018-11-04T03:00:00Z"],
  ["America/Sao_Paulo", "2018-02-17T23:00:00", "2018-02-18T01:00:00Z"],
  ["America/Sao_Paulo", "2018-02-18T00:00:00", "2018-02-18T03:00:00Z"],
  ["UTC", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z"],
  ["UTC", "9999-12-31T23:59:59", "9999-12-31T23:59:59Z"],
  ["Europe/Berlin", "9999-12-31T23:59:59", "9999-12-31T22:59:59Z"],
  ["Europe/Berlin", "0001-01-01T00:00:00", "0000-12-31T23:06:32Z"],
];

describe("instantOf", () => {
  it.each(SHOWN)("%s %s", (name, text, instant) => {
    expect(zoneOf(name).instantOf(local(text))).toBe(Date.parse(instant));
  });

  it("is the first instant that shows the time or a later one, by Intl", () => {
    const modern = SHOWN.filter(([, text]) => /^(?:19|20)/.test(text));
    const near = fc.constantFrom(...modern).chain(([name, , instant]) =>
      fc.record({
        name: fc.constant(name),
        at: fc
          .integer({ min: -3 * DAY_MS, max: 3 * DAY_MS })
          .map((offset) => Math.floor((local(instant.slice(0, -1)) + offset) / 1000) * 1000),
      }),
    );
    fc.assert(
      fc.property(near, ({ name, at }) => {
        const instant = zoneOf(name).instantOf(at);
        const wanted = textOf(at);
        expect(wallText(name, instant) >= wanted).toBe(true);
        for (const before of [1000, HOUR_MS / 2, HOUR_MS, 2 * HOUR_MS, DAY_MS]) {
          expect(wallText(name, instant - before) < wanted, `${before} ms before`).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("goes back to the instant, or to one that shows the same before it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instants, (name, instant) => {
        const zone = zoneOf(name);
        const wall = zone.localOf(instant);
        const back = zone.instantOf(wall);
        expect(back).toBeLessThanOrEqual(instant);
        expect(zone.localOf(back)).toBe(wall);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the memory of zones", () => {
  it("gives the same answers when it has been emptied", () => {
    const zone = new Zone("Europe/Berlin");
    const first = zone.localOf(Date.UTC(2019, 6, 1));
    for (let day = 0; day < 20_100; day += 1) zone.localOf(day * DAY_MS);
    expect(zone.localOf(Date.UTC(2019, 6, 1))).toBe(first);
    const before = zoneOf("Europe/Berlin");
    for (const name of Intl.supportedValuesOf("timeZone").slice(0, 25)) zoneOf(name);
    expect(zoneOf("Europe/Berlin").localOf(0)).toBe(before.localOf(0));
  });

  it("refuses a name that is no zone", () => {
    expect(() => zoneOf("Mars/Olympus")).toThrow(RangeError);
  });
});

describe("utcDay", () => {
  it.each([
    [1, 0, 1, "0001-01-01T00:00:00.000Z"],
    [99, 11, 31, "0099-12-31T00:00:00.000Z"],
    [2019, 12, 1, "2020-01-01T00:00:00.000Z"],
    [2019, -1, 1, "2018-12-01T00:00:00.000Z"],
    [9999, 12, 1, "+010000-01-01T00:00:00.000Z"],
  ])("%i %i %i", (year, month, day, text) => {
    expect(new Date(utcDay(year, month, day)).toISOString()).toBe(text);
  });
});
