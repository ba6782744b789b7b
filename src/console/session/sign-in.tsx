/** `/console/sign-in` and `/console/sign-out`. */
import { sameSecret } from "../../http/credentials/secrets.ts";
import { logError } from "../../log.ts";
import type { ConsoleContext } from "../context.ts";
import { ACCESS_SIGN_OUT_PATH } from "./access.ts";
import { cookieSecret, NO_COOKIE, sessionCookie } from "./cookie.ts";
import { addressKey, beginAttempt, clearFailures } from "./failures.ts";
import { type Form, onlyValue, strangersFormOf } from "./form.ts";
import { isForeignLink, isOwnOrigin } from "./forgery.ts";
import { ownPath } from "./own-path.ts";
import { arrivalPage, forgedPage, setupPage, signInPage } from "./pages.tsx";
import { redirectTo } from "./redirect.ts";
import { sessionOf } from "./session.ts";
import { setupProblem } from "./setup.ts";
import { closeSession, openSession } from "./store.ts";

/** `GET /console/sign-in?to=`: the form, or 303 to where one wants to be if one is signed in. */
export async function showSignIn(c: ConsoleContext): Promise<Response> {
  const problem = setupProblem(c.env, c.req.url);
  if (problem !== undefined) return setupPage(problem);
  const to = ownPath(c.req.query("to"));
  if ((await sessionOf(c)) !== undefined) return redirectTo(to);
  return isForeignLink(c.req.raw) ? arrivalPage(to) : signInPage({ to });
}

/**
 * `POST /console/sign-in` with `token` and `to`: 303 with the cookie of a new session, or the
 * form again: 401 for a wrong token, 429 after too many, 422 where none was entered, which
 * counts as no attempt.
 */
export async function signIn(c: ConsoleContext): Promise<Response> {
  const problem = setupProblem(c.env, c.req.url);
  if (problem !== undefined) return setupPage(problem);
  // Otherwise another site could sign somebody in, or use up their attempts.
  if (!isOwnOrigin(c.req.raw)) return forgedPage();
  const form = await strangersFormOf(c);
  const to = ownPath(onlyValue(form, "to"));
  const token = tokenOf(form);
  if (token === undefined) return signInPage({ to, error: "Enter the admin token." }, 422);
  const attempt = await beginAttempt(c.env, c.req.raw);
  if (!attempt.allowed) return tooManyPage(to, attempt.retryAfterSeconds);
  if (!sameSecret(token, c.env.ADMIN_TOKEN)) {
    // The one line for the owner: from here on attempts are refused without one.
    if (attempt.isLast) logError("sign_in_failures", { address: addressKey(c.req.raw) });
    return signInPage({ to, error: "That is not the admin token." }, 401);
  }
  await clearFailures(c.env, c.req.raw);
  await endCookieSession(c);
  return redirectTo(to, sessionCookie(await openSession(c.env)));
}

/** `POST /console/sign-out`, behind requireSession: ends the session, and that of Access. */
export async function signOut(c: ConsoleContext): Promise<Response> {
  await endCookieSession(c);
  const isAccess = c.var.session.by === "access";
  return redirectTo(isAccess ? ACCESS_SIGN_OUT_PATH : "/console/sign-in", NO_COOKIE);
}

/** Without outer white space, which a copy easily has and the token cannot (RFC 6750 2.1). */
function tokenOf(form: Form): string | undefined {
  const token = onlyValue(form, "token")?.trim();
  return token === "" ? undefined : token;
}

async function endCookieSession(c: ConsoleContext): Promise<void> {
  const secret = cookieSecret(c.req.raw);
  if (secret !== undefined) await closeSession(c.env, secret);
}

function tooManyPage(to: string, retryAfterSeconds: number): Response {
  const minutes = Math.ceil(retryAfterSeconds / 60);
  const error = `Too many failed attempts from your address. Try it again in ${minutes} min.`;
  return signInPage({ to, error }, 429, { "Retry-After": String(retryAfterSeconds) });
}
