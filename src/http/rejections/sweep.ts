/** Refused requests that an owner was shown long enough (rejections.ts). */
import { deleteInSteps } from "../../delete-in-steps.ts";
import { REJECTION_AGE_MS_MAX } from "./rows.ts";

/** Old rejections that one sweep deletes at most: all of 100,000 in an hour. */
export const REJECTIONS_SWEPT = 20_000;

const DELETE = `DELETE FROM rejections WHERE id IN (
  SELECT id FROM rejections WHERE last_at <= ?1 ORDER BY last_at LIMIT ?2
)`;

/** Deletes rejections whose last time is more than 7 days ago, in steps. May be repeated. */
export async function deleteOldRejections(env: Env): Promise<void> {
  const until = Date.now() - REJECTION_AGE_MS_MAX;
  const statement = env.CATALOG.prepare(DELETE);
  await deleteInSteps(REJECTIONS_SWEPT, (rows) => statement.bind(until, rows));
}
