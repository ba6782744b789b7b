import { forEachParallel } from "../warehouse/parallel.ts";
import { PARALLEL_CALLS_MAX } from "../warehouse/limits.ts";
import { shardCount, shardDatabase } from "../warehouse/shards.ts";

/**
 * Whether the catalogue and every shard answer; if not, which one does not. What it says
 * outside names no cause: the cause is logged.
 */
export async function storeProblem(env: Env): Promise<string | undefined> {
  const databases: [string, D1Database][] = [["The catalogue", env.CATALOG]];
  for (let shard = 0; shard < shardCount(env); shard += 1) {
    databases.push([`Shard ${shard}`, shardDatabase(env, shard)]);
  }
  let problem: string | undefined;
  await forEachParallel(databases, PARALLEL_CALLS_MAX, async ([name, database]) => {
    try {
      await database.prepare("SELECT 1").run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ level: "error", event: "store_down", name, message }));
      problem ??= `${name} cannot be reached.`;
    }
  });
  return problem;
}
