/**
 * What the scripts share: how a program ends, and child processes that end with their parent.
 * Runs on Node 20 with nothing installed.
 *
 * Children stay in the process group of their parent: a ctrl-C reaches all of them, and
 * `kill -9` of the group leaves none behind.
 */
import { execFileSync, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** How long a child may take to end after it was told to, before it is killed. */
const END_MS = 5_000;

/** How long a ctrl-C, which the terminal sends to the child as well, may take to arrive there. */
const INTERRUPT_MS = 500;

/** Exit codes of a program that a signal ended, as shells count them. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGKILL: 137 };

/** An end of the program that needs no stack trace: what to print, if anything, and the code. */
export class Stop extends Error {
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

/**
 * Starts a child and passes on the signals that ask this process to end.
 *
 * `ended` resolves to `{ code, signal }`: the exit code, and the signal that this process was
 * asked to end with, if it was. It rejects with a {@link Stop} where the program cannot be
 * started.
 */
export function start(command, args, options) {
  const child = spawn(command, args, options);
  const ended = new Promise((resolve, reject) => {
    const forwarding = forwardSignals(child);
    child.once("error", (error) => {
      forwarding.end();
      reject(new Stop(`${command} could not be started: ${error.message}`));
    });
    child.once("close", (code, signal) => {
      forwarding.end();
      resolve({ code: code ?? SIGNAL_CODES[signal] ?? 1, signal: forwarding.asked() });
    });
  });
  return { child, ended };
}

/** Whether the module of this `import.meta.url` is the program, and not imported by it. */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}

/** Ends the program after a {@link Stop} or a failure of ours. */
export function fail(error) {
  if (error instanceof Stop) {
    if (error.message !== "") (error.code === 0 ? console.log : console.error)(error.message);
    process.exitCode = error.code;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}

/** The {@link Stop} of a child that ended because this process was asked to end. */
export function stopped(signal) {
  return new Stop("", SIGNAL_CODES[signal]);
}

function forwardSignals(child) {
  let asked;
  const timers = [];
  const forward = (signal) => {
    if (asked !== undefined) return;
    asked = signal;
    if (signal !== "SIGINT") child.kill(signal);
    else timers.push(setTimeout(() => child.kill("SIGTERM"), INTERRUPT_MS));
    timers.push(setTimeout(() => killTree(child.pid), END_MS));
  };
  const signals = ["SIGHUP", "SIGINT", "SIGTERM"];
  for (const signal of signals) process.on(signal, forward);
  return {
    asked: () => asked,
    end() {
      for (const signal of signals) process.off(signal, forward);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Kills a process and all that it started. */
function killTree(root) {
  for (const pid of [root, ...descendants(root)]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function descendants(root) {
  let table;
  try {
    table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  } catch {
    // A system without ps.
    return [];
  }
  const parents = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [root];
  for (const parent of tree) {
    for (const [pid, ppid] of parents) if (ppid === parent) tree.push(pid);
  }
  return tree.slice(1);
}
