import { defineConfig } from "vitest/config";

/** The console in Chromium, against the built Worker (test/console/browser/setup.ts). */
export default defineConfig({
  test: {
    include: ["test/console/browser/**/*.test.ts"],
    globalSetup: ["./test/support/compile-cache.ts", "./test/e2e/setup.ts"],
    // One browser, one server, two cores.
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // At the end the log is searched, which an exit after the default of 10 s would leave out.
    teardownTimeout: 60_000,
  },
});
