/**
 * `npm run bench`: counts of D1 calls, a cold start, pushes beside the other contestants, pushes
 * beside Headgate itself, and the memory of the isolate.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { selectCases, type Case } from "./cases.ts";
import { measureCold } from "./cold.ts";
import { Contestant } from "./contestants.ts";
import { countCalls, countingModules, type Counts } from "./counts.ts";
import { measureCase, type Bounds } from "./measure.ts";
import { measureMemory } from "./memory.ts";
import { measurePair } from "./pairs.ts";
import type { Reading } from "./readings.ts";
import { caseHeading, caseText, countsText } from "./report.ts";
import { makeTables, selfPairs } from "./self.ts";
import { readingsText } from "./summary.ts";
import { bundleModules, type RunningWorker } from "./workers.ts";

/** The table that gets the million rows. */
const STORED_TABLE = "orders";
/** Bounds the filling of each contestant, in ms; the report says how many rows there are then. */
const FILL_MS_MAX = 60_000;
/** Of the time that the cases may take. */
const PAIRS_SHARE = 0.3;
/** How long the memory is watched, in ms. */
const MEMORY_MS = 6_000;

/** Runs the benchmark; returns all that it has measured. */
export async function benchPushes(bench: Bench): Promise<Reading[]> {
  const { options, say } = bench;
  await bench.bundle();
  const counts = await runCounts(bench);
  say(countsText(counts));
  if (options.countsOnly) return counts.readings;
  const own: Reading[] = [];
  for (const run of options.only === "" ? [runCold, runMemory] : []) {
    const readings = await run(bench);
    say(readingsText(readings));
    own.push(...readings);
  }
  const worker = await bench.start({ folder: folderOf(bench, "headgate"), isPrepared: false });
  try {
    const cases = await runCases(bench, worker);
    return [...cases, ...(await runPairs(bench, worker)), ...counts.readings, ...own];
  } catch (error) {
    throw new Error(worker.errors.at(-1) ?? "The Worker logged no error.", { cause: error });
  }
}

function folderOf({ folder }: Bench, name: string): string {
  const state = join(folder, `state-${name}`);
  mkdirSync(state, { recursive: true });
  return state;
}

async function runCounts(bench: Bench): Promise<Counts> {
  const modules = countingModules(await bench.bundle());
  const folder = folderOf(bench, "counting");
  const worker = await bench.start({ folder, isPrepared: false, modules });
  try {
    const contestant = Contestant.worker("headgate", worker, bench.startLoad());
    return await countCalls(contestant, worker.port);
  } catch (error) {
    throw new Error(worker.errors.at(-1) ?? "The Worker logged no error.", { cause: error });
  } finally {
    await worker.close();
  }
}

async function runCold(bench: Bench): Promise<Reading[]> {
  const bundle = await bench.bundle();
  const folder = folderOf(bench, "cold");
  const maker = await bench.start({ folder, isPrepared: false });
  await maker.close();
  const start = (modules: RunningModules) => bench.start({ folder, isPrepared: true, modules });
  return measureCold(bundle, bundleModules(bundle), start, bench.options.rounds);
}

type RunningModules = ReturnType<typeof bundleModules>;

async function runMemory(bench: Bench): Promise<Reading[]> {
  const inspectorPort = await bench.freePort();
  const folder = folderOf(bench, "memory");
  const worker = await bench.start({ folder, isPrepared: false, inspectorPort });
  try {
    const contestant = Contestant.worker("headgate", worker, bench.startLoad());
    const ms = bench.options.quick ? MEMORY_MS / 2 : MEMORY_MS;
    return await measureMemory(worker, contestant, inspectorPort, ms);
  } finally {
    await worker.close();
  }
}

async function runCases(bench: Bench, headgate: RunningWorker): Promise<Reading[]> {
  const contestants = await startContestants(bench, headgate);
  const { options, say } = bench;
  const stopAt = performance.now() + options.budgetMs;
  const readings: Reading[] = [];
  say(`\n${caseHeading()}`);
  for (const [index, one] of selectCases(options).entries()) {
    if (one.onStoredRows && contestants[0]?.storedRows(STORED_TABLE) === 0) {
      await fill(bench, contestants);
    }
    const table = one.onStoredRows ? STORED_TABLE : `orders_${index}`;
    const result = await measureCase(one, contestants, table, boundsOf(bench, one, stopAt));
    say(caseText(result));
    readings.push(...result.readings);
  }
  for (const contestant of contestants) contestant.close();
  return readings;
}

async function startContestants(bench: Bench, headgate: RunningWorker): Promise<Contestant[]> {
  const runner = bench.startLoad();
  const modules = bundleModules(await bench.emptyBundle());
  const empty = { folder: folderOf(bench, "empty"), isPrepared: true, isBare: true };
  const sqlite = Contestant.sqlite(join(bench.folder, "bare.sqlite"));
  bench.atEnd(() => sqlite.close());
  const cluster = await bench.postgres();
  const postgres = cluster === undefined ? [] : [await Contestant.postgres(cluster, runner)];
  for (const one of postgres) bench.atEnd(() => one.close());
  return [
    Contestant.worker("headgate", headgate, runner),
    Contestant.worker("empty", await bench.start({ ...empty, modules }), runner),
    sqlite,
    ...postgres,
  ];
}

/** Bodies of 10,000 points take longer than others, and a window needs several of them. */
function boundsOf({ options }: Bench, { shape }: Pick<Case, "shape">, stopAt: number): Bounds {
  const windowMs = shape.points === 10_000 ? options.windowMs * 2 : options.windowMs;
  return { rounds: options.rounds, windowMs, stopAt };
}

/** Stores the rows of the second half of the cases, through the contestants themselves. */
async function fill({ options, say }: Bench, contestants: Contestant[]): Promise<void> {
  for (const contestant of contestants) {
    const result = await contestant.fill(STORED_TABLE, options.storedRows, FILL_MS_MAX);
    const seconds = result.elapsedMs / 1000;
    const rows = contestant.storedRows(STORED_TABLE).toLocaleString("en");
    say(`\nfilled ${contestant.name} with ${rows} rows in ${seconds.toFixed(1)} s`);
  }
}

/** Headgate beside itself, on the Worker of the cases. */
async function runPairs(bench: Bench, worker: RunningWorker): Promise<Reading[]> {
  const { options, say } = bench;
  const contestant = Contestant.worker("headgate", worker, bench.startLoad());
  const pairs = selfPairs(contestant).filter(({ title }) => title.includes(options.only));
  if (pairs.some(({ title }) => title.startsWith("1,000 tables"))) {
    const seconds = (await makeTables(contestant)) / 1000;
    say(`\nmade 1,000 tables in ${seconds.toFixed(1)} s`);
  }
  const stopAt = performance.now() + options.budgetMs * PAIRS_SHARE;
  const readings: Reading[] = [];
  for (const pair of pairs) {
    const reading = await measurePair(pair, boundsOf(bench, pair.mine.load, stopAt));
    say(readingsText([reading]));
    readings.push(reading);
  }
  return readings;
}
