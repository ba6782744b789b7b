/** Twice the load that can be committed (promise P7), on databases whose writes take their time. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Breach, breaches } from "./overload/promise.ts";
import { describeTrial, runTrial } from "./overload/trial.ts";

/**
 * Trials until the promise is kept in all that is measured, at most. A machine that stands still
 * for a second, or has other work in one stretch and not in the next, breaks it in one trial: it
 * can only add. A service that breaks it does so in each.
 */
const TRIALS_MAX = 4;

/** A trial takes 40 s on a machine that has ten times as much to do as it has cores. */
const TEST_MS_MAX = 480_000;

test(
  "at twice the load that it can commit, the rest is refused at once",
  { timeout: TEST_MS_MAX },
  async () => {
    let found: Breach[] = [];
    for (let trials = 0; trials < TRIALS_MAX; trials += 1) {
      const trial = await runTrial({
        entry: join(import.meta.dirname, "overload/worker.ts"),
        ...{ clients: 16, warmS: 2, capacityS: 3, unloadedS: 5, overloadS: 12, afterS: 3 },
      });
      console.log(describeTrial(trial));
      found = breaches(trial, true);
      // Nothing is lost and nothing else answered, whatever the machine does.
      expect(found.filter(({ isMeasured }) => !isMeasured)).toEqual([]);
      if (found.length === 0) break;
      console.log(`broken: ${found.map(({ words }) => words).join("; ")}`);
    }
    expect(found).toEqual([]);
  },
);
