/** The limits of exports, each with its unit and its reason. */

/** Most rows of an export (wire.md 4.2). */
export const EXPORT_ROWS_MAX = 10_000_000;

/**
 * Bytes of a multipart part, of which R2 takes 10,000 of equal size, at least 5 MiB each
 * (r2/platform/limits): room for 80 GB of zip, while memory holds one part.
 */
export const PART_BYTES = 8 * 1024 * 1024;

/** Bytes of CSV, at least, that are deflated as one piece. Smaller ones cost size (zip.ts). */
export const PIECE_BYTES = 256 * 1024;

/** Bytes of row data after which a page ends; one row more may be in it. */
export const PAGE_BYTES = 1_000_000;

/** Most rows of a page, so that pages of tiny rows stay bounded, too. */
export const PAGE_ROWS = 5_000;

/** Bytes kept free in the last part for the end of the file: 190 and the name (zip.ts). */
export const END_BYTES_MAX = 2_048;

/** Longest name of an export, in UTF-16 units. */
export const EXPORT_NAME_LENGTH_MAX = 1_000;

/** Most exports that a list shows, the newest ones: an answer stays below a few MB. */
export const EXPORTS_LISTED_MAX = 10_000;

/**
 * How long a download waits for an export that is still being made, in ms: scripts ask again
 * without a pause, and up to three times must be enough for 10,000 rows (wire.md 4.2).
 */
export const DOWNLOAD_WAIT_MS = 10_000;

/** Age of an export after which nobody waits for it, in ms: a program that polls has begun to. */
export const DOWNLOAD_WAIT_AGE_MS = 60_000;

/** Pauses between looks at the export that a download waits for, in ms: they double. */
export const DOWNLOAD_FIRST_PAUSE_MS = 20;
export const DOWNLOAD_PAUSE_MS_MAX = 320;

/** Files that one round of the sweep deletes; R2 takes 1,000 keys in one call. */
export const SWEEP_FILES = 1_000;

/** Rounds of one sweep: what is left is deleted by the next. */
export const SWEEP_ROUNDS_MAX = 20;
