/**
 * How full the shards are. The sweep measures them and writes their sizes to the catalogue, where
 * whoever looks a table up that does not exist reads them along (tables.ts).
 */
import { Failures } from "../failures.ts";
import { settingsOf } from "../http/settings.ts";
import { logError, messageOf } from "../log.ts";
import { NEW_TABLE_SHARDS_MAX } from "./limits.ts";
import { shardDatabase, shardNumbers } from "./shards.ts";
import { fromStore } from "./store-errors.ts";

/** A shard as it was measured last. */
export interface ShardSize {
  readonly shard: number;
  readonly bytes: number;
  /** ms since 1970. */
  readonly measured_at: number;
}

/** Reads all {@link ShardSize}s. */
export const SELECT_SHARDS = "SELECT shard, bytes, measured_at FROM shards ORDER BY shard";

const known = new WeakMap<Env, readonly ShardSize[]>();

/** Keeps what {@link SELECT_SHARDS} gave, for this isolate. */
export function rememberShards(env: Env, sizes: readonly ShardSize[]): void {
  known.set(env, sizes);
}

/**
 * The shards that a new table is spread over: the emptiest ones, ascending; none where all are
 * full. One that was not measured yet was just added. As the catalogue had it when a table was
 * looked up last.
 */
export function shardsForNewTable(env: Env): number[] {
  const bytesOf = new Map(known.get(env)?.map(({ shard, bytes }) => [shard, bytes]));
  const { shardBytesMax } = settingsOf(env);
  return shardNumbers(env)
    .map((shard) => ({ shard, bytes: bytesOf.get(shard) ?? 0 }))
    .filter(({ bytes }) => bytes < shardBytesMax)
    .toSorted((a, b) => a.bytes - b.bytes)
    .slice(0, NEW_TABLE_SHARDS_MAX)
    .map(({ shard }) => shard)
    .toSorted((a, b) => a - b);
}

/** Each shard that is bound, with its size where it was measured. One D1 call. */
export async function readShards(
  env: Env,
): Promise<{ readonly shard: number; readonly size: ShardSize | undefined }[]> {
  const { results } = await fromStore(() => env.CATALOG.prepare(SELECT_SHARDS).all<ShardSize>());
  const sizes = new Map(results.map((size) => [size.shard, size]));
  return shardNumbers(env).map((shard) => ({ shard, size: sizes.get(shard) }));
}

const KEEP = `INSERT INTO shards (shard, bytes, measured_at)
SELECT value->>'shard', value->>'bytes', value->>'measured_at' FROM json_each(?1) WHERE true
ON CONFLICT (shard) DO UPDATE SET bytes = excluded.bytes, measured_at = excluded.measured_at`;

/**
 * Measures all shards that are bound, by one cheap statement each, and notes it by one more. A
 * full one has a line in the log each time. One that does not answer keeps its last size and does
 * not keep the others from being measured.
 *
 * @throws what the first shard that failed threw.
 */
export async function measureShards(env: Env): Promise<void> {
  const sizes: ShardSize[] = [];
  const failures = new Failures();
  for (const shard of shardNumbers(env)) {
    try {
      const { meta } = await shardDatabase(env, shard).prepare("SELECT 1").run();
      sizes.push({ shard, bytes: meta.size_after, measured_at: Date.now() });
    } catch (error) {
      logError("shard_not_measured", { shard, cause: messageOf(error) });
      failures.add(error);
    }
  }
  await env.CATALOG.prepare(KEEP).bind(JSON.stringify(sizes)).run();
  reportFull(sizes, settingsOf(env).shardBytesMax);
  failures.throwFirst();
}

function reportFull(sizes: readonly ShardSize[], bytesMax: number): void {
  const message = "takes no new tables: add a shard (docs/operations.md)";
  for (const { shard, bytes } of sizes) {
    if (bytes < bytesMax) continue;
    logError("shard_full", { shard, bytes, bytes_max: bytesMax, message });
  }
}
