import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const catalog = await readD1Migrations("migrations/catalog");
const shard = await readD1Migrations("migrations/shard");

export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "./wrangler.toml" },
      miniflare: {
        // Rows are spread over two shards in the tests, so that nothing holds for one only.
        d1Databases: { SHARD_1: "test-shard-1" },
        // All tests are one admin: the limit of a deployment would end a run of them.
        ratelimits: {
          ADMIN_RATE: { namespace_id: "1003", simple: { limit: 1_000_000, period: 10 } },
        },
        bindings: {
          ADMIN_TOKEN: "test-admin-token",
          // Thousands of lines that nobody reads; the tests of the log ask for them.
          LOG_REQUESTS: "none",
          CATALOG_MIGRATIONS: catalog,
          SHARD_MIGRATIONS: shard,
        },
      },
    }),
  ],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [
      "test/e2e/**",
      "test/bench/**",
      "test/faults/**",
      "test/scripts/**",
      "test/console/browser/**",
    ],
    setupFiles: ["./test/support/setup.ts"],
    testTimeout: 30_000,
    // Each test has a client of its own, so files can share a runtime: it halves the time.
    isolate: false,
    maxWorkers: 2,
  },
});
