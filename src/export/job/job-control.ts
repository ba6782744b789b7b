/** Jobs of exports as the Workflow's instances: whether one goes on, and its end. */
import { type ExportRow, jobIdOf } from "../exports.ts";
import { isNoInstance } from "./no-instance.ts";

/** What names a job. */
export type JobOwner = Pick<ExportRow, "id" | "job_id">;

const ENDED: ReadonlySet<InstanceStatus["status"]> = new Set(["complete", "errored", "terminated"]);

/**
 * Whether an export's job may still do something. False where it ended, or was never there: an
 * instance is forgotten some days after its end (workflows/reference/limits).
 *
 * @throws what the Workflow throws where it cannot tell.
 */
export async function hasJob(env: Env, row: JobOwner): Promise<boolean> {
  try {
    const job = await env.EXPORT_JOB.get(jobIdOf(row));
    return !ENDED.has((await job.status()).status);
  } catch (error) {
    if (isNoInstance(error)) return false;
    throw error;
  }
}

/**
 * Ends an export's job; one that has ended or is gone is what is wanted. A step that is under
 * way at that moment may run to its end: no step follows it, but what it made may be left.
 *
 * @throws what the Workflow throws; the job may go on then.
 */
export async function endJob(env: Env, row: JobOwner): Promise<void> {
  try {
    const job = await env.EXPORT_JOB.get(jobIdOf(row));
    await job.terminate();
  } catch (error) {
    if (isNoInstance(error)) return;
    // An instance that has ended cannot be ended; one that ends just now says the same.
    if (await hasJob(env, row)) throw error;
  }
}
