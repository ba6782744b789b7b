import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTimeZone, localTime } from "../../src/http/time-zones.ts";

const WINTER = Date.UTC(2025, 11, 9, 8, 26, 25, 999);
const SUMMER = Date.UTC(2025, 6, 9, 20, 30, 0);

describe("localTime", () => {
  test.each([
    ["UTC", WINTER, "2025-12-09 08:26:25", "UTC"],
    ["America/New_York", WINTER, "2025-12-09 03:26:25", "EST"],
    ["America/New_York", SUMMER, "2025-07-09 16:30:00", "EDT"],
    ["Europe/Berlin", WINTER, "2025-12-09 09:26:25", "GMT+1"],
    ["Europe/Berlin", SUMMER, "2025-07-09 22:30:00", "GMT+2"],
    ["Asia/Kolkata", WINTER, "2025-12-09 13:56:25", "GMT+5:30"],
    ["Asia/Kolkata", SUMMER, "2025-07-10 02:00:00", "GMT+5:30"],
    ["Pacific/Auckland", Date.UTC(2025, 11, 31, 11), "2026-01-01 00:00:00", "GMT+13"],
    // An hour that a clock shows twice.
    ["America/New_York", Date.UTC(2025, 10, 2, 5, 30), "2025-11-02 01:30:00", "EDT"],
    ["America/New_York", Date.UTC(2025, 10, 2, 6, 30), "2025-11-02 01:30:00", "EST"],
  ])("%s %i", (name, instant, text, zone) => {
    expect(localTime(name, instant)).toEqual({ text, zone });
  });

  test("in UTC is the ISO text up to the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (instant) => {
        const iso = new Date(instant).toISOString().slice(0, 19).replace("T", " ");
        expect(localTime("UTC", instant)).toEqual({ text: iso, zone: "UTC" });
      }),
    );
  });
});

describe("isTimeZone", () => {
  test.each(Intl.supportedValuesOf("timeZone"))("%s is one", (name) => {
    expect(isTimeZone(name)).toBe(true);
    expect(isTimeZone(name.toLowerCase())).toBe(true);
  });

  test.each(["", " ", "UTC ", "+01:00", "-05", "Mars/Olympus", "../UTC", "UTC\0", "undefined"])(
    "%o is none",
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );

  test("answers for any text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (name) => {
        if (isTimeZone(name)) expect(localTime(name, WINTER).zone).not.toBe("");
      }),
    );
  });
});
