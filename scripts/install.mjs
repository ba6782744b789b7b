/**
 * Installs the packages that package-lock.json names, where they are missing or are others.
 * `npm start` and `npm test` call it first, so that both work on a fresh clone. Runs on Node 20
 * with nothing installed; where nothing is to do it takes some milliseconds.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, utimesSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Stop, fail, isMain, start, stopped } from "./process.mjs";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The Node that the tools need; it comes with the package `node`. */
export const NODE = join(ROOT, "node_modules/.bin/node");

/** Where Node keeps what it compiled, for the processes that load the same files again. */
export const COMPILE_CACHE = join(ROOT, "node_modules/.cache/node-compile");

/** A folder, because `mkdir` fails for all but one of those who try at the same time. */
const LOCK = join(ROOT, ".wrangler/install.lock");

/** How often the holder of the lock shows that it lives, and how long after that others wait. */
const LOCK_BEAT_MS = 1_000;
const LOCK_STALE_MS = 10_000;

/**
 * Brings node_modules to the state of package-lock.json. Any number of processes may call it at
 * the same time: one installs, the others wait. May be repeated after any failure; throws a
 * `Stop` that says what to do.
 */
export async function install() {
  if (!existsSync(LOCK) && missing() === undefined) return;
  const release = await lock();
  try {
    const reason = missing();
    if (reason !== undefined) await npmCi(reason);
  } finally {
    release();
  }
}

/** Why an install is needed, or undefined. */
function missing() {
  const wanted = packages(join(ROOT, "package-lock.json"));
  if (wanted === undefined) throw new Stop("package-lock.json is missing: is this a full clone?");
  // npm writes this file when an install is complete, and `npm ci` removes it first.
  const found = packages(join(ROOT, "node_modules/.package-lock.json"));
  if (found === undefined) return "node_modules is missing or incomplete";
  const other = difference(wanted, found);
  if (other !== undefined) return `${other} is not the one of package-lock.json`;
  if (!existsSync(NODE)) return "node_modules/.bin/node is missing";
  return undefined;
}

function packages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** The first package of which the two lists have different versions, if any. */
function difference(wanted, found) {
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    // The empty path is the project itself; optional packages may be for another platform.
    if (path === "" || (optional === true && found[path] === undefined)) continue;
    if (found[path]?.version !== version) return path;
  }
  return Object.keys(found).find((path) => wanted[path] === undefined);
}

async function npmCi(reason) {
  console.log(`Installing packages with npm ci, since ${reason}.`);
  // What an npm configuration may leave out is needed here: nearly all are development packages.
  const include = ["--include=dev", "--include=optional"];
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const { ended } = start("npm", ["ci", ...include, ...quiet], {
    cwd: ROOT,
    env: { ...process.env, PATH: systemPath() },
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  const { code, signal } = await ended;
  if (signal !== undefined) throw stopped(signal);
  if (code !== 0)
    throw new Stop(`npm ci failed with exit code ${code}; see its words above.`, code);
  checkNode();
}

/** PATH without node_modules/.bin: npm must not run on the Node that it is about to replace. */
function systemPath() {
  const isOwn = (folder) => folder.replaceAll("\\", "/").endsWith("node_modules/.bin");
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !isOwn(folder))
    .join(delimiter);
}

function checkNode() {
  const { version } = packages(join(ROOT, "package-lock.json"))["node_modules/node"];
  let found;
  try {
    found = execFileSync(NODE, ["--version"], { encoding: "utf8" }).trim();
  } catch (error) {
    throw new Stop(
      `node_modules/.bin/node does not run (${error.message}). Node ${version} comes with the ` +
        "install script of the package `node`. If npm is set to ignore such scripts " +
        "(`npm config get ignore-scripts`), run: npm ci --ignore-scripts=false",
    );
  }
  if (found !== `v${version}`) {
    throw new Stop(
      `node_modules/.bin/node is ${found}, but package-lock.json asks for v${version}.`,
    );
  }
}

/** Waits for the lock; the function that it returns gives it back. */
async function lock() {
  mkdirSync(join(ROOT, ".wrangler"), { recursive: true });
  for (let told = false; !tryLock(); await sleep(100)) {
    const beatAt = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - beatAt > LOCK_STALE_MS) {
      // Its holder was killed. Taken at once, so that no other waiter sees the same old beat.
      unlock();
      if (tryLock()) break;
    } else if (!told) {
      console.log("Waiting for another install of this project.");
      told = true;
    }
  }
  const beat = setInterval(() => {
    if (existsSync(LOCK)) utimesSync(LOCK, new Date(), new Date());
  }, LOCK_BEAT_MS);
  return () => {
    clearInterval(beat);
    unlock();
  };
}

function tryLock() {
  try {
    mkdirSync(LOCK);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function unlock() {
  try {
    rmdirSync(LOCK);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

if (isMain(import.meta.url)) await install().catch(fail);
