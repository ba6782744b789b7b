import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { logGate } from "./test/support/log-gate/reporter.ts";

const catalog = await readD1Migrations("migrations/catalog");
const shard = await readD1Migrations("migrations/shard");

/** Lines of requests that a run of all files has at least: it has some times as many. */
const REQUEST_LINES_MIN = 10_000;

const log = logGate(REQUEST_LINES_MIN);

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
          // One that a few requests meet, however slow the machine is.
          SMALL_RATE: { namespace_id: "1004", simple: { limit: 5, period: 60 } },
        },
        bindings: {
          ADMIN_TOKEN: "test-admin-token",
          // Thousands of lines that nobody reads: they are searched for credentials.
          LOG_REQUESTS: "all",
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
      "test/fuzz/**",
      "test/scripts/**",
      "test/console/browser/**",
    ],
    setupFiles: ["./test/support/setup.ts"],
    onConsoleLog: log.onConsoleLog,
    reporters: ["default", log.reporter],
    // Some take 25 s beside another suite on two busy cores; one that hangs fails all the same.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Of test/promises/model.test.ts: how many programs, which, and how long at most.
    env: {
      MODEL_RUNS: process.env["MODEL_RUNS"] ?? "",
      MODEL_SEED: process.env["MODEL_SEED"] ?? "",
      MODEL_PATH: process.env["MODEL_PATH"] ?? "",
      MODEL_SECONDS: process.env["MODEL_SECONDS"] ?? "",
      // Of test/order/order.test.ts.
      ORDER_SEED: process.env["ORDER_SEED"] ?? "",
    },
    // Each test has a client of its own, so files can share a runtime: it halves the time.
    isolate: false,
    maxWorkers: 2,
  },
});
