import { defineConfig } from "vitest/config";

/** The scripts that need no server of ours: in Node, with a stand-in for wrangler. */
export default defineConfig({
  test: {
    include: ["test/scripts/**/*.test.ts"],
    // They start processes: two at a time are what a small machine can do.
    maxWorkers: 1,
    maxConcurrency: 2,
    // A page of commands is a hundred processes.
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
