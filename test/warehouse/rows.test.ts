import { Buffer } from "../../src/buffer.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunkMember } from "../../src/warehouse/chunks.ts";
import { keyText } from "../../src/warehouse/keys.ts";
import { countStep, deleteOlderStep, readPage, upsertRows } from "../../src/warehouse/rows.ts";
import { testEnv } from "../support/env.ts";
import { tapDatabase } from "../support/tap.ts";

const database = testEnv.SHARD_0;

/** A table of its own for each test: these tests need no catalogue. */
let lastTableId = 5_000_000;
function newTableId(): number {
  lastTableId += 1;
  return lastTableId;
}

interface Write {
  readonly key: string;
  readonly sequence: string;
  readonly version: string;
  readonly data: string;
}

function parameter(writes: readonly Write[]): string {
  const members = writes.map((w) => chunkMember(w.sequence, w.version, w.key, w.data));
  return `{${members.join(",")}}`;
}

async function stored(tableId: number): Promise<Write[]> {
  const { results } = await database
    .prepare(
      `SELECT key, CAST(sequence AS TEXT) AS sequence, CAST(version AS TEXT) AS version, data
       FROM rows WHERE table_id = ?1 ORDER BY key`,
    )
    .bind(tableId)
    .all<Write>();
  return results;
}

/** What must be stored after these writes, one after the other (wire.md 2.9 and 7). */
function model(writes: readonly Write[]): Write[] {
  const rows = new Map<string, Write>();
  for (const write of writes) {
    const row = rows.get(write.key);
    const [before, now] = [BigInt(row?.sequence ?? -2), BigInt(write.sequence)];
    if (now > before) rows.set(write.key, write);
    // Without a sequence: the row is replaced and keeps the highest that it had.
    else if (now === -1n) rows.set(write.key, { ...write, sequence: String(before) });
  }
  return [...rows.values()].toSorted((a, b) =>
    Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)),
  );
}

const write = (sequence: fc.Arbitrary<string>): fc.Arbitrary<Write> =>
  fc.record({
    key: fc.constantFrom("A1", "A2", '"a"'),
    sequence,
    version: fc.constantFrom("0", "1", "1565880017000", "9223372036854775807"),
    data: fc.integer({ min: 0, max: 999 }).map((n) => `{"n":${n}}`),
  });

const SEQUENCES = [
  "0",
  "1",
  "2",
  "9007199254740992",
  "9007199254740993",
  "1795241049244168800",
  "1795241049244168801",
  "9223372036854775806",
  "9223372036854775807",
] as const;
const anySequence = fc.constantFrom(...SEQUENCES);

/** A list in runs of random lengths, each of which becomes a statement. */
function inStatements(writes: readonly Write[], lengths: readonly number[]): string[] {
  const statements: string[] = [];
  let at = 0;
  for (let i = 0; at < writes.length; i += 1) {
    const length = lengths[i % lengths.length] ?? 1;
    statements.push(parameter(writes.slice(at, at + length)));
    at += length;
  }
  return statements;
}
const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

