/** The simulation beside real runs of the built Worker, at a small scale on this machine. */
import { type Measured, requestCost } from "./measured.ts";
import type { Parameters } from "./parameters.ts";
import { simulate } from "./simulation.ts";
import type { WorkerRun } from "./worker-times.ts";

/**
 * What may be between them: of the rate, and of the size of groups. The machine is shared, and
 * the event loop of the runtime is taken for a thread that does one thing after the other.
 */
export const TOLERANCE = { requestsPerS: 0.25, requestsPerCommit: 0.4 };

/** A run and what the simulation says of it. */
export interface Comparison {
  readonly run: WorkerRun;
  readonly requestsPerS: number;
  /** The same with the costs that the runs had by CPU time: as if nobody else used the machine. */
  readonly aloneRequestsPerS: number;
  readonly requestsPerCommit: number;
  /** The costs of the simulation come from this run, so it agrees more or less by itself. */
  readonly isFitted: boolean;
  readonly isWithin: boolean;
}

/** Compares all runs that were measured. */
export function compare(measured: Measured): Comparison[] {
  // By the clock: whatever else the machine does slows the runs that are compared alike.
  const clock = requestCost(measured, (run) => 1_000 / run.requestsPerS - run.clientMsPerRequest);
  const cpu = requestCost(measured, (run) => run.cpuMsPerRequest);
  return measured.runs.map((run) => {
    const result = simulate(localParameters(measured, run, clock));
    const alone = simulate(localParameters(measured, run, cpu));
    const isFitted = run.connections === 64 || (run.connections === 1 && run.points !== 100);
    const { requestsPerS, requestsPerCommit } = result;
    const isWithin =
      isNear(requestsPerS, run.requestsPerS, TOLERANCE.requestsPerS) &&
      isNear(requestsPerCommit, run.requestsPerCommit, TOLERANCE.requestsPerCommit);
    const aloneRequestsPerS = alone.requestsPerS;
    return { run, requestsPerS, aloneRequestsPerS, requestsPerCommit, isFitted, isWithin };
  });
}

function isNear(one: number, other: number, share: number): boolean {
  return Math.abs(one - other) <= share * other;
}

/** The local runtime: one thread for all, one range, and clients that wait for each answer. */
function localParameters(
  measured: Measured,
  run: WorkerRun,
  cost: ReturnType<typeof requestCost>,
): Parameters {
  const { perCommitMs, perRequestMs, perPointMs } = cost;
  return {
    ...{ seed: 1, seconds: 10, warmUpSeconds: 2 },
    load: { kind: "closed", connections: run.connections, clientMs: run.clientMsPerRequest },
    ...{ points: run.points, hasFixedPoints: true, pointBytes: measured.sqlite.rowBytes },
    ...{ tables: 1, zipfExponent: 0, tablesPerClient: 1, shards: 1, isolates: 1 },
    worker: { perRequestMs, perPointMs: perPointMs / 2 },
    object: { perRequestMs: 0, perPointMs: 0 },
    shard: { perCommitMs, perStatementMs: 0, perRowMs: perPointMs / 2 },
    ...{ catalogueReadMs: 0, catalogueWriteMs: 0, noteStepMs: 0, queueMsMax: 1e9 },
    ...{ objectRttMs: 0, databaseRttMs: 0, splitRequestsPerS: 0, isOneThread: true },
  };
}
