/**
 * The sessions in the catalogue. A session is known by its cookie's secret, of which only the
 * SHA-256 is stored. It holds for the admin token with which it began: a keyed hash of that, with
 * the secret as its key, so that whoever reads the catalogue learns nothing about the token.
 */
import { createHmac } from "node:crypto";
import { hashSecret, newSecret, sameSecret } from "../../http/credentials/secrets.ts";
import { SESSION_IDLE_MS, SESSION_MS_MAX, SESSION_USE_STEP_MS, SESSIONS_MAX } from "./limits.ts";

const INSERT = `INSERT INTO console_sessions (hash, admin_hash, created_at, used_at, expires_at)
VALUES (?1, ?2, ?3, ?3, ?4)`;

const DELETE_ENDED = "DELETE FROM console_sessions WHERE expires_at <= ?1 OR used_at <= ?2";

/** The new one stays, whatever the clocks of other isolates wrote. */
const DELETE_OLDEST = `DELETE FROM console_sessions WHERE hash <> ?1 AND hash NOT IN (
  SELECT hash FROM console_sessions WHERE hash <> ?1 ORDER BY created_at DESC, hash LIMIT ?2
)`;

const SELECT = "SELECT admin_hash, used_at, expires_at FROM console_sessions WHERE hash = ?1";

const USE = "UPDATE console_sessions SET used_at = ?2 WHERE hash = ?1 AND used_at < ?2";

const DELETE = "DELETE FROM console_sessions WHERE hash = ?1";

interface Row {
  readonly admin_hash: string;
  readonly used_at: number;
  readonly expires_at: number;
}

/**
 * Begins a session; the oldest beyond {@link SESSIONS_MAX} end.
 *
 * @param now in ms since 1970.
 * @returns the secret of its cookie, which is nowhere else.
 */
export async function openSession(env: Env, now = Date.now()): Promise<string> {
  const secret = newSecret();
  const hash = hashSecret(secret);
  const { CATALOG } = env;
  await CATALOG.batch([
    CATALOG.prepare(DELETE_ENDED).bind(now, now - SESSION_IDLE_MS),
    CATALOG.prepare(INSERT).bind(hash, adminHash(env, secret), now, now + SESSION_MS_MAX),
    CATALOG.prepare(DELETE_OLDEST).bind(hash, SESSIONS_MAX - 1),
  ]);
  return secret;
}

/**
 * Whether a session is there and not over, and notes its use, in steps of
 * {@link SESSION_USE_STEP_MS}.
 */
export async function findSession(env: Env, secret: string, now = Date.now()): Promise<boolean> {
  const hash = hashSecret(secret);
  const row = await env.CATALOG.prepare(SELECT).bind(hash).first<Row>();
  if (row === null || row.expires_at <= now || row.used_at <= now - SESSION_IDLE_MS) return false;
  if (!sameSecret(row.admin_hash, adminHash(env, secret))) return false;
  if (now - row.used_at >= SESSION_USE_STEP_MS) {
    await env.CATALOG.prepare(USE).bind(hash, now).run();
  }
  return true;
}

/** Ends a session; may be repeated. */
export async function closeSession(env: Env, secret: string): Promise<void> {
  await env.CATALOG.prepare(DELETE).bind(hashSecret(secret)).run();
}

function adminHash(env: Env, secret: string): string {
  return createHmac("sha256", secret).update(`headgate admin\n${env.ADMIN_TOKEN}`).digest("hex");
}
