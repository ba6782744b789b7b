import * as z from "zod";
import { BATCH_BODY_BYTES_MAX, BATCH_MESSAGES_MAX, RATE_REQUESTS_MAX } from "./limits.ts";

/** A text in wrangler.toml, or a number there. */
const integer = (low: number, high: number): z.ZodType<number> =>
  z.coerce.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(low).max(high));

/** The same with a fraction: 8, 7.5. */
const decimal = (low: number, high: number): z.ZodType<number> =>
  z.coerce
    .string()
    .regex(/^\d+(?:\.\d{1,3})?$/)
    .transform(Number)
    .pipe(z.number().min(low).max(high));

const SETTINGS = z.object({
  EXPORT_DAYS: integer(1, 365),
  // The limits of the later public documents are the highest (wire.md 2.5).
  PUSH_BODY_BYTES_MAX: integer(1, BATCH_BODY_BYTES_MAX),
  PUSH_RECORDS_MAX: integer(1, BATCH_MESSAGES_MAX),
  // Far above any known client, and still one small request (wire.md 7).
  RJMETRICS_POINTS_MAX: integer(1, 10_000),
  IMPORT_REQUESTS_PER_10_S: integer(1, RATE_REQUESTS_MAX),
  EXPORT_REQUESTS_PER_10_S: integer(1, RATE_REQUESTS_MAX),
  ADMIN_REQUESTS_PER_10_S: integer(1, RATE_REQUESTS_MAX),
  // Absent from the wrangler.toml of an older release. More than 10,000 no object ever takes.
  SPLIT_REQUESTS_PER_S: integer(0, 10_000).default(300),
  // D1's own limit is 10 GB.
  SHARD_GB_MAX: decimal(0, 10).default(8),
  LOG_REQUESTS: z.enum(["all", "failed", "none"]),
});

/** Which requests have a line in the log. */
export type LogRequests = "all" | "failed" | "none";

/** The settings of a deployment: `[vars]` of wrangler.toml. */
export interface Settings {
  /** How long an export's file is kept, in days. */
  readonly exportDays: number;
  /** Largest body of push and validate, in bytes. */
  readonly pushBodyBytesMax: number;
  /** Most records of push and validate. */
  readonly pushRecordsMax: number;
  /** Most data points in one request of the RJMetrics import. */
  readonly rjmetricsPointsMax: number;
  /** Requests of one import token in 10 s, as its limit has it. */
  readonly importRequestsMax: number;
  /** Requests of one export key in 10 s, as its limit has it. */
  readonly exportRequestsMax: number;
  /** Requests of the admin in 10 s, and of one address without a valid credential. */
  readonly adminRequestsMax: number;
  /** Requests per second from which on a key range is split; 0 for never. */
  readonly splitRequestsPerS: number;
  /** Size from which on a shard takes no new tables, in bytes. */
  readonly shardBytesMax: number;
  readonly logRequests: LogRequests;
}

const known = new WeakMap<Env, Settings>();

/**
 * The settings, checked once per isolate.
 *
 * @throws Error that names the setting that is not allowed.
 */
export function settingsOf(env: Env): Settings {
  const cached = known.get(env);
  if (cached !== undefined) return cached;
  const parsed = SETTINGS.safeParse(env);
  if (!parsed.success) {
    throw new Error(`a setting in wrangler.toml is wrong: ${z.prettifyError(parsed.error)}`);
  }
  const settings: Settings = {
    exportDays: parsed.data.EXPORT_DAYS,
    pushBodyBytesMax: parsed.data.PUSH_BODY_BYTES_MAX,
    pushRecordsMax: parsed.data.PUSH_RECORDS_MAX,
    rjmetricsPointsMax: parsed.data.RJMETRICS_POINTS_MAX,
    importRequestsMax: parsed.data.IMPORT_REQUESTS_PER_10_S,
    exportRequestsMax: parsed.data.EXPORT_REQUESTS_PER_10_S,
    adminRequestsMax: parsed.data.ADMIN_REQUESTS_PER_10_S,
    splitRequestsPerS: parsed.data.SPLIT_REQUESTS_PER_S,
    shardBytesMax: Math.round(parsed.data.SHARD_GB_MAX * 1e9),
    logRequests: parsed.data.LOG_REQUESTS,
  };
  known.set(env, settings);
  return settings;
}
