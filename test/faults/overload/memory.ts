/** The memory of a process over time, from Linux' /proc; elsewhere there are no figures. */
import { memoryOf } from "../../support/process-memory.ts";
import { median } from "../../support/quantile.ts";

const SAMPLE_MS = 100;

/** Samples the resident memory of a process until it is stopped. */
export class MemoryWatch {
  readonly #samples: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number | undefined) {
    this.#timer = setInterval(() => {
      const bytes = memoryOf(pid)?.residentBytes;
      if (bytes !== undefined) this.#samples.push(bytes);
    }, SAMPLE_MS);
  }

  /** The median of each quarter of the time, in MB. */
  stop(): number[] {
    clearInterval(this.#timer);
    const size = Math.ceil(this.#samples.length / 4);
    return [0, 1, 2, 3].map((quarter) => {
      const part = this.#samples.slice(quarter * size, (quarter + 1) * size);
      return Math.round(median(part) / 1e6);
    });
  }
}
