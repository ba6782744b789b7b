import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseExact } from "../../src/json/exact.ts";
import { instantOf } from "../../src/time/instant.ts";

describe("instantOf a text", () => {
  test.each<[text: string, instant: number]>([
    ["1970-01-01", 0],
    ["2019-08-01", Date.UTC(2019, 7, 1)],
    ["2019-08-01 14:22:32", Date.UTC(2019, 7, 1, 14, 22, 32)],
    ["2019-08-01T14:22:32", Date.UTC(2019, 7, 1, 14, 22, 32)],
    ["2019-08-01T14:22:32Z", Date.UTC(2019, 7, 1, 14, 22, 32)],
    ["2019-08-01T14:22:32+02:00", Date.UTC(2019, 7, 1, 12, 22, 32)],
    ["2019-08-01T14:22:32+0200", Date.UTC(2019, 7, 1, 12, 22, 32)],
    ["2019-08-01 14:22:32-03:30", Date.UTC(2019, 7, 1, 17, 52, 32)],
    ["2019-08-01T00:30:00+01:00", Date.UTC(2019, 6, 31, 23, 30)],
    ["2019-08-01 14:22:32.5", Date.UTC(2019, 7, 1, 14, 22, 32, 500)],
    ["2019-08-01 14:22:32.123Z", Date.UTC(2019, 7, 1, 14, 22, 32, 123)],
    ["2019-08-01 14:22:32.0005", Date.UTC(2019, 7, 1, 14, 22, 32) + 0.5],
    ["2019-08-01 14:22:32.000000999", Date.UTC(2019, 7, 1, 14, 22, 32)],
    ["2020-02-29", Date.UTC(2020, 1, 29)],
    ["2000-02-29", Date.UTC(2000, 1, 29)],
    ["0000-01-01", -62_167_219_200_000],
    ["0000-02-29", -62_167_219_200_000 + 59 * 86_400_000],
    ["0099-12-31", Date.parse("0099-12-31")],
    ["9999-12-31 23:59:59", 253_402_300_799_000],
    ["1969-12-31T23:59:59.999Z", -1],
  ])("%s", (text, instant) => {
    expect(instantOf(text)).toBe(instant);
  });

  test.each([
    "2019-13-01",
    "2019-00-01",
    "2019-01-00",
    "2019-01-32",
    "2019-02-29",
    "2019-02-30",
    "1900-02-29",
    "2019-04-31",
    "2019-08-01 24:00:00",
    "2019-08-01 25:61:00",
    "2019-08-01 23:60:00",
    "2016-12-31 23:59:60",
    "2016-12-31T23:59:60Z",
    "2019-08-01 14:22",
    "2019-08-01T14",
    "2019-08-01T",
    "2019-08-01 ",
    " 2019-08-01",
    "2019-08-01\n",
    "2019-08-01Z",
    "2019-08-01  14:22:32",
    "2019-08-01t14:22:32z",
    "2019-08-01T14:22:32 Z",
    "2019-08-01T14:22:32.",
    "2019-08-01T14:22:32,5",
    "2019-08-01T14:22:32+2:00",
    "2019-08-01T14:22:32+02",
    "2019-08-01T14:22:32+24:00",
    "2019-08-01T14:22:32+02:60",
    "0000-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "19-08-01",
    "12019-08-01",
    "+002019-08-01",
    "-0001-08-01",
    "2019-8-1",
    "20190801",
    "2019/08/01",
    "01.08.2019",
    "1564669352000",
    "٢٠١٩-٠٨-٠١",
    "now",
    "",
  ])("%j is no date", (text) => {
    expect(instantOf(text)).toBeUndefined();
  });

  test("each instant that Date writes is read as it is", () => {
    const date = fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (at) => {
        const iso = at.toISOString();
        expect(instantOf(iso)).toBeCloseTo(at.getTime(), 1);
        expect(instantOf(iso.slice(0, 19))).toBe(Math.floor(at.getTime() / 1000) * 1000);
        expect(instantOf(iso.slice(0, 10))).toBe(
          Math.floor(at.getTime() / 86_400_000) * 86_400_000,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test("a day is a date exactly where the calendar has it", () => {
    const two = (number: number): string => String(number).padStart(2, "0");
    const day = fc.tuple(fc.nat(9_999), fc.nat(14), fc.nat(33));
    fc.assert(
      fc.property(day, ([y, m, d]) => {
        const text = `${String(y).padStart(4, "0")}-${two(m)}-${two(d)}`;
        // Date.parse takes what it has written, and February 30.
        const date = new Date(text);
        const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        expect(instantOf(text), text).toBe(isReal ? date.getTime() : undefined);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a fraction stays in its second", () => {
    for (const year of ["0000", "1970", "2019", "2527", "9999"]) {
      const second = `${year}-06-01 12:00:00`;
      const [start = NaN, instant = NaN] = [
        instantOf(second),
        instantOf(`${second}.${"9".repeat(30)}`),
      ];
      expect(instant - start).toBeGreaterThanOrEqual(999);
      expect(instant - start).toBeLessThan(1_000);
    }
  });

  test("takes time in the length of a text", () => {
    const digits = "1".repeat(2_000_000);
    const started = performance.now();
    for (const text of [
      digits,
      `2019-08-01 14:22:32.${digits}`,
      `2019-08-01 14:22:32.${digits}x`,
    ]) {
      instantOf(text);
    }
    // With its square it would be hours; so much time has the slowest machine.
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe("instantOf other values", () => {
  test.each<[json: string, instant: number | undefined]>([
    ["1564669352000", 1_564_669_352_000],
    ["0", 0],
    ["-1", -1],
    ["1564669352000.5", 1_564_669_352_000.5],
    ["1564669352000.50", 1_564_669_352_000.5],
    ["1.564669352e12", 1_564_669_352_000],
    ["-62167219200000", -62_167_219_200_000],
    ["-62167219200001", undefined],
    ["253402300799999", 253_402_300_799_999],
    ["253402300800000", undefined],
    ["1e400", undefined],
    ["null", undefined],
    ["true", undefined],
    ["{}", undefined],
    ["[2019]", undefined],
  ])("%s", (json, instant) => {
    expect(instantOf(parseExact(json))).toBe(instant);
  });
});
