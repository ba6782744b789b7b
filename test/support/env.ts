/** The bindings of the tests: those of wrangler.toml, a second shard, and the migrations. */
import { env } from "cloudflare:workers";
import type { D1Migration } from "cloudflare:test";

export interface TestEnv extends Env {
  readonly SHARD_1: D1Database;
  /** 5 in a minute. */
  readonly SMALL_RATE: RateLimit;
  readonly CATALOG_MIGRATIONS: D1Migration[];
  readonly SHARD_MIGRATIONS: D1Migration[];
}

export const testEnv = env as unknown as TestEnv;
