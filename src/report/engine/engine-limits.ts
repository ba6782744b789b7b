/** The limits of questions, each with its unit and its reason. */

/**
 * Most statements of one invocation: it has 1,000 (d1/platform/limits), and the answer to a
 * report needs a few for other things.
 */
export const STATEMENTS_MAX = 900;

/**
 * Failures of calls after which a report repeats none any more. One in hundreds of calls is to
 * be expected; each is followed by 0.35 s of pauses at most.
 */
export const LOST_CALLS_MAX = 20;

/**
 * Rows of a window, most of them: about 0.1 s of the database's time, in which imports wait.
 * Sums of so many numbers of 14 digits stay below 2^63.
 */
export const WINDOW_ROWS = 40_000;

/** Bytes of data of a window, most of them: what its statement parses in less than a second. */
export const WINDOW_BYTES = 32_000_000;

/** Most rows and bytes of a page that is read into the Worker (PART_LIMITS has the reasons). */
export const PAGE_ROWS = 10_000;
export const PAGE_BYTES = 1_000_000;

/**
 * Longest JSON text of a group or a value that a statement gives back, in bytes: a window gives
 * as many as it has rows. Windows with longer ones are read by the page, which has a size.
 */
export const TEXT_BYTES_MAX = 500;

/** Most pairs of period and group: some 20 MB, and far more than the rows of a report. */
export const CELLS_MAX = 100_000;

/** Most UTF-16 units of the texts of all groups. */
export const GROUP_UNITS_MAX = 8_000_000;

/** Most different values, each in its cell: 2^21 take 48 MB where they are numbers. */
export const VALUES_MAX = 2 ** 21;

/** Most bytes of different values: an isolate has 128 MB for everything. */
export const VALUE_BYTES_MAX = 72 * 1024 * 1024;

/** Most periods that a statement tells apart itself; 500 make an SQL text of 20 KB. */
export const SQL_PERIODS_MAX = 500;

/** Longest SQL text, in bytes: D1 takes 100,000 (d1/platform/limits). */
export const SQL_LENGTH_MAX = 90_000;
