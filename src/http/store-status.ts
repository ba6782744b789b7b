import { logError, messageOf } from "../log.ts";
import { forEachParallel } from "../warehouse/parallel.ts";
import { PARALLEL_CALLS_MAX } from "../warehouse/limits.ts";
import { shardDatabase, shardNumbers } from "../warehouse/shards.ts";

/** How long an answer is trusted, in ms: status needs no credential, and asks every database. */
const TRUST_MS = 2_000;

const known = new WeakMap<Env, { readonly at: number; readonly problem: string | undefined }>();

/**
 * Whether the catalogue and every shard answer, or did a moment ago; if not, which one does
 * not. What it says outside names no cause: the cause is logged.
 */
export async function storeProblem(env: Env): Promise<string | undefined> {
  const last = known.get(env);
  if (last !== undefined && Date.now() - last.at < TRUST_MS) return last.problem;
  // Who asks meanwhile gets the last answer: however many ask, one at a time is sent on.
  if (last !== undefined) known.set(env, { at: Date.now(), problem: last.problem });
  const problem = await findProblem(env);
  known.set(env, { at: Date.now(), problem });
  return problem;
}

async function findProblem(env: Env): Promise<string | undefined> {
  const databases: [string, D1Database][] = [["The catalogue", env.CATALOG]];
  for (const shard of shardNumbers(env)) {
    databases.push([`Shard ${shard}`, shardDatabase(env, shard)]);
  }
  let problem: string | undefined;
  await forEachParallel(databases, PARALLEL_CALLS_MAX, async ([name, database]) => {
    try {
      await database.prepare("SELECT 1").run();
    } catch (error) {
      logError("store_down", { name, message: messageOf(error) });
      problem ??= `${name} cannot be reached.`;
    }
  });
  return problem;
}