describe("the guard", () => {
  test("keeps the highest sequence, in whatever order and in whatever statements", async () => {
    const writes = fc.array(write(anySequence), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(writes, lengths, async (list, cuts) => {
        const id = newTableId();
        for (const statement of inStatements(list, cuts))
          await upsertRows(database, id, [statement]);
        expect(await stored(id)).toEqual(model(list));
      }),
      { numRuns: 60 },
    );
  });

  test("decides the same for statements of one transaction", async () => {
    const writes = fc.array(write(anySequence), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(writes, lengths, async (list, cuts) => {
        const id = newTableId();
        await upsertRows(database, id, inStatements(list, cuts));
        expect(await stored(id)).toEqual(model(list));
      }),
      { numRuns: 30 },
    );
  });

  test("lets a point without a sequence replace any, and keeps the highest sequence", async () => {
    const sequence = fc.oneof(fc.constant("-1"), anySequence);
    const writes = fc.array(write(sequence), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(writes, lengths, async (list, cuts) => {
        const id = newTableId();
        await upsertRows(database, id, inStatements(list, cuts));
        expect(await stored(id)).toEqual(model(list));
      }),
      { numRuns: 60 },
    );
  });

  test("a late Stitch record stays dropped after an RJMetrics write, a newer one does not", async () => {
    const id = newTableId();
    const steps: [sequence: string, data: string, sequenceAfter: string, dataAfter: string][] = [
      ["-1", '{"by":"rj 1"}', "-1", '{"by":"rj 1"}'],
      ["0", '{"by":"stitch 0"}', "0", '{"by":"stitch 0"}'],
      ["-1", '{"by":"rj 2"}', "0", '{"by":"rj 2"}'],
      ["0", '{"by":"late"}', "0", '{"by":"rj 2"}'],
      ["5", '{"by":"stitch 5"}', "5", '{"by":"stitch 5"}'],
      ["-1", '{"by":"rj 3"}', "5", '{"by":"rj 3"}'],
      ["4", '{"by":"late"}', "5", '{"by":"rj 3"}'],
      ["5", '{"by":"equal"}', "5", '{"by":"rj 3"}'],
      ["6", '{"by":"stitch 6"}', "6", '{"by":"stitch 6"}'],
    ];
    for (const [sequence, data, sequenceAfter, dataAfter] of steps) {
      const one = { key: "A1", sequence, version: "0", data };
      await upsertRows(database, id, [parameter([one])]);
      const [row] = await stored(id);
      expect([row?.sequence, row?.data]).toEqual([sequenceAfter, dataAfter]);
    }
  });

  test("changes nothing when a statement is repeated", async () => {
    const writes = fc.array(write(anySequence), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(writes, async (list) => {
        const id = newTableId();
        const statement = parameter(list);
        await upsertRows(database, id, [statement]);
        const before = await stored(id);
        const changes: unknown[] = [];
        const tapped = tapDatabase("SHARD_0", database, async (_, next) => {
          const result = await next();
          changes.push((result as D1Result).meta.changes);
          return result;
        });
        await upsertRows(tapped, id, [statement]);
        expect(changes).toEqual([0]);
        expect(await stored(id)).toEqual(before);
      }),
      { numRuns: 20 },
    );
  });
});

describe("what is stored", () => {
  test("any key, unit by unit", async () => {
    const text = fc
      .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 32, 34, 47, 92)))
      .map((units) => String.fromCharCode(...units));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text, { minLength: 1, maxLength: 12 }), async (texts) => {
        const id = newTableId();
        const keys = texts.map((value) => keyText(["k"], { k: value }, 1_000, 0));
        const list = keys.map((key) => ({ key, sequence: "7", version: "3", data: "{}" }));
        await upsertRows(database, id, [parameter(list)]);
        expect((await stored(id)).map((row) => row.key)).toEqual(model(list).map((row) => row.key));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    '{"n":9007199254740993}',
    '{"n":58.40,"m":-0,"o":1e400,"p":1E+2,"q":0.10}',
    '{"n":-9999999999999999.9999999999999999999999}',
    `{"n":${"9".repeat(500)}}`,
    String.raw`{"a":"\ud800","b":"\u0000","c":"é😀\\\"","d":"a/b"}`,
    '{"":"","a b":null,"x":[{},[],[1,[2]],{"y":{"z":true}}]}',
    `{"deep":${"[".repeat(99)}${"]".repeat(99)}}`,
    "{}",
  ])("%s comes back byte for byte", async (data) => {
    const id = newTableId();
    await upsertRows(database, id, [parameter([{ key: "A1", sequence: "1", version: "0", data }])]);
    expect((await stored(id))[0]?.data).toBe(data);
  });

  test("all statements or none", async () => {
    const id = newTableId();
    const good = parameter([{ key: "A1", sequence: "1", version: "0", data: "{}" }]);
    await expect(upsertRows(database, id, [good, "{", good])).rejects.toThrow("malformed JSON");
    expect(await stored(id)).toEqual([]);
    await upsertRows(database, id, []);
    expect(await stored(id)).toEqual([]);
  });
});

const count = (n: number, version: (i: number) => string): Write[] =>
  Array.from({ length: n }, (_, i) => ({
    key: keyText(["id"], { id: i }, 256, 0),
    sequence: "1",
    version: version(i),
    data: `{"id":${i},"text":"${"x".repeat(i % 50)}"}`,
  }));

describe("a version switch", () => {
  async function deleteAll(tableId: number, version: string, stepRows: number): Promise<number> {
    let after: string | undefined = "";
    let steps = 0;
    while (after !== undefined) {
      after = await deleteOlderStep(database, { tableId, version, after, stepRows });
      steps += 1;
    }
    return steps;
  }

  test("deletes lower versions of its table, in small steps", async () => {
    const [id, other] = [newTableId(), newTableId()];
    const rows = count(100, (i) => ["0", "5", "9223372036854775806"][i % 3] ?? "0");
    await upsertRows(database, id, [parameter(rows)]);
    await upsertRows(database, other, [parameter(rows)]);
    expect(await deleteAll(id, "5", 7)).toBe(100 / 7 + 1 - ((100 / 7) % 1));
    const left = rows.filter((row) => row.version !== "0");
    expect(await stored(id)).toEqual(model(left));
    await deleteAll(id, "5", 1);
    expect(await stored(id)).toEqual(model(left));
    await deleteAll(id, "9223372036854775807", 1_000);
    expect(await stored(id)).toEqual([]);
    expect(await stored(other)).toHaveLength(100);
  });

  test("ends exactly at the end of a table", async () => {
    for (const rows of [0, 1, 9, 10, 11, 20]) {
      const id = newTableId();
      await upsertRows(database, id, [parameter(count(rows, () => "0"))]);
      expect(await deleteAll(id, "1", 10)).toBe(Math.floor(rows / 10) + 1);
      expect(await stored(id)).toEqual([]);
    }
  });
});

