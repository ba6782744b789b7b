import fc from "fast-check";
import { expect, test } from "vitest";
import { chunkMember, chunkText } from "../../src/warehouse/chunks.ts";
import { withVersion } from "../../src/warehouse/older-chunks.ts";

/** A member as the first release wrote it. */
function olderMember(sequence: string, key: string, data: string): string {
  const label = `${sequence} ${key}`;
  return `${/["\\]/.test(key) ? JSON.stringify(label) : `"${label}"`}:${data}`;
}

const rows = fc.array(
  fc.record({
    sequence: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
    // As keys.ts writes them: numbers, and the JSON of texts.
    key: fc.oneof(
      fc.string().map((text) => JSON.stringify(text)),
      fc.constantFrom("A1", "P9007199254740993", 'true,"x/y z"', String.raw`"\"",A1`, '",{ "'),
    ),
    data: fc.oneof(
      fc.json(),
      fc.dictionary(fc.string(), fc.jsonValue()).map((data) => JSON.stringify(data)),
    ),
  }),
  { minLength: 1, maxLength: 8 },
);

test("rows of the first release are the same rows with their version", () => {
  fc.assert(
    fc.property(rows, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String), (some, version) => {
      const older = some.map(({ sequence, key, data }) => olderMember(sequence, key, data));
      const now = some.map(({ sequence, key, data }) => chunkMember(sequence, version, key, data));
      expect(withVersion(older.join(","), version)).toBe(now.join(","));
    }),
  );
});

test("only chunks that say a version get it", () => {
  const members = chunkMember("5", "2", "A1", '{"id":1}');
  expect(chunkText({ members, bytes: members.length })).toBe(members);
  const older = olderMember("5", "A1", '{"id":1}');
  const bytes = new TextEncoder().encode(older);
  expect(chunkText({ members: bytes, bytes: bytes.length, version: "2" })).toBe(members);
});

test("a large value is passed over in one go", () => {
  const data = JSON.stringify({ text: '\\",{ '.repeat(200_000) });
  expect(withVersion(olderMember("1", "A1", data), "3")).toBe(chunkMember("1", "3", "A1", data));
});
