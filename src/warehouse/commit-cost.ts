/** What commits take, learned from those that were made. Pure: the times are handed in. */

/** The unit of sizes inside: about a request with some hundred points, so that figures are near 1. */
const UNIT_BYTES = 100_000;

/** What a commit costs besides its bytes until one was made, in ms: a call of D1. */
const FIXED_MS = 20;

/** What each unit of bytes adds until it is known, in ms: what D1 does on a common machine. */
const UNIT_MS = 5;

/** How wrong these first guesses may be, in ms. */
const FIRST_FIXED_DOUBT_MS = 50;
const FIRST_UNIT_DOUBT_MS = 200;

/** How much a commit differs from its like, as a share of its time. */
const NOISE_SHARE = 0.3;

/**
 * How much what is known may have changed from one commit to the next, as shares of it: a database
 * becomes slower as a whole, so both parts change together, and hardly one without the other. If
 * they did, the fixed part would rise while all groups are large, and the limit with it.
 */
const DRIFT_SHARE = 0.1;
const EACH_DRIFT_SHARE = 0.01;

/**
 * How many times longer than expected a commit is taken to have been at most: one that waited for
 * a retry says little of the next, and what stays slow is learned nevertheless.
 */
const SURPRISE_MAX = 4;

/**
 * The time of a commit as a line over its bytes: a fixed part, and so much for each unit. A Kalman
 * filter of the two, that is least squares in which newer commits count more.
 */
export class CommitCost {
  #fixedMs = FIXED_MS;
  #unitMs = UNIT_MS;
  /** Variances of the two and their covariance: how much is not known of them. */
  #fixedDoubt = FIRST_FIXED_DOUBT_MS ** 2;
  #unitDoubt = FIRST_UNIT_DOUBT_MS ** 2;
  #commonDoubt = 0;

  /** Expected time, in ms, of commits that have so many bytes together. */
  expectMs(bytes: number, commits = 1): number {
    return this.#fixedMs * commits + (this.#unitMs * bytes) / UNIT_BYTES;
  }

  /** Takes note of a commit that was made. */
  learn(bytes: number, ms: number): void {
    const units = bytes / UNIT_BYTES;
    const expected = Math.max(1, this.expectMs(bytes));
    const isBelievable = ms <= SURPRISE_MAX * expected;
    const surprise = (isBelievable ? ms : SURPRISE_MAX * expected) - expected;
    this.#drift();
    const fixed = this.#fixedDoubt + units * this.#commonDoubt;
    const unit = this.#commonDoubt + units * this.#unitDoubt;
    const total = fixed + units * unit + (NOISE_SHARE * expected) ** 2;
    this.#fixedMs = Math.max(0, this.#fixedMs + (fixed / total) * surprise);
    this.#unitMs = Math.max(0, this.#unitMs + (unit / total) * surprise);
    // What is so far from what is known does not make it any surer.
    if (!isBelievable) return;
    this.#fixedDoubt -= (fixed * fixed) / total;
    this.#commonDoubt -= (fixed * unit) / total;
    this.#unitDoubt -= (unit * unit) / total;
  }

  #drift(): void {
    const fixedMs = Math.max(1, this.#fixedMs);
    const together = DRIFT_SHARE ** 2;
    const each = together + EACH_DRIFT_SHARE ** 2;
    this.#fixedDoubt += each * fixedMs * fixedMs;
    this.#commonDoubt += together * fixedMs * this.#unitMs;
    this.#unitDoubt += each * this.#unitMs * this.#unitMs;
  }
}
