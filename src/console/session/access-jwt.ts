/**
 * The tokens of Cloudflare Access (RFC 7519; cloudflare-one/identity/authorization-cookie).
 * Written here and not taken from Hono, whose check has no leeway and takes a token without an end.
 * Nothing of a token is read but which key to verify it with before its signature is verified.
 */
import * as z from "zod";
import { Buffer } from "../../buffer.ts";
import { ALGORITHM } from "./access-keys.ts";
import type { AccessSettings } from "./access-settings.ts";
import { ACCESS_LEEWAY_SECONDS, ACCESS_TOKEN_CHARACTERS_MAX } from "./limits.ts";

/** Header, claims and signature in base64url: one signature, and no padding (RFC 7515 7.1). */
const TOKEN = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** Of a critical extension (`crit`, RFC 7515 4.1.11) none is understood here. */
const HEADER = z.object({
  alg: z.literal("RS256"),
  kid: z.string().min(1).max(200),
  crit: z.undefined().optional(),
});

/** A name that can be shown: no control characters. */
const NAME = z
  .string()
  .min(1)
  .max(320)
  .regex(/^[^\p{C}]+$/u);

/** Of a person `email`, of a program (a service token) `common_name`. Seconds since 1970. */
const CLAIMS = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  iat: z.number(),
  nbf: z.number().optional(),
  email: z.union([NAME, z.literal("")]).optional(),
  common_name: z.union([NAME, z.literal("")]).optional(),
});

/** Finds the key of an id. */
type KeyOf = (kid: string) => Promise<CryptoKey | undefined>;

/**
 * Whom a token vouches for, an e-mail or a service token's client id; undefined where it is not
 * a token of this application, or not now.
 *
 * @param now in ms since 1970.
 */
export async function verifyAccessToken(
  token: string,
  { issuer, audience }: AccessSettings,
  keyOf: KeyOf,
  now: number,
): Promise<string | undefined> {
  if (token.length > ACCESS_TOKEN_CHARACTERS_MAX) return undefined;
  const [, header = "", payload = "", signature = ""] = TOKEN.exec(token) ?? [];
  const parsedHeader = HEADER.safeParse(decodeJson(header));
  if (!parsedHeader.success) return undefined;
  const key = await keyOf(parsedHeader.data.kid);
  if (key === undefined) return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  const isSigned = await crypto.subtle.verify(ALGORITHM, key, decode(signature), signed);
  if (!isSigned) return undefined;
  const claims = CLAIMS.safeParse(decodeJson(payload));
  if (!claims.success || claims.data.iss !== issuer) return undefined;
  if (![claims.data.aud].flat().includes(audience)) return undefined;
  if (!isCurrent(claims.data, now / 1000)) return undefined;
  return claims.data.email || claims.data.common_name || undefined;
}

function isCurrent(
  { exp, iat, nbf = iat }: { exp: number; iat: number; nbf?: number | undefined },
  seconds: number,
): boolean {
  const latest = seconds + ACCESS_LEEWAY_SECONDS;
  return exp > seconds - ACCESS_LEEWAY_SECONDS && iat <= latest && nbf <= latest;
}

function decode(text: string): Uint8Array {
  return Buffer.from(text, "base64url");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeJson(text: string): unknown {
  try {
    return JSON.parse(utf8.decode(decode(text)));
  } catch {
    return undefined;
  }
}
