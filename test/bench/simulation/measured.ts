/** What was measured on a machine (measured.json), and what follows for the simulation. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { measureQueue } from "./queue-times.ts";
import { measureSqlite, type SqliteTimes } from "./sqlite-times.ts";
import { measureWorker, type Setting, type WorkerRun } from "./worker-times.ts";

const FILE = join(import.meta.dirname, "measured.json");

/** The command that measures. */
const COMMAND = "node test/bench/simulation/main.ts --measure";

/** See the module's comment. */
export interface Measured {
  readonly measuredAt: string;
  readonly command: string;
  readonly machine: string;
  readonly runtime: string;
  readonly sqlite: SqliteTimes;
  /** CPU time of a request of one point in the queue of its object, without RPC and D1. */
  readonly queueMsPerRequest: number;
  readonly runs: readonly WorkerRun[];
}

/** Measures everything and writes it down. About two minutes. */
export async function measure(): Promise<Measured> {
  const [cpu] = cpus();
  const measured = {
    measuredAt: new Date().toISOString(),
    command: COMMAND,
    machine: `${cpus().length} x ${cpu?.model ?? "unknown"}, shared`,
    runtime: `Node ${process.versions.node}`,
    sqlite: measureSqlite(),
    queueMsPerRequest: await measureQueue(),
    runs: await measureWorker(),
  };
  writeFileSync(FILE, `${JSON.stringify(measured, null, 2)}\n`);
  return measured;
}

/** What was measured last. */
export function readMeasured(): Measured {
  return JSON.parse(readFileSync(FILE, "utf8")) as Measured;
}

/** The run of a setting. Throws where it was not measured. */
export function runOf({ runs }: Measured, { points, connections }: Setting): WorkerRun {
  const run = runs.find((one) => one.points === points && one.connections === connections);
  if (run === undefined) throw new Error(`${points} x ${connections} was not measured.`);
  return run;
}

/** What a request takes of one thread, in ms: so much, so much for its commit, and for points. */
export interface RequestCost {
  readonly perRequestMs: number;
  readonly perCommitMs: number;
  readonly perPointMs: number;
}

/**
 * Told apart by two runs that differ in how many requests share a commit, and by one with many
 * points. `of` is the time of a request in a run, in ms.
 */
export function requestCost(measured: Measured, of: (run: WorkerRun) => number): RequestCost {
  const alone = runOf(measured, { points: 1, connections: 1 });
  const crowd = runOf(measured, { points: 1, connections: 64 });
  const large = runOf(measured, { points: 1_000, connections: 1 });
  const perPointMs = (of(large) - of(alone)) / (large.points - 1);
  const shared = 1 / alone.requestsPerCommit - 1 / crowd.requestsPerCommit;
  const perCommitMs = Math.max(0, (of(alone) - of(crowd)) / shared);
  return { perRequestMs: of(alone) - perCommitMs - perPointMs, perCommitMs, perPointMs };
}
