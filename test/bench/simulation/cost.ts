/** What a billion points cost on the platform, step by step (docs/scale.md has the sources). */
import type { Parameters } from "./parameters.ts";
import type { Result } from "./result.ts";

/** USD, past what the paid plan includes. */
export const PRICES = {
  /** workers/platform/pricing */
  workerRequestsPerMillion: 0.3,
  workerCpuMsPerMillion: 0.02,
  /** durable-objects/platform/pricing */
  objectRequestsPerMillion: 0.15,
  objectGbSecondsPerMillion: 12.5,
  /** d1/platform/pricing */
  rowsReadPerMillion: 0.001,
  rowsWrittenPerMillion: 1,
  storedGbMonth: 0.75,
  /** analytics/analytics-engine/pricing */
  metricPointsPerMillion: 0.25,
  /** observability/pricing, from 2026-12-01 on */
  logGbIngested: 0.25,
};

/** Of an object, whatever it uses (durable-objects/platform/pricing). */
const OBJECT_GB = 0.128;
/** Rows that the upsert reads for a point, as `meta.rows_read` of D1 says locally. */
const ROWS_READ_PER_POINT = 1;
/** Bytes of a line in the log, about. */
const LOG_LINE_BYTES = 400;
const BILLION = 1e9;
const MILLION = 1e6;

/** Parts of the cost of a billion points, in USD. */
export interface Cost {
  readonly requests: number;
  readonly workerCpu: number;
  readonly objectRequests: number;
  readonly objectDuration: number;
  readonly rowsWritten: number;
  readonly rowsRead: number;
  readonly metrics: number;
  readonly logs: number;
  readonly sum: number;
  /** A month of storing them, where each is a row of its own. */
  readonly storageMonth: number;
}

/**
 * What a billion points cost in a deployment like the simulated one.
 *
 * @param fileBytesPerRow of a shard's file.
 */
export function costOf(parameters: Parameters, result: Result, fileBytesPerRow: number): Cost {
  const { worker } = parameters;
  const pointsPerRequest = result.pointsPerS / result.requestsPerS;
  const requests = BILLION / pointsPerRequest;
  const calls = requests * result.objectCallsPerRequest;
  const commits = BILLION / result.rowsPerCommit;
  const cpuMs = requests * worker.perRequestMs + BILLION * worker.perPointMs;
  // All objects are in memory all the time while requests come.
  const objectSeconds = (BILLION / result.pointsPerS) * result.ranges;
  const parts = {
    requests: (requests / MILLION) * PRICES.workerRequestsPerMillion,
    workerCpu: (cpuMs / MILLION) * PRICES.workerCpuMsPerMillion,
    objectRequests: (calls / MILLION) * PRICES.objectRequestsPerMillion,
    objectDuration: ((objectSeconds * OBJECT_GB) / MILLION) * PRICES.objectGbSecondsPerMillion,
    rowsWritten: (BILLION / MILLION) * PRICES.rowsWrittenPerMillion,
    rowsRead: ((BILLION * ROWS_READ_PER_POINT) / MILLION) * PRICES.rowsReadPerMillion,
    metrics: ((requests + commits) / MILLION) * PRICES.metricPointsPerMillion,
    logs: ((requests * LOG_LINE_BYTES) / BILLION) * PRICES.logGbIngested,
  };
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  const storageMonth = ((BILLION * fileBytesPerRow) / BILLION) * PRICES.storedGbMonth;
  return { ...parts, sum, storageMonth };
}
