/** The limits of sign-in and sessions. Times are in ms. */

const MINUTE_MS = 60_000;

/** A session ends when it is not used for so long: a browser left open in a shared room. */
export const SESSION_IDLE_MS = 30 * MINUTE_MS;

/** A session ends after so long in any case: a working day, with room. */
export const SESSION_MS_MAX = 12 * 60 * MINUTE_MS;

/**
 * The last use is written down at most so often, not with each page: a session may end so much
 * earlier than {@link SESSION_IDLE_MS} after its last page.
 */
export const SESSION_USE_STEP_MS = MINUTE_MS;

/** Most sessions at once; the oldest goes. It bounds the table, far above any team. */
export const SESSIONS_MAX = 100;

/** Failed sign-ins of one address within {@link FAILURES_WINDOW_MS}; the next are refused. */
export const FAILURES_MAX = 10;

/** How long failures count, from the first of them on. */
export const FAILURES_WINDOW_MS = 15 * MINUTE_MS;

/**
 * Largest body of a form, in bytes: a definition of DEFINITION_BYTES_MAX, of whose bytes each may
 * be written with three characters.
 */
export const FORM_BYTES_MAX = 1_600_000;

/**
 * Largest body of the sign-in, in bytes, which anybody may send: the longest path that it leads back
 * to, of whose characters each may be written with nine, and a token.
 */
export const SIGN_IN_BYTES_MAX = 24_000;

/** Most fields of a form: each column of a table (TABLE_COLUMNS_MAX), and 200 others. */
export const FORM_FIELDS_MAX = 2_200;

/** Characters of the longest path that a sign-in leads back to. */
export const RETURN_PATH_CHARACTERS_MAX = 2_000;

/** How long the keys of Cloudflare Access are used before they are asked for again. */
export const ACCESS_KEYS_MS = 60 * MINUTE_MS;

/** Shortest time between two questions for them because of a key that is not among them. */
export const ACCESS_KEYS_PAUSE_MS = MINUTE_MS;

/** How long Access is left in peace after a question that it did not answer. */
export const ACCESS_FAILURE_PAUSE_MS = 10_000;

/** How long its answer is waited for. */
export const ACCESS_ANSWER_MS_MAX = 5_000;

/** Characters of the longest token of Access; the platform's headers hold 128 kB in all. */
export const ACCESS_TOKEN_CHARACTERS_MAX = 16_384;

/** How far the clocks of Access and of this service may be apart, in s. */
export const ACCESS_LEEWAY_SECONDS = 60;

/** Sessions, and failures, that one sweep deletes at most. */
export const FORGOTTEN_ROWS_MAX = 20_000;
