/** The public keys of a team of Cloudflare Access, kept by each isolate. */
import * as z from "zod";
import { logError, messageOf } from "../../log.ts";
import {
  ACCESS_ANSWER_MS_MAX,
  ACCESS_FAILURE_PAUSE_MS,
  ACCESS_KEYS_MS,
  ACCESS_KEYS_PAUSE_MS,
} from "./limits.ts";

/** RS256 (RFC 7518 3.3), the one algorithm of Access. A key is bound to it when it is imported. */
export const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** 2,048 bits in base64url: RFC 7518 3.3 wants no fewer. */
const MODULUS_CHARACTERS_MIN = 342;

const KEYS = z.object({ keys: z.array(z.unknown()).max(100) });

/** Members that are not named, private ones above all, are left out. */
const KEY = z.object({
  kid: z.string().min(1),
  kty: z.literal("RSA"),
  n: z.string().min(MODULUS_CHARACTERS_MIN),
  e: z.string().min(1),
  alg: z.literal("RS256").optional(),
  use: z.literal("sig").optional(),
});

interface Known {
  readonly keys: ReadonlyMap<string, CryptoKey>;
  readonly fetchedAt: number;
  /** When they were last asked for because of a key that is not among them. */
  soughtAt: number;
}

const known = new Map<string, Known>();
const failedAt = new Map<string, number>();

/**
 * The key of an id, or undefined where the team has none of it or cannot be asked. Keys are asked
 * for once an hour; for an unknown id at most once a minute, so that made-up tokens do not make
 * this service ask for each of them.
 *
 * @param issuer `https://example.cloudflareaccess.com`
 * @param now in ms since 1970.
 */
export async function accessKey(
  issuer: string,
  kid: string,
  now: number,
): Promise<CryptoKey | undefined> {
  const entry = known.get(issuer);
  if (entry === undefined || now - entry.fetchedAt >= ACCESS_KEYS_MS) {
    return (await refresh(issuer, now))?.keys.get(kid);
  }
  const key = entry.keys.get(kid);
  if (key !== undefined || now - entry.soughtAt < ACCESS_KEYS_PAUSE_MS) return key;
  // Before the question: those who come while it is open must not ask, too.
  entry.soughtAt = now;
  return (await refresh(issuer, now))?.keys.get(kid);
}

/** Not shared between requests that wait for it: the platform ends one's fetch with its request. */
async function refresh(issuer: string, now: number): Promise<Known | undefined> {
  if (now - (failedAt.get(issuer) ?? -Infinity) < ACCESS_FAILURE_PAUSE_MS) return undefined;
  try {
    const entry: Known = { keys: await fetchKeys(issuer), fetchedAt: now, soughtAt: now };
    known.set(issuer, entry);
    failedAt.delete(issuer);
    return entry;
  } catch (error) {
    failedAt.set(issuer, now);
    logError("access_keys_failed", { issuer, cause: messageOf(error) });
    return undefined;
  }
}

async function fetchKeys(issuer: string): Promise<ReadonlyMap<string, CryptoKey>> {
  const response = await fetch(`${issuer}/cdn-cgi/access/certs`, {
    redirect: "manual",
    signal: AbortSignal.timeout(ACCESS_ANSWER_MS_MAX),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the answer has the status ${response.status}`);
  }
  const { keys } = KEYS.parse(await response.json());
  const imported = await Promise.all(keys.map(importKey));
  return new Map(imported.filter((key) => key !== undefined));
}

/** A key of another kind is none that a token may name. */
async function importKey(value: unknown): Promise<[string, CryptoKey] | undefined> {
  const parsed = KEY.safeParse(value);
  if (!parsed.success) return undefined;
  const { kid, kty, n, e } = parsed.data;
  const key = await crypto.subtle.importKey("jwk", { kty, n, e }, ALGORITHM, false, ["verify"]);
  return [kid, key];
}
