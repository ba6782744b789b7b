/** How fast a body comes (promise P7). */
import { TRICKLE_BYTES_PER_S_MAX, TRICKLE_MS_MIN } from "./limits.ts";

/**
 * Tells a body that trickles: whose sender may never mean to end, and may have sent a lot at once
 * before, so that its mean speed says nothing.
 */
export class ArrivalSpeed {
  /** Up to when it came fast enough, in ms since 1970. */
  #fastUntil: number;
  /** Bytes since then. */
  #bytes = 0;

  /** @param now when it begins to come, in ms since 1970. */
  constructor(now: number) {
    this.#fastUntil = now;
  }

  /** Notes that so many bytes have come. */
  note(bytes: number, now: number): void {
    this.#bytes += bytes;
    if (!this.#isMeasured(now) || !this.#isFast(now)) return;
    this.#fastUntil = now;
    this.#bytes = 0;
  }

  /** Whether it has come too slowly since it was last found fast enough. */
  isTrickling(now: number): boolean {
    return this.#isMeasured(now) && !this.#isFast(now);
  }

  #isMeasured(now: number): boolean {
    return now - this.#fastUntil > TRICKLE_MS_MIN;
  }

  #isFast(now: number): boolean {
    return this.#bytes >= (TRICKLE_BYTES_PER_S_MAX * (now - this.#fastUntil)) / 1_000;
  }
}
