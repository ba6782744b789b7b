/** Marks of parts of requests that took effect (counting.ts): they are forgotten when old. */
import { deleteInSteps } from "../delete-in-steps.ts";
import { Failures } from "../failures.ts";
import { PARALLEL_CALLS_MAX } from "./limits.ts";
import { forEachParallel } from "./parallel.ts";
import { shardDatabase, shardNumbers } from "./shards.ts";

const FORGET_STEP = `DELETE FROM applied_requests WHERE id IN (
  SELECT id FROM applied_requests WHERE applied_at < ?1 ORDER BY applied_at LIMIT ?2
)`;

/**
 * Forgets the parts of requests that took effect before an instant, the oldest first. One call
 * of each shard, and one more for each DELETE_STEP_ROWS that it had.
 *
 * @param before in ms since 1970; for the sweep: now less IDEMPOTENCY_MS, or earlier.
 * @param max most of them on each shard; what is left is for the next sweep.
 * @returns how many are forgotten.
 * @throws what D1 throws, once all shards were asked: one that fails keeps no other waiting.
 */
export async function forgetApplied(env: Env, before: number, max: number): Promise<number> {
  let forgotten = 0;
  const failures = new Failures();
  await forEachParallel(shardNumbers(env), PARALLEL_CALLS_MAX, async (shard) => {
    try {
      const own = await forgetOnShard(shardDatabase(env, shard), before, max);
      forgotten += own;
    } catch (error) {
      failures.add(error);
    }
  });
  failures.throwFirst();
  return forgotten;
}

function forgetOnShard(database: D1Database, before: number, max: number): Promise<number> {
  const statement = database.prepare(FORGET_STEP);
  return deleteInSteps(max, (rows) => statement.bind(before, rows));
}
