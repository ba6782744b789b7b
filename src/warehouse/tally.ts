/** How a request's rows fared, for callers that ask. */

/**
 * The rows of a request, each counted once: their sum is the number of its rows. A row counts
 * as stale where the stored one stays, and where another row of the same request and key wins.
 */
export interface Tally {
  /** Keys that were not stored before. */
  readonly inserted: number;
  /** Keys whose stored row gave way. */
  readonly replaced: number;
  readonly stale: number;
}

/** What makes a commit take effect at most once: see ImportPlan.commitCounted. */
export interface Once {
  /** Of the integration and its Idempotency-Key: a hash as hex, equal for every repeat. */
  readonly id: string;
}

/** The tally of no rows. */
export const NO_ROWS: Tally = { inserted: 0, replaced: 0, stale: 0 };

/** The tally of two sets of rows together. */
export function addTallies(a: Tally, b: Tally): Tally {
  return {
    inserted: a.inserted + b.inserted,
    replaced: a.replaced + b.replaced,
    stale: a.stale + b.stale,
  };
}
