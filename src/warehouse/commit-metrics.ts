/** What the commits of a key range did, for the operator (docs/operations.md). */
import { writePoint } from "../metric-point.ts";
import type { CommitError } from "./commit-queue.ts";

/** A group of requests that were written together, or were not. */
export interface CommitPoint {
  readonly tableId: number;
  readonly outcome: "ok" | CommitError;
  readonly requests: number;
  /** Rows of the database that were changed. */
  readonly changes: number;
  /** Rows that were sent: more where some were stale. */
  readonly rows: number;
  readonly bytes: number;
  readonly ms: number;
  /** Bytes of the requests that wait after it. */
  readonly waitingBytes: number;
}

/**
 * Writes a point of the metrics: index the table's id; blobs "commit" and the outcome; doubles
 * requests, changes, rows, bytes, milliseconds, bytes that wait. Never throws: a commit counts
 * more than its metrics.
 */
export function writeCommitPoint(env: Env, point: CommitPoint): void {
  const { tableId, outcome, requests, changes, rows, bytes, ms, waitingBytes } = point;
  writePoint(env, {
    indexes: [String(tableId)],
    blobs: ["commit", outcome],
    doubles: [requests, changes, rows, bytes, ms, waitingBytes],
  });
}
