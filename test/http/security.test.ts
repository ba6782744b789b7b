import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { adminRoutes } from "../../src/admin/app.ts";
import { consoleRoutes } from "../../src/console/app.tsx";
import { PAGES } from "../../src/docs/surfaces.ts";
import { app } from "../../src/http/app.ts";
import { testEnv } from "../support/env.ts";
import { tapEnv } from "../support/tap.ts";
import { send } from "../support/tenant.ts";
import { Browser } from "../console/visit.ts";
import { callWorker, otherIsolate } from "../support/worker.ts";
import {
  chartOf,
  CREDENTIALS,
  figureOf,
  newVictim,
  rightSecret,
  secretOf,
  secrets,
  type Victim,
} from "./victim.ts";

interface Row {
  /** What the right credential gets. */
  readonly right: number;
  /** What each of {@link CREDENTIALS} gets. */
  readonly wrong: readonly number[];
  readonly body?: (victim: Victim) => unknown;
}

const ALL = (status: number): number[] => CREDENTIALS.map(() => status);
const record = ({ clientId }: Victim) => ({
  client_id: clientId,
  table_name: "secret_table",
  sequence: 2,
  action: "upsert",
  key_names: ["id"],
  data: { id: 1, secret_column: 2 },
});
const records = (victim: Victim) => [record(victim)];
const batch = ({ clientId }: Victim) => ({
  client_id: clientId,
  table_name: "secret_table",
  schema: {},
  key_names: ["id"],
  messages: [{ action: "upsert", sequence: 2, data: { id: 1 } }],
});
const point = () => ({ keys: ["id"], id: 1 });
const row = () => ({ id: 1, secret_column: 2 });

/** What the admin API wants to be sent. */
function adminBody(method: string, path: string): Pick<Row, "body"> {
  if (method === "GET" || method === "DELETE") return {};
  if (path.endsWith("/tokens")) return { body: () => ({}) };
  if (path.endsWith("/copy")) return { body: () => ({}) };
  if (path.endsWith("/exports")) return { body: ({ tableId }) => ({ table_id: tableId }) };
  if (path.includes("/figures")) return { body: ({ tableId }) => figureOf(tableId) };
  if (path.includes("/charts")) return { body: ({ tableId }) => chartOf(tableId) };
  const isKey = path.includes("/export-keys");
  return { body: () => (isKey ? { name: "x", allowed_ips: [] } : { name: "x" }) };
}

function adminStatus(method: string, path: string): number {
  // A preview makes nothing, and the victim's export has expired.
  if (path.endsWith("/preview")) return 200;
  if (path.endsWith("/file")) return 410;
  return { GET: 200, POST: 201, DELETE: 204 }[method] ?? 200;
}

const PUBLIC: Row = { right: 200, wrong: ALL(200) };
const AUTHENTICATE: Row = { right: 200, wrong: ALL(401) };
const PUSH_TABLE: Row = { right: 201, wrong: ALL(401), body: point };

/** Only a session opens a page, which is no credential of any API; all others are sent to sign in. */
const CONSOLE_PAGE: Row = { right: 200, wrong: ALL(303) };
/** A session alone changes nothing: the form has to come from one of its pages. */
const CONSOLE_FORM: Row = { right: 403, wrong: ALL(401) };

/** The victim's export has expired, so its file leads back to its page. */
const pageStatus = (path: string): number => (path.endsWith("/file") ? 303 : 200);

