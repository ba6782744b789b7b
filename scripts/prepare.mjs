/**
 * Prepares a folder of local state: applies the migrations of every D1 binding in wrangler.toml
 * and creates the demo client (scripts/demo.sql). May be run again at any time; what is done is
 * not done twice.
 *
 *   node scripts/prepare.mjs [--persist-to DIR]
 *
 * It does what `wrangler d1 migrations apply --local` and `wrangler d1 execute --local` do, in
 * their tables and files, but in one process: 1 s instead of 2 s for each command.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { getPlatformProxy, unstable_readConfig, unstable_splitSqlQuery } from "wrangler";
import { ROOT } from "./install.mjs";
import { Stop, fail, isMain } from "./process.mjs";
import { markPrepared } from "./state.mjs";

/** The binding that holds the demo client. */
const CATALOG = "CATALOG";

/**
 * Prepares the state folder; it must not be in use by a running server.
 * Returns the names of the migrations that were applied, as `BINDING/file`.
 */
export async function prepare(stateDir) {
  mkdirSync(stateDir, { recursive: true });
  const { d1_databases: databases } = unstable_readConfig({ config: join(ROOT, "wrangler.toml") });
  const configDir = mkdtempSync(join(tmpdir(), "headgate-"));
  try {
    const applied = await withBindings(configDir, databases, stateDir, async (env) => {
      const lists = await Promise.all(databases.map((entry) => migrate(env, entry)));
      await env[CATALOG].batch(statements(env[CATALOG], join(ROOT, "scripts/demo.sql")));
      return lists.flat();
    });
    markPrepared(stateDir);
    return applied;
  } finally {
    rmSync(configDir, { recursive: true });
  }
}

/** Calls `work` with the D1 bindings only: the others would need the Worker's own code. */
async function withBindings(configDir, databases, stateDir, work) {
  const configPath = join(configDir, "wrangler.json");
  writeFileSync(configPath, JSON.stringify({ name: "headgate-prepare", d1_databases: databases }));
  const proxy = await getPlatformProxy({
    configPath,
    persist: { path: join(stateDir, "v3") },
    remoteBindings: false,
  });
  try {
    return await work(proxy.env);
  } finally {
    await proxy.dispose();
  }
}

/** Applies what is missing, each migration with its entry in one transaction, as wrangler does. */
async function migrate(env, { binding, migrations_dir: dir, migrations_table: table }) {
  const database = env[binding];
  const name = `"${table ?? "d1_migrations"}"`;
  await database
    .prepare(
      `CREATE TABLE IF NOT EXISTS ${name} (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         name TEXT UNIQUE,
         applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
       )`,
    )
    .run();
  const { results } = await database.prepare(`SELECT name FROM ${name}`).all();
  const done = new Set(results.map((row) => row.name));
  const files = readdirSync(join(ROOT, dir)).filter((file) => file.endsWith(".sql"));
  const missing = files.filter((file) => !done.has(file)).sort();
  for (const file of missing) {
    const entry = database.prepare(`INSERT INTO ${name} (name) VALUES (?)`).bind(file);
    try {
      await database.batch([...statements(database, join(ROOT, dir, file)), entry]);
    } catch (error) {
      throw new Stop(`Migration ${dir}/${file} failed on ${binding}: ${error.message}`);
    }
  }
  return missing.map((file) => `${binding}/${file}`);
}

function statements(database, path) {
  return unstable_splitSqlQuery(readFileSync(path, "utf8")).map((sql) => database.prepare(sql));
}

async function main() {
  const { values } = parseArgs({ options: { "persist-to": { type: "string" } } });
  const stateDir = resolve(values["persist-to"] ?? join(ROOT, ".wrangler/state"));
  const applied = await prepare(stateDir);
  const what = applied.length === 0 ? "no new migrations" : `applied ${applied.join(", ")}`;
  console.log(`Local state in ${stateDir}: ${what}; the demo client is 4231.`);
}

if (isMain(import.meta.url)) await main().catch(fail);
