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
 * The numbers of all shards that are bound, ascending.
 *
 * @throws Error as {@link shardCount}.
 */
export function shardNumbers(env: Env): number[] {
  return Array.from({ length: shardCount(env) }, (_, shard) => shard);
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

/**
 * A session that reads all that was acknowledged before now (promise P5): the primary answers
 * first, and from then on any replica that has got so far, so that long reads keep no import
 * waiting (d1/best-practices/read-replication).
 *
 * @throws Error as {@link shardDatabase}.
 */
export function freshSession(env: Env, shard: number): D1DatabaseSession {
  return shardDatabase(env, shard).withSession("first-primary");
}
