import { defineConfig } from "vitest/config";

/** The scripts that need no server of ours: in Node, with a stand-in for wrangler. */
export default defineConfig({
  test: {
    include: ["test/scripts/**/*.test.ts"],
    globalSetup: ["./test/support/compile-cache.ts"],
    // They wait for the processes that they start: two files at a time, and two tests of each.
    maxWorkers: 2,
    maxConcurrency: 2,
    // A page of commands is a hundred processes.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
