/**
 * Kills the program that migrates local databases while it does so, and runs it again: each
 * migration is applied whole, and once (promise P6). `CRASH_SEED=…` repeats the moments.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { ROOT, TOOL_ENVIRONMENT } from "../e2e/constants.ts";
import { Random } from "../support/random.ts";

const seed = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const random = new Random(seed);

/** Kills, each of a program with a folder of its own. */
const KILLS = 3;

/** About how long one migration takes, in ms. */
const MIGRATION_MS = 10;

/** Longest time of a program on a busy machine, in ms. */
const PROGRAM_MS_MAX = 60_000;

function prepare(folder: string) {
  const args = [join(ROOT, "scripts/prepare.mjs"), "--persist-to", folder];
  const env = { ...process.env, ...TOOL_ENVIRONMENT };
  return spawn(process.execPath, args, { cwd: ROOT, env, stdio: "ignore", detached: true });
}

function databases(folder: string): string[] {
  return globSync(join(folder, "v3/d1/*/*.sqlite")).filter((path) => !path.includes("metadata"));
}

/** The names of the migrations that a database says it has. Reads only: the program goes on. */
function namesOf(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'd1_migrations'");
    if (known.get() === undefined) return [];
    const rows = database.prepare("SELECT name FROM d1_migrations ORDER BY id").all();
    return rows.map(({ name }) => String(name));
  } finally {
    database.close();
  }
}

function applied(folder: string): string[][] {
  return databases(folder)
    .map((path) => namesOf(path))
    .toSorted((a, b) => b.length - a.length);
}

/** How many migrations a kill has left in each database. */
function countsIn(folder: string): string {
  try {
    return applied(folder)
      .map(({ length }) => length)
      .join();
  } catch (error) {
    // Where it came while a file was begun, nobody can read it who does not also repair it.
    return String(error);
  }
}

/**
 * Kills the program about when it has applied so many migrations. One that ended before, because
 * somebody looked at its files, was interrupted as well.
 */
async function killAt(folder: string, migrations: number): Promise<void> {
  const program = prepare(folder);
  const closed = once(program, "close");
  await vi.waitFor(
    () => {
      if (program.exitCode !== null) return;
      expect(databases(folder).length).toBeGreaterThan(0);
      expect(applied(folder).flat().length).toBeGreaterThanOrEqual(migrations);
    },
    { timeout: PROGRAM_MS_MAX, interval: 2 },
  );
  await sleep(random.next() * MIGRATION_MS);
  if (program.exitCode === null && program.pid !== undefined) process.kill(-program.pid, "SIGKILL");
  await closed;
}

test("migrations that are killed are whole once they run again", { timeout: 240_000 }, async () => {
  console.log(`CRASH_SEED=${seed}`);
  const all = ["catalog", "shard"]
    .map((name) => readdirSync(join(ROOT, "migrations", name)).toSorted())
    .toSorted((a, b) => b.length - a.length);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const folder = await mkdtemp(join(tmpdir(), "headgate-migrations-"));
    try {
      await killAt(folder, random.below(all.flat().length));
      console.log("killed with migrations:", countsIn(folder));
      const [code] = (await once(prepare(folder), "close")) as [number | null];
      expect(code).toBe(0);
      expect(applied(folder)).toEqual(all);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
});
