import { defineConfig } from "vitest/config";

/** The built Worker over HTTP: in Node, one server for all files (test/e2e/setup.ts). */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["./test/support/compile-cache.ts", "./test/e2e/setup.ts"],
    // One after the other: they share the server and the machine.
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
