/** What keeps the console from having any door at all. */
import { adminTokenOf } from "../../http/credentials/admin-token.ts";
import { accessSettings } from "./access-settings.ts";

/** What is wrong, and the command or the place that repairs it, as code to be shown. */
export interface SetupProblem {
  readonly problem: string;
  readonly repair: string;
}

/** What the admin API, through which the pages act, can take as a token (RFC 6750 2.1). */
const BEARER = /^[\x21-\x7e]+$/;

/**
 * What the deployment lacks for a sign-in (design.md 2); undefined where nothing.
 *
 * @param url of the request.
 */
export function setupProblem(env: Env, url: string): SetupProblem | undefined {
  const token = adminTokenOf(env, url);
  if (token === undefined) {
    return {
      problem:
        "The administration is switched off: there is no ADMIN_TOKEN of this deployment's own. Set it with",
      repair: "wrangler secret put ADMIN_TOKEN",
    };
  }
  if (!BEARER.test(token)) {
    return {
      problem:
        "The ADMIN_TOKEN has a space or a character beyond ASCII, so no request can carry it. Set another one with",
      repair: "wrangler secret put ADMIN_TOKEN",
    };
  }
  const access = accessSettings(env);
  if (access === undefined || !("problem" in access)) return undefined;
  // Whoever set one of them means to have Access at the door: no other is opened instead.
  return { problem: `${access.problem} Repair it in`, repair: "wrangler.toml" };
}
