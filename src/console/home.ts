/**
 * `GET /console`: where a browser that opens the service ends up (wire.md 3.1). It says that
 * the service runs and where its owner goes from here. No script, and nothing from elsewhere.
 */
import { hash } from "node:crypto";
import { NO_STORE } from "../http/answer.ts";
import { RETRY_AFTER_SECONDS } from "../http/limits.ts";
import { storeProblem } from "../http/store-status.ts";

const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}
h1{line-height:1.2}
dt{font-weight:600;margin-top:1rem}
dd{margin:0}
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}`;

const HEADERS = {
  "Content-Type": "text/html; charset=UTF-8",
  "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${hash("sha256", STYLE, "base64")}'; frame-ancestors 'none'; base-uri 'none'`,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  ...NO_STORE,
};

/**
 * The page; 503 where a store cannot be reached, so that a monitor may watch it, too, and where
 * the deployment has no ADMIN_TOKEN (design.md 2).
 */
export async function home(_request: Request, env: Env): Promise<Response> {
  const problem = (await storeProblem(env)) ?? settingProblem(env);
  const state = problem === undefined ? "It is running, and its stores answer." : problem;
  if (problem === undefined) return new Response(page(state), { headers: HEADERS });
  const headers = { ...HEADERS, "Retry-After": String(RETRY_AFTER_SECONDS) };
  return new Response(page(state), { status: 503, headers });
}

/** Without the admin token there is no way in for an owner; imports and exports go on. */
function settingProblem(env: Env): string | undefined {
  // The secret may be missing in a deployment, which its generated type does not say.
  const token: string | undefined = env.ADMIN_TOKEN;
  if (token !== undefined && token !== "") return undefined;
  return "Its administration is switched off: there is no ADMIN_TOKEN. Set it with <code>wrangler secret put ADMIN_TOKEN</code>.";
}

function page(state: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Headgate</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Headgate</h1>
<p>This is a Headgate, a data import and export service. ${state}</p>
<dl>
<dt>Import</dt>
<dd>Stitch clients: <code>/v2/import/push</code>, <code>/validate</code>, <code>/batch</code>, <code>/status</code></dd>
<dd>RJMetrics clients: base address <code>/v2</code> or <code>/v1</code>; sandbox: <code>/sandbox/v2</code></dd>
<dt>Export</dt>
<dd>Magento BI Export API: base address <code>/0.1</code></dd>
<dt>Administration</dt>
<dd>Clients, integrations, tokens, export keys, tables and rows: <code>/admin/v1</code>, with the admin token as a Bearer token</dd>
</dl>
</main>
</body>
</html>
`;
}
