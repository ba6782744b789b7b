/**
 * The cookie of a session. `__Host-` binds it to this very host: a neighbour under the same
 * domain (on workers.dev: any Worker of the same account) cannot plant one of its own here, as it
 * could with `__Secure-`. The prefix demands `Path=/`, so browsers show it to the paths of the
 * APIs, too, which read no cookies.
 */
import { SESSION_MS_MAX } from "./limits.ts";

const NAME = "__Host-headgate";

/** What newSecret (http/credentials/secrets.ts) makes; whatever else has the name is not looked at. */
const COOKIE = new RegExp(`(?:^|;) *${NAME}=([0-9a-f]{64}) *(?:;|$)`);

const ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Strict";

/** The secret in the request's cookie; undefined where there is none that could be one. */
export function cookieSecret(request: Request): string | undefined {
  return COOKIE.exec(request.headers.get("cookie") ?? "")?.[1];
}

/** The value of Set-Cookie for a new session. */
export function sessionCookie(secret: string): string {
  return `${NAME}=${secret}; Max-Age=${SESSION_MS_MAX / 1000}; ${ATTRIBUTES}`;
}

/** The value of Set-Cookie that takes the cookie away. */
export const NO_COOKIE = `${NAME}=; Max-Age=0; ${ATTRIBUTES}`;