/** Every route of the service, `:name` as the router has it. */
const ROWS: Readonly<Record<string, Row>> = {
  "GET /": PUBLIC,
  "GET /sandbox": PUBLIC,
  "GET /assets/:file": PUBLIC,
  "GET /console/sign-in": PUBLIC,
  // Not a form of our own page.
  "POST /console/sign-in": { right: 403, wrong: ALL(403) },
  "POST /console/sign-out": CONSOLE_FORM,
  ...Object.fromEntries(
    consoleRoutes.flatMap(({ path, methods }) =>
      Object.keys(methods).map((method): [string, Row] => [
        `${method} ${path === "/" ? "/console" : `/console${path}`}`,
        method === "POST" ? CONSOLE_FORM : { ...CONSOLE_PAGE, right: pageStatus(path) },
      ]),
    ),
  ),
  "GET /v2/import/status": PUBLIC,
  "GET /healthz": PUBLIC,
  "GET /openapi.json": PUBLIC,
  "GET /docs": PUBLIC,
  "GET /docs/errors": PUBLIC,
  ...Object.fromEntries(PAGES.map(({ name }): [string, Row] => [`GET /docs/${name}`, PUBLIC])),
  "POST /v2/import/push": { right: 201, wrong: [401, 401, 401, 403, 401, 401], body: records },
  "POST /v2/import/validate": { right: 200, wrong: ALL(403), body: records },
  "POST /v2/import/batch": { right: 201, wrong: [401, 401, 401, 403, 401, 401], body: batch },
  "GET /v1/client/:cid/authenticate": AUTHENTICATE,
  "GET /v2/client/:cid/authenticate": AUTHENTICATE,
  "GET /sandbox/v1/client/:cid/authenticate": AUTHENTICATE,
  "GET /sandbox/v2/client/:cid/authenticate": AUTHENTICATE,
  "POST /v1/client/:cid/table/:table/data": PUSH_TABLE,
  "POST /v2/client/:cid/table/:table/data": PUSH_TABLE,
  "POST /sandbox/v1/client/:cid/table/:table/data": PUSH_TABLE,
  "POST /sandbox/v2/client/:cid/table/:table/data": PUSH_TABLE,
  "POST /api/v1/tables/:table/rows": {
    right: 200,
    // Another client's token writes to a table of its own, which does not exist.
    wrong: [401, 401, 401, 422, 401, 401],
    body: row,
  },
  "GET /0.1/export": { right: 200, wrong: [403, 403, 403, 200, 403, 403] },
  "GET /0.1/export/:id": { right: 410, wrong: [403, 403, 403, 404, 403, 403] },
  "GET /0.1/export/:id/info": { right: 200, wrong: [403, 403, 403, 404, 403, 403] },
  "POST /0.1/export/:id/copy": { right: 201, wrong: [403, 403, 403, 404, 403, 403] },
  "GET /0.1/client/:cid/table": { right: 200, wrong: ALL(403) },
  "GET /0.1/client/:cid/table/:tid": { right: 200, wrong: ALL(403) },
  "POST /0.1/client/:cid/table/:tid/export": { right: 200, wrong: ALL(403) },
  "GET /0.1/client/:cid/fullupdatestatus": { right: 200, wrong: ALL(403) },
  ...Object.fromEntries(
    ["figure", "chart"].flatMap((kind): [string, Row][] => [
      [`GET /0.1/${kind}`, { right: 200, wrong: [403, 403, 403, 200, 403, 403] }],
      ...["info", "export"].flatMap((what) =>
        ["GET", "POST"].map((method): [string, Row] => [
          `${method} /0.1/${kind}/:id/${what}`,
          { right: 200, wrong: [403, 403, 403, 404, 403, 403] },
        ]),
      ),
    ]),
  ),
  ...Object.fromEntries(
    adminRoutes.flatMap(({ path, methods }) =>
      Object.keys(methods).map((method): [string, Row] => [
        `${method} /admin/v1${path}`,
        {
          right: adminStatus(method, path),
          wrong: ALL(401),
          ...adminBody(method, path),
        },
      ]),
    ),
  ),
};

const lines: string[] = [];

