import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Buffer } from "../../../src/buffer.ts";
import { csvHeader, csvRow } from "../../../src/csv.ts";
import { PART_LIMITS, type PartLimits } from "../../../src/export/limits.ts";
import { makePart } from "../../../src/export/file/part.ts";
import { type Checkpoint, type PartSource, START } from "../../../src/export/file/part-writer.ts";
import type { JsonObject } from "../../../src/json/exact.ts";
import { chunkMember } from "../../../src/warehouse/chunks.ts";
import { keyText } from "../../../src/warehouse/keys.ts";
import { upsertRows } from "../../../src/warehouse/rows.ts";
import { shardDatabase } from "../../../src/warehouse/shards.ts";
import { testEnv } from "../../support/env.ts";
import { Meter } from "../../support/meter.ts";
import { tapEnv } from "../../support/tap.ts";
import { readZip } from "../../support/read-zip.ts";

const COLUMNS = ["id", "text", "more"];

let lastTableId = 7_000_000;

/** Text that deflate cannot shorten much, or much. */
function textOf(id: number, length: number, isRandom: boolean): string {
  if (!isRandom) return "a".repeat(length);
  let seed = id + 1;
  const units = Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return 33 + ((seed >>> 16) % 90);
  });
  return String.fromCharCode(...units);
}

interface Row {
  readonly shard: number;
  readonly id: number;
  readonly data: JsonObject;
}

async function write(tableId: number, rows: readonly Row[], sequence = 1): Promise<void> {
  for (const shard of [0, 1]) {
    const members = rows
      .filter((row) => row.shard === shard)
      .map(({ data }) =>
        chunkMember(String(sequence), "0", keyText(["id"], data, 256, 0), JSON.stringify(data)),
      );
    const database = shardDatabase(testEnv, shard);
    if (members.length > 0) await upsertRows(database, tableId, [`{${members.join()}}`]);
  }
}

async function newSource(
  rows: readonly Row[],
  more: Partial<PartSource> = {},
): Promise<PartSource> {
  lastTableId += 1;
  await write(lastTableId, rows);
  return {
    tableId: lastTableId,
    shards: [0, 1],
    columns: COLUMNS,
    header: csvHeader(more.columns ?? COLUMNS),
    memberName: "t.csv",
    modified: Date.UTC(2026, 0, 2),
    ...more,
  };
}

const rowsOf = (sizes: readonly number[], isRandom: boolean): Row[] =>
  sizes.map((length, id) => ({
    shard: id % 3 === 0 ? 1 : 0,
    id,
    data: { id, text: textOf(id, length, isRandom), more: id % 2 === 0 ? null : [id] },
  }));

/** What the file must be: shard after shard, in the order of the keys. */
function csvOf(rows: readonly Row[], columns: readonly string[] = COLUMNS): string {
  const ordered = rows.toSorted((a, b) => a.shard - b.shard || a.id - b.id);
  return csvHeader(columns) + ordered.map(({ data }) => csvRow(columns, data)).join("");
}

/** Makes all parts, each by a process that knows the checkpoint and nothing else. */
async function makeAll(
  source: PartSource,
  limits: Partial<PartLimits>,
  between: (parts: number) => Promise<void> = async () => undefined,
): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let checkpoint: Checkpoint = START;
  while (!checkpoint.isDone) {
    const from = JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
    const part = await makePart(testEnv, source, from, { ...PART_LIMITS, ...limits });
    if (part.bytes.length > 0) parts.push(part.bytes);
    checkpoint = part.checkpoint;
    if (parts.length > 500) throw new Error("the export does not end");
    await between(parts.length);
  }
  return parts;
}

/** Checks the sizes of the parts, and returns the text in the zip that they are. */
function unzipParts(parts: readonly Uint8Array[], partBytes: number): string {
  for (const part of parts.slice(0, -1)) expect(part.length).toBe(partBytes);
  expect(parts.at(-1)?.length).toBeLessThanOrEqual(partBytes);
  return new TextDecoder().decode(readZip(Buffer.concat(parts)).data);
}

