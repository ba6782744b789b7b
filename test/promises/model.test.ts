/**
 * Random programs over all surfaces against a small model: status codes, answers and final tables
 * are equal (P1 to P5). By hand, `MODEL_RUNS=2000 npx vitest run test/promises/model.test.ts` runs
 * more of them. A failure prints its seed and path: `MODEL_SEED` and `MODEL_PATH` repeat it.
 * `MODEL_SECONDS` ends a long run early.
 */
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { program } from "./model-program.ts";
import { ModelRun } from "./model-run.ts";

/** What an environment variable says, if anything. */
function setting(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}

const RUNS = Number(setting("MODEL_RUNS") ?? 12);
const SEED = Number(setting("MODEL_SEED") ?? Date.now() % 1_000_000_000);
const PATH = setting("MODEL_PATH");
const SECONDS = Number(setting("MODEL_SECONDS") ?? 3_600);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

test("any program gives the answers, rows, columns and files of the model", async () => {
  let commands = 0;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(program, async (all) => {
      const run = await ModelRun.begin();
      for (const command of all) await run.step(command);
      await run.finish();
      commands += all.length;
      runs += 1;
    }),
    {
      numRuns: RUNS,
      seed: SEED,
      plugins: [fc.interruptAfterTimeLimit(SECONDS * 1_000)],
      ...(PATH === undefined ? {} : { path: PATH }),
    },
  );
  expect(runs).toBeGreaterThan(0);
  if (setting("MODEL_RUNS") !== undefined) {
    console.log(`seed ${SEED}: ${runs} programs, ${commands} commands`);
  }
}, 3_600_000);
