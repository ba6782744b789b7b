/** Which shards new tables are put on: by the Worker's own rule. */
import { rememberShards, shardsForNewTable } from "../../../src/warehouse/shard-room.ts";

/** What shardsForNewTable looks at: that shards are bound, and the settings. */
const SETTINGS = {
  EXPORT_DAYS: "7",
  PUSH_BODY_BYTES_MAX: "4194304",
  PUSH_RECORDS_MAX: "10000",
  RJMETRICS_POINTS_MAX: "100",
  IMPORT_REQUESTS_PER_10_S: "10000",
  EXPORT_REQUESTS_PER_10_S: "600",
  ADMIN_REQUESTS_PER_10_S: "600",
  LOG_REQUESTS: "none",
};

/** An environment with so many shards, of which no database is ever called. */
export function environment(shards: number, shardGbMax = 8): Env {
  const bindings = Array.from({ length: shards }, (_, shard) => [`SHARD_${shard}`, {}] as const);
  const settings = { ...SETTINGS, SHARD_GB_MAX: String(shardGbMax) };
  return { ...settings, ...Object.fromEntries(bindings) } as unknown as Env;
}

/**
 * The shards of each of so many tables, made one after the other while each new part of one is
 * taken for as large as any other.
 */
export function shardsOfNewTables(tables: number, shards: number): number[][] {
  const env = environment(shards);
  const bytes = Array.from({ length: shards }, () => 0);
  return Array.from({ length: tables }, () => {
    rememberShards(
      env,
      bytes.map((own, shard) => ({ shard, bytes: own, measured_at: 0 })),
    );
    const chosen = shardsForNewTable(env);
    for (const shard of chosen) bytes[shard] = (bytes[shard] ?? 0) + 1;
    return chosen;
  });
}
