/** The sweep: the cron handler that tidies up after exports (promises P5 and P6). */
import { logError, messageOf } from "../log.ts";
import { PARALLEL_CALLS_MAX } from "../warehouse/limits.ts";
import { forEachParallel } from "../warehouse/parallel.ts";
import { type ExportRow, jobIdOf } from "./exports.ts";
import { LOST_AGE_MS, LOST_CHECKED_MAX, SWEEP_FILES, SWEEP_ROUNDS_MAX } from "./limits.ts";
import { ExportRun } from "./run.ts";

/**
 * Deletes the files of expired exports, whose definitions and infos stay, and fails exports
 * whose job is gone. Idempotent.
 *
 * @throws what the store throws; the next sweep goes on.
 */
export async function sweep(env: Env): Promise<void> {
  const results = await Promise.allSettled([deleteExpired(env), failLost(env)]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

const SELECT_EXPIRED = `SELECT id, object_key FROM exports
WHERE object_key IS NOT NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2`;

const FORGET_FILES = `UPDATE exports SET object_key = NULL
WHERE id IN (SELECT value FROM json_each(?1))`;

/** A file is forgotten only after it is deleted. */
async function deleteExpired(env: Env): Promise<void> {
  for (let round = 0; round < SWEEP_ROUNDS_MAX; round += 1) {
    const { results } = await env.CATALOG.prepare(SELECT_EXPIRED)
      .bind(Date.now(), SWEEP_FILES)
      .all<{ id: number; object_key: string }>();
    if (results.length === 0) return;
    await env.FILES.delete(results.map((row) => row.object_key));
    const ids = JSON.stringify(results.map((row) => row.id));
    await env.CATALOG.prepare(FORGET_FILES).bind(ids).run();
  }
}

const SELECT_UNFINISHED = `SELECT id, job_id FROM exports
WHERE status IN ('Pending', 'Running') AND created_at <= ?1 ORDER BY created_at LIMIT ?2`;

/**
 * Fails exports that nobody makes any more: the process died between the record of an export and
 * the start of its job, or the job could not record its own failure. Programs that wait for the
 * end of such an export would wait for ever, and its upload would be left.
 */
async function failLost(env: Env): Promise<void> {
  const { results } = await env.CATALOG.prepare(SELECT_UNFINISHED)
    .bind(Date.now() - LOST_AGE_MS, LOST_CHECKED_MAX)
    .all<Unfinished>();
  await forEachParallel(results, PARALLEL_CALLS_MAX, async (row) => {
    try {
      await failIfLost(env, row);
    } catch (error) {
      // One that fails each time must not keep the others waiting.
      logError("sweep_failed", { exportId: row.id, cause: messageOf(error) });
    }
  });
}

type Unfinished = Pick<ExportRow, "id" | "job_id">;

async function failIfLost(env: Env, row: Unfinished): Promise<void> {
  if (await hasJob(env, row)) return;
  await new ExportRun(env, row.id).giveUp("The export was interrupted. Copy it to try again.");
}

const ENDED: ReadonlySet<InstanceStatus["status"]> = new Set(["complete", "errored", "terminated"]);

async function hasJob(env: Env, row: Unfinished): Promise<boolean> {
  try {
    const job = await env.EXPORT_JOB.get(jobIdOf(row));
    return !ENDED.has((await job.status()).status);
  } catch (error) {
    if (error instanceof Error && error.message.includes("instance.not_found")) return false;
    throw error;
  }
}
