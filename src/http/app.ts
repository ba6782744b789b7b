/** The assembled service: which path belongs to which surface. */
import { Hono } from "hono";
import { adminApp } from "../admin/app.ts";
import { consoleApp } from "../console/app.tsx";
import { docsApp, showDocument } from "../docs/app.tsx";
import { exportApp } from "../export/app.ts";
import { errorAnswer } from "./answer.ts";
import { asset } from "./assets.ts";
import { Refusal } from "./errors.ts";
import { guarded } from "./guarded.ts";
import { health } from "./health.ts";
import { type App, type HonoContext, importApp, notFound, STITCH_ROUTES } from "./import-app.ts";

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
  app.route("/", importApp);
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

/** The service on any host but a sandbox, the imports included. */
export const app = createApp();
