/** Twice the load that can be committed (promise P7), on databases whose writes take their time. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { breaches } from "./overload/promise.ts";
import { describeTrial, runTrial } from "./overload/trial.ts";

test("at twice the load that it can commit, the rest is refused at once", async () => {
  const trial = await runTrial({
    entry: join(import.meta.dirname, "overload/worker.ts"),
    ...{ clients: 16, warmS: 2, capacityS: 3, unloadedS: 5, overloadS: 12, afterS: 3 },
  });
  console.log(describeTrial(trial));
  expect(breaches(trial, true)).toEqual([]);
});
