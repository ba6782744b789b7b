/** The pages for those who are not, or not yet, signed in. */
import { RETRY_AFTER_SECONDS } from "../../http/limits.ts";
import { htmlAnswer, Page } from "../page.tsx";
import type { SetupProblem } from "./setup.ts";

/**
 * RFC 9110 11.6.1 wants a challenge with each 401; browsers show no window of their own for one
 * that they do not know.
 */
const CHALLENGE = { "WWW-Authenticate": 'Cookie form-action="/console/sign-in"' };

/** 503: the console cannot be signed in to at all. */
export function setupPage({ problem, repair }: SetupProblem): Response {
  return htmlAnswer(
    <Page title="Not set up">
      <p>
        {problem} <code>{repair}</code>.
      </p>
      <p>Imports and exports go on meanwhile.</p>
    </Page>,
    503,
    { "Retry-After": String(RETRY_AFTER_SECONDS) },
  );
}

/** 401: a form of nobody, who has to sign in first; its tag was that of a session that is over. */
export function signedOutPage(): Response {
  return htmlAnswer(
    <Page title="Signed out">
      <p role="alert">Your session is over, so nothing was changed.</p>
      <p>
        <a href="/console/sign-in">Sign in</a>, then fill the form in once more.
      </p>
    </Page>,
    401,
    CHALLENGE,
  );
}

/** 403: a form that did not come from a page of this session. */
export function forgedPage(): Response {
  return htmlAnswer(
    <Page title="Not accepted">
      <p role="alert">The form did not come from a page of your session. Nothing was changed.</p>
      <p>
        Go back, load the page again, and send the form from there. If that is no help, begin at{" "}
        <a href="/console">the start page</a>.
      </p>
    </Page>,
    403,
  );
}

/**
 * Behind a link of another site: the page loads itself once more, now from here, and that request
 * carries the cookie. Nothing was asked for but a page, which the other site cannot read.
 *
 * @param path of the console, see ownPath.
 */
export function arrivalPage(path: string): Response {
  return htmlAnswer(
    <Page title="One moment">
      <p>
        <a href={path}>Continue to the console</a>
      </p>
    </Page>,
    200,
    { Refresh: `0; url=${path}` },
  );
}

interface SignInView {
  /** Where to after it, see ownPath. */
  readonly to: string;
  readonly error?: string;
}

/** The form. The field is the page's only one, so it has the focus. */
export function signInPage(
  { to, error }: SignInView,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return htmlAnswer(
    <Page title="Sign in">
      {error === undefined ? null : (
        <div class="notice bad" role="alert" id="sign-in-error">
          <p>{error}</p>
        </div>
      )}
      <form method="post" action="/console/sign-in" class="form">
        <input type="hidden" name="to" value={to} />
        {/* Not sent: under this name password managers keep the token. */}
        <input type="text" autocomplete="username" value="admin" readonly hidden />
        <div class="field">
          <label for="field-token">Admin token</label>
          <p class="hint" id="field-token-hint">
            The secret <code>ADMIN_TOKEN</code> of this deployment.
          </p>
          <input
            id="field-token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            autofocus
            aria-describedby={`field-token-hint${error === undefined ? "" : " sign-in-error"}`}
            {...(error === undefined ? {} : { "aria-invalid": "true" })}
          />
        </div>
        <button type="submit" class="button main">
          Sign in
        </button>
      </form>
    </Page>,
    status,
    status === 401 ? { ...CHALLENGE, ...headers } : headers,
  );
}
