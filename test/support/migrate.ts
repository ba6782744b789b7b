/** Runs before the tests of each file: applies the migrations to the file's databases. */
import { applyD1Migrations } from "cloudflare:test";
import { shardCount, shardDatabase } from "../../src/warehouse/shards.ts";
import { testEnv } from "./env.ts";

await applyD1Migrations(testEnv.CATALOG, testEnv.CATALOG_MIGRATIONS);
for (let shard = 0; shard < shardCount(testEnv); shard += 1) {
  await applyD1Migrations(shardDatabase(testEnv, shard), testEnv.SHARD_MIGRATIONS);
}
