/** The assembled service: which path belongs to which surface. */
import { type Context, Hono } from "hono";
import { adminApp } from "../admin/app.ts";
import { consoleApp } from "../console/app.tsx";
import { docsApp, showDocument } from "../docs/app.tsx";
import { exportApp } from "../export/app.ts";
import { importRows } from "../import/native/rows.ts";
import { authenticate, pushTable } from "../import/rjmetrics/push.ts";
import { status as rjmetricsStatus } from "../import/rjmetrics/status.ts";
import { batch } from "../import/stitch/batch.ts";
import { push, validate } from "../import/stitch/push.ts";
import { status as stitchStatus } from "../import/stitch/status.ts";
import { errorAnswer } from "./answer.ts";
import { asset } from "./assets.ts";
import { Refusal } from "./errors.ts";
import { guarded, type Handler } from "./guarded.ts";
import { health } from "./health.ts";
import type { Surface } from "./surfaces.ts";

type App = Hono<{ Bindings: Env }>;
type HonoContext = Context<{ Bindings: Env }>;

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
  return errorAnswer(surfaceOf(c.req.path), c.req.raw, new Refusal("not_found"));
}

/** The surface of a path that is none of the routes'. */
function surfaceOf(path: string): Surface {
  if (path.startsWith("/api/v1/")) return "native";
  return path.startsWith("/v2/import/") ? "stitch" : "rjmetrics";
}

/** A path of the native import, whatever the method. */
const NATIVE_PATH = /^\/api\/v1\/tables\/[^/]+\/rows$/;

/** What is left when no route took a request: a wrong method of a path, or no path. */
function notRouted(c: HonoContext): Response {
  if (NATIVE_PATH.test(c.req.path)) {
    return errorAnswer("native", c.req.raw, new Refusal("method_not_allowed", { ALLOW: "POST" }));
  }
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
  app.post("/api/v1/tables/:table/rows", guarded("native", importRows));
  app.route("/console", consoleApp);
  app.get("/assets/:file", asset);
  app.get("/openapi.json", showDocument);
  app.route("/docs", docsApp);
  app.get("/healthz", guarded("rjmetrics", health));
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

/** The service on any host but a sandbox. */
export const app = createApp();

/** The service on a sandbox's host. */
export const sandboxApp = createSandboxApp();
