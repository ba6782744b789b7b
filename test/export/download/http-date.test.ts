import * as fc from "fast-check";
import { expect, test } from "vitest";
import { httpDate, parseHttpDate } from "../../../src/export/download/http-date.ts";

const NOW = Date.UTC(2026, 10, 21);
const IN_1994 = Date.UTC(1994, 10, 6, 8, 49, 37);

test.each<[text: string, time: number | undefined]>([
  ["Sun, 06 Nov 1994 08:49:37 GMT", IN_1994],
  ["Sunday, 06-Nov-94 08:49:37 GMT", IN_1994],
  ["Sun Nov  6 08:49:37 1994", IN_1994],
  ["Mon, 16 Nov 2026 00:00:00 GMT", Date.UTC(2026, 10, 16)],
  ["Mon Nov 16 00:00:00 2026", Date.UTC(2026, 10, 16)],
  ["Friday, 21-Nov-76 00:00:00 GMT", Date.UTC(2076, 10, 21)],
  ["Friday, 21-Nov-77 00:00:00 GMT", Date.UTC(1977, 10, 21)],
  ["Tue, 29 Feb 2028 00:00:00 GMT", Date.UTC(2028, 1, 29)],
  ["Sun, 29 Feb 2026 00:00:00 GMT", undefined],
  ["Sun, 31 Nov 2026 00:00:00 GMT", undefined],
  ["Sun, 00 Nov 2026 00:00:00 GMT", undefined],
  ["Sun, 01 Nov 2026 25:00:00 GMT", undefined],
  ["Sun, 01 Nov 2026 24:00:00 GMT", undefined],
  ["Sun, 01 Nov 2026 00:60:00 GMT", undefined],
  ["Sun, 06 Nov 1994 08:49:37 UTC", undefined],
  ["Sun, 06 Nov 1994 08:49:37 +0000", undefined],
  ["Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", undefined],
  ["sun, 06 nov 1994 08:49:37 gmt", undefined],
  ["1994-11-06T08:49:37Z", undefined],
  ["1994", undefined],
  ["0", undefined],
  ["", undefined],
])("%s", (text, time) => {
  expect(parseHttpDate(text, NOW)).toBe(time);
});

test("what is written is read, to the second", () => {
  const year = (number: number) => new Date(Date.UTC(number, 0, 1));
  const dates = fc.date({ min: year(1000), max: year(9999), noInvalidDate: true });
  fc.assert(
    fc.property(dates, (date) => {
      const time = date.getTime();
      expect(parseHttpDate(httpDate(time), NOW)).toBe(Math.floor(time / 1000) * 1000);
    }),
  );
});
