/**
 * `npm test`: all suites of tests, on the Node of the package `node`. First those that use all
 * cores by themselves, then the others two at a time, which leave half of them idle, then what
 * measures time. After a suite that fails none begins any more; those under way end first.
 */
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { COMPILE_CACHE, NODE, ROOT } from "./install.mjs";
import { optionValues } from "./options.mjs";
import { Stop, fail, isMain, start, stopped } from "./process.mjs";

const USAGE = `Usage: npm test -- [options]
  --console   the console's tests as well, which need Chromium
  --one       one suite at a time`;

/** Whether P7 holds at twice the load: its figures are times, so nothing else may run. */
const OVERLOAD = "test/faults/overload.test.ts";

/** Arguments of vitest. */
const UNIT = { name: "unit", args: [] };
const SCRIPTS = { name: "scripts", args: ["--config", "vitest.scripts.config.ts"] };
const E2E = { name: "e2e", args: ["--config", "vitest.e2e.config.ts"] };
const FUZZ = { name: "fuzz", args: ["--config", "vitest.fuzz.config.ts"] };
const FAULTS_ARGS = ["--config", "vitest.faults.config.ts"];
const FAULTS = { name: "faults", args: [...FAULTS_ARGS, "--exclude", OVERLOAD] };
const OVERLOADED = { name: "overload", args: [...FAULTS_ARGS, OVERLOAD] };
const CONSOLE = { name: "console", args: ["--config", "vitest.console.config.ts"] };

/** Suites that run two at a time, the longest first, so that both ends come close together. */
const TOGETHER = [E2E, FAULTS, CONSOLE, SCRIPTS, FUZZ];

function environment() {
  return {
    ...process.env,
    // Suites start hundreds of processes that load the same files.
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    PATH: [join(ROOT, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter),
    ...(process.stdout.isTTY ? { FORCE_COLOR: process.env.FORCE_COLOR ?? "1" } : {}),
  };
}

/** Most lines of a failed suite that are said once more at the end. */
const AGAIN_LINES_MAX = 24;

/** Lines behind the name of a failed test that say what was expected: the error, and its parts. */
const REASON_LINES = 6;

/** Runs suites from the list, so many at a time, until it is empty or one has failed. */
async function runAll(suites, atATime) {
  const left = [...suites];
  const lane = async () => {
    try {
      while (left.length > 0) await runSuite(left.shift(), atATime === 1);
    } catch (error) {
      left.length = 0;
      throw error;
    }
  };
  const lanes = Array.from({ length: atATime }, lane);
  // What is under way beside a failure comes to its end, too.
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
}

/** Runs one suite; its output comes at once where it is alone, else in one piece at its end. */
async function runSuite({ name, args }, isAlone) {
  const begin = performance.now();
  console.log(`\n-- ${name} begins`);
  const { child, ended } = start(
    NODE,
    [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", ...args],
    { cwd: ROOT, env: environment(), stdio: ["ignore", "pipe", "pipe"] },
  );
  const pieces = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece) => {
      pieces.push(piece);
      if (isAlone) process.stdout.write(piece);
    });
  }
  const { code, signal } = await ended;
  const seconds = Math.round((performance.now() - begin) / 1_000);
  const output = Buffer.concat(pieces);
  if (!isAlone) process.stdout.write(output);
  if (signal !== undefined) throw stopped(signal);
  console.log(
    `-- ${name}: ${code === 0 ? "passed" : `FAILED with exit code ${code}`}, ${seconds} s`,
  );
  if (code !== 0) throw new Stop(`The suite ${name} has failed:\n${reasons(output)}`, code);
}

/**
 * Why a suite failed, from its output: each failed test with its error; else the last lines. Other
 * suites print behind it, and of a long log often only the end is looked at, or kept.
 */
function reasons(output) {
  const lines = stripVTControlCharacters(output.toString()).trim().split("\n");
  const isStart = (line) => /^ *FAIL |Unhandled|have a credential/.test(line);
  const isNear = (_, index) =>
    lines.slice(Math.max(0, index - REASON_LINES), index + 1).some(isStart);
  const found = lines.filter(isNear).filter((line) => line.trim() !== "");
  return (found.length > 0 ? found : lines.slice(-AGAIN_LINES_MAX))
    .slice(0, AGAIN_LINES_MAX)
    .join("\n");
}

async function main() {
  const options = { console: { type: "boolean" }, one: { type: "boolean" } };
  const values = optionValues(options, USAGE);
  const together = TOGETHER.filter((suite) => suite !== CONSOLE || values.console);
  await runAll([UNIT], 1);
  await runAll(together, values.one ? 1 : 2);
  await runAll([OVERLOADED], 1);
}

if (isMain(import.meta.url)) await main().catch(fail);
