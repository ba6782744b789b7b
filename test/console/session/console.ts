/** A console of three paths behind the real door, and browsers that visit it. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { Hono } from "hono";
import { ApiError } from "../../../src/console/api.ts";
import type { ConsoleContext } from "../../../src/console/context.ts";
import { formOf } from "../../../src/console/session/form.ts";
import { requireSession } from "../../../src/console/session/require-session.ts";
import type { Session } from "../../../src/console/session/session.ts";
import { showSignIn, signIn, signOut } from "../../../src/console/session/sign-in.tsx";
import { testEnv } from "../../support/env.ts";

export const ORIGIN = "https://headgate.example";
export const ADMIN_TOKEN = "test-admin-token";

/** Bindings with other settings or secrets; `undefined` takes one away. */
export function envWith(
  changes: Partial<
    Record<"ADMIN_TOKEN" | "ACCESS_TEAM_DOMAIN" | "ACCESS_AUDIENCE", string | undefined>
  >,
): Env {
  return { ...testEnv, ...changes };
}

/** What pages of the test's console answer. */
export interface Seen {
  readonly session: Session;
  readonly form?: Record<string, readonly string[]>;
}

function createTestConsole() {
  const app = new Hono<{ Bindings: Env; Variables: ConsoleContext["var"] }>();
  app.onError((error) => {
    if (error instanceof ApiError) return new Response(error.message, { status: error.status });
    throw error;
  });
  app.get("/console/sign-in", showSignIn);
  app.post("/console/sign-in", signIn);
  app.use("/console/*", requireSession);
  app.post("/console/sign-out", signOut);
  app.get("/console/*", (c) => c.json({ session: c.var.session }));
  app.post("/console/*", async (c) => {
    return c.json({ session: c.var.session, form: Object.fromEntries(await formOf(c)) });
  });
  return app;
}

const testConsole = createTestConsole();

/** One request of a browser. */
export interface Visit {
  readonly method?: string;
  readonly env?: Env;
  readonly cookie?: string | undefined;
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The fields of a form, or a body as it is. */
  readonly form?: Readonly<Record<string, string>> | string | Uint8Array;
}

/** Visits a page; with a form it is a POST of one of the host's own pages. */
export async function visit(path: string, visiting: Visit = {}): Promise<Response> {
  const {
    env = testEnv,
    cookie,
    address,
    form,
    method = form === undefined ? "GET" : "POST",
  } = visiting;
  const headers = new Headers();
  if (cookie !== undefined) headers.set("Cookie", cookie);
  if (address !== undefined) headers.set("CF-Connecting-IP", address);
  if (form !== undefined) {
    headers.set("Content-Type", "application/x-www-form-urlencoded");
    headers.set("Origin", ORIGIN);
    headers.set("Sec-Fetch-Site", "same-origin");
  }
  for (const [name, value] of Object.entries(visiting.headers ?? {})) {
    if (value === "") headers.delete(name);
    else headers.set(name, value);
  }
  const init: RequestInit = { method, headers };
  if (form !== undefined) init.body = bodyOf(form);
  const context = createExecutionContext();
  const response = await testConsole.fetch(new Request(`${ORIGIN}${path}`, init), env, context);
  await waitOnExecutionContext(context);
  return response;
}

function bodyOf(form: NonNullable<Visit["form"]>): BodyInit {
  if (typeof form === "string" || form instanceof Uint8Array) return form;
  return new URLSearchParams(form).toString();
}

/** Any of all IPv4 addresses, so that no other test's failures are likely to be of one near it. */
let [lastAddress = 0] = crypto.getRandomValues(new Uint32Array(1));

/** An IPv4 address that no other test has failures of: it would be locked out with that. */
export function newAddress(): string {
  lastAddress = (lastAddress + 1) >>> 0;
  return [24, 16, 8, 0].map((bits) => (lastAddress >>> bits) & 255).join(".");
}

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf(response: Response): string {
  const [cookie = ""] = (response.headers.get("set-cookie") ?? "").split(";");
  return cookie;
}

/** Signs in with the admin token; returns the cookie. */
export async function signedIn(env: Env = testEnv): Promise<string> {
  const token = env.ADMIN_TOKEN;
  const response = await visit("/console/sign-in", { env, form: { token }, address: newAddress() });
  if (response.status !== 303) throw new Error(`signed in with ${response.status}`);
  return cookieOf(response);
}

/** The session that a page sees; undefined where the door is closed. */
export async function seenBy(visiting: Visit): Promise<Session | undefined> {
  const response = await visit("/console/clients", visiting);
  if (response.status !== 200) return undefined;
  const { session } = await response.json<Seen>();
  return session;
}

/** The tag that forms of a signed-in browser carry. */
export async function csrfOf(visiting: Visit): Promise<string> {
  const session = await seenBy(visiting);
  if (session === undefined) throw new Error("nobody is signed in");
  return session.csrf;
}
