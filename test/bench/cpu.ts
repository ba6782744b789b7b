/**
 * CPU time of other processes, from Linux' /proc. Elsewhere the figures are missing.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Length of a clock tick of /proc/<pid>/stat; 100 Hz on all common builds of Linux. */
const TICK_MS = 10;

/** The children of this process that run the named program. */
export function childPids(program: string): number[] {
  return processIds().filter((pid) => {
    const stat = readStat(pid);
    return stat !== undefined && stat.program === program && stat.parent === process.pid;
  });
}

/** CPU time that a process has used so far, in ms, by all its threads. */
export function cpuMs(pid: number | undefined): number | undefined {
  return pid === undefined ? undefined : readStat(pid)?.cpuMs;
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

interface Stat {
  program: string;
  parent: number;
  cpuMs: number;
}

/** proc_pid_stat(5): the name is in brackets, and the fields are counted from behind it. */
function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const end = text.lastIndexOf(")");
    const fields = text.slice(end + 2).split(" ");
    return {
      program: text.slice(text.indexOf("(") + 1, end),
      parent: Number(fields[1]),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    };
  } catch {
    return undefined;
  }
}
