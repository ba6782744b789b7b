/** Pages of rows through D1, and what LineBytes makes of them, beside the rows themselves. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Buffer, utf8Text } from "../../src/buffer.ts";
import { LineBytes } from "../../src/export/file/line-bytes.ts";
import { stringifyExact, type Json, type JsonObject } from "../../src/json/exact.ts";
import { chunkMember } from "../../src/warehouse/chunks.ts";
import { keyText } from "../../src/warehouse/keys.ts";
import { type LinesPage, readHexPage, readTextPage } from "../../src/warehouse/row-lines.ts";
import { upsertRows } from "../../src/warehouse/rows.ts";
import { testEnv } from "../support/env.ts";
import { tapEnv } from "../support/tap.ts";

let lastTableId = 8_200_000;

/** Stores rows in a table of its own; returns its id, and keys and data in the order of the keys. */
async function stored(
  rows: readonly JsonObject[],
): Promise<{ tableId: number; keys: string[]; data: string[] }> {
  lastTableId += 1;
  const all = rows.map((row, id) => ({
    key: keyText(["id"], { id }, 255, 0),
    data: stringifyExact(row),
  }));
  const members = all.map(({ key, data }) => chunkMember("1", "0", key, data));
  if (members.length > 0) {
    await upsertRows(testEnv.SHARD_0, lastTableId, [`{${members.join()}}`]);
  }
  return {
    tableId: lastTableId,
    keys: all.map(({ key }) => key),
    data: all.map(({ data }) => data),
  };
}

const linesOf = (page: LinesPage | undefined): string | undefined =>
  page && utf8Text(new LineBytes().of(page));

const texts = [
  ...[
    "",
    '"',
    "\\",
    "\n",
    "\r\n",
    "\u0000",
    "\u007F",
    "\u0080",
    "é",
    "東京",
    "😀",
    "\uD800",
    "\uDC00x",
  ],
  ...["\u2028", "\uFEFF", "\uFFFD", "7B7D", "__proto__", "constructor"],
];

const text = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: "binary", maxLength: 20 }));
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.constantFrom<Json>(null, true, 0, -1.5, 1e21, JSON.rawJSON("58.40"), JSON.rawJSON("1e400")),
    fc.array(tie("value"), { maxLength: 3 }) as fc.Arbitrary<Json>,
    fc.dictionary(text, tie("value"), { maxKeys: 3 }) as fc.Arbitrary<Json>,
  ),
})).value;
const rowLists = fc.array(fc.dictionary(text, value, { maxKeys: 4 }), {
  minLength: 1,
  maxLength: 12,
});

describe("hex pages and text pages have the rows as they are stored", () => {
  test("whatever these hold", async () => {
    await fc.assert(
      fc.asyncProperty(rowLists, fc.integer({ min: 1, max: 15 }), async (rows, rowsMax) => {
        const { tableId, keys, data } = await stored(rows);
        const expected = {
          rows: Math.min(rowsMax, rows.length),
          lastKey: keys[Math.min(rowsMax, rows.length) - 1],
          keys: keys.slice(0, rowsMax).join("\n"),
        };
        const page = { tableId, after: "", rowsMax, bytesMax: 1_000_000 };
        const hex = await readHexPage(testEnv.SHARD_0, page);
        const plain = await readTextPage(testEnv.SHARD_0, page);
        for (const found of [hex, plain]) {
          expect(found).toMatchObject(expected);
          expect(linesOf(found)).toBe(
            data
              .slice(0, rowsMax)
              .map((line) => `${line}\n`)
              .join(""),
          );
        }
        expect([hex?.isHex, plain.isHex]).toEqual([true, false]);
      }),
      { numRuns: 100 },
    );
  });

  test("after a key, and none at the end nor of other tables", async () => {
    const { tableId, keys } = await stored([{ a: 1 }, { a: "é" }, { a: 3 }]);
    await stored([{ a: 4 }]);
    const after = (key: string) => ({ tableId, after: key, rowsMax: 10, bytesMax: 1_000 });
    const hex = await readHexPage(testEnv.SHARD_0, after(keys[0] ?? ""));
    expect([hex?.rows, hex?.lastKey, linesOf(hex)]).toEqual([2, keys[2], '{"a":"é"}\n{"a":3}\n']);
    const end = await readHexPage(testEnv.SHARD_0, after(keys[2] ?? ""));
    expect(end).toEqual({ rows: 0, lastKey: "", keys: "", data: "", isHex: true });
    expect(await readTextPage(testEnv.SHARD_0, after(keys[2] ?? ""))).toEqual({
      ...end,
      isHex: false,
    });
  });
});

describe("what does not fit a hex page", () => {
  test("is a row of sixteen times its share", async () => {
    const { tableId } = await stored([{ a: "é".repeat(796) }, { a: "x".repeat(1_593) }]);
    const page = { tableId, after: "", rowsMax: 10, bytesMax: 1_000 };
    expect(await readHexPage(testEnv.SHARD_0, page)).toBeUndefined();
    const more = { ...page, bytesMax: 4_000, rowsMax: 40 };
    expect(await readHexPage(testEnv.SHARD_0, more)).toBeUndefined();
    const fitting = await readHexPage(testEnv.SHARD_0, { ...more, rowsMax: 39 });
    expect(fitting?.rows).toBe(2);
  });

  test("are more bytes than a page has", async () => {
    const { tableId } = await stored(Array.from({ length: 10 }, () => ({ a: "é" })));
    // Ten rows of 10 bytes, and the line ends between them.
    const page = { tableId, after: "", rowsMax: 10, bytesMax: 109 };
    expect((await readHexPage(testEnv.SHARD_0, page))?.rows).toBe(10);
    const less = { ...page, bytesMax: 108 };
    expect(await readHexPage(testEnv.SHARD_0, less)).toBeUndefined();
    expect((await readHexPage(testEnv.SHARD_0, { ...less, rowsMax: 9 }))?.rows).toBe(9);
  });

  test("are more bytes than D1 puts into one text, which it says by an error", async () => {
    const words = "D1_ERROR: string or blob too big: SQLITE_TOOBIG";
    const { SHARD_0 } = tapEnv(testEnv, () => Promise.reject(new Error(words)));
    const page = { tableId: 1, after: "", rowsMax: 1, bytesMax: 1_000 };
    expect(await readHexPage(SHARD_0, page)).toBeUndefined();
  });

  test("and other failures are thrown", async () => {
    const { SHARD_0 } = tapEnv(testEnv, () => Promise.reject(new Error("D1_ERROR: lost")));
    await expect(
      readHexPage(SHARD_0, { tableId: 1, after: "", rowsMax: 1, bytesMax: 1_000 }),
    ).rejects.toThrow("lost");
  });
});

test("the memory of a page is used again, whatever the sizes", () => {
  const bytes = new LineBytes();
  const page = (data: string): LinesPage => ({
    rows: 1,
    lastKey: "k",
    keys: "k",
    data,
    isHex: true,
  });
  for (const hex of ["7B7D", "FF00E280A8", "", "0A"]) {
    expect(Array.from(bytes.of(page(hex)))).toEqual([...Buffer.from(hex, "hex"), 0x0a]);
  }
});
