/** What the object of a key range knows of its slots and its load. Pure: the time is handed in. */
import { SPLIT_WINDOW_MS } from "./limits.ts";
import type { SlotRun } from "./slots.ts";

/** See the module's comment. Lost with the object, and learned again from its callers. */
export class RangeLoad {
  readonly #requestsMax: number;
  /** The lowest end that a caller, or the catalogue, has named. */
  #end = Infinity;
  #canSplit: boolean;
  #requests = 0;
  #windowBegin = -Infinity;

  /** @param requestsPerS from which on the range is hot; 0 for never. */
  constructor(requestsPerS: number) {
    this.#canSplit = requestsPerS > 0;
    this.#requestsMax = (requestsPerS * SPLIT_WINDOW_MS) / 1000;
  }

  /**
   * Counts a request of a caller that knows the range as it is: what others send may be for
   * another object as soon as they know better.
   *
   * @param now in ms since 1970.
   * @returns whether the range is hot: once in a window at most.
   */
  note({ end }: SlotRun, now: number): boolean {
    if (end < this.#end) this.learn(end);
    if (!this.#canSplit || end > this.#end) return false;
    if (now - this.#windowBegin >= SPLIT_WINDOW_MS) {
      this.#windowBegin = now;
      this.#requests = 0;
    }
    this.#requests += 1;
    return this.#requests === this.#requestsMax;
  }

  /** Whether the caller should read the table again. */
  isStale({ end }: SlotRun): boolean {
    return end > this.#end;
  }

  /** Takes note that the range ends there, and begins to count anew where that is new. */
  learn(end: number): void {
    if (end >= this.#end) return;
    this.#end = end;
    this.#windowBegin = -Infinity;
  }

  /** Ends all counting: the range cannot be split any further. */
  stop(): void {
    this.#canSplit = false;
  }
}
