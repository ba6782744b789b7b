/**
 * Jobs of exports that a new process does not know of. The platform starts an instance again by
 * itself where its process died (promise P6). The local runtime does so only once the instance
 * is sent something, and says "running" of it until then.
 */
import { logError, messageOf } from "../../log.ts";
import { WAKE_LOST_AGE_MS, WAKES_NOTED_MAX } from "../limits.ts";
import { isNoInstance } from "./no-instance.ts";

/** An unfinished export, and the name of its job. */
export interface Sleeper {
  readonly exportId: number;
  readonly jobId: string;
  /** In ms since 1970. */
  readonly createdAt: number;
}

/** Jobs that were started or woken by this process: no other one of the local runtime is there. */
const awake = new Set<string>();

/** Notes that a job is started here and now. */
export function noteAwake(jobId: string): void {
  if (awake.size >= WAKES_NOTED_MAX) awake.clear();
  awake.add(jobId);
}

/**
 * Lets an export's job go on, once in each process: an event for which no job waits changes
 * nothing for one that runs. A job that was never started, since the process died before it was,
 * is started. Never throws: whoever asks for the export gets it as it is.
 */
export async function wakeJob(env: Env, { exportId, jobId, createdAt }: Sleeper): Promise<void> {
  if (awake.has(jobId)) return;
  // Before anything is awaited: two events at once would make two runs of one job.
  noteAwake(jobId);
  try {
    const job = await env.EXPORT_JOB.get(jobId);
    await job.sendEvent({ type: "wake", payload: null });
  } catch (error) {
    // The next look at the export tries again.
    awake.delete(jobId);
    if (!isNoInstance(error)) return logError("wake_failed", { exportId, cause: messageOf(error) });
    // Another process may be about to start it.
    if (Date.now() - createdAt < WAKE_LOST_AGE_MS) return;
    noteAwake(jobId);
    await env.EXPORT_JOB.create({ id: jobId, params: { exportId } }).catch((cause: unknown) => {
      awake.delete(jobId);
      logError("wake_failed", { exportId, cause: messageOf(cause) });
    });
  }
}
