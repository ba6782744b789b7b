/** The files as they are served (src/assets): style, script, icon, the API document. */
import type { Context } from "hono";

type AssetContext = Pick<Context<{ Bindings: Env }>, "env" | "req">;

/** How long a browser takes a file as it is without asking, in s: a deploy is seen soon. */
export const ASSET_FRESH_S = 60;

/** Answers `/assets/<name>`; 404 for a name that is no file there. */
export function asset(context: AssetContext): Promise<Response> {
  return assetAnswer(context, new URL(context.req.url).pathname.replace(/^\/assets/, ""));
}

/**
 * The answer with a file, by the conditions of the request. Files hold nothing of anybody.
 *
 * @param path in src/assets: `/openapi.json`.
 */
export async function assetAnswer({ env, req }: AssetContext, path: string): Promise<Response> {
  const { headers } = req.raw;
  const found = await env.ASSETS.fetch(new Request(new URL(path, req.url), { headers }));
  const response = new Response(found.body, found);
  response.headers.set("X-Content-Type-Options", "nosniff");
  // Also to a browser that has the file and asked whether it still is the same.
  if (found.ok || found.status === 304) {
    response.headers.set("Cache-Control", `public, max-age=${ASSET_FRESH_S}`);
  }
  return response;
}
