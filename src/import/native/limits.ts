/** Limits of the native import, each with its unit and its reason. */

/** Largest body, in bytes after gzip is undone: as of a Stitch batch (wire.md 2.5). */
export const NATIVE_BODY_BYTES_MAX = 20_000_000;

/** Most records of one request: as of a Stitch batch (wire.md 2.5). */
export const NATIVE_RECORDS_MAX = 20_000;

/**
 * Bad records that an answer describes; all of them are counted. A program that sends more is
 * wrong in a way that a thousand show.
 */
export const DESCRIBED_ERRORS_MAX = 1_000;

/** Longest Idempotency-Key, in characters. */
export const IDEMPOTENCY_KEY_LENGTH_MAX = 255;
