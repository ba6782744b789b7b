import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mediaType, names } from "../../src/http/accept.ts";

const JSON_TYPE = "application/json";

describe("names", () => {
  test.each([
    "application/json",
    "Application/JSON",
    " application/json ",
    "application/json;q=0.1",
    "application/json; q=1",
    "application/json;charset=utf-8",
    "application/json ; Q = 0.001",
    "application/json;q=0.0001",
    "text/html, application/json",
    "text/html,application/json;q=0.5,*/*",
    "application/json;q=0, application/json",
    "*/*; q=0.5, text/plain; q=0.8, text/html;level=3;q=0.9, application/json",
  ])("%j names it", (accept) => {
    expect(names(accept, JSON_TYPE)).toBe(true);
  });

  test.each([
    null,
    undefined,
    "",
    ",",
    ";",
    "*/*",
    "application/*",
    "text/html",
    "application/json;q=0",
    "application/json; q=0.0",
    "application/json;Q=0.000",
    "application/json ; q = 0",
    "application/json;charset=utf-8;q=0",
    "application/jsonp",
    "application/json2, text/json",
    "application/vnd.api+json",
    "x;application/json",
    "q=application/json",
    '"application/json"',
  ])("%j does not", (accept) => {
    expect(names(accept, JSON_TYPE)).toBe(false);
  });

  test("one of a list is enough, wherever it stands", () => {
    const other = fc.constantFrom("*/*", "text/html;q=0.9", "application/xml", "", " ", "a;b;c");
    fc.assert(
      fc.property(fc.array(other), fc.array(other), (before, after) => {
        expect(names([...before, ...after].join(), JSON_TYPE)).toBe(false);
        expect(names([...before, JSON_TYPE, ...after].join(), JSON_TYPE)).toBe(true);
      }),
    );
  });

  test("any text is read, and in time", () => {
    fc.assert(
      fc.property(fc.string(), (accept) => {
        expect(typeof names(accept, JSON_TYPE)).toBe("boolean");
      }),
    );
    // Longer than any header: what takes a time in its square takes minutes.
    const long = `application/json;q=${"0".repeat(800_000)},${"q=".repeat(400_000)}`;
    const start = performance.now();
    expect(names(long, JSON_TYPE)).toBe(true);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe("mediaType", () => {
  test.each([
    ["application/json", "application/json"],
    ["Application/JSON; charset=utf-8", "application/json"],
    ["  application/json  ;x", "application/json"],
    ["application/json;", "application/json"],
    [";application/json", ""],
    ["", ""],
    [null, ""],
    [undefined, ""],
    ["application/json, text/html", "application/json, text/html"],
  ])("of %j is %j", (header, type) => {
    expect(mediaType(header)).toBe(type);
  });
});
