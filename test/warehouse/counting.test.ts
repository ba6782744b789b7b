import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Chunk, chunkMember } from "../../src/warehouse/chunks.ts";
import type { Write } from "../../src/warehouse/commit-queue.ts";
import { SentKeys } from "../../src/warehouse/sent-keys.ts";
import type { Tally } from "../../src/warehouse/tally.ts";
import { writeTogether } from "../../src/warehouse/write-together.ts";
import { testEnv } from "../support/env.ts";
import { tapDatabase } from "../support/tap.ts";

const database = testEnv.SHARD_0;

/** A table of its own for each test: these tests need no catalogue. */
let lastTableId = 8_000_000;
function newTableId(): number {
  lastTableId += 1;
  return lastTableId;
}

interface Row {
  readonly key: string;
  readonly sequence: string;
}

const dataOf = (from: string, index: number): string => `{"from":"${from}.${index}"}`;

/** The rows as they are sent, in parameters of so many; each says where it is from. */
function parametersOf(rows: readonly Row[], from: string, perParameter = 100): string[] {
  const parameters: string[] = [];
  for (let at = 0; at < rows.length; at += perParameter) {
    const members = rows
      .slice(at, at + perParameter)
      .map(({ key, sequence }, i) => chunkMember(sequence, "0", key, dataOf(from, at + i)));
    parameters.push(`{${members.join()}}`);
  }
  return parameters;
}

function keysOf(rows: readonly Row[]): readonly Chunk[] {
  const keys = new SentKeys();
  for (const { key, sequence } of rows) keys.add(key, sequence);
  return keys.finish();
}

function counted(rows: readonly Row[], from: string, mark?: string): Write {
  const counting = { rows: rows.length, inserted: 0, keys: keysOf(rows) };
  const parameters = parametersOf(rows, from, 2);
  return { parameters, counting: mark === undefined ? counting : { ...counting, mark } };
}

async function stored(tableId: number): Promise<Map<string, { sequence: bigint; data: string }>> {
  const { results } = await database
    .prepare(
      "SELECT key, CAST(sequence AS TEXT) AS sequence, data FROM rows WHERE table_id = ?1 ORDER BY key",
    )
    .bind(tableId)
    .all<{ key: string; sequence: string; data: string }>();
  return new Map(
    results.map(({ key, sequence, data }) => [key, { sequence: BigInt(sequence), data }]),
  );
}

/** Applies rows one after the other (wire.md 2.9 and 7), and counts each once. */
function apply(
  table: Map<string, { sequence: bigint; data: string }>,
  rows: readonly Row[],
  from: string,
): Tally {
  const before = new Set(table.keys());
  const changed = new Set<string>();
  rows.forEach(({ key, sequence }, index) => {
    const old = table.get(key)?.sequence ?? -2n;
    const now = BigInt(sequence);
    if (now <= old && now !== -1n) return;
    table.set(key, { sequence: now > old ? now : old, data: dataOf(from, index) });
    changed.add(key);
  });
  const inserted = [...changed].filter((key) => !before.has(key)).length;
  const replaced = changed.size - inserted;
  return { inserted, replaced, stale: rows.length - changed.size };
}

const sorted = <T>(map: Map<string, T>): [string, T][] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));

const row: fc.Arbitrary<Row> = fc.record({
  key: fc.constantFrom("A1", "A2", "A3", '"a b"', '"\\u0000"', "true,B10"),
  sequence: fc.constantFrom(
    ...["-1", "0", "1", "9007199254740992", "9007199254740993", "9223372036854775807"],
  ),
});
const request = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 6 }),
  how: fc.constantFrom("plain", "counted", "once", "repeat"),
});

describe("a transaction of counted and other rows", () => {
  test("stores what the rows store one after the other, and counts each of them once", async () => {
    const groups = fc.array(fc.array(request, { minLength: 1, maxLength: 5 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(groups, async (list) => {
        const id = newTableId();
        const expected = new Map<string, { sequence: bigint; data: string }>();
        const marks = new Map<string, Tally>();
        let n = 0;
        for (const group of list) {
          const writes: Write[] = [];
          const tallies: Tally[] = [];
          for (const { rows, how } of group) {
            n += 1;
            // A repeat has a mark of one of the requests before it, and no effect.
            const mark = `${id}/${how === "repeat" ? Math.ceil(n / 2) : n}`;
            const known = how === "repeat" ? marks.get(mark) : undefined;
            const tally = known ?? apply(expected, rows, String(n));
            if (how === "plain") writes.push({ parameters: parametersOf(rows, String(n)) });
            else {
              writes.push(counted(rows, String(n), how === "counted" ? undefined : mark));
              tallies.push(tally);
            }
            if (how === "once" || how === "repeat") marks.set(mark, tally);
          }
          const written = await writeTogether(database, id, writes);
          expect(written.tallies).toEqual(tallies);
        }
        expect(sorted(await stored(id))).toEqual(sorted(expected));
      }),
      { numRuns: 100 },
    );
  });

  test("is one batch, and rows that nobody counts are one statement as before", async () => {
    const calls: string[] = [];
    const tapped = tapDatabase("SHARD_0", database, (call, next) => {
      calls.push(`${call.method} ${call.statements.length}`);
      return next();
    });
    const id = newTableId();
    const rows = [{ key: "A1", sequence: "1" }];
    const plain: Write = { parameters: parametersOf(rows, "a") };
    expect(await writeTogether(tapped, id, [plain])).toEqual({ changes: 1, tallies: [] });
    expect(await writeTogether(tapped, id, [plain, counted(rows, "b"), plain])).toEqual({
      changes: 0,
      tallies: [{ inserted: 0, replaced: 0, stale: 1 }],
    });
    const once = counted([...rows, { key: "A2", sequence: "1" }], "c", `${id}`);
    const tallies = [{ inserted: 1, replaced: 0, stale: 1 }];
    expect(await writeTogether(tapped, id, [once])).toEqual({ changes: 1, tallies });
    expect(await writeTogether(tapped, id, [once])).toEqual({ changes: 0, tallies });
    expect(calls).toEqual(["run 1", "batch 4", "batch 3", "batch 3"]);
  });

  test("rows of a table without keys are all new, once", async () => {
    const id = newTableId();
    const write = (key: string): Write => ({
      parameters: parametersOf([{ key, sequence: "1" }], key),
      counting: { rows: 1, inserted: 1, keys: [], mark: `${id}` },
    });
    const tallies = [{ inserted: 1, replaced: 0, stale: 0 }];
    expect(await writeTogether(database, id, [write("+a")])).toEqual({ changes: 1, tallies });
    expect(await writeTogether(database, id, [write("+b")])).toEqual({ changes: 0, tallies });
    expect([...(await stored(id)).keys()]).toEqual(["+a"]);
  });

  test("a defect of the rows leaves no mark behind", async () => {
    const id = newTableId();
    const good = counted([{ key: "A1", sequence: "1" }], "a", `${id}`);
    const bad: Write = { ...good, parameters: [...good.parameters, "{"] };
    await expect(writeTogether(database, id, [bad])).rejects.toThrow("malformed JSON");
    expect((await writeTogether(database, id, [good])).tallies).toEqual([
      { inserted: 1, replaced: 0, stale: 0 },
    ]);
  });
});
