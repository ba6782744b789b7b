/** The assembled service: which path belongs to which surface, and nothing else. */
import { type Context, Hono } from "hono";
import { adminApp } from "../admin/app.ts";
import { home } from "../console/home.ts";
import { exportApp } from "../export/app.ts";
import { authenticate, pushTable } from "../import/rjmetrics/push.ts";
import { status as rjmetricsStatus } from "../import/rjmetrics/status.ts";
import { batch } from "../import/stitch/batch.ts";
import { push, validate } from "../import/stitch/push.ts";
import { status as stitchStatus } from "../import/stitch/status.ts";
import { errorAnswer } from "./answer.ts";
import { discardBody } from "./discard.ts";
import { Refusal, type Surface } from "./errors.ts";

type App = Hono<{ Bindings: Env }>;
type HonoContext = Context<{ Bindings: Env }>;
type Handler = (request: Request, env: Env, context: ExecutionContext) => Promise<Response>;

/** A Hono handler whose failures are answered in the surface's own shape. */
function guarded(surface: Surface, handler: Handler) {
  return async function handleGuarded(c: HonoContext): Promise<Response> {
    try {
      // Hono's own type of the context knows fewer members than the platform's.
      return await handler(c.req.raw, c.env, c.executionCtx as ExecutionContext);
    } catch (error) {
      return errorAnswer(surface, c.req.raw, error);
    }
  };
}

interface StitchRoute {
  readonly method: "GET" | "POST";
  readonly surface: Surface;
  readonly handler: Handler;
}

const STITCH_ROUTES: ReadonlyMap<string, StitchRoute> = new Map([
  ["/v2/import/push", { method: "POST", surface: "push", handler: push }],
  ["/v2/import/validate", { method: "POST", surface: "validate", handler: validate }],
  ["/v2/import/batch", { method: "POST", surface: "batch", handler: batch }],
  ["/v2/import/status", { method: "GET", surface: "stitch", handler: stitchStatus }],
]);

/**
 * One route a path: Hono calls a lone handler without composing a chain. Other methods end in
 * {@link notRouted}.
 */
function addStitch(app: App): void {
  for (const [path, { method, surface, handler }] of STITCH_ROUTES) {
    app.on(method, path, guarded(surface, handler));
  }
}

/** The RJMetrics paths under a prefix; in the sandbox nothing is persisted. */
function addRjmetrics(app: App, prefix: "" | "/sandbox", isSandbox: boolean): void {
  app.get(prefix === "" ? "/" : prefix, guarded("rjmetrics", rjmetricsStatus));
  for (const version of ["v1", "v2"] as const) {
    const client = `${prefix}/${version}/client/:cid` as const;
    app.get(`${client}/authenticate`, (c) => {
      const call = { version, isSandbox, clientId: c.req.param("cid") };
      return guarded("rjmetrics", (...args) => authenticate(call, ...args))(c);
    });
    app.post(`${client}/table/:table/data`, (c) => {
      const call = {
        version,
        isSandbox,
        clientId: c.req.param("cid"),
        table: c.req.param("table"),
      };
      return guarded("rjmetrics", (...args) => pushTable(call, ...args))(c);
    });
  }
}

function notFound(c: HonoContext): Response {
  const surface = c.req.path.startsWith("/v2/import/") ? "stitch" : "rjmetrics";
  return errorAnswer(surface, c.req.raw, new Refusal("not_found"));
}

/** What is left when no route took a request: a wrong method of a Stitch path, or no path. */
function notRouted(c: HonoContext): Response {
  const route = STITCH_ROUTES.get(c.req.path);
  if (route === undefined) return notFound(c);
  const ALLOW = route.method === "GET" ? "GET, HEAD" : route.method;
  return errorAnswer(route.surface, c.req.raw, new Refusal("method_not_allowed", { ALLOW }));
}

function createApp(): App {
  const app: App = new Hono();
  addStitch(app);
  addRjmetrics(app, "", false);
  addRjmetrics(app, "/sandbox", true);
  app.get("/console", guarded("rjmetrics", home));
  app.route("/admin/v1", adminApp);
  // Not below /0.1/, so not the export surface's (wire.md 1).
  app.all("/0.1", notFound);
  app.route("/0.1", exportApp);
  app.notFound(notRouted);
  app.onError((error, c) => errorAnswer("rjmetrics", c.req.raw, error));
  return app;
}

/** What hosts whose first label starts with `sandbox` serve: nothing that could be stored. */
function createSandboxApp(): App {
  const app: App = new Hono();
  addRjmetrics(app, "", true);
  addRjmetrics(app, "/sandbox", true);
  app.notFound((c) => {
    const isExport = c.req.path.startsWith("/0.1/");
    if (!isExport) return notFound(c);
    return errorAnswer("export", c.req.raw, new Refusal("not_found"));
  });
  app.onError((error, c) => errorAnswer("rjmetrics", c.req.raw, error));
  return app;
}

/** The service on any host but a sandbox; exported for the list of its routes. */
export const app = createApp();
const sandboxApp = createSandboxApp();

const SANDBOX_HOST = /^https?:\/\/sandbox/i;

/**
 * Whether the host's first label starts with `sandbox`, in any letter case (wire.md 3.5): the
 * platform does not promise to write the host of a request in small letters.
 */
function isSandboxHost(url: string): boolean {
  return SANDBOX_HOST.test(url);
}

/** Answers any request. */
export async function handle(
  request: Request,
  env: Env,
  context: ExecutionContext,
): Promise<Response> {
  const chosen = isSandboxHost(request.url) ? sandboxApp : app;
  const response = await chosen.fetch(request, env, context);
  await discardBody(request);
  return response;
}
