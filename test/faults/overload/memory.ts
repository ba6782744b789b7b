/** The memory of a process over time, from Linux' /proc; elsewhere there are no figures. */
import { readFileSync } from "node:fs";

const SAMPLE_MS = 100;

/** Samples the resident memory of a process until it is stopped. */
export class MemoryWatch {
  readonly #samples: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number | undefined) {
    this.#timer = setInterval(() => {
      const bytes = residentBytes(pid);
      if (bytes !== undefined) this.#samples.push(bytes);
    }, SAMPLE_MS);
  }

  /** The median of each quarter of the time, in MB. */
  stop(): number[] {
    clearInterval(this.#timer);
    const size = Math.ceil(this.#samples.length / 4);
    return [0, 1, 2, 3].map((quarter) => {
      const part = this.#samples
        .slice(quarter * size, (quarter + 1) * size)
        .toSorted((a, b) => a - b);
      return Math.round((part[Math.floor(part.length / 2)] ?? Number.NaN) / 1e6);
    });
  }
}

function residentBytes(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return found === null ? undefined : Number(found[1]) * 1_024;
  } catch {
    return undefined;
  }
}
