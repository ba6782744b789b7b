import { BATCH_BODY_BYTES_MAX, BATCH_MESSAGES_MAX, RATE_REQUESTS_MAX } from "./limits.ts";

/** What is allowed for a setting that is a number: in wrangler.toml a text, or a number. */
interface NumberRule {
  readonly low: number;
  readonly high: number;
  /** With up to three decimals: 8, 7.5. */
  readonly isDecimal?: true;
  /** For a setting that the wrangler.toml of an older release does not have. */
  readonly fallback?: number;
}

const NUMBERS = {
  EXPORT_DAYS: { low: 1, high: 365 },
  // The limits of the later public documents are the highest (wire.md 2.5).
  PUSH_BODY_BYTES_MAX: { low: 1, high: BATCH_BODY_BYTES_MAX },
  PUSH_RECORDS_MAX: { low: 1, high: BATCH_MESSAGES_MAX },
  // Far above any known client, and still one small request (wire.md 7).
  RJMETRICS_POINTS_MAX: { low: 1, high: 10_000 },
  IMPORT_REQUESTS_PER_10_S: { low: 1, high: RATE_REQUESTS_MAX },
  EXPORT_REQUESTS_PER_10_S: { low: 1, high: RATE_REQUESTS_MAX },
  ADMIN_REQUESTS_PER_10_S: { low: 1, high: RATE_REQUESTS_MAX },
  // More than 10,000 no object ever takes.
  SPLIT_REQUESTS_PER_S: { low: 0, high: 10_000, fallback: 300 },
  // D1's own limit is 10 GB.
  SHARD_GB_MAX: { low: 0, high: 10, isDecimal: true, fallback: 8 },
} as const satisfies Record<string, NumberRule>;

const INTEGER = /^\d+$/;
const DECIMAL = /^\d+(?:\.\d{1,3})?$/;

const LOG_REQUESTS = ["all", "failed", "none"] as const;

/** Which requests have a line in the log. */
export type LogRequests = (typeof LOG_REQUESTS)[number];

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
 * The settings, checked once per isolate; by hand, as schemas would have to be there before the
 * first push (import-app.ts).
 *
 * @throws Error that names the settings that are not allowed.
 */
export function settingsOf(env: Env): Settings {
  const cached = known.get(env);
  if (cached !== undefined) return cached;
  const settings = readSettings(env);
  known.set(env, settings);
  return settings;
}

function readSettings(env: Env): Settings {
  const wrong: string[] = [];
  const numberIn = (name: keyof typeof NUMBERS): number => {
    const rule: NumberRule = NUMBERS[name];
    const value = allowedNumber(env[name], rule);
    if (value === undefined)
      wrong.push(`${name} must be a number from ${rule.low} to ${rule.high}`);
    return value ?? NaN;
  };
  const settings = {
    exportDays: numberIn("EXPORT_DAYS"),
    pushBodyBytesMax: numberIn("PUSH_BODY_BYTES_MAX"),
    pushRecordsMax: numberIn("PUSH_RECORDS_MAX"),
    rjmetricsPointsMax: numberIn("RJMETRICS_POINTS_MAX"),
    importRequestsMax: numberIn("IMPORT_REQUESTS_PER_10_S"),
    exportRequestsMax: numberIn("EXPORT_REQUESTS_PER_10_S"),
    adminRequestsMax: numberIn("ADMIN_REQUESTS_PER_10_S"),
    splitRequestsPerS: numberIn("SPLIT_REQUESTS_PER_S"),
    shardBytesMax: Math.round(numberIn("SHARD_GB_MAX") * 1e9),
  };
  const logRequests = LOG_REQUESTS.find((word) => word === env.LOG_REQUESTS);
  if (logRequests === undefined) wrong.push(`LOG_REQUESTS must be ${LOG_REQUESTS.join(" or ")}`);
  if (logRequests !== undefined && wrong.length === 0) return { ...settings, logRequests };
  throw new Error(`a setting in wrangler.toml is wrong: ${wrong.join("; ")}`);
}

/** The number that a setting is, where its rule allows it. */
function allowedNumber(setting: unknown, rule: NumberRule): number | undefined {
  if (setting === undefined) return rule.fallback;
  if (typeof setting !== "string" && typeof setting !== "number") return undefined;
  const text = String(setting);
  const value = Number(text);
  const isNumber = (rule.isDecimal ? DECIMAL : INTEGER).test(text);
  return isNumber && value >= rule.low && value <= rule.high ? value : undefined;
}
