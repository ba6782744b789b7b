/** How fast a body comes (promise P7). */
import { TRICKLE_BYTES_PER_S_MAX, TRICKLE_MS_MIN } from "./limits.ts";

/**
 * Tells a body that trickles: whose sender may never mean to end. Each byte pays for some time;
 * what comes at once pays for no more than a pause, however much it is.
 */
export class ArrivalSpeed {
  /** Until when it is paid for, in ms since 1970. */
  #paidUntil: number;

  /** @param now when it begins to come, in ms since 1970. */
  constructor(now: number) {
    this.#paidUntil = now + TRICKLE_MS_MIN;
  }

  /** Notes that so many bytes have come. */
  note(bytes: number, now: number): void {
    const paid = this.#paidUntil + (bytes * 1_000) / TRICKLE_BYTES_PER_S_MAX;
    this.#paidUntil = Math.min(paid, now + TRICKLE_MS_MIN);
  }

  /** Whether it comes too slowly, and has done so for long enough. */
  isTrickling(now: number): boolean {
    return now > this.#paidUntil;
  }
}
