/**
 * The admin API (design.md 2): what the operator of a deployment sets up and looks at.
 * Every request, to unknown paths too, is checked for the admin token before anything else.
 */
import { Hono, type Next } from "hono";
import { adminTokenOf } from "../http/credentials/admin-token.ts";
import { errorAnswer } from "../http/answer.ts";
import { bearerToken } from "../http/credentials/bearer.ts";
import { callOf } from "../http/calls/call.ts";
import { Refusal } from "../http/errors.ts";
import { countAdmin, countStranger } from "../http/credentials/rate-limits.ts";
import { sameSecret } from "../http/credentials/secrets.ts";
import { asRefusal } from "../warehouse/store-errors.ts";
import { clientRoutes } from "./clients.ts";
import { exportKeyRoutes } from "./export-keys.ts";
import { exportRoutes } from "./exports.ts";
import { importTokenRoutes } from "./import-tokens.ts";
import { integrationRoutes } from "./integrations.ts";
import { rejectionRoutes } from "./rejections.ts";
import { reportDataRoutes } from "./report-data.ts";
import { reportRoutes } from "./reports.ts";
import type { AdminContext, AdminRoute } from "./routes.ts";
import { rowRoutes } from "./rows.ts";
import { shardRoutes } from "./shards.ts";
import { tableCountRoutes } from "./table-counts.ts";
import { tableRoutes } from "./tables.ts";

/** All paths of the admin API, relative to `/admin/v1`. */
export const adminRoutes: readonly AdminRoute[] = [
  ...clientRoutes,
  ...integrationRoutes,
  ...importTokenRoutes,
  ...exportKeyRoutes,
  ...rejectionRoutes,
  ...tableRoutes,
  ...tableCountRoutes,
  ...rowRoutes,
  ...exportRoutes,
  ...reportRoutes,
  ...reportDataRoutes,
  ...shardRoutes,
];

async function requireAdmin(context: AdminContext, next: Next): Promise<void> {
  const request = context.req.raw;
  const expected = adminTokenOf(context.env, request.url);
  if (expected === undefined) throw new Refusal("admin_unconfigured");
  const call = callOf(request);
  call.surface = "admin";
  const token = bearerToken(request);
  call.credential = token ?? undefined;
  if (token === null || !sameSecret(token, expected)) {
    if (token !== null) await countStranger(request, context.env);
    throw new Refusal("unauthorized");
  }
  const clientId = /\/clients\/([1-9]\d{0,14})(?:\/|$)/.exec(context.req.path)?.[1];
  if (clientId !== undefined) call.clientId = Number(clientId);
  // What the console asks inside the Worker is not counted.
  await countAdmin(request, context.env);
  await next();
}

function addRoute(app: Hono<{ Bindings: Env }>, { path, methods }: AdminRoute): void {
  // Every parameter is an id, and what is none is no path: 404, whatever the method.
  const pattern = path.replaceAll(/:\w+/g, (parameter) => `${parameter}{[1-9][0-9]*}`);
  for (const [method, handler] of Object.entries(methods)) app.on(method, pattern, handler);
  const allowed = Object.keys(methods).flatMap((method) =>
    method === "GET" ? ["GET", "HEAD"] : [method],
  );
  app.all(pattern, function refuseMethod() {
    throw new Refusal("method_not_allowed", { ALLOW: allowed.join(", ") });
  });
}

function createAdminApp(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  app.onError((error, c) => errorAnswer("admin", c.req.raw, asRefusal(error)));
  app.use("*", requireAdmin);
  for (const route of adminRoutes) addRoute(app, route);
  app.all("*", function refusePath() {
    throw new Refusal("not_found");
  });
  return app;
}

/** The admin API, to be mounted at `/admin/v1`; it answers every path below. */
export const adminApp = createAdminApp();
