/** What earlier tests left behind of exports, which a sweep would look at in a later one. */
import { testEnv } from "./env.ts";

/** Far below the age from which on the sweep looks at them: no job of an earlier test is as old. */
const OLD_MS = 5 * 60 * 1000;

/**
 * Ends all exports that look as if their job were lost, or soon will, and forgets the files and
 * uploads of ended ones that the sweep would tidy up. It looks at some at a time, by chance or in
 * turn, and logs what it does: without this a test would depend on which files ran before it, and
 * on how long they took.
 */
export async function settleExports(): Promise<void> {
  const { CATALOG } = testEnv;
  await CATALOG.batch([
    CATALOG.prepare(
      `UPDATE exports SET status = 'Error', object_key = NULL, upload_id = NULL
       WHERE status IN ('Pending', 'Running') AND created_at < ?1`,
    ).bind(Date.now() - OLD_MS),
    CATALOG.prepare(
      `UPDATE exports SET object_key = CASE status WHEN 'Completed' THEN object_key END,
       upload_id = NULL WHERE object_key IS NOT NULL
       AND (status = 'Error' OR (status = 'Completed' AND upload_id IS NOT NULL))`,
    ),
    CATALOG.prepare("UPDATE exports SET object_key = NULL WHERE expires_at <= ?1").bind(Date.now()),
  ]);
}
