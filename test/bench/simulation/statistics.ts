/** What is counted in a simulated run. */
import type { Catalogue } from "./catalogue.ts";
import type { Group } from "./group-commit.ts";
import { Histogram } from "./histogram.ts";
import type { RangeObject } from "./objects.ts";
import type { Parameters } from "./parameters.ts";
import type { Result, Utilisation } from "./result.ts";
import type { Thread } from "./thread.ts";

/** Whom the busy times are of. Objects may become more. */
export interface Servers {
  readonly isolates: readonly Thread[];
  readonly shards: readonly Thread[];
  readonly objects: readonly RangeObject[];
  readonly catalogue: Catalogue;
}

/** Busy times so far, of what was asked until then. */
interface Busy {
  readonly isolates: readonly number[];
  readonly shards: readonly number[];
  readonly objects: readonly number[];
  readonly catalogue: readonly number[];
  readonly reads: number;
  readonly writes: number;
}

const MEGABYTE = 1_000_000;
const NOT_BUSY: Busy = {
  ...{ isolates: [], shards: [], objects: [], catalogue: [] },
  ...{ reads: 0, writes: 0 },
};

/** See the module's comment. Instants in ms since the run began. */
export class Statistics {
  splits = 0;
  objectCalls = 0;
  readonly #servers: Servers;
  readonly #beginMs: number;
  readonly #endMs: number;
  readonly #latencies = new Histogram();
  readonly #rangesBySecond: number[] = [];
  #all = { arrived: 0, committed: 0, object: 0, range: 0, shard: 0, catalogue: 0 };
  /** Of the time that is measured. */
  #some = { arrived: 0, refused: 0, points: 0, commits: 0, members: 0, rows: 0 };
  #statements = 0;
  #bytes = 0;
  #before: Busy = NOT_BUSY;
  #after: Busy = NOT_BUSY;

  constructor({ warmUpSeconds, seconds }: Parameters, servers: Servers) {
    this.#servers = servers;
    this.#beginMs = warmUpSeconds * 1_000;
    this.#endMs = seconds * 1_000;
  }

  #isMeasured(at: number): boolean {
    return at >= this.#beginMs && at < this.#endMs;
  }

  /** To be called each second. */
  tick(now: number, ranges: number): void {
    this.#rangesBySecond.push(ranges);
    if (now === this.#beginMs) this.#before = this.#busy(now);
    if (now === this.#endMs) this.#after = this.#busy(now);
  }

  #busy(now: number): Busy {
    const { isolates, shards, objects, catalogue } = this.#servers;
    const busyMs = (thread: Thread): number => thread.busyMs - thread.backlogMs(now);
    return {
      isolates: isolates.map(busyMs),
      shards: shards.map(busyMs),
      objects: objects.map(({ thread }) => busyMs(thread)),
      catalogue: [busyMs(catalogue.thread)],
      reads: catalogue.reads,
      writes: catalogue.writes,
    };
  }

  arrived(now: number): void {
    this.#all.arrived += 1;
    if (this.#isMeasured(now)) this.#some.arrived += 1;
  }

  refused(by: "object" | "range" | "shard" | "catalogue", now: number): void {
    this.#all[by] += 1;
    if (this.#isMeasured(now)) this.#some.refused += 1;
  }

  answered(latencyMs: number, points: number, at: number): void {
    this.#all.committed += 1;
    if (!this.#isMeasured(at)) return;
    this.#latencies.add(latencyMs);
    this.#some.points += points;
  }

  committed(group: Group, now: number): void {
    if (!this.#isMeasured(now)) return;
    this.#some.commits += 1;
    this.#some.members += group.members.length;
    this.#some.rows += group.rows;
    this.#statements += group.statements;
    this.#bytes += group.bytes;
  }

  /** The figures of the run, once it has ended. */
  result(): Result {
    const seconds = (this.#endMs - this.#beginMs) / 1_000;
    const { arrived, refused, points, commits, members, rows } = this.#some;
    const { object, range, shard, catalogue } = this.#all;
    const use = (kind: "isolates" | "shards" | "objects" | "catalogue"): Utilisation =>
      utilisation(this.#before[kind], this.#after[kind], seconds * 1_000);
    return {
      ...{ arrived: this.#all.arrived, committed: this.#all.committed },
      ...{ refusedByObject: object, refusedByRange: range },
      ...{ refusedByShard: shard, refusedByCatalogue: catalogue },
      requestsPerS: this.#latencies.count / seconds,
      pointsPerS: points / seconds,
      refusedShare: refused / Math.max(1, arrived),
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      commitsPerS: commits / seconds,
      requestsPerCommit: members / Math.max(1, commits),
      rowsPerCommit: rows / Math.max(1, commits),
      statementsPerMb: this.#statements / Math.max(1e-9, this.#bytes / MEGABYTE),
      objectCallsPerRequest: this.objectCalls / Math.max(1, this.#all.arrived),
      ...{ splits: this.splits, ranges: this.#servers.objects.length },
      rangesBySecond: this.#rangesBySecond,
      ...{ isolates: use("isolates"), objects: use("objects"), shards: use("shards") },
      catalogue: use("catalogue"),
      catalogueReadsPerS: (this.#after.reads - this.#before.reads) / seconds,
      catalogueWritesPerS: (this.#after.writes - this.#before.writes) / seconds,
      catalogueRefused: this.#servers.catalogue.refused,
    };
  }
}

function utilisation(
  before: readonly number[],
  after: readonly number[],
  spanMs: number,
): Utilisation {
  const shares = after.map((busyMs, index) => (busyMs - (before[index] ?? 0)) / spanMs);
  const sum = shares.reduce((total, share) => total + share, 0);
  return { mean: sum / Math.max(1, shares.length), max: Math.max(0, ...shares) };
}
