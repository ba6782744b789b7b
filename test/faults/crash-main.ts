/**
 * Kills the service for as many rounds as wanted, and the negative control for some:
 *
 *   node test/faults/crash-main.ts --rounds 200 --control-rounds 5 --seed 7
 *
 * `--minutes 10` begins no further round of either after so long.
 */
import { parseArgs } from "node:util";
import { CrashRun, type RoundReport, type Variant } from "./crash/crash.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    "control-rounds": { type: "string", default: "5" },
    minutes: { type: "string", default: "Infinity" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});

/** Findings of a round that are printed; the others are counted. */
const PRINTED_MAX = 5;

/** What is added up and printed of each round. */
const COUNTS = [
  "rounds",
  "kills",
  "requests",
  "points",
  "unknown",
  "checks",
  "exports",
  "resumed",
] as const satisfies readonly (keyof RoundReport)[];

/** What a variant did in all its rounds. */
class Summary {
  readonly #sums = new Map<string, number>();
  readonly #lostOf = new Map<string, number>();
  lost = 0;
  wrong = 0;

  add(report: RoundReport): void {
    for (const name of COUNTS) this.#sums.set(name, (this.#sums.get(name) ?? 0) + report[name]);
    this.lost += report.lost.length;
    this.wrong += report.wrong.length;
    for (const text of report.lost) {
      // Tables of one kind differ in a number at the end.
      const table = text.replace(/^export \d+: /, "an export of ").replace(/[ :](?=k\d).*/, "");
      const kind = table.replace(/_\d.*/, "");
      this.#lostOf.set(kind, (this.#lostOf.get(kind) ?? 0) + 1);
    }
  }

  get text(): string {
    const counts = [...this.#sums].map((entry) => entry.join(" "));
    const lostOf = [...this.#lostOf].map(([table, count]) => `${table} ${count}`);
    const all = [...counts, `lost ${this.lost}`, `wrong ${this.wrong}`].join(", ");
    return lostOf.length === 0 ? all : `${all}; lost of ${lostOf.join(", ")}`;
  }
}

async function crash(variant: Variant, rounds: number, seed: number): Promise<Summary> {
  const summary = new Summary();
  const end = performance.now() + Number(values.minutes) * 60_000;
  const run = await CrashRun.start(variant, seed);
  try {
    for (let round = 1; round <= rounds && performance.now() < end; round += 1) {
      const report = await run.round();
      summary.add(report);
      print(`${variant} ${round}`, report);
    }
    const report = await run.end();
    summary.add(report);
    print(`${variant} end`, report);
  } finally {
    await run.remove();
  }
  return summary;
}

function print(title: string, report: RoundReport): void {
  const counts = COUNTS.map((name) => `${name} ${report[name]}`).join(", ");
  const { lost, wrong } = report;
  console.log(`${title}: ${counts}, lost ${lost.length}, wrong ${wrong.length}`);
  for (const text of [...lost.slice(0, PRINTED_MAX), ...wrong.slice(0, PRINTED_MAX)]) {
    console.log(`  ${text}`);
  }
}

const seed = Number(values.seed);
console.log(`CRASH_SEED=${seed}`);
// First that the audit sees losses, then that there are none.
const early = await crash("early", Number(values["control-rounds"]), seed);
console.log(`the negative control: ${early.text}`);
const late = await crash("late", Number(values.rounds), seed);
console.log(`the Worker: ${late.text}`);
if (late.lost + late.wrong > 0) throw new Error("the Worker lost or mistook something");
if (early.lost === 0) throw new Error("the audit does not see a Worker that loses points");