const limits = fc.record({
  // More than the header, a piece and the end of the file together.
  partBytes: fc.integer({ min: 6_000, max: 30_000 }),
  pieceBytes: fc.integer({ min: 1, max: 2_000 }),
  pageBytes: fc.integer({ min: 1, max: 10_000 }),
  pageRows: fc.integer({ min: 1, max: 60 }),
  partPages: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(500)),
  carriedBytesMax: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 5_000 })),
});

describe("the parts of a file", () => {
  test("are equally large but the last, and are one zip of every row once", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), limits, async (list, isRandom, some) => {
        const rows = rowsOf(list, isRandom);
        const source = await newSource(rows);
        const parts = await makeAll(source, some);
        expect(unzipParts(parts, some.partBytes)).toBe(csvOf(rows));
      }),
      { numRuns: 60 },
    );
  });

  test("are the same when one is made again", async () => {
    const source = await newSource(
      rowsOf(
        Array.from({ length: 120 }, () => 300),
        true,
      ),
    );
    const some = { ...PART_LIMITS, partBytes: 6_000, pieceBytes: 500, pageRows: 7 };
    let checkpoint: Checkpoint = START;
    let parts = 0;
    while (!checkpoint.isDone) {
      const one = await makePart(testEnv, source, checkpoint, some);
      const again = await makePart(testEnv, source, checkpoint, some);
      expect(again).toEqual(one);
      checkpoint = one.checkpoint;
      parts += 1;
    }
    expect(parts).toBeGreaterThan(4);
  });

  test("leave room for the end of the file, its longest name included", async () => {
    const memberName = `${"€".repeat(83)}nn.csv`;
    // From far too little room for the end to more than enough, byte by byte.
    for (let spare = 0; spare < 64; spare += 1) {
      const rows = rowsOf([5_000 + 50 * spare], true);
      const source = await newSource(rows, { memberName });
      const parts = await makeAll(source, { partBytes: 8_500, pieceBytes: 1 });
      expect(unzipParts(parts, 8_500)).toBe(csvOf(rows));
    }
  });

  test("end with the shards, also where some have no rows", async () => {
    for (const shards of [[], [0], [1], [0, 1], [1, 0]]) {
      const rows = rowsOf([1, 2, 3, 4, 5], false);
      const source = await newSource(rows, { shards });
      const [part, ...others] = await makeAll(source, {});
      expect(others).toEqual([]);
      const expected = shards.flatMap((shard) => rows.filter((row) => row.shard === shard));
      const text = new TextDecoder().decode(readZip(part ?? new Uint8Array()).data);
      const lines = expected.map(({ data }) => csvRow(COLUMNS, data)).join("");
      expect(text).toBe(csvHeader(COLUMNS) + lines);
    }
  });

  test("take no more queries than an invocation has, whatever rows deflate to", async () => {
    const rows = rowsOf(
      Array.from({ length: 100 }, () => 10),
      false,
    );
    const source = await newSource(rows);
    const meter = new Meter();
    const some = {
      ...PART_LIMITS,
      partBytes: 6_000,
      pageRows: 1,
      partPages: 8,
      carriedBytesMax: 0,
    };
    const part = await makePart(tapEnv(testEnv, meter.tap), source, START, some);
    expect(meter.statements).toBe(8);
    expect(part.bytes).toHaveLength(6_000);
    expect(part.checkpoint).toMatchObject({ rows: 8, isDone: false });
    expect(unzipParts(await makeAll(source, some), 6_000)).toBe(csvOf(rows));
    expect(PART_LIMITS.partPages).toBeLessThanOrEqual(900);
    // 10 s of CPU at the 50 MB/s that rows are parsed and filtered with, of 30 s.
    expect(PART_LIMITS.partPages * PART_LIMITS.pageBytes).toBeLessThanOrEqual(500_000_000);
  });

  test("have each key once, also while rows are written", async () => {
    const rows = rowsOf(
      Array.from({ length: 200 }, () => 100),
      true,
    );
    const source = await newSource(rows);
    const parts = await makeAll(
      source,
      { partBytes: 6_000, pieceBytes: 300, pageRows: 5 },
      async (made) => {
        // New rows before and after where the export is, and newer versions of old rows.
        const added = [1_000 + made, -made].map((id) => ({ shard: 0, id, data: { id } }));
        const newer = rows
          .filter(({ id }) => id % 10 === made % 10)
          .map((row) => ({ ...row, data: { ...row.data, text: "newer" } }));
        await write(source.tableId, [...added, ...newer], 1 + made);
      },
    );
    expect(parts.length).toBeGreaterThan(2);
    const lines = unzipParts(parts, 6_000).trimEnd().split("\r\n").slice(1);
    const ids = lines.map((line) => Number(/^-?\d+/.exec(line)?.[0]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(rows.map(({ id }) => id)));
  });
});

