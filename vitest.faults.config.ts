import { defineConfig } from "vitest/config";

/** The built Worker over HTTP, killed and started again on the same state folder: in Node. */
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    globalSetup: ["./test/support/compile-cache.ts", "./test/support/log-gate/folder.ts"],
    // One after the other: they share the machine, and how long a kill takes to come matters.
    maxWorkers: 1,
    testTimeout: 80_000,
    hookTimeout: 60_000,
  },
});
