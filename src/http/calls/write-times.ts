/**
 * When an isolate writes what it notes of requests in memory: beside them, the first note at once
 * and what follows together, every few seconds.
 */
import { pause } from "../../pause.ts";

/**
 * Least time between two writes for one client or integration, in ms: an isolate costs the
 * catalogue one call in this time, however many requests it takes. The platform ends what an
 * invocation left behind 30 s after its answer (workers/runtime-apis/context), the write included.
 */
export const WRITE_STEP_MS = 5_000;

/** How late a write may be, in ms, before it is taken for ended together with its invocation. */
const LATE_MS_MAX = 5_000;

/** The writes for one client or integration. */
export class WriteTimes {
  readonly #stepMs: number;
  /** When the last write began, in ms since 1970. */
  #writtenAt = -Infinity;
  /** When the write begins that is waiting, in ms since 1970; in the past where none is. */
  #dueAt = -Infinity;

  /** @param stepMs least time between two writes. */
  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  /**
   * To be called for each note: begins a write, unless one is waiting that takes the note along.
   *
   * @param write writes all notes that there are then. Must not reject.
   */
  noted(context: Pick<ExecutionContext, "waitUntil">, write: () => Promise<void>): void {
    const now = Date.now();
    if (now <= this.#dueAt + LATE_MS_MAX) return;
    const waitMs = Math.min(this.#stepMs, Math.max(0, this.#writtenAt + this.#stepMs - now));
    this.#dueAt = now + waitMs;
    context.waitUntil(this.#writeAfter(waitMs, write));
  }

  async #writeAfter(waitMs: number, write: () => Promise<void>): Promise<void> {
    if (waitMs > 0) await pause(waitMs);
    this.#dueAt = -Infinity;
    this.#writtenAt = Date.now();
    await write();
  }
}
