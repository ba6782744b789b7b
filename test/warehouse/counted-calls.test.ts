import fc from "fast-check";
import { expect, test } from "vitest";
import type { Chunk } from "../../src/warehouse/chunks.ts";
import { commitCounted, Counter } from "../../src/warehouse/commit-counted.ts";
import { PARAMETER_BYTES_MAX } from "../../src/warehouse/limits.ts";
import { CallLimit } from "../../src/warehouse/parallel.ts";
import type { CountedCommit } from "../../src/warehouse/table-range.ts";
import { testEnv } from "../support/env.ts";

/** What RPC takes in one call (workers/runtime-apis/rpc). */
const RPC_BYTES_MAX = 32 * 1024 * 1024;

const range = { start: 0, shard: 0 };
const table = {
  ...{ id: 7, name: "t", keyNames: ["id"], sortedKeyNames: ["id"], ranges: [range] },
  ...{ columns: new Map<string, number>(), columnsAt: 0, version: "0" },
};

/** The messages to the object, which counts one row of each run of keys as replaced. */
async function messagesOf(keys: readonly Chunk[], chunks: readonly Chunk[], id?: string) {
  const messages: CountedCommit[] = [];
  const stub = {
    commitCounted: (message: CountedCommit) => {
      messages.push(message);
      const { rows, inserted, keys: own } = message.counting;
      const stale = rows - inserted - own.length;
      return Promise.resolve({ tally: { inserted, replaced: own.length, stale } });
    },
  };
  const env = { ...testEnv, TABLE_RANGE: { getByName: () => stub } } as unknown as Env;
  const counter = new Counter(id === undefined ? undefined : { id });
  const context = { env, calls: new CallLimit(6), counter };
  await commitCounted(context, table, {
    ...{ range, run: undefined, keys, chunks },
    ...{ rows: 100, inserted: 0 },
  });
  return { messages, tally: counter.tally };
}

/** Runs as large as they come: their texts do not matter here. */
const chunksOf = (sizes: readonly number[]): Chunk[] =>
  sizes.map((bytes, index) => ({ members: String(index), bytes, rows: 1 }));

const sizes = (maxLength: number) =>
  fc.array(fc.integer({ min: 1, max: PARAMETER_BYTES_MAX }), { minLength: 1, maxLength });

test("each call has what RPC takes, and all keys come before the first row but one call's", () =>
  fc.assert(
    fc.asyncProperty(sizes(40), sizes(40), async (keySizes, rowSizes) => {
      const [keys, chunks] = [chunksOf(keySizes), chunksOf(rowSizes)];
      const { messages, tally } = await messagesOf(keys, chunks, "once");
      for (const { counting, chunks: own } of messages) {
        const all = [...counting.keys, ...own];
        expect(all.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(RPC_BYTES_MAX);
      }
      expect(messages.flatMap(({ counting }) => counting.keys)).toEqual(keys);
      expect(messages.flatMap((message) => message.chunks)).toEqual(chunks);
      const firstRows = messages.findIndex((message) => message.chunks.length > 0);
      const later = messages.slice(firstRows + 1);
      expect(later.flatMap(({ counting }) => counting.keys)).toEqual([]);
      const marks = messages.map(({ counting }) => counting.mark);
      expect(new Set(marks).size).toBe(marks.length);
      expect(tally).toEqual({ inserted: 0, replaced: keys.length, stale: 100 - keys.length });
    }),
  ));

test("the usual request is one call", async () => {
  const { messages } = await messagesOf(chunksOf([1_000]), chunksOf([50_000, 50_000]));
  expect(messages).toHaveLength(1);
});

test("rows that a version switch deletes again are not sent", async () => {
  expect((await messagesOf([], [])).messages).toEqual([]);
});

test("what was sent is given back once the object has answered", async () => {
  const many = (): Chunk => ({ members: new Uint8Array(1_000), bytes: 1_000, rows: 1 });
  const [keys, chunks] = [[many()], [many()]];
  await messagesOf(keys, chunks);
  const left = [...keys, ...chunks].map(({ members }) => members.length);
  expect(left).toEqual([0, 0]);
});
