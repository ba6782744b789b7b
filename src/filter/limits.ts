/** The limits of filters, each with its unit and its reason. */

/** Most filters of one definition: each has a letter (wire.md 5, filter logic). */
export const FILTERS_MAX = 26;

/** Longest logic text, in UTF-16 units: it names each letter ten times over. */
export const LOGIC_LENGTH_MAX = 1_000;

/** Most brackets inside each other. People write two or three; SQLite takes a depth of 100. */
export const LOGIC_DEPTH_MAX = 20;

/** Most values of one `in` or `not_in`. */
export const IN_VALUES_MAX = 1_000;

/** Longest text, or number as it is written, that is compared with, in UTF-16 units. */
export const OPERAND_LENGTH_MAX = 10_000;

/**
 * Longest pattern of `like`, in UTF-16 units. The search for what stands between two `%` can
 * take time in its length for each character of a text (like.ts).
 */
export const LIKE_LENGTH_MAX = 500;

/** Longest text of a caller that an error repeats, in UTF-16 units. */
export const FILTER_QUOTED_MAX = 100;
