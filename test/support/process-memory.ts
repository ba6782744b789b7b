/** The memory of another process, from Linux' /proc. Elsewhere there are no figures. */
import { readFileSync } from "node:fs";

/** Resident memory of a process, in bytes. */
export interface ProcessMemory {
  readonly residentBytes: number;
  /** The most so far, or since it was reset by /proc/<pid>/clear_refs. */
  readonly peakBytes: number;
}

/** Undefined where the system does not tell it, or the process has ended. */
export function memoryOf(pid: number | undefined): ProcessMemory | undefined {
  if (pid === undefined) return undefined;
  const status = statusOf(pid);
  const residentBytes = bytesOf(status, "VmRSS");
  const peakBytes = bytesOf(status, "VmHWM");
  if (residentBytes === undefined || peakBytes === undefined) return undefined;
  return { residentBytes, peakBytes };
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return "";
  }
}

function bytesOf(status: string, name: string): number | undefined {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}
