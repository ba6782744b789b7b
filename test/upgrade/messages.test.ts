/**
 * Messages of Workers of the first release to the objects of this one: both run for some seconds
 * while a deployment spreads.
 */
import { expect, test } from "vitest";
import type { RangeCommit } from "../../src/warehouse/table-range.ts";
import { testEnv } from "../support/env.ts";

let lastTableId = 7_700_000;

/** What a Worker of the first release sends: no run, and one version beside the labels. */
function firstRelease(tableId: number, version: string, members: string): RangeCommit {
  const chunk = { version, members, bytes: new TextEncoder().encode(members).length };
  return { tableId, shard: 0, chunks: [chunk] };
}

async function stored(tableId: number): Promise<string[]> {
  const { results } = await testEnv.SHARD_0.prepare(
    `SELECT key || ' ' || CAST(sequence AS TEXT) || '/' || CAST(version AS TEXT) || ' ' || data
     AS row FROM rows WHERE table_id = ?1 ORDER BY key`,
  )
    .bind(tableId)
    .all<{ row: string }>();
  return results.map(({ row }) => row);
}

test("rows of an old Worker and of a new one are stored with their versions, in one group", async () => {
  lastTableId += 1;
  const tableId = lastTableId;
  const range = testEnv.TABLE_RANGE.getByName(`${tableId}:0`);
  const old = '"7 A1":{"id":1,"note":"a/b c"},"1795241049244168800 A2":{"id":2}';
  const now = '"8/4 A3":{"id":3},"1795241049244168801/4 A2":{"id":2,"is":"newer"}';
  const run = { start: 0, end: 256 };
  const chunks = [{ members: now, bytes: now.length, rows: 2 }];
  const results = await Promise.all([
    range.commit(firstRelease(tableId, "3", old)),
    range.commit({ tableId, shard: 0, chunks, run }),
    range.commit(firstRelease(tableId, "0", String.raw`"-1 \"k\"":{"id":"k"}`)),
  ]);
  expect(results).toEqual([{}, {}, {}]);
  expect(await stored(tableId)).toEqual([
    '"k" -1/0 {"id":"k"}',
    'A1 7/3 {"id":1,"note":"a/b c"}',
    'A2 1795241049244168801/4 {"id":2,"is":"newer"}',
    'A3 8/4 {"id":3}',
  ]);
});

test("a switch by an old Worker deletes what an old Worker has sent", async () => {
  lastTableId += 1;
  const tableId = lastTableId;
  const range = testEnv.TABLE_RANGE.getByName(`${tableId}:0`);
  await range.commit(firstRelease(tableId, "1", '"1795241049244168800 A1":{"id":1}'));
  await range.commit(firstRelease(tableId, "2", '"5 A2":{"id":2}'));
  const switched = await range.activate({ tableId, shard: 0, version: "2", after: "" });
  expect(switched).toEqual({});
  expect(await stored(tableId)).toEqual(['A2 5/2 {"id":2}']);
});
