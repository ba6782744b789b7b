/**
 * The imports, in front of all else: an isolate starts for a push most often. The other surfaces
 * are most of the bundle, and `import()` evaluates them when the first request for them comes:
 * half of the CPU time that the Worker itself takes from its start to the answer to a push.
 * What is evaluated is kept, never the promise of it: no request may wait for one of another
 * (docs/decisions/0007).
 */
import { type Context, Hono } from "hono";
import { authenticate, pushTable } from "../import/rjmetrics/push.ts";
import { status as rjmetricsStatus } from "../import/rjmetrics/status.ts";
import { batch } from "../import/stitch/batch.ts";
import { push, validate } from "../import/stitch/push.ts";
import { status as stitchStatus } from "../import/stitch/status.ts";
import { errorAnswer } from "./answer.ts";
import { Refusal } from "./errors.ts";
import { guarded, type Handler } from "./guarded.ts";
import type { Surface } from "./surfaces.ts";

/** A Hono app of this service. */
export type App = Hono<{ Bindings: Env }>;
/** What its handlers get. */
export type HonoContext = Context<{ Bindings: Env }>;

/** A path that takes one method. */
export interface StitchRoute {
  readonly method: "GET" | "POST";
  readonly surface: Surface;
  readonly handler: Handler;
}

/** The Stitch paths. */
export const STITCH_ROUTES: ReadonlyMap<string, StitchRoute> = new Map([
  ["/v2/import/push", { method: "POST", surface: "push", handler: push }],
  ["/v2/import/validate", { method: "POST", surface: "validate", handler: validate }],
  ["/v2/import/batch", { method: "POST", surface: "batch", handler: batch }],
  ["/v2/import/status", { method: "GET", surface: "stitch", handler: stitchStatus }],
]);

/**
 * One route a path: Hono calls a lone handler without composing a chain. Other methods are
 * answered by the whole service (app.ts).
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

/** The answer for a path that is nobody's. */
export function notFound(c: HonoContext): Response {
  return errorAnswer(surfaceOf(c.req.path), c.req.raw, new Refusal("not_found"));
}

/** The surface of a path that is none of the routes'. */
function surfaceOf(path: string): Surface {
  if (path.startsWith("/api/v1/")) return "native";
  return path.startsWith("/v2/import/") ? "stitch" : "rjmetrics";
}

let nativeImport: Handler | undefined;

/** Apart from the others: its schemas bring a library that they do without. */
async function importNative(...call: Parameters<Handler>): Promise<Response> {
  nativeImport ??= (await import("../import/native/rows.ts")).importRows;
  return nativeImport(...call);
}

let wholeApp: App | undefined;

function createImportApp(): App {
  const app: App = new Hono();
  addStitch(app);
  addRjmetrics(app, "", false);
  addRjmetrics(app, "/sandbox", true);
  app.post("/api/v1/tables/:table/rows", guarded("native", importNative));
  app.notFound(async (c) => {
    wholeApp ??= (await import("./app.ts")).app;
    return wholeApp.fetch(c.req.raw, c.env, c.executionCtx);
  });
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

/** The service on any host but a sandbox; what is no import goes on to the whole of it (app.ts). */
export const importApp = createImportApp();

/** The service on a sandbox's host. */
export const sandboxApp = createSandboxApp();
