/** Limits of requests, each with its unit and its reason. Those of stored data: warehouse/limits.ts. */

/** Largest body of the Stitch batch endpoint, in bytes (wire.md 2.5). */
export const BATCH_BODY_BYTES_MAX = 20_000_000;

/** Most messages of one batch (wire.md 2.5). */
export const BATCH_MESSAGES_MAX = 20_000;

/** Largest body of the RJMetrics import, in bytes (wire.md 3.3). */
export const RJMETRICS_BODY_BYTES_MAX = 5_242_880;

/** Largest body of the admin API, in bytes: its objects have a handful of short members. */
export const ADMIN_BODY_BYTES_MAX = 1_000_000;

/** Largest form of the export surface, in bytes: it has a name, a format and a flag. */
export const EXPORT_BODY_BYTES_MAX = 100_000;

/** Bytes up to which a body is read at once instead of piece by piece. */
export const SMALL_BODY_BYTES = 65_536;

/** How long the next piece of a body may take, in ms: clients give up after about as long. */
export const BODY_IDLE_MS_MAX = 30_000;

/**
 * How long a whole body may take, in ms: 20 MB at half a megabit a second. Of those that are read in
 * pieces; the others are small, and in no memory of ours before they are whole.
 */
export const BODY_MS_MAX = 320_000;

/**
 * A body that comes more slowly than so many bytes a second is given up where another one needs its
 * memory: a quarter of a megabit, less than any line that somebody would send 20 MB through.
 */
export const TRICKLE_BYTES_PER_S_MAX = 32_768;

/**
 * For how long it must have done so, in ms: lines falter, and programs make rows between two pieces.
 * Less than BODY_IDLE_MS_MAX, or a byte from time to time would do.
 */
export const TRICKLE_MS_MIN = 20_000;

/**
 * Most body bytes that one isolate works on at a time. A body becomes four to six times its
 * size as text, objects and rows, and an isolate has 128 MB (workers/platform/limits).
 */
export const IN_FLIGHT_BYTES_MAX = 24_000_000;

/**
 * Body bytes beyond which a large body waits when it has begun: two of the largest pushes. With
 * eight of them at a time the isolate has 75 MB at most, against 126 to 144 without (npm run bench).
 */
export const ROOM_BYTES_MAX = 9_000_000;

/** How long a large body waits for room, in ms: well below what clients wait for an answer. */
export const ROOM_WAIT_MS_MAX = 5_000;

/** Most bodies that wait for room: more than an isolate reads and stores in that time. */
export const ROOM_WAITERS_MAX = 64;

/** Between two looks for room, in ms: a tenth of what such a body takes. */
export const ROOM_LOOK_MS = 10;

/**
 * How long a large body may take to come, in ms, before it has no more of the room until it is
 * here: who only announces, or sends a little from time to time, must keep nobody out.
 */
export const ANNOUNCED_MS_MAX = 2_000;

/** What a body may become of which no length is known, in bytes. */
export const UNKNOWN_BODY_BYTES = 1_000_000;

/** What gzip makes of a byte, at most, for usual records. */
export const GZIP_GROWTH = 8;

/** How often the characters of a body are in memory while it is parsed: bytes, text, strings. */
export const BODY_COPIES = 3;

/**
 * Most bytes of memory that one body may take with its values, estimated before it is parsed
 * (json/weight.ts), of the 128 MB of an isolate. 20 MB of 20,000 records with 40 members each
 * take 80 MB.
 */
export const BODY_MEMORY_BYTES_MAX = 115_000_000;

/**
 * What a body becomes at most, in bytes for each of its own, before it takes more of
 * IN_FLIGHT_BYTES_MAX than its own: usual records become 5.4 with their text.
 */
export const BODY_GROWTH = 5.5;

/** Longest text that a table is named by, in code points (wire.md 2.4). */
export const TABLE_NAME_LENGTH_MAX = 255;

/** Longest string value of a key over the Stitch endpoints, in code points (wire.md 2.5). */
export const STITCH_KEY_LENGTH_MAX = 256;

/** The highest sequence and version, an int64 (wire.md 2.4). */
export const INT64_MAX = 9223372036854775807n;

/**
 * How long after its last piece a body counts, in ms: a commit gives up after 15 s, and the
 * pieces of a body come within 30 s.
 */
export const ADMISSION_MS_MAX = 60_000;

/** What Retry-After says on a 503, in seconds: a group commit takes well below one. */
export const RETRY_AFTER_SECONDS = 1;

/** Longest text of a caller that an answer repeats, in UTF-16 units: answers stay short. */
export const QUOTED_LENGTH_MAX = 1_000;

/** The period of the rate limits, in seconds: of the two that the platform has, the shorter one. */
export const RATE_PERIOD_SECONDS = 10;

/** Highest rate limit that a setting may name, in requests: more than one location takes. */
export const RATE_REQUESTS_MAX = 10_000_000;