/** The rows in the lines of a page. */
function rowsIn(lines: string): { key: string; data: string }[] {
  const all = lines.split("\n");
  expect(all.pop()).toBe("");
  return Array.from({ length: all.length / 2 }, (_, i) => ({
    key: all[2 * i] ?? "",
    data: all[2 * i + 1] ?? "",
  }));
}

describe("pages", () => {
  test("have every row once, in the order of the keys, within their limits", async () => {
    const id = newTableId();
    const all = count(200, () => "0");
    await upsertRows(database, id, [parameter(all)]);
    // The next table's rows are no part of it.
    await upsertRows(database, newTableId(), [parameter(all)]);
    const expected = model(all).map(({ key, data }) => ({ key, data }));
    const limit = fc.record({
      rowsMax: fc.integer({ min: 1, max: 250 }),
      bytesMax: fc.integer({ min: 1, max: 20_000 }),
    });
    await fc.assert(
      fc.asyncProperty(limit, async ({ rowsMax, bytesMax }) => {
        const read: { key: string; data: string }[] = [];
        for (let queries = 0; queries <= 201; queries += 1) {
          const after = read.at(-1)?.key ?? "";
          const page = await readPage(database, { tableId: id, after, rowsMax, bytesMax });
          const { lines } = page;
          const rows = rowsIn(lines);
          expect([page.rows, page.lastKey]).toEqual([rows.length, rows.at(-1)?.key ?? ""]);
          if (rows.length === 0) break;
          read.push(...rows);
          expect(rows.length).toBeLessThanOrEqual(rowsMax);
          expect(rows.length === 1 || lines.length <= bytesMax).toBe(true);
          // As many as fit: the next one would not.
          const next = expected[read.length];
          if (next !== undefined && rows.length < rowsMax) {
            expect(lines.length + next.key.length + next.data.length + 2).toBeGreaterThan(bytesMax);
          }
          if (read.length > 40 && rowsMax < 5) return;
        }
        expect(read).toEqual(expected);
      }),
      { numRuns: 12 },
    );
  });

  test("of a table without rows are empty", async () => {
    const page = { tableId: newTableId(), after: "", rowsMax: 10, bytesMax: 10 };
    expect(await readPage(database, page)).toEqual({ rows: 0, lastKey: "", lines: "" });
  });

  test("count bytes, not characters", async () => {
    const id = newTableId();
    const data = `{"a":"${"€".repeat(98)}"}`;
    const rows = count(10, () => "0").map((row) => ({ ...row, data }));
    await upsertRows(database, id, [parameter(rows)]);
    // Two keys of two bytes and two data of 302, with a line end after each.
    const page = { tableId: id, after: "", rowsMax: 10, bytesMax: 611 };
    expect((await readPage(database, page)).rows).toBe(1);
    expect((await readPage(database, { ...page, bytesMax: 612 })).rows).toBe(2);
  });
});

describe("counting", () => {
  test("is bounded, goes on after a key, and counts one table", async () => {
    const id = newTableId();
    const all = count(120, () => "0");
    await upsertRows(database, id, [parameter(all)]);
    await upsertRows(database, newTableId(), [parameter(all)]);
    const keys = model(all).map(({ key }) => key);
    for (const rowsMax of [1, 50, 119, 120, 121, 1_000]) {
      const rows = Math.min(rowsMax, 120);
      const step = { tableId: id, after: "", rowsMax };
      expect(await countStep(database, step)).toEqual({ rows, lastKey: keys[rows - 1] });
    }
    const rest = { tableId: id, after: keys[99] ?? "", rowsMax: 1_000 };
    expect((await countStep(database, rest)).rows).toBe(20);
    const none = { tableId: newTableId(), after: "", rowsMax: 10 };
    expect(await countStep(database, none)).toEqual({ rows: 0, lastKey: "" });
  });
});
