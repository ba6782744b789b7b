import { defineConfig } from "vitest/config";

/** Hostile inputs against the built Worker in a process of its own: in Node. */
export default defineConfig({
  test: {
    include: ["test/fuzz/**/*.test.ts"],
    globalSetup: ["./test/support/compile-cache.ts", "./test/support/log-gate/folder.ts"],
    // One after the other: they share the machine, and how long an answer takes is looked at.
    maxWorkers: 1,
    // A machine with other work takes many times as long as an idle one.
    testTimeout: 240_000,
    hookTimeout: 180_000,
    // At the end the log is searched, which an exit after the default of 10 s would leave out.
    teardownTimeout: 60_000,
  },
});
