import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDateTime } from "../../../src/import/stitch/schema-date-time.ts";

describe("isDateTime", () => {
  it.each([
    "2020-01-13T21:25:03Z",
    "2020-01-13T21:25:03+00:00",
    "2020-01-13T21:25:03+0000",
    "2020-01-13T21:25:03-0830",
    "2020-01-13T21:25:03.1Z",
    `2020-01-13T21:25:03.${"0123456789".repeat(10)}+02:00`,
    "2020-01-13 21:25:03Z",
    "2020-01-13t21:25:03z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2020-02-29T00:00:00Z",
    "2000-02-29T00:00:00Z",
    "2020-01-13T21:25:03+23:59",
    "1990-12-31T23:59:60Z",
    "1990-12-31T15:59:60-08:00",
    "1991-01-01T08:59:60.5+0900",
  ])("takes %s", (text) => {
    expect(isDateTime(text)).toBe(true);
  });

  it.each([
    "",
    "2020-01-13",
    "2020-01-13T21:25:03",
    "2020-01-13T21:25Z",
    "2020-01-13T21:25:03+00",
    "2020-01-13T21:25:03+00:0",
    "2020-01-13T21:25:03.Z",
    "2020-01-13T21:25:03,5Z",
    "2020-01-13T21:25:03Z ",
    "2020-01-13T21:25:03Z\n",
    "2020-01-13  21:25:03Z",
    "2020-01-13\t21:25:03Z",
    "20200113T212503Z",
    "2020-1-13T21:25:03Z",
    "+2020-01-13T21:25:03Z",
    "-020-01-13T21:25:03Z",
    "２０２０-01-13T21:25:03Z",
    "2020-00-13T21:25:03Z",
    "2020-13-13T21:25:03Z",
    "2020-01-00T21:25:03Z",
    "2020-01-32T21:25:03Z",
    "2020-04-31T21:25:03Z",
    "2021-02-29T21:25:03Z",
    "1900-02-29T21:25:03Z",
    "2020-02-30T21:25:03Z",
    "2020-01-13T24:00:00Z",
    "2020-01-13T21:60:03Z",
    "2020-01-13T21:25:61Z",
    "2020-01-13T21:25:03+24:00",
    "2020-01-13T21:25:03+0060",
    "1990-12-31T23:58:60Z",
    "1990-12-31T23:59:60+01:00",
  ])("does not take %s", (text) => {
    expect(isDateTime(text)).toBe(false);
  });

  it("has the same days as the runtime's calendar", () => {
    const part = (max: number): fc.Arbitrary<string> =>
      fc.nat(max).map((value) => String(value).padStart(2, "0"));
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 9999 }), part(13), part(32), (year, month, day) => {
        const text = `${year}-${month}-${day}T12:00:00.000Z`;
        const time = Date.UTC(year, Number(month) - 1, Number(day), 12);
        expect(isDateTime(text)).toBe(new Date(time).toISOString() === text);
      }),
      { numRuns: 2_000 },
    );
  });
});
