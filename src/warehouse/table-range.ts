import { DurableObject } from "cloudflare:workers";
import { settingsOf } from "../http/settings.ts";
import { logError, messageOf } from "../log.ts";
import type { Chunk } from "./chunks.ts";
import { writeCommitPoint } from "./commit-metrics.ts";
import {
  CommitQueue,
  type CommitResult,
  type CountedResult,
  storeFailure,
} from "./commit-queue.ts";
import type { Counting } from "./counting.ts";
import { ACTIVATION_STEP_ROWS, ACTIVATION_STEPS_PER_CALL, COMMIT_DEADLINE_MS } from "./limits.ts";
import { RangeLoad } from "./range-load.ts";
import { splitRange } from "./range-split.ts";
import { deleteOlderStep } from "./rows.ts";
import { shardDatabase } from "./shards.ts";
import type { SlotRun } from "./slots.ts";
import { withRetries } from "./store-errors.ts";
import { writeTogether } from "./write-together.ts";

/** What a Worker hands to a range: a part of one request. Stays readable one release back. */
export interface RangeCommit {
  readonly tableId: number;
  readonly shard: number;
  readonly chunks: readonly Chunk[];
  /**
   * The range's slots as the caller knows them. Absent from an older release, and from parts that
   * are put together as if nothing had been split: they neither count as load nor become stale.
   */
  readonly run?: SlotRun;
}

/** A part of a request whose rows are counted. Stays readable one release back. */
export interface CountedCommit extends RangeCommit {
  readonly counting: Counting;
}

/** A version switch on one shard of a table, from a key on ("" for the start). */
export interface RangeActivation {
  readonly tableId: number;
  readonly shard: number;
  readonly version: string;
  readonly after: string;
}

/** How a part of a version switch ended; `next` is where another call goes on, if one must. */
export interface ActivationResult extends CommitResult {
  readonly next?: string;
}

/**
 * One object per table and key range: the single writer of that range. It gives requests an
 * order, commits those that wait together, and pushes back when too many do (design.md 3).
 * Nothing that was acknowledged lives only here: an object can be evicted at any time.
 */
export class TableRange extends DurableObject<Env> {
  readonly #queues = new Map<number, CommitQueue>();
  #load: RangeLoad | undefined;

  /** Commits a part of a request: all of it or nothing. Never rejects (see CommitResult). */
  commit(part: RangeCommit): Promise<CommitResult> {
    return this.#whole(this.#commit(part));
  }

  /**
   * Commits a part of a request, all of it or nothing, and says how its rows fared. Where
   * another request with its mark has taken effect, nothing is written and the answer is that
   * one's. Never rejects (see CommitResult).
   */
  commitCounted(part: CountedCommit): Promise<CountedResult> {
    return this.#whole(this.#commit(part, part.counting));
  }

  #whole(committed: Promise<CountedResult>): Promise<CountedResult> {
    // A client that hangs up does not end the commit that others wait for, too.
    this.ctx.waitUntil(committed);
    return committed;
  }

  /** Deletes rows of lower versions for as many steps as one call may take. Never rejects. */
  async activate(part: RangeActivation): Promise<ActivationResult> {
    const deadline = Date.now() + COMMIT_DEADLINE_MS;
    let after = part.after;
    try {
      const database = shardDatabase(this.env, part.shard);
      for (let i = 0; i < ACTIVATION_STEPS_PER_CALL; i += 1) {
        const step = { ...part, after, stepRows: ACTIVATION_STEP_ROWS };
        const end: string | undefined = await withRetries(deadline, () =>
          deleteOlderStep(database, step),
        );
        if (end === undefined) return {};
        after = end;
      }
      return { next: after };
    } catch (error) {
      return storeFailure(error);
    }
  }

  async #commit(part: RangeCommit, counting?: Counting): Promise<CountedResult> {
    try {
      const queue = this.#queue(part);
      const { run } = part;
      if (run === undefined) return await queue.commit(part.chunks, counting);
      const load = (this.#load ??= new RangeLoad(settingsOf(this.env).splitRequestsPerS));
      if (load.note(run, Date.now())) this.ctx.waitUntil(this.#split(load, part.tableId, run));
      const result = await queue.commit(part.chunks, counting);
      return load.isStale(run) ? { ...result, isStale: true } : result;
    } catch (error) {
      // A shard that is no longer bound: a defect of the deployment.
      return { error: "failed", message: messageOf(error) };
    }
  }

  /** Beside the commits: they neither wait for it nor fail with it. */
  async #split(load: RangeLoad, tableId: number, run: SlotRun): Promise<void> {
    try {
      const { end, isLast } = await splitRange(this.env, tableId, run);
      load.learn(end);
      if (isLast) load.stop();
    } catch (error) {
      // The next window comes to it again.
      logError("split_failed", { table_id: tableId, start: run.start, cause: messageOf(error) });
    }
  }

  #queue({ tableId, shard }: RangeCommit): CommitQueue {
    const known = this.#queues.get(shard);
    if (known !== undefined) return known;
    const database = shardDatabase(this.env, shard);
    const queue = new CommitQueue(
      (writes) => writeTogether(database, tableId, writes),
      (point) => {
        writeCommitPoint(this.env, { ...point, tableId });
      },
    );
    this.#queues.set(shard, queue);
    return queue;
  }
}
