import { SHARDS_MAX } from "./limits.ts";

const counts = new WeakMap<Env, number>();

/**
 * How many shards are bound: `SHARD_0`, `SHARD_1`, … without a gap. At least 1.
 *
 * @throws Error where `SHARD_0` is not bound: the deployment is broken.
 */
export function shardCount(env: Env): number {
  const known = counts.get(env);
  if (known !== undefined) return known;
  let count = 0;
  while (count < SHARDS_MAX && `SHARD_${count}` in env) count += 1;
  if (count === 0) throw new Error("no binding SHARD_0: see wrangler.toml");
  counts.set(env, count);
  return count;
}

/**
 * The database of a shard.
 *
 * @throws Error where it is not bound: a deployment must never drop a shard that has rows.
 */
export function shardDatabase(env: Env, shard: number): D1Database {
  const binding: unknown = Reflect.get(env, `SHARD_${shard}`);
  if (binding === undefined) throw new Error(`no binding SHARD_${shard}: it holds rows`);
  return binding as D1Database;
}
