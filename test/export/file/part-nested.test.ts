/** Parts that end between the records of one row, as those of a subtable can. */
import { describe, expect, test } from "vitest";
import { Buffer } from "../../../src/buffer.ts";
import { csvHeader } from "../../../src/csv.ts";
import { PART_LIMITS } from "../../../src/export/limits.ts";
import { makePart } from "../../../src/export/file/part.ts";
import { type Checkpoint, type PartSource, START } from "../../../src/export/file/part-writer.ts";
import { chunkMember } from "../../../src/warehouse/chunks.ts";
import { keyText } from "../../../src/warehouse/keys.ts";
import { unroller } from "../../../src/warehouse/nested.ts";
import { upsertRows } from "../../../src/warehouse/rows.ts";
import { shardDatabase } from "../../../src/warehouse/shards.ts";
import { testEnv } from "../../support/env.ts";
import { readZip } from "../../support/read-zip.ts";

const COLUMNS = ["_sdc_source_key_id", "_sdc_level_0_id", "value"];
const LIMITS = { ...PART_LIMITS, partBytes: 6_000, pieceBytes: 500, pieceBytesMax: 1_000 };
const ELEMENTS = 2_000;

let tableId = 7_900_000;

/** Texts that deflate cannot shorten much. */
const elements = (id: number): string[] =>
  Array.from({ length: ELEMENTS }, (_, index) => String(Math.sin(id * ELEMENTS + index)));

async function write(id: number): Promise<void> {
  const data = { id, a: elements(id) };
  const member = chunkMember("1", "0", keyText(["id"], data, 256, 0), JSON.stringify(data));
  await upsertRows(shardDatabase(testEnv, 0), tableId, [`{${member}}`]);
}

async function deleteRow(id: number): Promise<void> {
  await shardDatabase(testEnv, 0)
    .prepare("DELETE FROM rows WHERE table_id = ?1 AND key = ?2")
    .bind(tableId, keyText(["id"], { id }, 256, 0))
    .run();
}

function newSource(): PartSource {
  tableId += 1;
  const parent = { name: "t", keyNames: ["id"] };
  return {
    tableId,
    shards: [0],
    columns: COLUMNS,
    header: csvHeader(COLUMNS),
    memberName: "t.csv",
    modified: 0,
    unroll: unroller({ name: "t__a", keyNames: [], nested: true, parent }),
  };
}

/** How many records of each row the file has. */
async function exported(between: (checkpoint: Checkpoint) => Promise<void>): Promise<string[][]> {
  const source = newSource();
  for (const id of [1, 5, 9]) await write(id);
  const parts: Uint8Array[] = [];
  for (let checkpoint = START; !checkpoint.isDone;) {
    const from = JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
    const part = await makePart(testEnv, source, from, LIMITS);
    if (part.bytes.length > 0) parts.push(part.bytes);
    checkpoint = part.checkpoint;
    await between(checkpoint);
  }
  const text = new TextDecoder().decode(readZip(Buffer.concat(parts)).data);
  return text
    .trimEnd()
    .split("\r\n")
    .slice(1)
    .map((line) => line.split(","));
}

const expected = (id: number): string[][] =>
  elements(id).map((value, index) => [String(id), String(index), value]);

const of = (id: number, lines: string[][]): string[][] =>
  lines.filter(([source]) => source === String(id));

/** Does something once, when the row 5 is in two parts. */
function whenCut(act: () => Promise<void>): (checkpoint: Checkpoint) => Promise<void> {
  let isDone = false;
  return async ({ after, within }) => {
    if (isDone || within === 0 || after !== keyText(["id"], { id: 1 }, 256, 0)) return;
    isDone = true;
    await act();
  };
}

describe("a part that ends within a row", () => {
  test("goes on there", async () => {
    let cuts = 0;
    const lines = await exported(async ({ within }) => {
      if (within > 0) cuts += 1;
    });
    expect(cuts).toBeGreaterThan(3);
    expect(lines).toEqual([1, 5, 9].flatMap(expected));
  });

  test("has every record once where a row appears before the rest of it", async () => {
    const lines = await exported(whenCut(() => write(3)));
    for (const id of [1, 5, 9]) expect(of(id, lines)).toEqual(expected(id));
    // It is too new to be asked for.
    expect(of(3, lines)).toEqual([]);
  });

  test("leaves out nothing of the next row where its own is deleted", async () => {
    const lines = await exported(whenCut(() => deleteRow(5)));
    for (const id of [1, 9]) expect(of(id, lines)).toEqual(expected(id));
  });
});
