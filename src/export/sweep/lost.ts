/** Exports whose job is gone. */
import { logError, messageOf } from "../../log.ts";
import { PARALLEL_CALLS_MAX } from "../../warehouse/limits.ts";
import { forEachParallel } from "../../warehouse/parallel.ts";
import { hasJob, type JobOwner } from "../job/job-control.ts";
import { LOST_AGE_MS, LOST_CHECKED_MAX } from "../limits.ts";
import { ExportRun } from "../job/run.ts";
import { placeOf, savePlace } from "./sweep-position.ts";

const SELECT_UNFINISHED = `SELECT id, job_id, created_at FROM exports
WHERE status IN ('Pending', 'Running') AND created_at <= ?1 AND (created_at, id) > (?2, ?3)
ORDER BY created_at, id LIMIT ?4`;

interface Unfinished extends JobOwner {
  readonly created_at: number;
}

/**
 * Fails exports that nobody makes any more: the process died between the record of an export and
 * the start of its job, or the job could not record its own failure. Programs that wait for the
 * end of such an export would wait for ever, and its upload would be left. Goes on where the
 * last call ended, so that many long exports do not hide the lost ones behind them.
 */
export async function failLost(env: Env): Promise<void> {
  const from = await placeOf(env, "lost");
  const { results } = await env.CATALOG.prepare(SELECT_UNFINISHED)
    .bind(Date.now() - LOST_AGE_MS, from.time, from.id, LOST_CHECKED_MAX)
    .all<Unfinished>();
  await forEachParallel(results, PARALLEL_CALLS_MAX, async (row) => {
    try {
      await failIfLost(env, row);
    } catch (error) {
      // One that fails each time must not keep the others waiting.
      logError("sweep_failed", { exportId: row.id, cause: messageOf(error) });
    }
  });
  const last = results.length < LOST_CHECKED_MAX ? undefined : results.at(-1);
  await savePlace(env, "lost", last && { time: last.created_at, id: last.id });
}

async function failIfLost(env: Env, row: Unfinished): Promise<void> {
  if (await hasJob(env, row)) return;
  await new ExportRun(env, row.id).giveUp("The export was interrupted. Copy it to try again.");
}