describe("too many rows", () => {
  test("are an error, never a cut", async () => {
    const source = await newSource(rowsOf([1, 2, 3, 4, 5], false));
    const some = { pieceBytes: 1, pageRows: 2 };
    await makeAll(source, { ...some, rowsMax: 5 });
    await expect(makeAll(source, { ...some, rowsMax: 4 })).rejects.toThrow(
      "The table has more rows than an export can have: 4.",
    );
    expect(PART_LIMITS.rowsMax).toBe(10_000_000);
  });
});

test("2,000 columns with the longest names fit a part of production", async () => {
  const columns = Array.from({ length: 2_000 }, (_, i) => textOf(i, 1_020, true) + i);
  // Characters of three bytes that hardly repeat.
  const wide = columns.map((name) =>
    String.fromCharCode(...Array.from(name, (c) => c.charCodeAt(0) * 97 + 0x4e00)),
  );
  const source = await newSource(rowsOf([1], false), { columns: wide });
  const parts = await makeAll(source, {});
  expect(unzipParts(parts, PART_LIMITS.partBytes)).toBe(csvOf(rowsOf([1], false), wide));
});

/** Values that a page, its hex, its JSON or a record could spoil. */
const HOSTILE: JsonObject[string][] = [
  ...['"', "a,b", "\r\n", "\u0000", "\u007F", "é", "東京", "😀", "\uD800", "7B7D", "\u2028", ""],
  ...[null, true, -1.5, JSON.rawJSON("58.40"), JSON.rawJSON("9007199254740993")],
  ...[[], ["\n", { '"': "," }], { a: ["\uDC00"] }],
];

test("rows of hostile values, in pages of hex that parts end within, are those of a plain model", async () => {
  const rows = Array.from({ length: 2_000 }, (_, id): Row => {
    const [text = null, more = null] = [id, id * 7 + (id >> 5)].map((n) => HOSTILE[n % 20]);
    const layouts: JsonObject[] = [
      { id, text, more },
      { id, more },
      { more, text, id },
    ];
    const names = ["id", "text", "more", "__proto__"];
    const odd: JsonObject = Object.fromEntries(
      names.map((name, at) => [name, [id, text, more, text][at] ?? null]),
    );
    const data = id % 90 < 60 ? layouts[0] : [...layouts, odd][id % 4];
    return { shard: id % 3 === 0 ? 1 : 0, id, data: data ?? { id } };
  });
  const columns = [...COLUMNS, "__proto__"];
  for (const chosen of [COLUMNS, columns, columns.toReversed()]) {
    const source = await newSource(rows, { columns: chosen });
    const some = { pageRows: 300, partBytes: 3_000, pieceBytes: 1_000 };
    const parts = await makeAll(source, some);
    expect(parts.length).toBeGreaterThan(3);
    expect(unzipParts(parts, some.partBytes)).toBe(csvOf(rows, chosen).toWellFormed());
  }
});
