/**
 * Simulates deployments that no machine here can run (docs/scale.md).
 *
 *   node --disable-warning=ExperimentalWarning test/bench/simulation/main.ts [--measure] [--quick]
 *     [--only grid|catalogue|sensitivity|splits|cost|growth|validate] [--seed N]
 *
 * With --measure it first measures this machine and writes measured.json. --quick simulates 20 s
 * instead of 60. Ends with 1 where the simulation does not agree with the runs that were measured.
 */
import { parseArgs } from "node:util";
import { costOf } from "./cost.ts";
import { grow } from "./growth.ts";
import { measure, type Measured, readMeasured } from "./measured.ts";
import { comparisonText, costText, resultsText } from "./report.ts";
import type { Result } from "./result.ts";
import {
  catalogueScenarios,
  gridScenarios,
  scenario,
  type Scenario,
  sensitivityScenarios,
  splitScenario,
  withoutCatalogue,
} from "./scenarios.ts";
import { simulate } from "./simulation.ts";
import { compare } from "./validate.ts";

const { values } = parseArgs({
  options: {
    measure: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    seed: { type: "string", default: "1" },
  },
});
const QUICK = { seconds: 20, warmUpSeconds: 8 };

function run({ title, parameters }: Scenario): readonly [string, Result] {
  const begin = performance.now();
  const seed = Number(values.seed);
  const result = simulate({ ...parameters, seed, ...(values.quick ? QUICK : {}) });
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
  process.stderr.write(`${title}: ${result.arrived} requests in ${seconds} s\n`);
  return [title, result];
}

function showCosts(measured: Measured): void {
  const costs = [
    [1, 10_000],
    [100, 1_000],
    [1_000, 100],
  ].map(([points = 1, rate = 1]) => {
    const parameters = { ...withoutCatalogue(scenario(measured, rate, 100)), points };
    const [title, result] = run({ title: `${points} points a request`, parameters });
    return [title, costOf(parameters, result, measured.sqlite.fileBytesPerRow)] as const;
  });
  console.log(costText(costs));
}

function showGrowth(): void {
  const base = { seed: Number(values.seed), days: 365, tablesPerDay: 1, shardGbMax: 8 };
  for (const shards of [10, 100]) {
    const grown = grow({ ...base, shards, gbPerTableAndDay: 0.01 });
    console.log(`${shards} shards, a table of 0.01 GB a day made each day, a year:`, grown);
  }
}

const sections: Record<string, (measured: Measured) => void> = {
  validate: (measured) => {
    const comparisons = compare(measured);
    console.log(comparisonText(comparisons));
    if (!comparisons.every(({ isWithin }) => isWithin)) process.exitCode = 1;
  },
  grid: (measured) => console.log(resultsText(gridScenarios(measured).map(run))),
  catalogue: (measured) => console.log(resultsText(catalogueScenarios(measured).map(run))),
  sensitivity: (measured) => console.log(resultsText(sensitivityScenarios(measured).map(run))),
  splits: (measured) => {
    const [title, result] = run(splitScenario(measured));
    console.log(`${title}: ranges by second ${result.rangesBySecond.join(" ")}`);
    console.log(resultsText([[title, result]]));
  },
  cost: showCosts,
  growth: showGrowth,
};

const measured = values.measure ? await measure() : readMeasured();
console.log(`measured ${measured.measuredAt} on ${measured.machine} by ${measured.command}`);
for (const [name, show] of Object.entries(sections)) {
  if (values.only !== "" && values.only !== name) continue;
  console.log(`\n## ${name}\n`);
  show(measured);
}
