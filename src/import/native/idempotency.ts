/**
 * Idempotency-Keys: the catalogue knows, for a day, with which request each key came first. What
 * makes a repeat harmless is in the warehouse, which notes the parts of a request that took
 * effect in the transaction of their rows (ImportPlan.commitCounted).
 */
import { createHash } from "node:crypto";
import { deleteInSteps } from "../../delete-in-steps.ts";
import { Refusal } from "../../http/errors.ts";
import { hashSecret } from "../../http/credentials/secrets.ts";
import { IDEMPOTENCY_MS } from "../../warehouse/limits.ts";
import { fromStore } from "../../warehouse/store-errors.ts";

/** A key that a request may use. */
export interface Claim {
  /** For commitCounted; another one once the key was forgotten and came again. */
  readonly id: string;
  /** Whether the key came before, with the same request. */
  readonly isRepeat: boolean;
}

/** A claim that is too old counts as none, whether or not it was swept already. */
const CLAIM = `INSERT INTO idempotency_keys (integration_id, hash, fingerprint, created_at)
VALUES (?1, ?2, ?3, ?4) ON CONFLICT (integration_id, hash) DO UPDATE
SET fingerprint = excluded.fingerprint, created_at = excluded.created_at
WHERE idempotency_keys.created_at < excluded.created_at - ${IDEMPOTENCY_MS}`;

const SELECT = `SELECT fingerprint, created_at FROM idempotency_keys
WHERE integration_id = ?1 AND hash = ?2`;

interface Row {
  readonly fingerprint: string;
  readonly created_at: number;
}

/**
 * Claims a key for a request, or recognises its repeat. One D1 call. May be repeated.
 *
 * @param fingerprint see {@link fingerprintOf}.
 * @param now in ms since 1970.
 * @throws Refusal idempotency_key_reused where the key came with another request in the last
 * 24 hours; unavailable or overloaded.
 */
export async function claimKey(
  env: Env,
  integrationId: number,
  key: string,
  fingerprint: string,
  now: number = Date.now(),
): Promise<Claim> {
  const hash = hashSecret(key);
  const statements = [
    env.CATALOG.prepare(CLAIM).bind(integrationId, hash, fingerprint, now),
    env.CATALOG.prepare(SELECT).bind(integrationId, hash),
  ];
  const [claimed, selected] = await fromStore(() => env.CATALOG.batch<Row>(statements));
  const [row] = selected?.results ?? [];
  if (row === undefined) throw new Error("an Idempotency-Key is missing right after its claim");
  if (row.fingerprint !== fingerprint) throw new Refusal("idempotency_key_reused");
  return {
    // With its time: what an earlier request of a forgotten key wrote is not this one's.
    id: hashSecret(JSON.stringify([integrationId, hash, row.created_at])),
    isRepeat: claimed?.meta.changes === 0,
  };
}

/**
 * What tells two requests apart: SHA-256, in hex, of the options and the body's bytes after gzip
 * is undone.
 *
 * @param options all that decides what is stored, the table included.
 */
export function fingerprintOf(options: readonly unknown[], body: Uint8Array): string {
  return createHash("sha256")
    .update(`${JSON.stringify(options)}\n`)
    .update(body)
    .digest("hex");
}

const FORGET = `DELETE FROM idempotency_keys WHERE (integration_id, hash) IN
(SELECT integration_id, hash FROM idempotency_keys WHERE created_at < ?1
ORDER BY created_at LIMIT ?2)`;

/**
 * Deletes the keys that came first before an instant, the oldest ones; for the sweep. One call
 * for each DELETE_STEP_ROWS.
 *
 * @param before in ms since 1970, at least a day ago (IDEMPOTENCY_MS).
 * @param max keys at most.
 * @returns how many were deleted.
 */
export function forgetIdempotencyKeys(env: Env, before: number, max: number): Promise<number> {
  const statement = env.CATALOG.prepare(FORGET);
  return deleteInSteps(max, (rows) => statement.bind(before, rows));
}
