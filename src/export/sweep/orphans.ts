/** Files that no export names: what a crash or a catalogue taken back in time leaves behind. */
import { ORPHAN_AGE_MS, ORPHAN_PAGE_FILES, ORPHAN_PAGES_MAX } from "../limits.ts";
import { positionOf, savePosition } from "./sweep-position.ts";

/** The keys of all files of exports begin with it (run.ts): `exports/<client>/<id>-<uuid>.zip`. */
const PREFIX = "exports/";

/** The export's id in a key; it finds the record by its primary key. */
const KEY = /^exports\/\d+\/(\d{1,15})-[\da-f-]+\.zip$/;

/**
 * Deletes files below `exports/` that the catalogue does not name. Goes on where the last call
 * ended, a few pages at a time, and begins anew at the end. May be repeated.
 *
 * @throws what a store throws; the next call goes on with the page at which this one failed.
 */
export async function deleteOrphans(env: Env): Promise<void> {
  let position = await positionOf(env, "orphans");
  for (let page = 0; page < ORPHAN_PAGES_MAX; page += 1) {
    const next = await deleteOrphansAfter(env, position);
    if (next !== position) await savePosition(env, "orphans", next);
    if (next === "") return;
    position = next;
  }
}

/** One page of the bucket. Returns the key after which the next one begins; empty: none does. */
async function deleteOrphansAfter(env: Env, position: string): Promise<string> {
  const { objects, truncated } = await env.FILES.list({
    prefix: PREFIX,
    limit: ORPHAN_PAGE_FILES,
    // Not the bucket's cursor: nothing says how long one lives.
    ...(position === "" ? {} : { startAfter: position }),
  });
  // An export names its file before there is one (run.ts), so what is listed first and then
  // looked up is never one on its way. The age is a second net, above all for a catalogue
  // that was taken back in time: for a day that can be undone with no file lost.
  const bornBefore = Date.now() - ORPHAN_AGE_MS;
  const old = objects.filter((file) => file.uploaded.getTime() < bornBefore);
  const orphans = await unnamed(
    env,
    old.map((file) => file.key),
  );
  if (orphans.length > 0) await env.FILES.delete(orphans);
  return truncated ? (objects.at(-1)?.key ?? "") : "";
}

const SELECT_UNNAMED = `SELECT file.value ->> 0 AS key FROM json_each(?1) AS file
WHERE NOT EXISTS (
  SELECT 1 FROM exports
  WHERE exports.id = file.value ->> 1 AND exports.object_key = file.value ->> 0
)`;

/** Those keys that no export names. A key of another form is not one of an export. */
async function unnamed(env: Env, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const files = keys.map((key) => [key, Number(KEY.exec(key)?.[1] ?? 0)]);
  const { results } = await env.CATALOG.prepare(SELECT_UNNAMED)
    .bind(JSON.stringify(files))
    .all<{ key: string }>();
  return results.map((row) => row.key);
}
