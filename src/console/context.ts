/** What the console's pages share: a request that is signed in, and how a path is described. */
import type { Context } from "hono";
import type { Session } from "./session/session.ts";

/** A request to the console by somebody who is signed in. */
export type ConsoleContext = Context<{ Bindings: Env; Variables: { session: Session } }>;

/** Answers a request with a page, a file or a redirect; an ApiError that it throws becomes a page. */
export type ConsoleHandler = (context: ConsoleContext) => Promise<Response>;

/** One path, relative to `/console`: `/clients/:cid/tables`. Every parameter is an id. */
export interface ConsoleRoute {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<"GET" | "POST", ConsoleHandler>>>;
}

/**
 * An id out of the path, as it stands there.
 *
 * @param name of the parameter, as in the path of the route, whose pattern lets only digits in.
 */
export function pathId(context: ConsoleContext, name: string): string {
  return context.req.param(name) ?? "";
}

/** The way on after a form took effect, so that a reload does not send it again (RFC 9110 15.4.4). */
export function seeOther(context: ConsoleContext, path: string): Response {
  context.header("Cache-Control", "no-store");
  return context.redirect(`/console${path}`, 303);
}
