import { deleteInSteps } from "../../delete-in-steps.ts";
import { FAILURES_WINDOW_MS, FORGOTTEN_ROWS_MAX, SESSION_IDLE_MS } from "./limits.ts";

const FORGET_SESSIONS = `DELETE FROM console_sessions WHERE hash IN (
  SELECT hash FROM console_sessions WHERE expires_at <= ?1 OR used_at <= ?2 LIMIT ?3
)`;

const FORGET_FAILURES = `DELETE FROM sign_in_failures WHERE address IN (
  SELECT address FROM sign_in_failures WHERE since <= ?1 LIMIT ?2
)`;

/**
 * A part of the sweep: deletes sessions that are over. They have no effect any more; this keeps
 * the table small.
 */
export async function forgetSessions({ CATALOG }: Env): Promise<void> {
  const now = Date.now();
  const sessions = CATALOG.prepare(FORGET_SESSIONS);
  await deleteInSteps(FORGOTTEN_ROWS_MAX, (rows) =>
    sessions.bind(now, now - SESSION_IDLE_MS, rows),
  );
}

/**
 * A part of the sweep: deletes failures that count no more, of which an attack from many
 * addresses leaves many.
 */
export async function forgetFailures({ CATALOG }: Env): Promise<void> {
  const until = Date.now() - FAILURES_WINDOW_MS;
  const failures = CATALOG.prepare(FORGET_FAILURES);
  await deleteInSteps(FORGOTTEN_ROWS_MAX, (rows) => failures.bind(until, rows));
}
