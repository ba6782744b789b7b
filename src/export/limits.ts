/** The limits of exports, each with its unit and its reason. */

/** The sizes in which the file of an export is made; smaller ones are for tests. */
export interface PartLimits {
  /** Most rows of an export. */
  readonly rowsMax: number;
  /** Bytes of each multipart part but the last; more than the header or a piece can have. */
  readonly partBytes: number;
  /** UTF-16 units of CSV, at least, that are deflated as one piece. */
  readonly pieceUnits: number;
  /** Bytes of row data after which a page ends; one row more may be in it. */
  readonly pageBytes: number;
  /** Most rows of a page, so that pages of tiny rows stay bounded, too. */
  readonly pageRows: number;
  /** Most pages of one part. */
  readonly partPages: number;
}

/** The sizes of production, each with its reason. */
export const PART_LIMITS: PartLimits = {
  // wire.md 4.2.
  rowsMax: 10_000_000,
  // R2 takes 10,000 parts of equal size, at least 5 MiB each (r2/platform/limits): room for
  // 80 GB of zip, while memory holds one part. A piece has at most about 5 MB: 256 Ki units
  // and a row of 1.9 MB whose quotes are doubled; a header of 2,000 long names has 6.2 MB.
  partBytes: 8 * 1024 * 1024,
  // Smaller pieces cost size (zip.ts).
  pieceUnits: 256 * 1024,
  pageBytes: 1_000_000,
  pageRows: 5_000,
  // Each is a query, of which an invocation has 1,000 (d1/platform/limits). Only rows that
  // deflate to a sixtieth need more than these for a part; it is then filled without data.
  partPages: 500,
};

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

/** Age of an unfinished export from which on the sweep looks whether its job lives, in ms. */
export const LOST_AGE_MS = 10 * 60 * 1000;

/** Most exports that one sweep looks at, each with two calls: an invocation has 1,000. */
export const LOST_CHECKED_MAX = 200;
