/**
 * Calls of wrangler: for its answer, or before the eyes of whoever deploys. What is asked and what
 * is answered are those of the version in package.json.
 */
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { NODE, ROOT } from "../install.mjs";
import { Stop, start, stopped } from "../process.mjs";

/** The tests put another program here, which keeps an account in a file (test/scripts). */
const PROGRAM =
  process.env.HEADGATE_WRANGLER ?? join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/** The tools' environment: the project's Node first, no telemetry, no colours to be read around. */
function environment(more) {
  return {
    ...process.env,
    PATH: [join(ROOT, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter),
    WRANGLER_SEND_METRICS: process.env.WRANGLER_SEND_METRICS ?? "false",
    WRANGLER_HIDE_BANNER: "true",
    ...more,
  };
}

/**
 * Wrangler for one wrangler.toml.
 *
 * @param configPath its path, absolute.
 * @param env more of the environment, such as the account.
 * @returns three ways to run it; all take its arguments.
 *   - `ask(args, input)`: without a terminal, so that it asks nothing; its words are returned as
 *     `{ code, stdout, stderr }` without colours. `input` is what it reads, if anything.
 *   - `demand(args, input)`: the same for calls that have to succeed; its standard output.
 *   - `show(args, { quiet, env })`: its words go to our output; `quiet` gives it no terminal to
 *     ask questions on.
 *   The last two throw a {@link Stop} where it fails.
 */
export function wranglerOf(configPath, env = {}) {
  const isDefault = configPath === join(ROOT, "wrangler.toml");
  const command = (args) => [PROGRAM, ...args, ...(isDefault ? [] : ["--config", configPath])];
  const run = { command, env };
  return {
    ask: (args, input) => ask(run, args, input),
    demand: async (args, input) => {
      const answer = await ask(run, args, input);
      if (answer.code !== 0) throw refused(args, answer);
      return answer.stdout;
    },
    show: (args, options = {}) => show(run, args, options),
  };
}

async function ask({ command, env }, args, input) {
  const { child, ended } = start(NODE, command(args), {
    cwd: ROOT,
    env: environment({ ...env, NO_COLOR: "1", FORCE_COLOR: "0" }),
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  // It may end without having read; its exit code says what that means.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const [stdout, stderr, { code, signal }] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  if (signal !== undefined) throw stopped(signal);
  return {
    code,
    stdout: stripVTControlCharacters(stdout),
    stderr: stripVTControlCharacters(stderr),
  };
}

/** The {@link Stop} of a call that failed, with wrangler's words. */
export function refused(args, { code, stdout, stderr }) {
  const words = [stdout, stderr].map((part) => part.trim()).filter((part) => part !== "");
  return new Stop(`wrangler ${args.join(" ")} failed (exit code ${code}):\n${words.join("\n")}`);
}

async function show(run, args, { quiet = false, env = {} }) {
  const options = {
    cwd: ROOT,
    env: environment({ ...run.env, ...env }),
    stdio: [quiet ? "ignore" : "inherit", "inherit", "inherit"],
  };
  const { code, signal } = await start(NODE, run.command(args), options).ended;
  if (signal !== undefined) throw stopped(signal);
  if (code !== 0) {
    throw new Stop(`wrangler ${args.join(" ")} failed (exit code ${code}); see its words above.`);
  }
}
