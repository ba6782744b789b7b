/**
 * Limits of the admin API, each with its unit and its reason. Its lists come whole, without
 * pages, so what one list can hold is bounded where it is created.
 */

/** Longest name of a client, an integration or a key, in Unicode code points. */
export const NAME_CHARACTERS_MAX = 200;

/**
 * Most clients of a deployment: their list is then 9 MB at the very most, and a random id out
 * of 999,000 is free 99 times in 100.
 */
export const CLIENTS_MAX = 10_000;

/** Most integrations of a client: one is made for each source that is imported. */
export const INTEGRATIONS_MAX = 1_000;

/** Most import tokens of an integration: one per sender, and two while one is replaced. */
export const IMPORT_TOKENS_MAX = 100;

/** Most export keys of a client: one per program that exports. */
export const EXPORT_KEYS_MAX = 1_000;

/**
 * Most entries in the address list of an export key. Each is compared on every export call, and
 * a list of 1,000 keys has them all: about 5 MB.
 */
export const ALLOWED_IPS_MAX = 100;

/** Attempts to find a free client id; each meets a taken one once in 100 (CLIENTS_MAX). */
export const CLIENT_ID_ATTEMPTS = 10;

/** Rows of one answer where the request names no number, and the most that it may name. */
export const ROWS_LIMIT_DEFAULT = 100;
export const ROWS_LIMIT_MAX = 1_000;

/**
 * Most bytes of keys and data in one answer with rows. An answer takes a few times that as rows
 * and text in the 128 MB of an isolate, and is admitted like a request body of this size
 * (http/admission.ts). At least twice the largest row (PARAMETER_BYTES_MAX), on which the reading
 * of pages relies.
 */
export const ROWS_BYTES_MAX = 4_000_000;

/**
 * Queries of one page of a table with nested values, of 1,000 rows or ROWS_BYTES_MAX each:
 * rows can be without any record of a subtable, and a call must end. About 0.5 s of work.
 */
export const UNROLLED_QUERIES_MAX = 10;

/** Tables read by one query while they are listed, and the most bytes of their names. */
export const TABLES_PAGE_ROWS = 1_000;
export const TABLES_PAGE_BYTES_MAX = 1_000_000;

/**
 * Tables that are counted for an overview, the newest ones, and the rows of each that are looked
 * at on a shard: 500,000 heads of rows at most, which is 0.1 s of a shard. Beyond it the count is
 * "at least".
 */
export const COUNTED_TABLES_MAX = 50;
export const COUNTED_ROWS_MAX = 10_000;

/** How long the count that an export made is shown instead, in ms. */
export const COUNT_FRESH_MS = 60 * 60 * 1000;
