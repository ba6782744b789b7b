/** Exports whose file is gone from the bucket before its time. */
import { Failures } from "../../failures.ts";
import { PARALLEL_CALLS_MAX } from "../../warehouse/limits.ts";
import { forEachParallel } from "../../warehouse/parallel.ts";
import { VANISHED_CHECKED_MAX } from "../limits.ts";
import { type Place, placeOf, savePlace } from "./sweep-position.ts";

const SELECT_FILES = `SELECT id, object_key, expires_at FROM exports
WHERE object_key IS NOT NULL AND (expires_at, id) > (?1, ?2)
ORDER BY expires_at, id LIMIT ?3`;

const EXPIRE = `UPDATE exports SET object_key = NULL, expires_at = min(expires_at, ?2)
WHERE id IN (SELECT value FROM json_each(?1)) AND status = 'Completed'`;

interface FileRow {
  readonly id: number;
  readonly object_key: string;
  readonly expires_at: number;
}

/**
 * Expires exports whose file somebody deleted: the bucket's own rule where it is shorter than
 * EXPORT_DAYS, or a person. Their download answers 410 anyway; this lets their info say so.
 * Looks at some files, in the order in which they expire, and goes on with the next call.
 *
 * @throws what a store throws; of the bucket once it was asked for all of these files.
 */
export async function expireVanished(env: Env): Promise<void> {
  const now = Date.now();
  const from = await placeOf(env, "vanished");
  // What is expired is no file to look for.
  const start: Place = from.time > now ? from : { time: now, id: Number.MAX_SAFE_INTEGER };
  const { results } = await env.CATALOG.prepare(SELECT_FILES)
    .bind(start.time, start.id, VANISHED_CHECKED_MAX)
    .all<FileRow>();
  const vanished: number[] = [];
  const failures = new Failures();
  await forEachParallel(results, PARALLEL_CALLS_MAX, async (row) => {
    try {
      if ((await env.FILES.head(row.object_key)) === null) vanished.push(row.id);
    } catch (error) {
      // One that fails each time must not keep the walk at its place.
      failures.add(error);
    }
  });
  if (vanished.length > 0) {
    await env.CATALOG.prepare(EXPIRE).bind(JSON.stringify(vanished), now).run();
  }
  const last = results.length < VANISHED_CHECKED_MAX ? undefined : results.at(-1);
  await savePlace(env, "vanished", last && { time: last.expires_at, id: last.id });
  failures.throwFirst();
}
