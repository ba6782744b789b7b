/** The sweep: the cron handler that tidies up (promises P5 and P6, docs/operations.md). */
import { forgetFailures, forgetSessions } from "../console/session/forget.ts";
import { Failures } from "../failures.ts";
import { forgetOldKeys, forgetOldMarks } from "./repeats.ts";
import { logError, messageOf } from "../log.ts";
import { deleteExpired } from "../export/sweep/expired.ts";
import { endLeftovers } from "../export/sweep/leftovers.ts";
import { failLost } from "../export/sweep/lost.ts";
import { deleteOrphans } from "../export/sweep/orphans.ts";
import { deleteOldRejections } from "../http/rejections/sweep.ts";
import { expireVanished } from "../export/sweep/vanished.ts";
import { measureShards } from "../warehouse/shard-room.ts";

/** In this order, and not at the same time: a database has six calls at once (d1/platform). */
const PARTS = {
  endLeftovers,
  deleteExpired,
  failLost,
  expireVanished,
  deleteOrphans,
  deleteOldRejections,
  forgetOldKeys,
  forgetOldMarks,
  forgetSessions,
  forgetFailures,
  // Last: what was deleted before it makes room.
  measureShards,
};

/**
 * Deletes the files of expired exports, whose definitions and infos stay, fails exports whose
 * job is gone, and brings bucket and catalogue together where they differ. Idempotent. A part
 * that fails is logged and does not keep the others from running.
 *
 * @throws what the first part that failed threw, so that the platform counts the sweep as
 *   failed; the next sweep goes on.
 */
export async function sweep(env: Env): Promise<void> {
  const failures = new Failures();
  for (const [part, run] of Object.entries(PARTS)) {
    try {
      await run(env);
    } catch (error) {
      logError("sweep_failed", { part, cause: messageOf(error) });
      failures.add(error);
    }
  }
  failures.throwFirst();
}
