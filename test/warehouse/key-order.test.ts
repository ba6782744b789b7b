/** Chunks of many members have them by key; what they are and mean stays the same. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkBuilder, chunkMember, chunkText, joinChunks } from "../../src/warehouse/chunks.ts";

interface Row {
  readonly key: string;
  readonly text: string;
}

/** Keys come more than once; texts have one, two, three and four bytes a character. */
const row = fc.record({
  key: fc.integer({ min: 1, max: 300 }).map((id) => `B${id}`),
  text: fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", ","), maxLength: 60 }),
});

const memberOf = ({ key, text }: Row, sequence: number): string =>
  chunkMember(String(sequence), "0", key, JSON.stringify(text));

function build(rows: readonly Row[]): ChunkBuilder {
  const builder = new ChunkBuilder();
  rows.forEach((one, index) => builder.add(memberOf(one, index), index, one.key));
  return builder;
}

/** By key, those of one key in the order in which they came. */
function sortedMembers(rows: readonly Row[]): string[] {
  return rows
    .map((one, index) => ({ key: one.key, member: memberOf(one, index) }))
    .toSorted((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1))
    .map(({ member }) => member);
}

test("many members are sorted by key, and those of one key stay in their order", () => {
  let unsorted = 0;
  fc.assert(
    fc.property(fc.array(row, { minLength: 1_500, maxLength: 2_000 }), (rows) => {
      const [chunk, ...others] = build(rows).finish();
      expect(others).toEqual([]);
      expect(chunk?.members).toBeInstanceOf(Uint8Array);
      expect(chunk === undefined ? "" : chunkText(chunk)).toBe(sortedMembers(rows).join(","));
      if (rows.some(({ key }, index) => key < (rows[index - 1]?.key ?? ""))) unsorted += 1;
    }),
    { numRuns: 30 },
  );
  expect(unsorted).toBeGreaterThan(0);
});

test("each chunk of a request has its own order: a later one wins over all before", () => {
  const text = "€".repeat(300);
  const rows = Array.from({ length: 5_500 }, (_, n) => ({ key: `B${(n * 7) % 5_493}`, text }));
  const chunks = build(rows).finish();
  expect(chunks.length).toBeGreaterThan(1);
  let from = 0;
  const expected = chunks.map(({ rows: count = 0 }) => {
    const own = rows.slice(from, from + count).map((one, index) => ({ one, index: from + index }));
    from += count;
    return own
      .toSorted((a, b) => (a.one.key === b.one.key ? 0 : a.one.key < b.one.key ? -1 : 1))
      .map(({ one, index }) => memberOf(one, index))
      .join(",");
  });
  expect(from).toBe(rows.length);
  expect(joinChunks(chunks)).toEqual(expected.map((members) => `{${members}}`));
});

test.each([4, 999])("%d members stay as they came", (count) => {
  const rows = Array.from({ length: count }, (_, n) => ({ key: `B${9_999 - n}`, text: "é" }));
  expect(build(rows).finish().map(chunkText)).toEqual([rows.map(memberOf).join(",")]);
});
