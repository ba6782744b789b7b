/** The door of the console: who may come in, and which forms are theirs. */
import type { Next } from "hono";
import type { ConsoleContext } from "../context.ts";
import { formOf } from "./form.ts";
import { isForeignLink, isOwnForm, isOwnOrigin } from "./forgery.ts";
import { ownPath } from "./own-path.ts";
import { arrivalPage, forgedPage, setupPage, signedOutPage } from "./pages.tsx";
import { redirectTo } from "./redirect.ts";
import { type Session, sessionOf } from "./session.ts";
import { setupProblem } from "./setup.ts";

/**
 * Hono middleware for every path of the console but the sign-in. Sets the variable `session`, or
 * answers: 303 to the sign-in for a page, 401 for a form. A form that another site could have
 * sent gets 403, before anything is done.
 */
export async function requireSession(c: ConsoleContext, next: Next): Promise<Response | void> {
  const problem = setupProblem(c.env, c.req.url);
  if (problem !== undefined) return setupPage(problem);
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  const session = await sessionOf(c);
  if (session === undefined) return isRead ? toSignIn(c) : signedOutPage();
  if (!isRead && !(await isOwn(c, session))) return forgedPage();
  c.set("session", session);
  await next();
}

async function isOwn(c: ConsoleContext, session: Session): Promise<boolean> {
  return isOwnOrigin(c.req.raw) && isOwnForm(await formOf(c), session);
}

function toSignIn(c: ConsoleContext): Response {
  const { pathname, search } = new URL(c.req.url);
  const path = ownPath(`${pathname}${search}`);
  if (isForeignLink(c.req.raw)) return arrivalPage(path);
  return redirectTo(`/console/sign-in?to=${encodeURIComponent(path)}`);
}
