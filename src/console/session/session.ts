/** Who is signed in: by a session of the console's own, or by Cloudflare Access. */
import { createHmac } from "node:crypto";
import type { ConsoleContext } from "../context.ts";
import { accessIdentity } from "./access.ts";
import { cookieSecret } from "./cookie.ts";
import { findSession } from "./store.ts";

/** Somebody who is signed in. */
export interface Session {
  /** What each form of theirs has to carry in its field `csrf`. */
  readonly csrf: string;
  /** Who: "admin token", or the e-mail (of a program: the client id) that Access vouches for. */
  readonly who: string;
  readonly by: "token" | "access";
}

/**
 * The session of a request, or undefined. Access comes first: what it says of a person is more
 * than that somebody has the admin token.
 *
 * @param now in ms since 1970.
 */
export async function sessionOf(
  c: Pick<ConsoleContext, "req" | "env">,
  now = Date.now(),
): Promise<Session | undefined> {
  const identity = await accessIdentity(c.req.raw, c.env, now);
  if (identity !== undefined) {
    const csrf = tagOf(c.env.ADMIN_TOKEN, `access\n${identity.issuer}\n${identity.who}`);
    return { csrf, who: identity.who, by: "access" };
  }
  const secret = cookieSecret(c.req.raw);
  if (secret === undefined || !(await findSession(c.env, secret, now))) return undefined;
  return { csrf: tagOf(secret, "token"), who: "admin token", by: "token" };
}

/**
 * What the forms of a session carry: nobody can make it without the cookie's secret. Access has
 * a new token for each of its sessions and renewals, so there it is made of the person instead:
 * a form that is open over a renewal stays good. Its key is the admin token, which tells those
 * who know the tag nothing that they may not have: they are admins.
 */
function tagOf(key: string, text: string): string {
  return createHmac("sha256", key).update(`headgate console csrf\n${text}`).digest("hex");
}
