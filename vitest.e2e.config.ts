import { defineConfig } from "vitest/config";

/** The built Worker over HTTP: in Node, one server for all files (test/e2e/setup.ts). */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["./test/support/compile-cache.ts", "./test/e2e/setup.ts"],
    // One after the other: they share the server and the machine.
    maxWorkers: 1,
    // Ten times what the longest take on an idle machine: they serve Workers and start programs.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    // At the end the log is searched, which an exit after the default of 10 s would leave out.
    teardownTimeout: 60_000,
  },
});
