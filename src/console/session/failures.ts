/**
 * Failed sign-ins, counted for each address. There is no bound over all addresses: with one, any
 * stranger could lock the owner out, and a token of 256 random bits is not found by trying from
 * however many.
 */
import { networkOf } from "../../http/credentials/addresses.ts";
import { FAILURES_MAX, FAILURES_WINDOW_MS } from "./limits.ts";

/** Counts one more, where that is still allowed; begins anew after the window. */
const COUNT = `INSERT INTO sign_in_failures (address, failures, since) VALUES (?1, 1, ?2)
ON CONFLICT (address) DO UPDATE SET
  failures = CASE WHEN since <= ?3 THEN 1 ELSE failures + 1 END,
  since = CASE WHEN since <= ?3 THEN ?2 ELSE since END
WHERE since <= ?3 OR failures < ?4
RETURNING failures`;

const SINCE = "SELECT since FROM sign_in_failures WHERE address = ?1";

const CLEAR = "DELETE FROM sign_in_failures WHERE address = ?1";

/** Whether an attempt may be made, and is the last for now, or after how many seconds it may. */
export type Attempt =
  | { readonly allowed: true; readonly isLast: boolean }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/**
 * Asks for one attempt of a request's address and counts it as failed at once, before anything is
 * compared: of any number at the same time only {@link FAILURES_MAX} are allowed. One that
 * succeeds is taken back by {@link clearFailures}.
 *
 * @param now in ms since 1970.
 */
export async function beginAttempt(env: Env, request: Request, now = Date.now()): Promise<Attempt> {
  const address = addressKey(request);
  const failures = await env.CATALOG.prepare(COUNT)
    .bind(address, now, now - FAILURES_WINDOW_MS, FAILURES_MAX)
    .first<number>("failures");
  if (failures === null) return refused(env, address, now);
  return { allowed: true, isLast: failures === FAILURES_MAX };
}

async function refused(env: Env, address: string, now: number): Promise<Attempt> {
  const since = await env.CATALOG.prepare(SINCE).bind(address).first<number>("since");
  const leftMs = (since ?? now) + FAILURES_WINDOW_MS - now;
  // Clocks differ: never less than a second, and never more than the window.
  const waitMs = Math.min(Math.max(leftMs, 1000), FAILURES_WINDOW_MS);
  return { allowed: false, retryAfterSeconds: Math.ceil(waitMs / 1000) };
}

/** Forgets the failures of a request's address: somebody there has the token. */
export async function clearFailures(env: Env, request: Request): Promise<void> {
  await env.CATALOG.prepare(CLEAR).bind(addressKey(request)).run();
}

/**
 * By what failures are counted: the address that Cloudflare saw (wire.md 4.1), of IPv6 its /64,
 * `2001:db8:1:2::/64`. Requests without one, which come from no network, are counted together.
 */
export function addressKey(request: Request): string {
  return networkOf(request.headers.get("cf-connecting-ip") ?? "") ?? "unknown";
}
