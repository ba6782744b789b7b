/** The databases and the bucket of a state folder, without the Worker. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPlatformProxy, unstable_readConfig } from "wrangler";

/** What both a release and this one bind. */
export interface Storage {
  readonly CATALOG: D1Database;
  readonly SHARD_0: D1Database;
  readonly FILES: R2Bucket;
}

interface Config {
  readonly d1_databases: unknown;
  readonly r2_buckets: unknown;
}

/**
 * Works on what a state folder keeps; no server may have it open.
 *
 * @param checkout whose wrangler.toml names databases and bucket.
 */
export async function withStorage<T>(
  checkout: string,
  stateFolder: string,
  work: (storage: Storage) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "headgate-upgrade-"));
  const configPath = join(folder, "wrangler.json");
  const config = unstable_readConfig({ config: join(checkout, "wrangler.toml") }) as Config;
  const { d1_databases, r2_buckets } = config;
  writeFileSync(configPath, JSON.stringify({ name: "headgate-storage", d1_databases, r2_buckets }));
  const persist = { path: join(stateFolder, "v3") };
  const proxy = await getPlatformProxy<Storage>({ configPath, persist, remoteBindings: false });
  try {
    return await work(proxy.env);
  } finally {
    await proxy.dispose();
    rmSync(folder, { recursive: true });
  }
}
