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

/**
 * CPU time that a process and all below it have used so far, in ms, with those that have ended
 * and were waited for. For a server of many processes, such as PostgreSQL.
 */
export function cpuMsOfTree(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  // A process that ends between two looks of one sum is in neither; in the next sum it is.
  const [first, second] = [treeCpuMs(pid), treeCpuMs(pid)];
  return first === undefined || second === undefined ? undefined : Math.max(first, second);
}

/** Looks at the upper process first, so that nothing is counted twice. */
function treeCpuMs(pid: number): number | undefined {
  const own = readStat(pid);
  if (own === undefined) return undefined;
  const stats = new Map(processIds().map((id) => [id, readStat(id)]));
  const sumBelow = (parent: number): number => {
    let sum = 0;
    for (const [id, stat] of stats) {
      if (stat?.parent === parent) sum += stat.cpuMs + stat.endedCpuMs + sumBelow(id);
    }
    return sum;
  };
  return own.cpuMs + own.endedCpuMs + sumBelow(pid);
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
  /** Of children that have ended and were waited for. */
  endedCpuMs: number;
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
      endedCpuMs: (Number(fields[13]) + Number(fields[14])) * TICK_MS,
    };
  } catch {
    return undefined;
  }
}
