/** The limits of exports, each with its unit and its reason. */

/** The sizes in which the file of an export is made; smaller ones are for tests. */
export interface PartLimits {
  /** Most rows of an export. */
  readonly rowsMax: number;
  /** Bytes of each multipart part but the last; more than the header or a piece can have. */
  readonly partBytes: number;
  /** Bytes of CSV, at least, that are deflated as one piece. */
  readonly pieceBytes: number;
  /** Bytes of CSV of one row's records after which a piece ends between them. */
  readonly pieceBytesMax: number;
  /** Most bytes that are kept in a checkpoint, where they are too few for a part. */
  readonly carriedBytesMax: number;
  /** Most bytes of a page, unless its only row has more. */
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
  // 80 GB of zip, while memory holds one part. A piece has at most about 6 MB: 2 MiB and a row
  // of 1.9 MB whose quotes are doubled; a header of 2,000 long names has 6.2 MB.
  partBytes: 8 * 1024 * 1024,
  // Smaller pieces cost size (zip.ts), larger ones memory.
  pieceBytes: 256 * 1024,
  pieceBytesMax: 2 * 1024 * 1024,
  // The result of a step has 1 MiB at most (workflows/reference/limits), and base64 adds a third.
  carriedBytesMax: 512 * 1024,
  // One text, of which D1 takes 2,000,000 bytes. Each page is a call, and smaller ones cost more:
  // 1 million rows of 190 bytes took 4.6 s with 1 MB, 5.7 s with 512 KiB, 7.1 s with 256 KiB.
  pageBytes: 1_000_000,
  pageRows: 10_000,
  // Rows that a filter leaves out are read in full, about 20 s of CPU a GB and more on a slow
  // core: 5 s for these, where a step has 30 s by default (workers/platform/limits). Each page is
  // a query, too, of which an invocation has 1,000 (d1/platform/limits). Where rows deflate to
  // less than a part, it is filled without data: at most 8 MiB for each 250 MB.
  partPages: 250,
};

/** Rows that one query counts: it reads keys only, about 0.3 s of a database's time. */
export const COUNT_STEP_ROWS = 250_000;

/** Rows after which nobody waits for a count, where more are no reason to refuse the export. */
export const COUNT_ROWS_MAX = 50_000_000;

/** How long a count is taken for what there is, in ms, where it says that a table is too large. */
export const COUNT_TRUSTED_MS = 60 * 60 * 1000;

/** Bytes kept free in the last part for the end of the file: 190 and a name of 255 (zip.ts). */
export const END_BYTES_MAX = 445;

/** Longest name of an export, in UTF-16 units. */
export const EXPORT_NAME_LENGTH_MAX = 1_000;

/**
 * Longest stored definition, in bytes: each look at an export reads it. Room for 2,000 columns
 * whose names have 200 bytes, and for filters with thousands of values.
 */
export const DEFINITION_BYTES_MAX = 500_000;

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

/** Age of an export whose job is not there, from which on it is started again, in ms. */
export const WAKE_LOST_AGE_MS = 10_000;

/** Names of jobs that a process keeps so as not to wake them again: some hundred KB. */
export const WAKES_NOTED_MAX = 10_000;

/** Files that one round of the sweep deletes; R2 takes 1,000 keys in one call. */
export const SWEEP_FILES = 1_000;

/** Rounds of one sweep: what is left is deleted by the next. */
export const SWEEP_ROUNDS_MAX = 20;

/** Age of an unfinished export from which on the sweep looks whether its job lives, in ms. */
export const LOST_AGE_MS = 10 * 60 * 1000;

/**
 * Most unfinished exports that one sweep looks at, with two calls each and four more for a lost
 * one. All that one sweep does stays below the 1,000 calls of an invocation: 600 here, 60 for
 * expired files, 40 for orphans, 60 for vanished files, 100 for leftovers, 20 for old rejections.
 */
export const LOST_CHECKED_MAX = 100;

/** Files that the sweep compares with the catalogue at once; R2 lists at most 1,000. */
export const ORPHAN_PAGE_FILES = 1_000;

/** Pages of the bucket that one sweep compares: all of 100,000 files in 100 minutes. */
export const ORPHAN_PAGES_MAX = 10;

/** Age from which on a file that no export names is deleted, in ms. */
export const ORPHAN_AGE_MS = 24 * 60 * 60 * 1000;

/** Files of completed exports that one sweep looks for in the bucket, a call each. */
export const VANISHED_CHECKED_MAX = 50;

/** Most ended exports with an upload that one sweep tidies up, with five calls each. */
export const LEFTOVERS_MAX = 20;
