/** Builds a state folder from a kept state, as its release left it an hour ago. */
import { unstable_splitSqlQuery } from "wrangler";
import { Buffer } from "../../src/buffer.ts";
import { ROOT } from "../e2e/constants.ts";
import type { Kept } from "./kept-state.ts";
import { withStorage } from "./storage.ts";

/** How long ago the release was stopped, in ms: its files are good, its jobs are nowhere. */
const STOPPED_AGO_MS = 60 * 60 * 1000;

/** The times of exports as if the release had been stopped {@link STOPPED_AGO_MS} ago. */
const SHIFT = `UPDATE exports SET created_at = created_at + ?1, completed_at = completed_at + ?1,
expires_at = expires_at + ?1`;

/** Builds the folder's databases and its bucket. Nothing is migrated yet. */
export async function buildState(kept: Kept, stateFolder: string): Promise<void> {
  await withStorage(ROOT, stateFolder, async ({ CATALOG, SHARD_0, FILES }) => {
    await load(CATALOG, kept.sql.CATALOG);
    await load(SHARD_0, kept.sql.SHARD_0);
    const shiftMs = Date.now() - kept.madeAt - STOPPED_AGO_MS;
    await CATALOG.prepare(SHIFT).bind(shiftMs).run();
    for (const [key, { contentType, base64 }] of Object.entries(kept.files)) {
      await FILES.put(key, Buffer.from(base64, "base64"), { httpMetadata: { contentType } });
    }
    await beginUpload(CATALOG, FILES, kept.exports.running);
  });
}

async function load(database: D1Database, sql: string): Promise<void> {
  const statements = unstable_splitSqlQuery(`PRAGMA defer_foreign_keys = TRUE;\n${sql}`);
  await database.batch(statements.map((statement) => database.prepare(statement)));
}

/** The bucket gives an upload an id of its own, so the record of it gets that. */
async function beginUpload(catalog: D1Database, files: R2Bucket, exportId: number): Promise<void> {
  const key = await catalog
    .prepare("SELECT object_key FROM exports WHERE id = ?")
    .bind(exportId)
    .first<string>("object_key");
  if (key === null) throw new Error(`export ${exportId} has no upload`);
  const { uploadId } = await files.createMultipartUpload(key);
  await catalog
    .prepare("UPDATE exports SET upload_id = ?2 WHERE id = ?1")
    .bind(exportId, uploadId)
    .run();
}
