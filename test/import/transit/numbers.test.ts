import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTransit } from "../../../src/import/transit/decode.ts";
import { stringifyExact } from "../../../src/json/exact.ts";

function scalar(text: string): string {
  return stringifyExact(decodeTransit(JSON.stringify(text)));
}

function refused(text: string): string {
  expect(() => scalar(text)).toThrow(SyntaxError);
  try {
    return scalar(text);
  } catch (error) {
    return String(error);
  }
}

describe("bare numbers", () => {
  it.each([
    "9007199254740993",
    "58.40",
    "-9999999999999999.9999999999999999999999",
    "1e400",
    "-0",
    "1.0",
    "4.0E11",
    "1565880017000",
  ])("keeps every digit of %s", (text) => {
    expect(stringifyExact(decodeTransit(`[${text},["^ ","n",${text}]]`))).toBe(
      `[${text},{"n":${text}}]`,
    );
  });
});

describe("integers", () => {
  it.each([
    ["0", "0"],
    ["-12", "-12"],
    ["9007199254740991", "9007199254740991"],
    ["9007199254740993", "9007199254740993"],
    ["9223372036854775807", "9223372036854775807"],
    ["-9223372036854775809", "-9223372036854775809"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["007", "7"],
    ["-007", "-7"],
    ["+5", "5"],
    ["-0", "0"],
    ["000", "0"],
  ])("~i%s and ~n%s are %s", (digits, expected) => {
    expect(scalar(`~i${digits}`)).toBe(expected);
    expect(scalar(`~n${digits}`)).toBe(expected);
  });

  it("a small one is a plain number, one that a double would change is raw", () => {
    expect(decodeTransit('"~i12"')).toBe(12);
    expect(decodeTransit('"~n9007199254740992"')).toBe(9007199254740992);
    expect(decodeTransit('"~i9007199254740993"')).toEqual(JSON.rawJSON("9007199254740993"));
  });

  it.each([
    "",
    "abc",
    "1.5",
    "1e3",
    "0x10",
    "1_000",
    " 1",
    "1 ",
    "--1",
    "+",
    "-",
    "١",
    "NaN",
    "1n",
  ])("refuses ~i%s and ~n%s", (text) => {
    expect(refused(`~i${text}`)).toContain(`expected an integer, found ${JSON.stringify(text)}`);
    expect(refused(`~n${text}`)).toContain("expected an integer");
  });

  it("reads any integer as it was written", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.constantFrom("i", "n"), (integer, tag) => {
        expect(scalar(`~${tag}${integer}`)).toBe(String(integer));
      }),
    );
  });
});

describe("decimals and doubles", () => {
  it.each([
    ["58.40", "58.40"],
    ["1E+3", "1E+3"],
    ["0E-7", "0E-7"],
    ["1.0E10", "1.0E10"],
    ["1e+16", "1e+16"],
    ["1e400", "1e400"],
    ["-0.0", "-0.0"],
    ["-0", "-0"],
    ["5", "5"],
    [`1.${"0".repeat(50)}1`, `1.${"0".repeat(50)}1`],
    [".5", "0.5"],
    ["-.50", "-0.50"],
    ["5.", "5"],
    ["+5.10", "5.10"],
    ["007.50", "7.50"],
    ["-000", "-0"],
    ["+01E5", "1E5"],
  ])("~f%s and ~d%s are %s", (text, expected) => {
    expect(scalar(`~f${text}`)).toBe(expected);
    expect(scalar(`~d${text}`)).toBe(expected);
  });

  it("keeps every digit of any decimal", () => {
    const digits = fc.stringMatching(/^[0-9]{1,30}$/);
    const exponent = fc.stringMatching(/^([eE][+-]?[0-9]{1,4})?$/);
    fc.assert(
      fc.property(fc.bigInt(), digits, exponent, (whole, fraction, power) => {
        const text = `${whole}.${fraction}${power}`;
        expect(scalar(`~f${text}`)).toBe(text);
        expect(JSON.parse(scalar(`~d${text}`))).toBe(Number(text));
      }),
    );
  });

  it.each([
    "",
    "xyz",
    ".",
    "-",
    "+",
    "e5",
    ".e1",
    "1e",
    "1.2.3",
    "1,5",
    "0x1",
    " 1",
    "1 ",
    "--1",
    "1e1.5",
  ])("refuses ~f%s and ~d%s", (text) => {
    expect(refused(`~f${text}`)).toContain(`expected a number, found ${JSON.stringify(text)}`);
    expect(refused(`~d${text}`)).toContain("expected a number");
  });

  it.each(["NaN", "INF", "-INF", "Infinity", "-Infinity", "nan", "inf", "sNaN"])(
    "~z%s, ~d%s and ~f%s are null",
    (text) => {
      expect(scalar(`~z${text}`)).toBe("null");
      expect(scalar(`~d${text}`)).toBe("null");
      expect(scalar(`~f${text}`)).toBe("null");
    },
  );

  it.each(["", "1", "nano", "INFIN"])("refuses ~z%s", (text) => {
    expect(refused(`~z${text}`)).toContain("expected ~zNaN, ~zINF or ~z-INF");
  });
});

