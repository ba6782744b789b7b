/**
 * The negative control: a Worker that acknowledges before the commit, which goes on behind the
 * answer. It breaks promise P1 on purpose; an audit that it passes proves nothing.
 */
import type { CommitResult, CountedResult } from "../../../src/warehouse/commit-queue.ts";
import {
  type CountedCommit,
  type RangeCommit,
  TableRange as RealRange,
} from "../../../src/warehouse/table-range.ts";
import { EARLY_WRITE_DELAY_MS } from "./delay.ts";
import { delayedShards } from "./delayed.ts";

export { ExportJob } from "../../../src/export/job/job.ts";
// oxlint-disable-next-line import/no-default-export -- what workerd looks for
export { default } from "../../../src/worker.ts";

/** Answers at once. */
export class TableRange extends RealRange {
  constructor(ctx: DurableObjectState, env: Env) {
    super(
      ctx,
      delayedShards(env, () => EARLY_WRITE_DELAY_MS),
    );
  }

  override commit(part: RangeCommit): Promise<CommitResult> {
    this.ctx.waitUntil(super.commit(part));
    return Promise.resolve({});
  }

  override commitCounted(part: CountedCommit): Promise<CountedResult> {
    this.ctx.waitUntil(super.commitCounted(part));
    const tally = { inserted: part.counting.rows, replaced: 0, stale: 0 };
    return Promise.resolve({ tally });
  }
}
