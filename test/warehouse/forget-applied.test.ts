import { expect, test } from "vitest";
import { forgetApplied } from "../../src/warehouse/forget-applied.ts";
import { DELETE_STEP_ROWS } from "../../src/delete-in-steps.ts";
import { testEnv } from "../support/env.ts";
import { type Tap, tapEnv } from "../support/tap.ts";

const SHARDS = [testEnv.SHARD_0, testEnv.SHARD_1] as const;
const PREFIX = `forget-${crypto.randomUUID()}-`;

/** Marks of the given instants, long before those of other tests. */
async function mark(database: D1Database, count: number, appliedAt: number): Promise<void> {
  await database
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
      INSERT INTO applied_requests (id, attempt, inserted, replaced, stale, applied_at)
      SELECT ?2 || ?3 || '-' || i, 'x', 0, 0, 0, ?3 FROM n`,
    )
    .bind(count, PREFIX, appliedAt)
    .run();
}

const marks = (database: D1Database): Promise<number[]> =>
  database
    .prepare("SELECT applied_at FROM applied_requests WHERE id GLOB ?1 ORDER BY applied_at")
    .bind(`${PREFIX}*`)
    .all<{ applied_at: number }>()
    .then(({ results }) => results.map((row) => row.applied_at));

test("the oldest are forgotten on all shards, in steps, up to a number", async () => {
  const many = DELETE_STEP_ROWS + 10;
  await mark(SHARDS[0], many, 5);
  await mark(SHARDS[0], 3, 9);
  await mark(SHARDS[1], 2, 5);
  await mark(SHARDS[1], 2, 10);
  const calls: string[] = [];
  const tap: Tap = (call, next) => {
    calls.push(call.binding);
    return next();
  };
  const env = tapEnv(testEnv, tap);
  expect(await forgetApplied(env, 10, DELETE_STEP_ROWS + 5)).toBe(DELETE_STEP_ROWS + 5 + 2);
  expect(calls.toSorted()).toEqual(["SHARD_0", "SHARD_0", "SHARD_1"]);
  expect(await marks(SHARDS[0])).toEqual([5, 5, 5, 5, 5, 9, 9, 9]);
  expect(await marks(SHARDS[1])).toEqual([10, 10]);
  expect(await forgetApplied(env, 10, 1_000)).toBe(8);
  expect(await forgetApplied(env, 10, 1_000)).toBe(0);
  expect(await forgetApplied(env, 11, 0)).toBe(0);
  expect(await marks(SHARDS[1])).toEqual([10, 10]);
});
