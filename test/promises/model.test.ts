/**
 * Random programs over all surfaces against a small model: status codes, answers and final tables
 * are equal (P1 to P5). There are as many as fit into some seconds, and a few at least; by hand,
 * `MODEL_RUNS=2000 npx vitest run test/promises/model.test.ts` runs more, and `MODEL_SECONDS` ends
 * that early. A failure prints its seed and path: `MODEL_SEED` and `MODEL_PATH` repeat it.
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

/** Programs of any run, however slow the machine is. */
const RUNS_MIN = 12;
/** Programs that a run without MODEL_RUNS makes at most: only a fast machine has the time. */
const RUNS_MAX = 200;
/** How long a run without MODEL_RUNS begins programs, in s. */
const GATE_SECONDS = 15;

const IS_BY_HAND = setting("MODEL_RUNS") !== undefined;
const RUNS = Number(setting("MODEL_RUNS") ?? RUNS_MAX);
const SEED = Number(setting("MODEL_SEED") ?? Date.now() % 1_000_000_000);
const PATH = setting("MODEL_PATH");
const SECONDS = Number(setting("MODEL_SECONDS") ?? (IS_BY_HAND ? 3_600 : GATE_SECONDS));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

test("any program gives the answers, rows, columns and files of the model", async () => {
  const endAt = performance.now() + SECONDS * 1_000;
  let commands = 0;
  let runs = 0;
  let hasFailed = false;
  console.log(`MODEL_SEED=${SEED}`);
  await fc.assert(
    fc.asyncProperty(program, async (all) => {
      // What is left of a run whose time is over; a program that fails is made small nevertheless.
      if (!hasFailed && runs >= RUNS_MIN && performance.now() > endAt) return;
      try {
        const run = await ModelRun.begin();
        for (const command of all) await run.step(command);
        await run.finish();
      } catch (error) {
        hasFailed = true;
        throw error;
      }
      commands += all.length;
      runs += 1;
    }),
    { numRuns: RUNS, seed: SEED, ...(PATH === undefined ? {} : { path: PATH }) },
  );
  expect(runs).toBeGreaterThan(0);
  console.log(`${runs} programs, ${commands} commands`);
}, 3_600_000);
