import { defineConfig } from "vitest/config";

/** The built Worker over HTTP, killed and started again on the same state folder: in Node. */
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    globalSetup: ["./test/support/compile-cache.ts", "./test/support/log-gate/folder.ts"],
    // One after the other: they share the machine, and how long a kill takes to come matters.
    maxWorkers: 1,
    // Dozens of starts and kills: a machine with other work takes many times as long as an idle one.
    testTimeout: 300_000,
    hookTimeout: 180_000,
    // At the end the log is searched, which an exit after the default of 10 s would leave out.
    teardownTimeout: 60_000,
  },
});
