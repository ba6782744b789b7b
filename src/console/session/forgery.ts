/** Requests that another site makes a browser send (cross-site request forgery). */
import { sameSecret } from "../../http/credentials/secrets.ts";
import { type Form, onlyValue } from "./form.ts";

/**
 * Whether a page of this host sent the request, as far as the browser says. `Sec-Fetch-Site` must
 * be same-origin and `Origin` must be the host's own, where they are there, and one of them must
 * be. `Origin: null` says nothing, so it counts as absent: browsers write it for forms of their
 * own host, too, where a page sends no referrer (Fetch, "append a request Origin header").
 */
export function isOwnOrigin(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (site !== null && site !== "same-origin") return false;
  if (origin === null || origin === "null") return site !== null;
  return origin === new URL(request.url).origin;
}

/** Whether a form carries the tag of the session. */
export function isOwnForm(form: Form, session: { readonly csrf: string }): boolean {
  const csrf = onlyValue(form, "csrf");
  return csrf !== undefined && sameSecret(csrf, session.csrf);
}

/**
 * Whether another site's link opened the page in a tab. The cookie is absent then, whether one is
 * signed in or not (SameSite=Strict).
 */
export function isForeignLink(request: Request): boolean {
  const { headers } = request;
  return (
    headers.get("sec-fetch-site") === "cross-site" && headers.get("sec-fetch-dest") === "document"
  );
}
