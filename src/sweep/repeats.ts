/** Idempotency-Keys whose requests are repeated no more (import/native/idempotency.ts). */
import { forgetIdempotencyKeys } from "../import/native/idempotency.ts";
import { forgetApplied } from "../warehouse/forget-applied.ts";
import { IDEMPOTENCY_MS } from "../warehouse/limits.ts";

/**
 * Keys, and marks on each shard, that one sweep forgets at most, in steps: 5 s of a database in
 * all, every ten minutes. So the tables stop growing up to 80 requests with a key in a second.
 */
const REPEATS_SWEPT = 50_000;

/**
 * How much longer marks are kept than keys, in ms: a repeat that found its key just in time must
 * find its marks when it commits.
 */
const MARKS_LONGER_MS = 60 * 60 * 1000;

/** Forgets keys that are too old to be repeated. May be repeated itself. */
export async function forgetOldKeys(env: Env): Promise<void> {
  await forgetIdempotencyKeys(env, Date.now() - IDEMPOTENCY_MS, REPEATS_SWEPT);
}

/** Forgets the marks of keys that are too old, forgotten yet or not. May be repeated. */
export async function forgetOldMarks(env: Env): Promise<void> {
  await forgetApplied(env, Date.now() - IDEMPOTENCY_MS - MARKS_LONGER_MS, REPEATS_SWEPT);
}
