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
        bindings: {
          ADMIN_TOKEN: "test-admin-token",
          CATALOG_MIGRATIONS: catalog,
          SHARD_MIGRATIONS: shard,
        },
      },
    }),
  ],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "test/bench/**", "test/faults/**"],
    setupFiles: ["./test/support/migrate.ts"],
    testTimeout: 30_000,
    // Each test has a client of its own, so files can share a runtime: it halves the time.
    isolate: false,
    maxWorkers: 2,
  },
});
