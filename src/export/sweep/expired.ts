/** Files of exports whose time is over (promise P5). */
import { SWEEP_FILES, SWEEP_ROUNDS_MAX } from "../limits.ts";

const SELECT_EXPIRED = `SELECT id, object_key FROM exports
WHERE object_key IS NOT NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2`;

const FORGET_FILES = `UPDATE exports SET object_key = NULL
WHERE id IN (SELECT value FROM json_each(?1))`;

/** Deletes them; a file is forgotten only after it is deleted. May be repeated. */
export async function deleteExpired(env: Env): Promise<void> {
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
