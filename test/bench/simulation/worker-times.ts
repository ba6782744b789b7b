/** Runs of the built Worker in the local runtime: what requests take, and how they are grouped. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "../../support/quantile.ts";
import { buildHeadgate, workerSettings } from "../build.ts";
import { WindowRunner } from "../child.ts";
import { Contestant, type Measured } from "../contestants.ts";
import { countingModules } from "../counts.ts";
import type { D1Call } from "../counting.ts";
import { bundleModules, startWorker, type WorkerModule } from "../workers.ts";

/** A number of connections that each send a body of so many points after the other. */
export interface Setting {
  readonly points: number;
  readonly connections: number;
}

/** What was measured of a {@link Setting}. */
export interface WorkerRun extends Setting {
  /** Of the best window, as are the latencies. */
  readonly requestsPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the runtime: the Worker, its object and its databases. */
  readonly cpuMsPerRequest: number;
  /** CPU time of the load generator. */
  readonly clientMsPerRequest: number;
  readonly requestsPerCommit: number;
}

const SETTINGS: readonly Setting[] = [
  ...[1, 4, 16, 32, 64].map((connections) => ({ points: 1, connections })),
  ...[1, 4, 16].map((connections) => ({ points: 100, connections })),
  ...[1, 4].map((connections) => ({ points: 1_000, connections })),
];
const ATTEMPTS_MAX = 3;
const WARM_UP_MS = 1_000;
/** Others use the machine: the rate is that of the window which they disturbed least. */
const WINDOWS = 5;
const WINDOW_MS = 500;

/**
 * Runs all settings, once to measure and once with D1 calls counted. About 90 s.
 * Those that are refused again and again are left out.
 */
export async function measureWorker(): Promise<WorkerRun[]> {
  const folder = mkdtempSync(join(tmpdir(), "headgate-simulation-"));
  try {
    const bundle = await buildHeadgate(join(folder, "dist"));
    const timed = await runAll(join(folder, "timed"), bundleModules(bundle));
    const counted = await runAll(join(folder, "counted"), countingModules(bundle));
    return timed.flatMap((run, index) => {
      const requestsPerCommit = counted[index]?.requestsPerCommit;
      return run === undefined || requestsPerCommit === undefined
        ? []
        : [{ ...run, requestsPerCommit }];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runAll(
  stateFolder: string,
  modules: WorkerModule[],
): Promise<(WorkerRun | undefined)[]> {
  mkdirSync(stateFolder);
  const settings = workerSettings({ variables: { LOG_REQUESTS: "none" } });
  const options = { name: "headgate", direct: true, stateFolder, modules, settings };
  const worker = await startWorker(options);
  const runner = new WindowRunner("load.ts", []);
  try {
    const contestant = Contestant.worker("headgate", worker, runner);
    const isCounted = modules.length > 1;
    const runs: (WorkerRun | undefined)[] = [];
    for (const [index, one] of SETTINGS.entries()) {
      const port = isCounted ? worker.port : 0;
      runs.push(await attempt(() => runOne(contestant, one, `simulated_${index}`, port), one));
    }
    return runs;
  } finally {
    runner.close();
    await worker.close();
  }
}

/** On a machine that others use, a run can meet a refusal: then there is another, or it is left out. */
async function attempt(
  run: () => Promise<WorkerRun>,
  one: Setting,
): Promise<WorkerRun | undefined> {
  for (let left = ATTEMPTS_MAX; left > 0; left -= 1) {
    try {
      return await run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${one.points} x ${one.connections}: ${message}\n`);
      await sleep(WARM_UP_MS);
    }
  }
  return undefined;
}

async function runOne(
  contestant: Contestant,
  { points, connections }: Setting,
  table: string,
  countedPort: number,
): Promise<WorkerRun> {
  const shape = { points, table, numbers: "exact", encoding: "json" } as const;
  const load = { shape, keys: "fresh", concurrency: connections } as const;
  await contestant.run({ ...load, concurrency: 1, windowMs: WARM_UP_MS, requestsMax: 1 });
  await contestant.run({ ...load, windowMs: WARM_UP_MS });
  if (countedPort > 0) await commits(countedPort);
  const windows: Measured[] = [];
  while (windows.length < WINDOWS)
    windows.push(await contestant.run({ ...load, windowMs: WINDOW_MS }));
  const sum = (of: (window: Measured) => number): number =>
    windows.reduce((total, window) => total + of(window), 0);
  const requests = sum((window) => window.requests);
  const written = countedPort > 0 ? await commits(countedPort) : Number.NaN;
  const rates = windows.map((window) => (window.requests / window.elapsedMs) * 1_000);
  const best = windows[rates.indexOf(Math.max(...rates))];
  const latenciesMs = best?.latenciesMs ?? [];
  return {
    ...{ points, connections },
    requestsPerS: Math.max(...rates),
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    cpuMsPerRequest: sum(({ serverCpuMs }) => serverCpuMs ?? Number.NaN) / requests,
    clientMsPerRequest: sum(({ clientCpuMs }) => clientCpuMs) / requests,
    requestsPerCommit: requests / written,
  };
}

/** The calls of shards since the last look. */
async function commits(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/__d1-calls`);
  const calls = await answer.json<D1Call[]>();
  return calls.filter(({ binding }) => binding !== "CATALOG").length;
}
