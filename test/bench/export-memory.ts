/**
 * The peak memory of another process, from Linux' /proc. Elsewhere the figure is missing.
 */
import { readFileSync } from "node:fs";

/** The most resident memory that a process has had so far, in bytes. */
export function peakBytes(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
