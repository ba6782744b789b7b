import { RETURN_PATH_CHARACTERS_MAX } from "./limits.ts";

/** Where one is after a sign-in that says nothing else. */
const CONSOLE = "/console";

/** What a URL parser drops or takes for a slash: none is in a path that the console wrote. */
// oxlint-disable-next-line no-control-regex
const SUSPECT = /[\u0000-\u0020\u007f\\]/;

/** Never led back to: they would lead on again, or take a POST only. */
const NOT_PLACES: ReadonlySet<string> = new Set(["/console/sign-in", "/console/sign-out"]);

/**
 * The path, with its query, that a sign-in leads back to: `to` where it is one of the console's
 * own, else `/console`. So a link with a foreign `to` leads nowhere else (no open redirect).
 */
export function ownPath(to: string | null | undefined): string {
  if (to === null || to === undefined || to.length > RETURN_PATH_CHARACTERS_MAX) return CONSOLE;
  if (!to.startsWith(CONSOLE) || SUSPECT.test(to)) return CONSOLE;
  const base = "https://headgate.invalid";
  const url = URL.parse(to, base);
  if (url === null || url.origin !== base) return CONSOLE;
  // What the parser made of it, dots resolved, is what a browser would go to.
  const isOwn = url.pathname === CONSOLE || url.pathname.startsWith(`${CONSOLE}/`);
  return isOwn && !NOT_PLACES.has(url.pathname) ? `${url.pathname}${url.search}` : CONSOLE;
}
