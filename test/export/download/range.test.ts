import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentRange, rangeOf } from "../../../src/export/download/range.ts";

const HUGE = "9".repeat(400);

describe("rangeOf", () => {
  test.each<[header: string | null, answer: ReturnType<typeof rangeOf>]>([
    ["bytes=0-0", { offset: 0, length: 1 }],
    ["bytes=0-99", { offset: 0, length: 100 }],
    ["bytes=100-", { offset: 100, length: 900 }],
    ["bytes=999-", { offset: 999, length: 1 }],
    ["bytes=500-999", { offset: 500, length: 500 }],
    ["bytes=500-1000", { offset: 500, length: 500 }],
    [`bytes=500-${HUGE}`, { offset: 500, length: 500 }],
    ["bytes=-50", { offset: 950, length: 50 }],
    ["bytes=-1000", { offset: 0, length: 1000 }],
    ["bytes=-1001", { offset: 0, length: 1000 }],
    [`bytes=-${HUGE}`, { offset: 0, length: 1000 }],
    ["bytes=0000000000000000000000010-011", { offset: 10, length: 2 }],
    ["Bytes=0-9", { offset: 0, length: 10 }],
    ["bytes= 0-9", { offset: 0, length: 10 }],
    ["bytes=,0-9 , ", { offset: 0, length: 10 }],
    ["bytes=1000-", "unsatisfiable"],
    ["bytes=1000-1001", "unsatisfiable"],
    [`bytes=${HUGE}-`, "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    [null, "whole"],
    ["", "whole"],
    ["bytes", "whole"],
    ["bytes=", "whole"],
    ["bytes=-", "whole"],
    ["bytes=,", "whole"],
    ["bytes=9-0", "whole"],
    ["bytes=2000-1000", "whole"],
    ["bytes=0-9,20-29", "whole"],
    ["bytes=0-9,0-9", "whole"],
    ["bytes=0-9, bytes=20-29", "whole"],
    ["bytes=0 - 9", "whole"],
    ["bytes =0-9", "whole"],
    ["bytes=--9", "whole"],
    ["bytes=-9-", "whole"],
    ["bytes=0x0-0x9", "whole"],
    ["bytes=1e1-", "whole"],
    ["bytes=+1-", "whole"],
    ["bytes=1.5-", "whole"],
    ["bytes=٣-", "whole"],
    ["items=0-9", "whole"],
    ["xbytes=0-9", "whole"],
    ["none", "whole"],
  ])("of 1,000 bytes: %s", (header, answer) => {
    expect(rangeOf(header, 1000)).toEqual(answer);
  });

  test("a file without bytes has none in any range", () => {
    for (const header of ["bytes=0-", "bytes=0-0", "bytes=-1"]) {
      expect(rangeOf(header, 0)).toBe("unsatisfiable");
    }
  });

  test("any one range is the slice of the file", () => {
    const position = fc.option(fc.nat(40), { nil: undefined });
    fc.assert(
      fc.property(fc.nat(30), position, position, (bytes, first, last) => {
        const file = Uint8Array.from({ length: bytes }, (_, index) => index);
        const range = rangeOf(`bytes=${first ?? ""}-${last ?? ""}`, bytes);
        const isSpec = first === undefined ? last !== undefined : (last ?? Infinity) >= first;
        expect(range === "whole").toBe(!isSpec);
        if (range === "whole") return;
        // Byte by byte, as section 14.1.2 says which ones are meant.
        const wanted = file.filter((_, index) =>
          first === undefined
            ? index >= bytes - (last ?? 0)
            : index >= first && index <= (last ?? Infinity),
        );
        if (range === "unsatisfiable") {
          expect(wanted).toHaveLength(0);
          return;
        }
        expect(range.length).toBeGreaterThan(0);
        expect(file.slice(range.offset, range.offset + range.length)).toEqual(wanted);
        const end = range.offset + range.length - 1;
        expect(contentRange(range, bytes)).toBe(`bytes ${range.offset}-${end}/${bytes}`);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a long value takes no long time", () => {
    const commas = ",".repeat(100_000);
    expect(rangeOf(`bytes=${commas}x`, 1000)).toBe("whole");
    expect(rangeOf(`bytes=${commas}0-9${commas}`, 1000)).toEqual({ offset: 0, length: 10 });
  });

  test("any text is an answer within the file", () => {
    const noise = fc.string({ unit: fc.constantFrom(..."bytes=0123456789-, \t") });
    fc.assert(
      fc.property(
        fc.oneof(
          noise,
          noise.map((text) => `bytes=${text}`),
        ),
        fc.nat(),
        (text, bytes) => {
          const range = rangeOf(text, bytes);
          if (typeof range === "string") return;
          expect(range.length).toBeGreaterThan(0);
          expect(range.offset + range.length).toBeLessThanOrEqual(bytes);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
