/**
 * Makes what the benchmark runs: the Worker's bundle as it is deployed, and the empty Worker's.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

/** The project's folder. */
export const ROOT = join(import.meta.dirname, "../..");
const WRANGLER_TOML = join(ROOT, "wrangler.toml");

/** What wrangler.toml says, in the form that Miniflare takes. */
export type WorkerSettings = ReturnType<typeof unstable_getMiniflareWorkerOptions>["workerOptions"];

/** What a Worker under test has in place of what wrangler.toml says. */
export interface SettingsOptions {
  /** Databases of rows, in place of one. */
  readonly shards?: number;
  /** Variables in place of those of the same names. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Reads wrangler.toml: bindings, variables, compatibility date and flags. */
export function workerSettings({
  shards = 1,
  variables = {},
}: SettingsOptions = {}): WorkerSettings {
  // Wrangler would warn that ADMIN_TOKEN is not set; see workers.ts.
  process.env["WRANGLER_LOG"] ??= "error";
  const { workerOptions } = unstable_getMiniflareWorkerOptions(WRANGLER_TOML);
  // A load would meet the limits; and each local count is a write of the simulator's, not of ours.
  // The simulator's router for assets is a Worker in front of ours: a part of the platform's own
  // front, which the other contestants do not have.
  const settings: WorkerSettings = { ...workerOptions, ratelimits: undefined, assets: undefined };
  const d1Databases = { ...(settings.d1Databases as Record<string, { id: string }> | undefined) };
  for (let shard = 1; shard < shards; shard += 1) {
    d1Databases[`SHARD_${shard}`] = { id: `shard-${shard}` };
  }
  const bindings = settings.bindings as Record<string, string> | undefined;
  return { ...settings, d1Databases, bindings: { ...bindings, ...variables } };
}

/**
 * Bundles the Worker into `folder` as `wrangler deploy` would; returns the bundle's path.
 *
 * @param entry of a variant, as a path; without it the Worker's own.
 */
export async function buildHeadgate(folder: string, entry?: string): Promise<string> {
  await dryRun(WRANGLER_TOML, folder, entry);
  return join(folder, `${basename(entry ?? "worker.ts", ".ts")}.js`);
}

/** Bundles empty.ts with the same tools and the same compatibility settings. */
export async function buildEmpty(folder: string, settings: WorkerSettings): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "wrangler.json");
  const main = join(import.meta.dirname, "empty.ts");
  const { compatibilityDate, compatibilityFlags } = settings;
  writeFileSync(
    config,
    JSON.stringify({
      name: "empty",
      main,
      compatibility_date: compatibilityDate,
      compatibility_flags: compatibilityFlags,
    }),
  );
  await dryRun(config, folder);
  return join(folder, `${basename(main, ".ts")}.js`);
}

async function dryRun(config: string, folder: string, entry?: string): Promise<void> {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const script = entry === undefined ? [] : [entry];
  const flags = ["--dry-run", "--config", config, "--outdir", folder];
  const args = [wrangler, "deploy", ...script, ...flags];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`wrangler deploy --dry-run failed:\n${output}`);
}
