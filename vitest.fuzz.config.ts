import { defineConfig } from "vitest/config";

/** Hostile inputs against the built Worker in a process of its own: in Node. */
export default defineConfig({
  test: {
    include: ["test/fuzz/**/*.test.ts"],
    globalSetup: ["./test/support/compile-cache.ts", "./test/support/log-gate/folder.ts"],
    // One after the other: they share the machine, and how long an answer takes is looked at.
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
