/**
 * Kills the service under fire at moments of chance, and audits it (promises P1, P2, P5 and P6).
 * The audit is itself tried on a Worker that loses points. `CRASH_SEED=…` repeats the moments of a
 * run as far as the machine does; `npm run crash` runs more rounds.
 */
import { expect, test } from "vitest";
import { CrashRun, type RoundReport } from "./crash/crash.ts";

const seed = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

/**
 * Rounds of the Worker, and the time after which none begins, in ms, but for the first two, and
 * for what has not come up by then: a kill at the very first acknowledgement leaves no export.
 */
const ROUNDS = 5;
const ROUNDS_MS = 25_000;

/**
 * Most rounds of the negative control; one is enough, unless the client hears of acknowledgements
 * so late that their commits are done (EARLY_WRITE_DELAY_MS).
 */
const CONTROL_ROUNDS = 10;

/** What a run that shows anything has done. */
const EXERCISED = ["kills", "points", "requests", "unknown", "checks", "exports"] as const;

/** The counts of the rounds of a run, added up. */
class Sums {
  readonly #sums = new Map<(typeof EXERCISED)[number], number>();

  add(report: RoundReport): void {
    for (const name of EXERCISED) this.#sums.set(name, (this.#sums.get(name) ?? 0) + report[name]);
  }

  /** Those of which there was nothing. */
  get nothing(): string[] {
    return EXERCISED.filter((name) => (this.#sums.get(name) ?? 0) === 0);
  }
}

/** Longest time of a test, in ms: machines are busy. */
const TEST_MS_MAX = 300_000;

test(
  "nothing that was acknowledged is lost, and every export ends right",
  { timeout: TEST_MS_MAX },
  async () => {
    console.log(`CRASH_SEED=${seed}`);
    const run = await CrashRun.start("late", seed);
    const sums = new Sums();
    try {
      const roundsEnd = performance.now() + ROUNDS_MS;
      for (let round = 1; round <= ROUNDS; round += 1) {
        const isEnough = round > 2 && sums.nothing.length === 0;
        if (isEnough && performance.now() > roundsEnd) break;
        const report = await run.round();
        expect(report).toMatchObject({ lost: [], wrong: [] });
        sums.add(report);
      }
      const end = await run.end();
      expect(end).toMatchObject({ lost: [], wrong: [] });
      sums.add(end);
      // Nothing can be lost of nothing: it was killed under fire, and audited.
      expect(sums.nothing).toEqual([]);
    } finally {
      await run.remove();
    }
  },
);

test(
  "the same audit finds the losses of a Worker that acknowledges too early",
  { timeout: TEST_MS_MAX },
  async () => {
    const run = await CrashRun.start("early", seed);
    try {
      let lost = 0;
      let round = 0;
      while (lost === 0 && round < CONTROL_ROUNDS) {
        lost += (await run.round()).lost.length;
        round += 1;
      }
      console.log(`acknowledged too early: ${lost} points lost in ${round} rounds`);
      expect(lost).toBeGreaterThan(0);
    } finally {
      await run.remove();
    }
  },
);
