/** The limits of the warehouse, each with its unit and its reason. */

/**
 * Most bytes of one bound parameter, and of one row with its key: D1 refuses strings and rows
 * above 2,000,000 bytes (d1/platform/limits), and the local runtime does not. The rest is room
 * for the table id, the sequence and the version.
 */
export const PARAMETER_BYTES_MAX = 1_900_000;

/** Most levels of objects and arrays in a record. SQLite refuses JSON nested deeper than 1,000. */
export const RECORD_DEPTH_MAX = 100;

/** Most columns of a table. Warehouses that exports are loaded into stop between 1,600 and 4,096. */
export const TABLE_COLUMNS_MAX = 2_000;

/** Longest name of a column, in UTF-16 units: a header has all of them, the catalogue row one. */
export const COLUMN_NAME_LENGTH_MAX = 1_024;

/**
 * Most subtables of a table. A request reads all of them with the table when an isolate meets
 * it first, and each has columns of its own; real records have up to about thirty arrays.
 */
export const SUBTABLES_MAX = 200;

/**
 * Longest name of a subtable, in UTF-16 units: it is made of the table's name and those of the
 * fields on the way to the array.
 */
export const SUBTABLE_NAME_LENGTH_MAX = 1_024;

/**
 * Longest text of a whole key, in UTF-16 units. Every row of the tree repeats its key, and a
 * number may be written with any count of digits.
 */
export const KEY_LENGTH_MAX = 16_384;

/** Most names in a table's key. The key of a real table has one to five. */
export const KEY_NAMES_MAX = 64;

/**
 * Most tables that one request writes to. Each takes at least one Durable Object call, of
 * which an invocation has 1,000 (workers/platform/limits), six at a time.
 */
export const REQUEST_TABLES_MAX = 100;

/**
 * Most version switches in one request. Each is a barrier between the rows before and after
 * it; clients send one per table and run.
 */
export const REQUEST_ACTIVATIONS_MAX = 100;

/** Calls to Durable Objects or databases at a time: an invocation has 6 connections. */
export const PARALLEL_CALLS_MAX = 6;

/**
 * Bytes of rows in one call of an object: RPC takes 32 MiB (workers/runtime-apis/rpc). A batch
 * to an append-only table must be one call, and has less (http/limits.ts).
 */
export const MESSAGE_BYTES_MAX = 24_000_000;

/**
 * Most bytes that wait in one key range's object, 128 MB of memory for all of them
 * (durable-objects/platform/limits): past it a commit is refused as overloaded.
 */
export const QUEUE_BYTES_MAX = 32_000_000;

/**
 * What waits in a key range's queue may be expected to take so many ms until it is committed, or
 * so many times as long as the largest request of it alone; past both a commit is refused as
 * overloaded. With the commit under way, which was held to the same, that is at most four times
 * as long as a request takes that meets nobody (promise P7 has five for all of a request). Below
 * 100 ms nobody gains by being sent away for a second: 64 clients with a point each, or 16 with
 * 100, are never refused.
 */
export const COMMIT_WAIT_MS_MIN = 100;
export const COMMIT_WAIT_FACTOR = 2;

/**
 * A commit that takes so many times as long as expected, and at least so many ms, is stuck: who
 * comes then is refused at once instead of waiting for COMMIT_DEADLINE_MS with it. A database that
 * wakes up, or a call that is made again, takes less.
 */
export const COMMIT_STALL_FACTOR = 4;
export const COMMIT_STALL_MS_MIN = 1_000;

/**
 * Requests of a key range are counted in windows of so many ms: shorter than a person waits for
 * relief, longer than the burst of a program that starts.
 */
export const SPLIT_WINDOW_MS = 10_000;

/**
 * Most key ranges that a table has by splitting. A request with many rows calls each of them, six
 * at a time; and one database is busy long before so many objects are.
 */
export const RANGES_MAX = 32;

/**
 * Most tables of a request whose rows go to each of their ranges; the rows of more tables go to
 * the ranges that these were created with, at most eight. An invocation may make 1,000 calls.
 */
export const SPLIT_TABLES_MAX = 25;

/** How often a split is tried at once where other ranges of the table split at the same time. */
export const SPLIT_ATTEMPTS_MAX = 3;

/**
 * How long an isolate keeps a table's record, in ms, before it may read it again because a range
 * was split: whatever an object believes, a table costs the catalogue one look-up in that time.
 */
export const RECORD_AGE_MIN_MS = 1_000;

/** Bytes after which a group commit takes no further request: one `batch()` has 30 s. */
export const GROUP_BYTES_MAX = 8_000_000;

/** Most requests in one group commit: each is a promise to settle once it is written. */
export const GROUP_REQUESTS_MAX = 1_000;

/**
 * Most requests in one group commit whose rows are counted: each has statements of its own,
 * three or, with many rows, some more, and a batch has 1,000.
 */
export const GROUP_COUNTED_MAX = 100;

/**
 * A group of so many requests says that more come while it is written. Then the next group
 * starts a moment later, in ms, and takes what the answered clients send: at 64 connections it
 * halves the commits (54 against 103 for 1,280 pushes) and saves a tenth of the CPU time of a
 * push. The pause is shorter than one commit; a lone client never meets it.
 */
export const CROWD_REQUESTS = 4;
export const CROWD_PAUSE_MS = 4;

/** Time that a commit may take with its retries, in ms: half of what clients wait at least. */
export const COMMIT_DEADLINE_MS = 15_000;

/** Rows that one statement of a version switch looks at: D1 asks for bulk deletes in such steps. */
export const ACTIVATION_STEP_ROWS = 10_000;

/** Steps of a version switch in one call of an object; two queries each, 1,000 at most. */
export const ACTIVATION_STEPS_PER_CALL = 100;

/** Most databases that rows are spread over: each slot lives in one of them. */
export const SHARDS_MAX = 256;

/**
 * Most databases that a new table is spread over, the emptiest first. A request with many rows
 * calls each of them, six at a time, and each has to answer; a table of 80 GB is room enough.
 */
export const NEW_TABLE_SHARDS_MAX = 8;

/** How long a repeat of a request with an Idempotency-Key is known, in ms: a day of retries. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;
