/** The sweep: the cron handler that tidies up after exports (promises P5 and P6). */
import { logError, messageOf } from "../../log.ts";
import { SWEEP_FILES, SWEEP_ROUNDS_MAX } from "../limits.ts";
import { endLeftovers } from "./leftovers.ts";
import { failLost } from "./lost.ts";
import { deleteOrphans } from "./orphans.ts";
import { expireVanished } from "./vanished.ts";

/** In this order, and not at the same time: a database has six calls at once (d1/platform). */
const PARTS = { endLeftovers, deleteExpired, failLost, expireVanished, deleteOrphans };

/**
 * Deletes the files of expired exports, whose definitions and infos stay, fails exports whose
 * job is gone, and brings bucket and catalogue together where they differ. Idempotent. A part
 * that fails is logged and does not keep the others from running.
 *
 * @throws what the first part that failed threw, so that the platform counts the sweep as
 *   failed; the next sweep goes on.
 */
export async function sweep(env: Env): Promise<void> {
  const failures: unknown[] = [];
  for (const [part, run] of Object.entries(PARTS)) {
    try {
      await run(env);
    } catch (error) {
      logError("sweep_failed", { part, cause: messageOf(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
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