beforeAll(() => {
  for (const level of ["log", "error", "warn", "info", "debug"] as const) {
    vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => {
      lines.push(
        parts.map((part) => (part instanceof Error ? part.stack : String(part))).join(" "),
      );
    });
  }
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** The ids of the victim in place of the names in a path. */
function pathOf(pattern: string, victim: Victim): string {
  const ids: Record<string, string | number> = {
    cid: victim.clientId,
    iid: victim.integrationId,
    tid: victim.tableId,
    id: victim.exportId,
    table: "secret_table",
    file: "console.css",
  };
  if (pattern.includes("/tokens/")) ids["id"] = victim.tokenId;
  if (pattern.includes("/export-keys/")) ids["id"] = victim.exportKeyId;
  if (/\/figures?\//.test(pattern)) ids["id"] = victim.figureId;
  if (/\/charts?\//.test(pattern)) ids["id"] = victim.chartId;
  return pattern.replaceAll(/:(\w+)/g, (_, id: string) => {
    const value = ids[id];
    if (value === undefined) throw new Error(`no value for :${id} of ${pattern}`);
    return String(value);
  });
}

function request(route: string, victim: Victim, secret: string | undefined, env: Env = testEnv) {
  const [method = "", pattern = ""] = route.split(" ");
  const path = pathOf(pattern, victim);
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (secret !== undefined) {
    headers["Authorization"] = `Bearer ${secret}`;
    headers["X-RJM-API-Key"] = secret;
  }
  const isRjmetrics = /\/v[12]\/client\//.test(pattern);
  const query = secret === undefined || !isRjmetrics ? "" : `?apikey=${secret}`;
  const made = ROWS[route]?.body?.(victim);
  const body = made === undefined ? null : JSON.stringify(made);
  return callWorker(env, `${path}${query}`, { method, headers, body });
}

test("each route of the service has a row", () => {
  const routed = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replaceAll("{[1-9][0-9]*}", "")}`);
  expect([...new Set(routed)].sort()).toEqual(Object.keys(ROWS).sort());
});

describe.each(Object.keys(ROWS))("%s", (route) => {
  const row = ROWS[route];
  if (row === undefined) throw new Error(route);
  const [, pattern = ""] = route.split(" ");

  test("nobody but its client gets in, or learns a name", async () => {
    const victim = await newVictim();
    for (const [index, credential] of CREDENTIALS.entries()) {
      const response = await request(route, victim, await secretOf(victim, credential, pattern));
      const text = await response.text();
      expect({ credential, status: response.status }, text).toEqual({
        credential,
        status: row.wrong[index],
      });
      const shown = text + JSON.stringify([...response.headers]);
      expect(shown).not.toContain("secret_");
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
  });

  test("the right one does", async () => {
    const victim = await newVictim();
    if (row === CONSOLE_FORM || Object.is(row.wrong, CONSOLE_PAGE.wrong)) {
      const browser = await Browser.signedIn();
      const path = pathOf(pattern, victim).slice("/console".length);
      const isForm = row === CONSOLE_FORM;
      const answer = isForm ? await browser.post(path, { csrf: "" }) : await browser.get(path);
      expect(answer.status, answer.text).toBe(row.right);
      return;
    }
    const response = await request(route, victim, rightSecret(victim, pattern));
    expect(response.status, await response.text()).toBe(row.right);
  });

  test("a defect tells nothing either", async () => {
    const victim = await newVictim();
    const env = tapEnv(otherIsolate(), (call, next) =>
      call.binding === "CATALOG" && call.method !== "first"
        ? Promise.reject(new Error("D1_ERROR: near secret_sql: SQLITE_ERROR"))
        : next(),
    );
    const response = await request(route, victim, rightSecret(victim, pattern), env);
    const text = await response.text();
    expect(text).not.toContain("secret_sql");
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toContain("SQLITE");
  });
});

test("paths that do not exist need the credential of their surface, too", async () => {
  const victim = await newVictim();
  for (const [path, status, right] of [
    ["/admin/v1/nothing", 401, 404],
    ["/admin/v1", 401, 404],
    ["/0.1/nothing", 403, 404],
    [`/0.1/client/${victim.clientId}/nothing`, 403, 404],
  ] as const) {
    for (const method of ["GET", "POST", "DELETE"]) {
      expect((await callWorker(testEnv, path, { method })).status, path).toBe(status);
      const secret = rightSecret(victim, path);
      const headers = { Authorization: `Bearer ${secret}`, "X-RJM-API-Key": secret };
      expect((await callWorker(testEnv, path, { method, headers })).status, path).toBe(right);
    }
  }
});

test("a sandbox host has nothing that could store or show data", async () => {
  const victim = await newVictim();
  for (const route of Object.keys(ROWS).filter((one) => !one.includes("/client/:cid/"))) {
    const [method = "", pattern = ""] = route.split(" ");
    if (pattern === "/" || pattern === "/sandbox") continue;
    const secret = rightSecret(victim, pattern);
    const headers = { Authorization: `Bearer ${secret}`, "X-RJM-API-Key": secret };
    const url = `https://sandbox-connect.example${pathOf(pattern, victim)}`;
    const response = await send(url, { method, headers });
    expect(response.status, route).toBe(404);
    expect(await response.text()).not.toContain("secret_");
  }
});

test("what is only like a path of the exports is none", async () => {
  for (const path of ["/0.1", "/0x1/export", "/0.10/export", "/0.1.0/export"]) {
    const response = await callWorker(testEnv, path);
    expect(await response.json(), path).toMatchObject({ code: 404, message: "Not Found" });
  }
});

test("no line of the log of all this has a credential", () => {
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    for (const secret of secrets) expect(line).not.toContain(secret);
    expect(line).not.toMatch(/apikey|Bearer|authorization|secret_value/i);
  }
});
