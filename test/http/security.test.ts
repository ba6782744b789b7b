/**
 * Every route of the service times every kind of credential (P4 of the design): what each gets,
 * that it learns no name, and what a form or Access adds to that. A route without a row fails.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { adminRoutes } from "../../src/admin/app.ts";
import { consoleRoutes } from "../../src/console/app.tsx";
import { openSession } from "../../src/console/session/store.ts";
import { PAGES } from "../../src/docs/surfaces.ts";
import { app } from "../../src/http/app.ts";
import { sandboxApp } from "../../src/http/import-app.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { credentialsIn } from "../support/log-gate/search.ts";
import { tapEnv } from "../support/tap.ts";
import { newKey, signedWith, Team, type TeamKey } from "../console/session/access-team.ts";
import { csrfOf, ORIGIN } from "../console/session/console.ts";
import { callWorker, otherIsolate } from "../support/worker.ts";
import {
  accessHeaders,
  chartOf,
  cookie,
  type Credential,
  CREDENTIALS,
  everywhere,
  figureOf,
  newVictim,
  rightSecret,
  rightShown,
  secrets,
  type Shown,
  shownFor,
  type Victim,
} from "./victim.ts";

interface Row {
  /** What the right credential gets. */
  readonly right: number;
  /** What each of {@link CREDENTIALS} gets, but for those that {@link Row.others} names. */
  readonly wrong: number;
  readonly others?: Readonly<Partial<Record<Credential, number>>>;
  readonly body?: (victim: Victim) => unknown;
}

/** A row in which another client's credential gets what it would for any id that is not its own. */
const otherClients = (right: number, wrong: number, other: number): Row => ({
  right,
  wrong,
  others: { "other client's": other },
});
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

const PUBLIC: Row = { right: 200, wrong: 200 };
const AUTHENTICATE: Row = { right: 200, wrong: 401 };
const PUSH_TABLE: Row = { right: 201, wrong: 401, body: point };

/** Only a session opens a page, which is no credential of any API; all others are sent to sign in. */
const CONSOLE_PAGE: Row = { right: 200, wrong: 303 };
/** A session alone changes nothing: the form has to come from one of its pages. */
const CONSOLE_FORM: Row = { right: 403, wrong: 401 };

/** The victim's export has expired, so its file leads back to its page. */
const pageStatus = (path: string): number => (path.endsWith("/file") ? 303 : 200);

