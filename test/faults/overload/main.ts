/**
 * Twice the load that the service can commit, by hand (promise P7):
 *
 *   node --disable-warning=ExperimentalWarning test/faults/overload/main.ts [seconds] [slow|as-is]
 *
 * `slow` (the default): on databases whose writes take 50 ms and more, so that commits are the
 * limit; `as-is`: the Worker itself, which is limited by the machine. Ends with 1 where the
 * promise is broken.
 */
import { join } from "node:path";
import { breaches } from "./promise.ts";
import { describeTrial, runTrial } from "./trial.ts";

const [seconds = "60", kind = "slow"] = process.argv.slice(2);
const trial = await runTrial({
  ...(kind === "slow" ? { entry: join(import.meta.dirname, "worker.ts") } : {}),
  ...{ clients: 16, warmS: 4, capacityS: 8, unloadedS: 15, overloadS: Number(seconds), afterS: 8 },
});
console.log(describeTrial(trial));
const broken = breaches(trial);
for (const { words } of broken) console.log(`broken: ${words}`);
if (broken.length > 0) process.exitCode = 1;
