/**
 * The admin API (design.md 2): what the operator of a deployment sets up and looks at.
 * Every request, to unknown paths too, is checked for the admin token before anything else.
 */
import { Hono, type Next } from "hono";
import { errorAnswer } from "../http/answer.ts";
import { bearerToken } from "../http/bearer.ts";
import { Refusal } from "../http/errors.ts";
import { sameSecret } from "../http/secrets.ts";
import { asRefusal } from "../warehouse/store-errors.ts";
import { clientRoutes } from "./clients.ts";
import { exportKeyRoutes } from "./export-keys.ts";
import { exportRoutes } from "./exports.ts";
import { importTokenRoutes } from "./import-tokens.ts";
import { integrationRoutes } from "./integrations.ts";
import { reportRoutes } from "./reports.ts";
import type { AdminContext, AdminRoute } from "./routes.ts";
import { rowRoutes } from "./rows.ts";
import { tableRoutes } from "./tables.ts";

/** All paths of the admin API, relative to `/admin/v1`. */
export const adminRoutes: readonly AdminRoute[] = [
  ...clientRoutes,
  ...integrationRoutes,
  ...importTokenRoutes,
  ...exportKeyRoutes,
  ...tableRoutes,
  ...rowRoutes,
  ...exportRoutes,
  ...reportRoutes,
];

async function requireAdmin(context: AdminContext, next: Next): Promise<void> {
  // The secret may be missing in a deployment, which its generated type does not say.
  const expected: string | undefined = context.env.ADMIN_TOKEN;
  if (expected === undefined || expected === "") throw new Refusal("admin_unconfigured");
  const token = bearerToken(context.req.raw);
  if (token === null || !sameSecret(token, expected)) throw new Refusal("unauthorized");
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
