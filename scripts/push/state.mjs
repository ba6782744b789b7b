/**
 * The file beside the loaded one that says how far the load has come, so that it can go on. It
 * holds no token.
 */
import { readFile } from "node:fs/promises";
import { LoadError, UsageError } from "./errors.mjs";
import { writeWhole } from "./files.mjs";

/** Of the form of the file; another one is not read. */
const VERSION = 1;

/** How long the service remembers an Idempotency-Key (docs/native-import.md). */
const KEY_KEPT_MS = 86_400_000;

/**
 * What has been stored so far.
 * @typedef {object} Counts
 * @property {number} received
 * @property {number} inserted
 * @property {number} replaced
 * @property {number} stale
 * @property {number} skipped
 * @property {number} retries
 * @property {number} seconds in which the command ran
 */

/** @returns {Counts} */
export function noCounts() {
  return { received: 0, inserted: 0, replaced: 0, stale: 0, skipped: 0, retries: 0, seconds: 0 };
}

/**
 * @typedef {object} State
 * @property {number} version
 * @property {string} load random; the Idempotency-Keys of the batches begin with it
 * @property {import("./source.mjs").Identity} file
 * @property {Record<string, unknown>} options all that decide what is sent, and where
 * @property {import("./batches.mjs").Mark} mark behind the last batch that is stored
 * @property {Counts} counts
 * @property {number} rejected_bytes of the file of rejections
 * @property {string} updated_at
 */

/**
 * What a state of now has besides the load's progress.
 * @param {string} load
 * @param {import("./source.mjs").Identity} file
 * @param {Record<string, unknown>} options
 */
export function newState(load, file, options) {
  return { version: VERSION, load, file, options, updated_at: new Date().toISOString() };
}

/**
 * Writes the state; it is the old or the new one at any time.
 * @param {string} path
 * @param {State} state
 */
export async function saveState(path, state) {
  try {
    await writeWhole(path, `${JSON.stringify(state, undefined, 2)}\n`);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new LoadError(`the state cannot be kept: ${message}\nWith --no-resume none is kept.`);
  }
}

/**
 * The state of a load that stopped, if there is one. Throws a UsageError where it is of another
 * file or of other options, unless it has nothing to lose.
 * @param {string} path
 * @param {import("./source.mjs").Identity} file
 * @param {Record<string, unknown>} options
 * @returns {Promise<State | undefined>}
 */
export async function loadState(path, file, options) {
  const state = await readState(path);
  if (state === undefined) return undefined;
  const differences = [
    ...Object.entries(file)
      .filter(([name, value]) => state.file[name] !== value)
      .map(([name]) => `the file (its ${name.replace("_", " ").replace("_", "-")})`),
    ...Object.entries(options)
      .filter(([name, value]) => state.options[name] !== value)
      .map(([name, value]) => `${name}: ${shown(state.options[name])} then, ${shown(value)} now`),
  ];
  if (differences.length === 0) return state;
  if (state.mark.index === 0) return undefined;
  throw refusal(path, `a load stopped here that was another one:\n  ${differences.join("\n  ")}`);
}

/**
 * Whether the service may have forgotten the keys of a load, so that the batch on its way when
 * the load stopped may be applied once more.
 * @param {State} state
 * @param {number} [now] ms since 1970
 */
export function isOld(state, now = Date.now()) {
  return now - Date.parse(state.updated_at) >= KEY_KEPT_MS;
}

/** @param {string} path */
async function readState(path) {
  let text;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    throw refusal(path, `it cannot be read: ${/** @type {Error} */ (error).message}`);
  }
  try {
    const state = JSON.parse(text);
    if (state.version === VERSION) return state;
  } catch {
    // As one of another version.
  }
  throw refusal(path, "it is not a state that this version of the command writes");
}

/**
 * @param {string} path
 * @param {string} reason
 */
function refusal(path, reason) {
  const advice = "--restart loads from the beginning; --no-resume does too, and keeps no state.";
  return new UsageError(`${path}: ${reason}\n${advice}`);
}

/** @param {unknown} value of an option */
function shown(value) {
  return value === null || value === undefined ? "none" : JSON.stringify(value);
}
