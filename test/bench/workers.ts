/**
 * The Workers under test, each alone in a workerd process of its own, without the development
 * proxy (platform.md, sections 5 and 7).
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { ROOT } from "../e2e/constants.ts";
import { keepLogLine, noteServer } from "../support/log-gate/folder.ts";
import type { WorkerSettings } from "./build.ts";
import { childPids } from "./cpu.ts";

/** The secret of the admin API. */
export const ADMIN_TOKEN = "bench-admin-token";

/** A module of a Worker; the first of a list is the main module. */
export interface WorkerModule {
  name: string;
  source: string;
}

/** How to start a Worker. */
export interface StartOptions {
  name: string;
  modules: WorkerModule[];
  settings: WorkerSettings;
  /** Where D1, R2 and Durable Objects keep their files. */
  stateFolder: string;
  /** Whether the databases in that folder are migrated already and have their client. */
  isPrepared?: boolean;
  /** Whether to load the Worker's own socket, past Miniflare's entry Worker. */
  direct: boolean;
  /** Port for the V8 inspector; undefined for none. */
  inspectorPort?: number;
}

/** A Worker that answers on 127.0.0.1. */
export interface RunningWorker {
  port: number;
  /** The workerd process, where the system tells it. */
  pid: number | undefined;
  /** Errors that the Worker has logged, the newest last. */
  errors: string[];
  /** How many rows its shards hold. */
  countRows(): Promise<number>;
  close(): Promise<void>;
}

/** The settings of a Worker without bindings. */
export function withoutBindings(settings: WorkerSettings): WorkerSettings {
  const { compatibilityDate, compatibilityFlags } = settings;
  return { compatibilityDate, compatibilityFlags };
}

/** The modules of a bundle that Wrangler wrote. */
export function bundleModules(bundle: string): WorkerModule[] {
  return [{ name: basename(bundle), source: readFileSync(bundle, "utf8") }];
}

const ERRORS_KEPT_MAX = 20;

/**
 * Starts a Worker, with an empty database for each D1 binding, migrated and with a client; or on
 * the databases of a folder that is prepared.
 */
export async function startWorker(options: StartOptions): Promise<RunningWorker> {
  noteServer();
  const before = new Set(childPids("workerd"));
  const errors: string[] = [];
  const miniflare = new Miniflare(miniflareOptions(options, errors));
  const entry = await miniflare.ready;
  const databases = Object.keys(options.settings.d1Databases ?? {});
  if (options.isPrepared !== true) await prepare(miniflare, databases);
  const url = options.direct ? await miniflare.unsafeGetDirectURL(options.name) : entry;
  return {
    port: Number(url.port),
    pid: childPids("workerd").find((pid) => !before.has(pid)),
    errors,
    countRows: () => countRows(miniflare, databases),
    close: () => miniflare.dispose(),
  };
}

function miniflareOptions(options: StartOptions, errors: string[]) {
  const { settings, modules, name } = options;
  return convertV4MiniflareOptions({
    ...settings,
    // How Wrangler bundles; the bundle is made already and Miniflare 5 refuses the option.
    modulesRules: undefined,
    name,
    modulesRoot: "/",
    modules: modules.map((module) => ({
      type: "ESModule",
      path: `/${module.name}`,
      contents: module.source,
    })),
    bindings: {
      ...(settings.bindings as Record<string, string> | undefined),
      ADMIN_TOKEN,
    },
    ...(options.direct ? { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] } : {}),
    host: "127.0.0.1",
    port: 0,
    ...(options.inspectorPort === undefined ? {} : { inspectorPort: options.inspectorPort }),
    cf: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    handleStructuredLogs: ({ level, message }) => {
      keepLogLine(message);
      if (level === "error" && errors.push(message) > ERRORS_KEPT_MAX) errors.shift();
    },
    resourcePersistencePath: options.stateFolder,
  });
}

async function prepare(miniflare: Miniflare, bindings: string[]): Promise<void> {
  for (const binding of bindings) await migrate(miniflare, binding);
  if (bindings.includes("CATALOG")) await insertClient(miniflare);
}

/** The statements of a file of SQL. Loading wrangler takes a second, which a restart can save. */
async function statementsOf(path: string): Promise<string[]> {
  const { unstable_splitSqlQuery } = await import("wrangler");
  return unstable_splitSqlQuery(readFileSync(path, "utf8"));
}

/** Applies the binding's migrations: migrations/catalog for CATALOG, migrations/shard else. */
async function migrate(miniflare: Miniflare, binding: string): Promise<void> {
  const database = await miniflare.getD1Database(binding);
  const folder = join(ROOT, "migrations", binding === "CATALOG" ? "catalog" : "shard");
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith(".sql")) continue;
    const statements = await statementsOf(join(folder, file));
    await database.batch(statements.map((statement) => database.prepare(statement)));
  }
}

/** The demo client of a local server. */
async function insertClient(miniflare: Miniflare): Promise<void> {
  const database = await miniflare.getD1Database("CATALOG");
  const statements = await statementsOf(join(ROOT, "scripts/demo.sql"));
  await database.batch(statements.map((statement) => database.prepare(statement)));
}

async function countRows(miniflare: Miniflare, bindings: string[]): Promise<number> {
  let sum = 0;
  for (const binding of bindings.filter((name) => name.startsWith("SHARD_"))) {
    const database = await miniflare.getD1Database(binding);
    sum += (await database.prepare("SELECT count(*) AS rows FROM rows").first<number>("rows")) ?? 0;
  }
  return sum;
}