/** Every route of the service, `:name` as the router has it. */
const ROWS: Readonly<Record<string, Row>> = {
  "GET /": PUBLIC,
  "GET /sandbox": PUBLIC,
  "GET /assets/:file": PUBLIC,
  "GET /console/sign-in": PUBLIC,
  // Not a form of our own page.
  "POST /console/sign-in": { right: 403, wrong: 403 },
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
  "POST /v2/import/push": { ...otherClients(201, 401, 403), body: records },
  "POST /v2/import/validate": { right: 200, wrong: 403, body: records },
  "POST /v2/import/batch": { ...otherClients(201, 401, 403), body: batch },
  "GET /v1/client/:cid/authenticate": AUTHENTICATE,
  "GET /v2/client/:cid/authenticate": AUTHENTICATE,
  "GET /sandbox/v1/client/:cid/authenticate": AUTHENTICATE,
  "GET /sandbox/v2/client/:cid/authenticate": AUTHENTICATE,
  "POST /v1/client/:cid/table/:table/data": PUSH_TABLE,
  "POST /v2/client/:cid/table/:table/data": PUSH_TABLE,
  "POST /sandbox/v1/client/:cid/table/:table/data": PUSH_TABLE,
  "POST /sandbox/v2/client/:cid/table/:table/data": PUSH_TABLE,
  "POST /api/v1/tables/:table/rows": {
    // Another client's token writes to a table of its own, which does not exist.
    ...otherClients(200, 401, 422),
    body: row,
  },
  "GET /0.1/export": otherClients(200, 403, 200),
  "GET /0.1/export/:id": otherClients(410, 403, 404),
  "GET /0.1/export/:id/info": otherClients(200, 403, 404),
  "POST /0.1/export/:id/copy": otherClients(201, 403, 404),
  "GET /0.1/client/:cid/table": { right: 200, wrong: 403 },
  "GET /0.1/client/:cid/table/:tid": { right: 200, wrong: 403 },
  "POST /0.1/client/:cid/table/:tid/export": { right: 200, wrong: 403 },
  "GET /0.1/client/:cid/fullupdatestatus": { right: 200, wrong: 403 },
  ...Object.fromEntries(
    ["figure", "chart"].flatMap((kind): [string, Row][] => [
      [`GET /0.1/${kind}`, otherClients(200, 403, 200)],
      ...["info", "export"].flatMap((what) =>
        ["GET", "POST"].map((method): [string, Row] => [
          `${method} /0.1/${kind}/:id/${what}`,
          otherClients(200, 403, 404),
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
          wrong: 401,
          ...adminBody(method, path),
        },
      ]),
    ),
  ),
};

/** On a sandbox's host the RJMetrics import is all that there is; it stores nothing. */
const SANDBOX_ROWS: Readonly<Record<string, Row>> = {
  "GET /": PUBLIC,
  "GET /sandbox": PUBLIC,
  ...Object.fromEntries(
    ["", "/sandbox"].flatMap((prefix) =>
      ["v1", "v2"].flatMap((version): [string, Row][] => [
        [`GET ${prefix}/${version}/client/:cid/authenticate`, AUTHENTICATE],
        [`POST ${prefix}/${version}/client/:cid/table/:table/data`, PUSH_TABLE],
      ]),
    ),
  ),
};

const SANDBOX_ORIGIN = "https://sandbox-connect.example";

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

function request(
  route: string,
  victim: Victim,
  shown: Shown,
  { env = testEnv, origin = ORIGIN }: { env?: Env; origin?: string } = {},
): Promise<Response> {
  const [method = "", pattern = ""] = route.split(" ");
  const query = shown.apikey === undefined ? "" : `?apikey=${shown.apikey}`;
  const headers = { "Content-Type": "application/json", ...shown.headers };
  const made = rowOf(route).body?.(victim);
  const body = made === undefined ? null : JSON.stringify(made);
  return callWorker(env, `${pathOf(pattern, victim)}${query}`, { method, headers, body }, origin);
}

function rowOf(route: string): Row {
  const row = ROWS[route.replace(/^HEAD/, "GET")] ?? SANDBOX_ROWS[route];
  if (row === undefined) throw new Error(`no row for ${route}`);
  return row;
}

/** That an answer shows no name of the victim's, and no secret of anybody's. */
function expectNothing(response: Response, text: string): void {
  // The way to the sign-in leads back to the address that was asked for, as it was.
  const headers = [...response.headers].filter(([name]) => name !== "location");
  const shown = text + JSON.stringify(headers);
  expect(shown).not.toContain("secret_");
  expectNoSecret(shown);
}

function expectNoSecret(text: string): void {
  expect(text).not.toContain(ADMIN_TOKEN);
  for (const [run] of text.matchAll(/[0-9a-f]{64}/gi)) expect(secrets.has(run)).toBe(false);
}

const plain = (path: string): string => path.replaceAll("{[1-9][0-9]*}", "");

const routesOf = ({ routes }: Pick<typeof app, "routes">): string[] => [
  ...new Set(
    routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${plain(path)}`),
  ),
];

test("each route of the service has a row, on each kind of host", () => {
  expect(routesOf(app).sort()).toEqual(Object.keys(ROWS).sort());
  expect(routesOf(sandboxApp).sort()).toEqual(Object.keys(SANDBOX_ROWS).sort());
});

let readVictim: Promise<Victim> | undefined;

/** A victim whom nobody changes: one for all routes that only read. */
function victimToRead(): Promise<Victim> {
  return (readVictim ??= newVictim());
}

/** Whether a console's session is the right credential of a route. */
const isBehindSession = (row: Row): boolean => row === CONSOLE_FORM || row.wrong === 303;

describe.each(Object.keys(ROWS))("%s", (route) => {
  const row = rowOf(route);
  const [method = "", pattern = ""] = route.split(" ");
  let victim: Victim;
  beforeAll(async () => {
    victim = await (method === "GET" ? victimToRead() : newVictim());
  });

  test("nobody but its client gets in, or learns a name", async () => {
    for (const credential of CREDENTIALS) {
      const shown = await shownFor(victim, credential, pattern);
      const response = await request(route, victim, shown);
      const text = await response.text();
      expect({ credential, status: response.status }, text).toEqual({
        credential,
        status: row.others?.[credential] ?? row.wrong,
      });
      expectNothing(response, text);
      if (method !== "GET") continue;
      const head = await request(`HEAD ${pattern}`, victim, shown);
      expect({ credential, status: head.status }).toEqual({ credential, status: response.status });
      expect(await head.text()).toBe("");
    }
  });

  test("a defect tells nothing either", async () => {
    // What the defect leaves of it is nothing to go on with.
    const own = method === "GET" ? victim : await newVictim();
    const env = tapEnv(otherIsolate(), (call, next) =>
      call.binding === "CATALOG" && call.method !== "first"
        ? Promise.reject(new Error("D1_ERROR: near secret_sql: SQLITE_ERROR"))
        : next(),
    );
    const shown = isBehindSession(row)
      ? cookie(await openSession(testEnv))
      : rightShown(own, pattern);
    const response = await request(route, own, shown, { env });
    const text = await response.text();
    expect(text).not.toContain("secret_sql");
    expectNoSecret(text);
    expect(text).not.toContain("SQLITE");
  });

  test("the right one does", async () => {
    const shown = isBehindSession(row)
      ? cookie(await openSession(testEnv))
      : rightShown(victim, pattern);
    const response = await request(route, victim, shown);
    const text = await response.text();
    expect(response.status, text).toBe(row.right);
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

describe("on a sandbox's host", () => {
  let victim: Victim;
  beforeAll(async () => {
    victim = await newVictim();
  });

  test.each(Object.keys(SANDBOX_ROWS))("%s", async (route) => {
    const row = SANDBOX_ROWS[route] ?? PUBLIC;
    const [, pattern = ""] = route.split(" ");
    for (const credential of CREDENTIALS) {
      const shown = await shownFor(victim, credential, pattern);
      const response = await request(route, victim, shown, { origin: SANDBOX_ORIGIN });
      const text = await response.text();
      const seen = { credential, status: response.status };
      expect(seen, text).toEqual({ credential, status: row.wrong });
      expectNothing(response, text);
    }
    const shown = rightShown(victim, pattern);
    const response = await request(route, victim, shown, { origin: SANDBOX_ORIGIN });
    expect(response.status, await response.text()).toBe(row.right);
  });

  test.each(Object.keys(ROWS).filter((route) => SANDBOX_ROWS[route] === undefined))(
    "%s is nothing, whoever asks",
    async (route) => {
      const [, pattern = ""] = route.split(" ");
      const texts = new Set<string>();
      const session = cookie(await openSession(testEnv));
      for (const shown of [
        { headers: {} },
        rightShown(victim, pattern),
        everywhere(ADMIN_TOKEN),
        session,
      ]) {
        const response = await request(route, victim, shown, { origin: SANDBOX_ORIGIN });
        expect(response.status).toBe(404);
        texts.add(await response.text());
      }
      expect([...texts]).toHaveLength(1);
      expect([...texts].join()).not.toContain("secret_");
    },
  );
});

const SESSION_ROUTES = Object.keys(ROWS).filter((route) => isBehindSession(rowOf(route)));
const FORMS = SESSION_ROUTES.filter((route) => route.startsWith("POST"));

/** Sends a form with a tag, as a page of the host does where nothing else is said. */
function sendForm(
  path: string,
  session: Shown,
  csrf: string | undefined,
  more: Readonly<Record<string, string>> = {},
  env = testEnv,
): Promise<Response> {
  const headers = {
    "Content-Type": "application/x-www-form-urlencoded",
    Origin: ORIGIN,
    "Sec-Fetch-Site": "same-origin",
    ...session.headers,
    ...more,
  };
  const body = csrf === undefined ? "" : `csrf=${csrf}`;
  return callWorker(env, path, { method: "POST", headers, body });
}

describe.each(FORMS)("%s takes the tag of its own session only", (route) => {
  const [, pattern = ""] = route.split(" ");

  test("from a page of its own", async () => {
    const victim = await newVictim();
    const path = pathOf(pattern, victim);
    const [own, other] = [cookie(await openSession(testEnv)), cookie(await openSession(testEnv))];
    const tag = await csrfOf({ cookie: own.headers["Cookie"] });
    const otherTag = await csrfOf({ cookie: other.headers["Cookie"] });
    const expired = await shownFor(victim, "expired session", "/console");
    const before = await catalogue(victim);
    const attempts: [what: string, status: number, sent: Promise<Response>][] = [
      ["no tag", 403, sendForm(path, own, undefined)],
      ["an empty tag", 403, sendForm(path, own, "")],
      ["another session's tag", 403, sendForm(path, own, otherTag)],
      ["two tags", 403, sendForm(path, own, `${tag}&csrf=${tag}`)],
      ["nearly the tag", 403, sendForm(path, own, `${tag.slice(0, -1)}x`)],
      ["a tag without session", 401, sendForm(path, { headers: {} }, tag)],
      ["a session that is over", 401, sendForm(path, expired, tag)],
      ["another site", 403, sendForm(path, own, tag, { "Sec-Fetch-Site": "cross-site" })],
      ["a neighbour", 403, sendForm(path, own, tag, { "Sec-Fetch-Site": "same-site" })],
      ["another origin", 403, sendForm(path, own, tag, { Origin: "https://evil.example" })],
    ];
    for (const [what, status, sent] of attempts) {
      const response = await sent;
      const text = await response.text();
      expect({ what, status: response.status }).toEqual({ what, status });
      expectNothing(response, text);
    }
    expect(await catalogue(victim)).toEqual(before);
    const right = await sendForm(path, own, tag);
    await right.text();
    expect([200, 303, 422], String(right.status)).toContain(right.status);
  });
});

/** All of the victim's that a form could change. */
async function catalogue({ clientId }: Victim): Promise<unknown> {
  const names = ["clients", "integrations", "export_keys", "exports", "reports", "tables"];
  const { CATALOG } = testEnv;
  const all = await CATALOG.batch(
    names.map((table) => {
      const column = table === "clients" ? "id" : "client_id";
      const sql = `SELECT * FROM ${table} WHERE ${column} = ?1 ORDER BY id`;
      return CATALOG.prepare(sql).bind(clientId);
    }),
  );
  return all.map(({ results }) => results);
}

describe("where Cloudflare Access is in front", () => {
  const team = new Team();
  let key: TeamKey;
  let victim: Victim;
  const kinds: Record<string, () => Promise<string>> = {
    "an expired one": () => team.token(key, { exp: Math.floor(Date.now() / 1000) - 3600 }),
    "another application's": () => team.token(key, { aud: ["b".repeat(64)] }),
    "another team's": () => team.token(key, { iss: "https://other.cloudflareaccess.com" }),
    "one of an unknown key": async () => team.token({ ...(await strangersKey), kid: "unknown" }),
    "one with a stranger's signature": async () => team.token({ ...(await strangersKey) }),
    "one without signature": async () => `${(await team.token(key)).replace(/[^.]*$/, "")}`,
    "one of another algorithm": () => signedWith(key, { alg: "none", kid: key.kid }, team.claims()),
    "one of nobody": () => team.token(key, { email: "", common_name: "" }),
  };
  const strangersKey = newKey("team-key");
  let tokens: [kind: string, token: string][] = [];

  beforeAll(async () => {
    key = await newKey("team-key");
    team.keys = [key.jwk];
    team.serve();
    victim = await newVictim();
    tokens = await Promise.all(
      Object.entries(kinds).map(async ([kind, make]): Promise<[string, string]> => [
        kind,
        await make(),
      ]),
    );
  });

  test.each(SESSION_ROUTES)("%s opens to none of the wrong tokens", async (route) => {
    for (const [kind, token] of tokens) {
      const response = await request(route, victim, accessHeaders(token), { env: team.env });
      const text = await response.text();
      const seen = { kind, status: response.status };
      expect(seen).toEqual({ kind, status: rowOf(route).wrong });
      expectNothing(response, text);
      expect(text + JSON.stringify([...response.headers])).not.toContain(token);
    }
  });

  test.each(SESSION_ROUTES)("%s opens to the right one", async (route) => {
    const shown = accessHeaders(await team.token(key));
    const response = await request(route, victim, shown, { env: team.env });
    expect(response.status, await response.text()).toBe(rowOf(route).right);
  });

  test.each(Object.keys(ROWS).filter((route) => !SESSION_ROUTES.includes(route)))(
    "%s is no page: the right token of Access opens nothing",
    async (route) => {
      const shown = accessHeaders(await team.token(key));
      const response = await request(route, victim, shown, { env: team.env });
      const text = await response.text();
      const isSignIn = route === "GET /console/sign-in";
      expect(response.status, text).toBe(isSignIn ? 303 : rowOf(route).wrong);
      expectNothing(response, text);
    },
  );
});

test("what is only like a path of the exports is none", async () => {
  for (const path of ["/0.1", "/0x1/export", "/0.10/export", "/0.1.0/export"]) {
    const response = await callWorker(testEnv, path);
    expect(await response.json(), path).toMatchObject({ code: 404, message: "Not Found" });
  }
});

test("no line of the log of all this has a credential", () => {
  expect(lines.length).toBeGreaterThan(10);
  const other = /apikey|Bearer|authorization|secret_value/i;
  expect(lines.filter((line) => other.test(line) || credentialsIn(line).length > 0)).toEqual([]);
});
