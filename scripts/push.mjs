#!/usr/bin/env node
/**
 * `npm run push -- FILE --table NAME`: loads a file over the native import (docs/push.md). Runs
 * on Node 20 with nothing installed.
 */
import { basename } from "node:path";
import { Stop } from "./process.mjs";
import { EXIT, LoadError } from "./push/errors.mjs";
import { Load } from "./push/load.mjs";
import { readOptions } from "./push/options.mjs";
import { Display } from "./push/progress.mjs";
import { USAGE } from "./push/usage.mjs";

/** Exit codes after a signal, as shells count them. */
const SIGNALS = /** @type {const} */ ({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 });

/** @returns {Promise<number>} the exit code */
async function main() {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.isHelp) {
    console.log(USAGE);
    return EXIT.STORED;
  }
  const display = new Display(options);
  warn(options, display);
  const stopping = stopOnSignals(display);
  const load = new Load(options, display, stopping.signal);
  try {
    await load.run();
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    display.error(`${options.path ?? "standard input"}: ${error.message}`);
    display.error(wayOn(load));
    return stopping.code() ?? error.code;
  }
  const code = stopping.code();
  if (code !== undefined) {
    display.error(`stopped; ${wayOn(load)}`);
    return code;
  }
  if (!options.isQuiet) console.log(summary(load));
  return load.counts.skipped > 0 ? EXIT.SKIPPED : EXIT.STORED;
}

/**
 * @param {import("./push/load.mjs").LoadOptions} options
 * @param {Display} display
 */
function warn({ address, isTokenShown }, display) {
  if (isTokenShown) {
    // Where the system allows it, this takes the arguments out of the list of processes.
    process.title = "headgate-push";
    display.note("--token shows in the list of processes and the history of the shell; set");
    display.note("HEADGATE_TOKEN or give --token-file instead");
  }
  const isLocal = /^(?:localhost|127\..*|\[::1\])$/.test(address.hostname);
  if (address.protocol === "http:" && !isLocal) {
    display.note(`the token goes to ${address.host} without encryption`);
  }
}

/**
 * The first signal ends the load behind the requests that are on their way, the second at once:
 * the files are whole at any time.
 * @param {Display} display
 */
function stopOnSignals(display) {
  const controller = new AbortController();
  /** @type {number | undefined} */
  let code;
  for (const [signal, value] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (code !== undefined) process.exit(value);
      code = value;
      display.note("stopping behind the request that is on its way; once more stops at once");
      controller.abort();
    });
  }
  return { signal: controller.signal, code: () => code };
}

/** @param {Load} load */
function wayOn({ rows, options }) {
  const done = options.isDryRun ? "checked" : "done";
  const count = `${rows.toLocaleString("en")} rows are ${done}`;
  if (!options.isResumable || rows === 0) return count;
  return `${count}; the same command goes on behind them`;
}

/** @param {Load} load */
function summary({ options, counts }) {
  const { received, inserted, replaced, stale, skipped, retries, seconds } = counts;
  const numbers = Object.entries({ received, inserted, replaced, stale, skipped, retries })
    .map(([name, count]) => `${count.toLocaleString("en")} ${name}`)
    .join(", ");
  const name = options.path === undefined ? "standard input" : basename(options.path);
  const dry = options.isDryRun ? " (dry run, nothing stored)" : "";
  return `${name}: ${numbers}, ${seconds.toFixed(1)} seconds${dry}`;
}

// npm runs scripts in the folder of the package; names of files are meant from the user's.
if (process.env.npm_lifecycle_event === "push" && process.env.INIT_CWD !== undefined) {
  process.chdir(process.env.INIT_CWD);
}
try {
  process.exitCode = await main();
} catch (error) {
  const isExpected = error instanceof Stop;
  console.error(isExpected ? error.message : error);
  process.exitCode = isExpected ? error.code : EXIT.FAILED;
}
