import { Buffer } from "../../src/buffer.ts";
import { describe, expect, test } from "vitest";
import { chunkText } from "../../src/warehouse/chunks.ts";
import { KEY_LENGTH_MAX, PARAMETER_BYTES_MAX } from "../../src/warehouse/limits.ts";
import { SentKeys } from "../../src/warehouse/sent-keys.ts";

function keysOf(...rows: readonly (readonly [key: string, sequence: string])[]): SentKeys {
  const keys = new SentKeys();
  for (const [key, sequence] of rows) keys.add(key, sequence);
  return keys;
}

const texts = (keys: SentKeys): string[][] =>
  keys.finish().map((chunk) => JSON.parse(`[${chunkText(chunk)}]`) as string[]);

describe("the keys of a request", () => {
  test("are there once, with the sequence that can do most", () => {
    const keys = keysOf(
      ["A1", "9"],
      ["A1", "10"],
      ["A1", "8"],
      ["A2", "9223372036854775806"],
      ["A2", "9223372036854775807"],
      ["A3", "7"],
      ["A3", "-1"],
      ["A3", "9"],
      ['"a b"', "0"],
    );
    expect([keys.rows, keys.size]).toEqual([9, 4]);
    expect(texts(keys)).toEqual([["10 A1", "9223372036854775807 A2", "-1 A3", '0 "a b"']]);
  });

  test("are none of no rows", () => {
    expect(new SentKeys().finish()).toEqual([]);
  });

  test("are cut to what a parameter holds, however long they are", () => {
    const long = (i: number): string => JSON.stringify(`${i}`.padEnd(KEY_LENGTH_MAX - 2, "é\\"));
    const keys = keysOf(...Array.from({ length: 300 }, (_, i) => [long(i), "5"] as const));
    const chunks = keys.finish();
    expect(chunks.length).toBeGreaterThan(2);
    for (const chunk of chunks) {
      expect(Buffer.byteLength(`[${chunkText(chunk)}]`)).toBeLessThanOrEqual(PARAMETER_BYTES_MAX);
    }
    const expected = Array.from({ length: 300 }, (_, i) => `5 ${long(i)}`);
    // Many stand in the order of their keys.
    expect(texts(keys).flat().toSorted()).toEqual(expected.toSorted());
  });
});
