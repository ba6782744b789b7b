/**
 * The console (`/console`): what an owner does with a Headgate, in a browser. Pages are rendered
 * here; they act through the admin API (api.ts).
 */
import { Hono } from "hono";
import { trimTrailingSlash } from "hono/trailing-slash";
import { errorAnswer } from "../http/answer.ts";
import { asRefusal } from "../warehouse/store-errors.ts";
import { ApiError } from "./api.ts";
import { clientHomeRoutes } from "./clients/home.tsx";
import { clientListRoutes } from "./clients/list.tsx";
import { connectRoutes } from "./connect/connect.tsx";
import { type ConsoleContext, type ConsoleRoute, pathId, seeOther } from "./context.ts";
import { exportRoutes } from "./exports/export.tsx";
import { exportListRoutes } from "./exports/list.tsx";
import { newExportRoutes } from "./exports/new.tsx";
import { integrationRoutes } from "./integrations/integration.tsx";
import { integrationListRoutes } from "./integrations/list.tsx";
import { keyRoutes } from "./keys/keys.tsx";
import { answerPage } from "./page.tsx";
import { Notice } from "./parts/display.tsx";
import { reportPageRoutes } from "./reports/routes.ts";
import { tableListRoutes } from "./tables/list.tsx";
import { tableRoutes } from "./tables/table.tsx";
import { requireSession } from "./session/require-session.ts";
import { showSignIn, signIn, signOut } from "./session/sign-in.tsx";

type ConsoleApp = Hono<{
  Bindings: Env;
  Variables: ConsoleContext["var"];
}>;

/** All paths for those who are signed in, relative to `/console`. */
export const consoleRoutes: readonly ConsoleRoute[] = [
  ...clientListRoutes,
  ...clientHomeRoutes,
  ...integrationListRoutes,
  ...integrationRoutes,
  ...keyRoutes,
  ...connectRoutes,
  ...tableListRoutes,
  ...tableRoutes,
  ...exportListRoutes,
  ...newExportRoutes,
  ...exportRoutes,
  ...reportPageRoutes,
];

const pagePaths: ReadonlySet<string> = new Set(
  consoleRoutes.filter(({ methods }) => methods.GET).map(({ path }) => path),
);

function addRoute(app: ConsoleApp, { path, methods }: ConsoleRoute): void {
  const pattern = path.replaceAll(/:\w+/g, (parameter) => `${parameter}{[1-9][0-9]*}`);
  for (const [method, handler] of Object.entries(methods)) app.on(method, pattern, handler);
  if (!pagePaths.has(path)) app.all(pattern, async (context) => wayBack(context, path));
}

/**
 * A path that takes forms only is in the address bar after a form that showed its page again:
 * whoever loads it anew gets that page, the nearest one above.
 */
function wayBack(context: ConsoleContext, pattern: string): Response {
  if (context.req.method !== "GET") return nothingHere(context);
  const steps = pattern.split("/");
  while (steps.length > 1 && !pagePaths.has(steps.join("/"))) steps.pop();
  const path = steps.join("/").replaceAll(/:(\w+)/g, (_, name: string) => pathId(context, name));
  return seeOther(context, path);
}

/** A page for what went wrong; defects are logged and answered blandly (http/answer.ts). */
function trouble(error: Error, context: ConsoleContext): Response {
  if (error instanceof ApiError && error.status === 404) return nothingHere(context);
  if (error instanceof ApiError) return troublePage(context, error.status, error.message);
  const { status } = errorAnswer("admin", context.req.raw, asRefusal(error));
  return troublePage(context, status, "The service could not answer. Try it again in a moment.");
}

function troublePage(context: ConsoleContext, status: number, text: string): Response {
  return answerPage(
    context,
    { title: "That did not work" },
    <Notice kind="bad">
      <p>{text}</p>
    </Notice>,
    status,
  );
}

function nothingHere(context: ConsoleContext): Response {
  return answerPage(
    context,
    { title: "Nothing here" },
    <p>
      There is no such page, or what it was about is gone. <a href="/console">All clients</a>
    </p>,
    404,
  );
}

function createConsoleApp(): ConsoleApp {
  const app: ConsoleApp = new Hono();
  app.onError((error, context) => trouble(error, context));
  app.use(trimTrailingSlash());
  app.get("/sign-in", showSignIn);
  app.post("/sign-in", signIn);
  app.use("*", requireSession);
  app.post("/sign-out", signOut);
  for (const route of consoleRoutes) addRoute(app, route);
  app.all("*", async (context) => nothingHere(context));
  return app;
}

/** The console, to be mounted at `/console`; it answers every path below. */
export const consoleApp = createConsoleApp();