describe("instants", () => {
  it.each([
    ["~m0", "1970-01-01T00:00:00.000Z"],
    ["~m-1", "1969-12-31T23:59:59.999Z"],
    ["~m1577934245678", "2020-01-02T03:04:05.678Z"],
    ["~m-6106017600000", "1776-07-04T12:00:00.000Z"],
    ["~m1577934245", "1970-01-19T06:18:54.245Z"],
    ["~m253402300800000", "+010000-01-01T00:00:00.000Z"],
    ["~m8640000000000000", "+275760-09-13T00:00:00.000Z"],
    ["~t2020-01-02T03:04:05.678Z", "2020-01-02T03:04:05.678Z"],
    ["~t1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"],
    ["~t2020-01-02T03:04:05", "2020-01-02T03:04:05.000Z"],
    ["~t2020-01-02T03:04:05.678901+00:00", "2020-01-02T03:04:05.678Z"],
    ["~t2020-01-02T03:04:05.6789Z", "2020-01-02T03:04:05.678Z"],
    ["~t2020-01-02T03:04:05-08:00", "2020-01-02T11:04:05.000Z"],
    ["~t2020-01-02T03:04:05+0530", "2020-01-01T21:34:05.000Z"],
    ["~t2020-01-02 03:04:05z", "2020-01-02T03:04:05.000Z"],
    ["~t2020-02-29T00:00:00Z", "2020-02-29T00:00:00.000Z"],
    ["~t99-01-01T00:00:00.000Z", "0099-01-01T00:00:00.000Z"],
    ["~t-5-01-01T00:00:00.000Z", "-000005-01-01T00:00:00.000Z"],
    ["~t12345-01-01T00:00:00.000Z", "+012345-01-01T00:00:00.000Z"],
  ])("%s is %s", (text, expected) => {
    expect(scalar(text)).toBe(`"${expected}"`);
  });

  it.each(["", "x", "1.5", "1e3", "NaN", "2020-01-02", "8640000000000001", "-8640000000000001"])(
    "refuses ~m%s",
    (text) => {
      expect(refused(`~m${text}`)).toContain("expected milliseconds");
    },
  );

  it("refuses an instant of a million digits", () => {
    expect(refused(`~m${"9".repeat(1_000_000)}`)).toContain("expected milliseconds");
  });

  it.each([
    "",
    "0",
    "2020",
    "2020-01-02",
    "2020-13-01T00:00:00Z",
    "2020-02-30T00:00:00Z",
    "2021-02-29T00:00:00.000Z",
    "2020-01-02T25:00:00Z",
    "2020-01-02T03:04Z",
    "2020-01-02T03:04:05+99:00",
    "Thu, 02 Jan 2020 03:04:05 GMT",
    "999999-01-01T00:00:00Z",
  ])("refuses ~t%s", (text) => {
    expect(refused(`~t${text}`)).toContain("expected a timestamp of RFC 3339");
  });

  it("reads an instant the same from either form", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(scalar(`~m${date.getTime()}`)).toBe(JSON.stringify(date));
        expect(scalar(`~t${date.toISOString()}`)).toBe(JSON.stringify(date));
      }),
    );
  });
});
