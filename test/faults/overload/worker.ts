/**
 * The Worker as it is, on shards whose writes take their time: so commits are what limits it, and
 * not the machine that the test shares with it.
 */
import { TableRange as RealRange } from "../../../src/warehouse/table-range.ts";
import { delayedShards } from "../crash/delayed.ts";
import { writeMs } from "./slow-writes.ts";

export { ExportJob } from "../../../src/export/job/job.ts";
// oxlint-disable-next-line import/no-default-export -- what workerd looks for
export { default } from "../../../src/worker.ts";

/** The object in front of a key range, which is all that writes rows. */
export class TableRange extends RealRange {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, delayedShards(env, writeMs));
  }
}
