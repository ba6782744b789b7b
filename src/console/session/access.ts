/** Sign-in by Cloudflare Access: what it says is verified with each request, and not kept. */
import { verifyAccessToken } from "./access-jwt.ts";
import { accessKey } from "./access-keys.ts";
import { accessSettings } from "./access-settings.ts";

/** Whom Access vouches for, and which team's Access. */
export interface AccessIdentity {
  readonly who: string;
  readonly issuer: string;
}

/** Where one signs out of Access: its own page, on every host that it is in front of. */
export const ACCESS_SIGN_OUT_PATH = "/cdn-cgi/access/logout";

const COOKIE = /(?:^|;) *CF_Authorization=([\w.-]+) *(?:;|$)/;

/**
 * The identity of a request's token; undefined where Access is not set up, or the request has no
 * token that holds. The header is what Access adds to each request, the cookie what it gave to
 * the browser; where there is the header the cookie is not looked at.
 */
export async function accessIdentity(
  request: Request,
  env: Env,
  now: number,
): Promise<AccessIdentity | undefined> {
  const settings = accessSettings(env);
  if (settings === undefined || "problem" in settings) return undefined;
  const token =
    request.headers.get("cf-access-jwt-assertion") ??
    COOKIE.exec(request.headers.get("cookie") ?? "")?.[1];
  if (token === undefined) return undefined;
  const { issuer } = settings;
  const who = await verifyAccessToken(token, settings, (kid) => accessKey(issuer, kid, now), now);
  return who === undefined ? undefined : { who, issuer };
}
