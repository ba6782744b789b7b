import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowsRange, checkPreconditions } from "../../../src/export/download/preconditions.ts";

const ETAG = '"0123abcd-2"';
const MODIFIED = "Sat, 21 Nov 2026 11:42:40 GMT";
const BEFORE = "Sat, 21 Nov 2026 11:42:39 GMT";
const AFTER = "Sat, 21 Nov 2026 11:42:41 GMT";
const FILE = { etag: ETAG, modifiedAt: Date.parse(MODIFIED) };
const UNDATED = { etag: ETAG, modifiedAt: undefined };

type Fields = Record<string, string>;

describe("one condition", () => {
  test.each<[verdict: ReturnType<typeof checkPreconditions>, fields: Fields]>([
    ["met", {}],
    ["met", { "If-Match": ETAG }],
    ["met", { "If-Match": "*" }],
    ["met", { "If-Match": `"a", ${ETAG}` }],
    ["met", { "If-Match": `"a,b",${ETAG},` }],
    ["failed", { "If-Match": '"other"' }],
    ["failed", { "If-Match": `W/${ETAG}` }],
    ["failed", { "If-Match": `w/${ETAG}` }],
    ["failed", { "If-Match": "0123abcd-2" }],
    ["failed", { "If-Match": `"x${ETAG}` }],
    ["failed", { "If-Match": "" }],
    ["not_modified", { "If-None-Match": ETAG }],
    ["not_modified", { "If-None-Match": `W/${ETAG}` }],
    ["not_modified", { "If-None-Match": `"a", W/"b" , ${ETAG}` }],
    ["not_modified", { "If-None-Match": "*" }],
    ["met", { "If-None-Match": '"other"' }],
    ["met", { "If-None-Match": `"a ${ETAG.slice(1, -1)} b"` }],
    ["met", { "If-None-Match": "" }],
    ["met", { "If-Modified-Since": BEFORE }],
    ["not_modified", { "If-Modified-Since": MODIFIED }],
    ["not_modified", { "If-Modified-Since": AFTER }],
    ["met", { "If-Modified-Since": "tomorrow" }],
    ["met", { "If-Modified-Since": "2027" }],
    ["failed", { "If-Unmodified-Since": BEFORE }],
    ["met", { "If-Unmodified-Since": MODIFIED }],
    ["met", { "If-Unmodified-Since": AFTER }],
    ["met", { "If-Unmodified-Since": "1970" }],
  ])("%s: %o", (verdict, fields) => {
    expect(checkPreconditions(new Headers(fields), FILE)).toBe(verdict);
  });

  test("dates do not count for a file without one", () => {
    for (const name of ["If-Modified-Since", "If-Unmodified-Since"]) {
      for (const date of [BEFORE, MODIFIED, AFTER]) {
        expect(checkPreconditions(new Headers({ [name]: date }), UNDATED)).toBe("met");
      }
    }
  });
});

test("several conditions count in the order of RFC 9110, section 13.2.2", () => {
  const one = (name: string, ...values: string[]) =>
    fc.constantFrom(...values.map((value): Fields => ({ [name]: value })), {});
  const all = fc.tuple(
    one("If-Match", ETAG, '"other"'),
    one("If-Unmodified-Since", BEFORE, AFTER),
    one("If-None-Match", ETAG, '"other"'),
    one("If-Modified-Since", BEFORE, AFTER),
  );
  fc.assert(
    fc.property(all, ([match, unmodified, noneMatch, modified]) => {
      const verdict = (fields: Fields) => checkPreconditions(new Headers(fields), FILE);
      const first = verdict("If-Match" in match ? match : unmodified);
      const then = verdict("If-None-Match" in noneMatch ? noneMatch : modified);
      const both = verdict({ ...match, ...unmodified, ...noneMatch, ...modified });
      expect(both).toBe(first === "failed" ? first : then);
    }),
    { numRuns: 300 },
  );
});

test.each<[allows: boolean, fields: Fields]>([
  [true, {}],
  [true, { "If-Range": ETAG }],
  [true, { "If-Range": MODIFIED }],
  [true, { "If-Range": "Saturday, 21-Nov-26 11:42:40 GMT" }],
  [false, { "If-Range": '"other"' }],
  [false, { "If-Range": `W/${ETAG}` }],
  [false, { "If-Range": `${ETAG}, ${ETAG}` }],
  [false, { "If-Range": BEFORE }],
  [false, { "If-Range": AFTER }],
  [false, { "If-Range": "*" }],
  [false, { "If-Range": "never" }],
  [false, { "If-Range": "" }],
])("If-Range %s: %o", (allows, fields) => {
  expect(allowsRange(new Headers(fields), FILE)).toBe(allows);
  const isDate = fields["If-Range"]?.endsWith("GMT") === true;
  expect(allowsRange(new Headers(fields), UNDATED)).toBe(allows && !isDate);
});

test("no value is too much", () => {
  const values = ['"'.repeat(50_000), ' "'.repeat(50_000), "W/".repeat(50_000), ",".repeat(99_999)];
  const anyByte = fc.string({ unit: fc.constantFrom(...'"W/*, \tGMT:0~!'), maxLength: 40 });
  const check = (value: string): void => {
    for (const name of ["If-Match", "If-None-Match", "If-Modified-Since", "If-Range"]) {
      const headers = new Headers({ [name]: value });
      expect(checkPreconditions(headers, FILE)).toMatch(/^(met|failed|not_modified)$/);
      expect(allowsRange(headers, FILE)).toBe(name !== "If-Range");
    }
  };
  values.forEach(check);
  fc.assert(fc.property(anyByte, check));
});
