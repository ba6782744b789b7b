/** The one secret of a deployment's owner. */

/** The token of .dev.vars.example, which everybody knows: it opens nothing but a local server. */
const LOCAL_ADMIN_TOKEN = "local-admin-token";

/** Hosts that no deployment is reached by: the platform routes requests by their host. */
const LOCAL_HOST = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The admin token by which a request is measured; undefined where the deployment has none, or
 * has still the one that it came with.
 *
 * @param url of the request.
 */
export function adminTokenOf(env: Env, url: string): string | undefined {
  // The secret may be missing in a deployment, which its generated type does not say.
  const token: string | undefined = env.ADMIN_TOKEN;
  if (token === undefined || token === "") return undefined;
  if (token === LOCAL_ADMIN_TOKEN && !LOCAL_HOST.test(new URL(url).hostname)) return undefined;
  return token;
}
