/**
 * Benchmarks of the built Worker in workerd: `npm run bench`. In one run, in turn, beside an
 * empty Worker and beside a program that uses SQLite without any Worker. All on one machine, so
 * only the shares mean something; nothing here says how fast D1 is in production.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildEmpty, buildHeadgate, workerSettings } from "./build.ts";
import { selectCases, type Case } from "./cases.ts";
import { WindowRunner } from "./child.ts";
import { Contestant } from "./contestants.ts";
import { countCalls, countingModules, type Counts } from "./counts.ts";
import { benchExports } from "./export.ts";
import { measureCase, type CaseResult } from "./measure.ts";
import { readOptions, type Options } from "./options.ts";
import { profileWhile } from "./profile.ts";
import { benchReports } from "./report-bench.ts";
import { caseHeading, caseText, countsText, machineText, profilesText } from "./report.ts";
import { bundleModules, startWorker, withoutBindings, type WorkerModule } from "./workers.ts";

/** The table that gets the million rows. */
const STORED_TABLE = "orders";
/** Bounds the filling of each contestant, in ms; the report says how many rows there are then. */
const FILL_MS_MAX = 60_000;
const PROFILE_MS = 4_000;

const options = readOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "headgate-bench-"));
const cleanups: (() => unknown)[] = [];
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`);
const settings = workerSettings();

// Also where Miniflare's own signal handler ends the process first.
process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
process.once("SIGINT", () => process.exit(130));
try {
  await main();
} finally {
  await cleanUp();
}

async function main(): Promise<void> {
  if (options.command !== "push") return runOnTables();
  say(`before: ${machineText()}`);
  const [bundle, empty] = await Promise.all([
    options.bundle || buildHeadgate(join(folder, "dist")),
    buildEmpty(join(folder, "empty"), settings),
  ]);
  if (options.profile !== "") return profileLoad(bundle);
  const counts = await runCounts(bundle);
  say(countsText(counts));
  const cases = options.countsOnly ? [] : await runCases(bundle, empty);
  if (options.json) process.stdout.write(`${JSON.stringify({ counts, cases }, null, 2)}\n`);
  const targets = [...counts.targets, ...cases.flatMap(({ target }) => target ?? [])];
  const missed = targets.filter((target) => !target.isMet).length;
  say(`\nafter: ${machineText()}`);
  say(`${targets.length - missed} of ${targets.length} targets met`);
  if (options.check && missed > 0) process.exitCode = 1;
}

async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}

async function start(name: string, modules: WorkerModule[], inspectorPort?: number) {
  const worker = await startWorker({
    name,
    modules,
    inspectorPort,
    direct: options.direct,
    settings: name === "empty" ? withoutBindings(settings) : settings,
    stateFolder: join(folder, `state-${name}`),
  });
  cleanups.push(() => worker.close());
  return worker;
}

function startLoad(): WindowRunner {
  const runner = new WindowRunner("load.ts", []);
  cleanups.push(() => runner.close());
  return runner;
}

async function runCounts(bundle: string): Promise<Counts> {
  const worker = await start("counting", countingModules(bundle));
  try {
    return await countCalls(Contestant.worker("headgate", worker, startLoad()), worker.port);
  } catch (error) {
    throw new Error(worker.errors.at(-1) ?? "The Worker logged no error.", { cause: error });
  }
}

/** Exports, or reports: both start Headgate on tables that they have built. */
async function runOnTables(): Promise<void> {
  let modules: WorkerModule[] | undefined;
  const bench = options.command === "report" ? benchReports : benchExports;
  await bench({
    options,
    folder,
    say,
    start: async ({ folder: stateFolder, ...more }) => {
      modules ??= bundleModules(options.bundle || (await buildHeadgate(join(folder, "dist"))));
      const some = { name: "headgate", modules, settings, direct: false };
      const worker = await startWorker({ ...some, stateFolder, ...more });
      cleanups.push(() => worker.close());
      return worker;
    },
    freePort,
  });
}

async function runCases(bundle: string, empty: string): Promise<CaseResult[]> {
  const runner = startLoad();
  const headgate = await start("headgate", bundleModules(bundle));
  const sqlite = Contestant.sqlite(join(folder, "bare.sqlite"));
  cleanups.push(() => sqlite.close());
  const contestants = [
    Contestant.worker("headgate", headgate, runner),
    Contestant.worker("empty", await start("empty", bundleModules(empty)), runner),
    sqlite,
  ];
  try {
    return await measureAll(contestants);
  } catch (error) {
    throw new Error(headgate.errors.at(-1) ?? "The Worker logged no error.", { cause: error });
  }
}

async function measureAll(contestants: Contestant[]): Promise<CaseResult[]> {
  const stopAt = performance.now() + options.budgetMs;
  const results: CaseResult[] = [];
  say(`\n${caseHeading()}`);
  for (const [index, one] of selectCases(options).entries()) {
    if (one.onStoredRows && contestants[0]?.storedRows(STORED_TABLE) === 0) await fill(contestants);
    const table = one.onStoredRows ? STORED_TABLE : `orders_${index}`;
    const bounds = { rounds: options.rounds, windowMs: windowOf(one, options), stopAt };
    const result = await measureCase(one, contestants, table, bounds);
    say(caseText(result));
    results.push(result);
  }
  return results;
}

/** Bodies of 10,000 points take longer than others, and a window needs several of them. */
function windowOf(one: Case, { windowMs }: Options): number {
  return one.shape.points === 10_000 ? windowMs * 2 : windowMs;
}

/** Stores the rows of the second half of the cases, through the contestants themselves. */
async function fill(contestants: Contestant[]): Promise<void> {
  for (const contestant of contestants) {
    const result = await contestant.fill(STORED_TABLE, options.storedRows, FILL_MS_MAX);
    const seconds = result.elapsedMs / 1000;
    const rows = contestant.storedRows(STORED_TABLE).toLocaleString("en");
    say(`\nfilled ${contestant.name} with ${rows} rows in ${seconds.toFixed(1)} s`);
  }
}

async function profileLoad(bundle: string): Promise<void> {
  const inspectorPort = await freePort();
  const worker = await start("headgate", bundleModules(bundle), inspectorPort);
  const contestant = Contestant.worker("headgate", worker, startLoad());
  const points = options.profilePoints;
  const shape = { points, table: STORED_TABLE, numbers: "exact", encoding: "json" } as const;
  const concurrency = points === 1 ? 64 : points <= 100 ? 16 : 1;
  const load = { shape, concurrency, keys: "fresh", windowMs: PROFILE_MS } as const;
  await contestant.run({ ...load, concurrency: 1, requestsMax: 1 });
  await contestant.run({ ...load, windowMs: PROFILE_MS / 4 });
  const profiles = await profileWhile(inspectorPort, options.profile, () => contestant.run(load));
  say(profilesText(profiles));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No free port.");
  return address.port;
}
