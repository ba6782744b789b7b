/** Runs before the tests of each file: migrations, and notes that nobody has to wait for. */
import { applyD1Migrations } from "cloudflare:test";
import { afterEach } from "vitest";
import { importJobsOf } from "../../src/http/calls/import-jobs.ts";
import { rejectionsOf } from "../../src/http/rejections/rejections.ts";
import { shardCount, shardDatabase } from "../../src/warehouse/shards.ts";
import { testEnv } from "./env.ts";
import { takeFindings } from "./quiet-console.ts";
import { send } from "./tenant.ts";

await applyD1Migrations(testEnv.CATALOG, testEnv.CATALOG_MIGRATIONS);
for (let shard = 0; shard < shardCount(testEnv); shard += 1) {
  await applyD1Migrations(shardDatabase(testEnv, shard), testEnv.SHARD_MIGRATIONS);
}

// Whoever waits for all that an invocation left behind would wait seconds for these.
importJobsOf(testEnv, 0);
rejectionsOf(testEnv, 0);

// Vitest loads what is behind an import() over a connection that belongs to one request: others that
// come meanwhile wait for it in vain. The built Worker has all modules inline.
await (await send("/openapi.json")).text();
await (await send("/api/v1/tables/t/rows", { method: "POST" })).text();

// First, so that it runs after those of the file: what a test waits for at its end may log, too.
afterEach(() => {
  const findings = takeFindings();
  if (findings.length > 0) throw new Error(`the log has a credential: ${findings.join("; ")}`);
});
