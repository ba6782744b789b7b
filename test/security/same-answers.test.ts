/**
 * Nobody learns from an answer whether a thing of another client exists (P4): for what exists,
 * what never did and what was deleted, the answers are equal byte for byte, and the same calls
 * are made to the stores, so that the time tells nothing either. Routes are those of the router.
 */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { adminRoutes } from "../../src/admin/app.ts";
import { consoleRoutes } from "../../src/console/app.tsx";
import { openSession } from "../../src/console/session/store.ts";
import { newSecret } from "../../src/http/credentials/secrets.ts";
import { app } from "../../src/http/app.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { csrfOf, ORIGIN } from "../console/session/console.ts";
import {
  chartOf,
  cookie,
  type Credential,
  everywhere,
  figureOf,
  newVictim,
  rightShown,
  type Shown,
  shownFor,
  type Victim,
} from "../http/victim.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, send, type Tenant } from "../support/tenant.ts";
import { type Seen, seen } from "./answers.ts";

/** Ids that nothing has: of nobody, and of the victim's before it was deleted. */
const NEVER = 999_999_999;

interface Ids {
  readonly cid: number;
  readonly iid: number;
  readonly tid: number;
  readonly exportId: number;
  readonly figureId: number;
  readonly chartId: number;
  readonly tokenId: number;
  readonly exportKeyId: number;
}

let victim: Victim;
let asker: Tenant;
/** What an id names: a thing of the victim's, one that was deleted, or nothing ever. */
let variants: Readonly<Record<"existing" | "deleted" | "never", Ids>>;

beforeAll(async () => {
  victim = await newVictim();
  asker = await newTenant();
  const gone = await newVictim();
  await removeAll(gone);
  variants = {
    existing: idsOf(victim),
    // Clients and tables stay, so it is those of nobody that are gone.
    deleted: { ...idsOf(gone), cid: NEVER - 1, tid: NEVER - 1, iid: NEVER - 1 },
    never: {
      cid: NEVER,
      iid: NEVER,
      tid: NEVER,
      exportId: NEVER,
      figureId: NEVER,
      chartId: NEVER,
      tokenId: NEVER,
      exportKeyId: NEVER,
    },
  };
});

function idsOf(of: Victim): Ids {
  return { ...of, cid: of.clientId, iid: of.integrationId, tid: of.tableId };
}

/** Deletes, as the operator does, all of a client that can be deleted. */
async function removeAll(of: Victim): Promise<void> {
  for (const path of [
    `exports/${of.exportId}`,
    `figures/${of.figureId}`,
    `charts/${of.chartId}`,
    `export-keys/${of.exportKeyId}`,
    `integrations/${of.integrationId}/tokens/${of.tokenId}`,
  ]) {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await send(`/admin/v1/clients/${of.clientId}/${path}`, {
      method: "DELETE",
      headers,
    });
    expect(answer.status, path).toBe(204);
  }
}

/** A path with ids in place of its names; `cid` may be another's than the rest. */
function pathOf(pattern: string, ids: Ids, cid: number): string {
  const id = /\/tokens\//.test(pattern)
    ? ids.tokenId
    : /\/export-keys\//.test(pattern)
      ? ids.exportKeyId
      : /\/figures?\//.test(pattern)
        ? ids.figureId
        : /\/charts?\//.test(pattern)
          ? ids.chartId
          : ids.exportId;
  const values: Record<string, string | number> = { ...ids, cid, id, table: "secret_table" };
  return pattern.replaceAll(/:(\w+)/g, (_, name: string) => String(values[name]));
}

const routes = [
  ...new Set(
    app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replaceAll("{[1-9][0-9]*}", "")}`),
  ),
];

/** That all that can be compared is the same, and is a refusal. */
function expectSame(answers: Readonly<Record<string, Seen>>, refusals: readonly number[]): void {
  const [first, ...others] = Object.entries(answers);
  if (first === undefined) throw new Error("nothing was asked");
  expect(refusals, first[1].body).toContain(first[1].status);
  for (const [variant, answer] of others) {
    expect({ variant, ...answer }).toEqual({ variant, ...first[1] });
  }
}

/** A point whose body is good wherever a body is read. */
const bodyOf = (method: string): string | null =>
  method === "GET" ? null : '{"keys":["id"],"id":1}';

describe("another client's credential", () => {
  // The use of a token is noted once a minute: not in the middle of what is compared.
  beforeEach(async () => {
    await testEnv.CATALOG.prepare(
      "UPDATE import_tokens SET last_used_at = ?2 WHERE integration_id = ?1",
    )
      .bind(asker.integrationId, Date.now())
      .run();
  });

  const own = routes.filter((route) => /\/0\.1\/.*:|\/client\/:cid\//.test(route));

  test.each(own)("%s: of the victim, of nobody, or deleted", async (route) => {
    const [method = "", pattern = ""] = route.split(" ");
    const shown = rightShown({ ...victim, ...asker }, pattern);
    const answers: Record<string, Seen> = {};
    for (const [variant, ids] of Object.entries(variants)) {
      const path = pathOf(pattern, ids, ids.cid);
      answers[variant] = await asked(path, method, shown);
    }
    expectSame(answers, [401, 403, 404]);
  });

  const ownClient = own.filter((route) => /\/0\.1\/client\/:cid\/.*:/.test(route));
  test.each(ownClient)("%s: below its own client, too", async (route) => {
    const [method = "", pattern = ""] = route.split(" ");
    const shown = rightShown({ ...victim, ...asker }, pattern);
    const answers: Record<string, Seen> = {};
    for (const [variant, ids] of Object.entries(variants)) {
      answers[variant] = await asked(pathOf(pattern, ids, asker.clientId), method, shown);
    }
    expectSame(answers, [404]);
  });

  test.each(["push", "validate", "batch"])("%s: a client_id in the body", async (endpoint) => {
    const shown = everywhere(asker.token);
    const answers: Record<string, Seen> = {};
    for (const [variant, { cid }] of Object.entries(variants)) {
      const answer = await seen(`/v2/import/${endpoint}`, {
        method: "POST",
        headers: { ...shown.headers, "Content-Type": "application/json" },
        body: stitchBody(endpoint, cid),
      });
      const body = answer.body.replaceAll(String(cid), "CLIENT");
      answers[variant] = { ...answer, body };
    }
    expectSame(answers, [403]);
  });
});

function stitchBody(endpoint: string, clientId: number): string {
  const data = { id: 1 };
  const common = { client_id: clientId, table_name: "secret_table", key_names: ["id"] };
  if (endpoint !== "batch") {
    return JSON.stringify([{ ...common, action: "upsert", sequence: 1, data }]);
  }
  const messages = [{ action: "upsert", sequence: 1, data }];
  return JSON.stringify({ ...common, schema: {}, messages });
}

function asked(path: string, method: string, { headers, apikey }: Shown): Promise<Seen> {
  const query = apikey === undefined ? "" : `?apikey=${apikey}`;
  return seen(`${path}${query}`, {
    method,
    headers: { ...headers, "Content-Type": "application/json" },
    body: bodyOf(method),
  });
}

describe("a credential that is no good", () => {
  const KINDS = ["wrong", "nearly right", "revoked", "other surface's"] as const;
  const imports = routes.filter((route) => /^POST \/(?:v\d|sandbox|api)|authenticate/.test(route));
  const exports = routes.filter((route) => route.includes("/0.1/"));

  test.each(imports)("%s: unknown, revoked or an export key", async (route) => {
    await expectSameFor(route, KINDS);
  });

  test.each(exports)("%s: unknown, revoked, an import token or a wrong address", async (route) => {
    await expectSameFor(route, [...KINDS, "wrong address"]);
  });

  const pages = consoleRoutes.flatMap(({ path, methods }) =>
    Object.keys(methods).map((method) => `${method} /console${path === "/" ? "" : path}`),
  );
  test.each(pages)("%s: a session that never was, has ended, or is over", async (route) => {
    const kinds = ["nearly right", "expired session", "idle session", "ended session"] as const;
    await expectSameFor(route, [...kinds, "session elsewhere"]);
  });

  async function expectSameFor(route: string, kinds: readonly Credential[]) {
    const [method = "", pattern = ""] = route.split(" ");
    const path = pathOf(pattern, variants.existing, victim.clientId);
    const answers: Record<string, Seen> = {};
    for (const kind of kinds) {
      const { headers, apikey } = await shownFor(victim, kind, pattern);
      const isQuery = /\/v[12]\/client\//.test(pattern) && apikey !== undefined;
      answers[kind] = await asked(path, method, isQuery ? { headers, apikey } : { headers });
    }
    expectSame(answers, [303, 401, 403]);
  }
});

describe("the operator, with an id below a client whose it is not", () => {
  const below = adminRoutes.flatMap(({ path, methods }) =>
    path.replace(":cid", "").includes(":") && path.includes(":cid") ? [{ path, methods }] : [],
  );
  const cases = below.flatMap(({ path, methods }) =>
    Object.keys(methods).map((method): [string, string] => [method, path]),
  );

  test.each(cases)("%s %s", async (method, path) => {
    const before = await thingsOf(victim);
    const answers: Record<string, Seen> = {};
    for (const [variant, ids] of Object.entries(variants)) {
      answers[variant] = await seen(`/admin/v1${pathOf(path, ids, asker.clientId)}`, {
        method,
        headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" },
        body: method === "GET" || method === "DELETE" ? null : JSON.stringify(adminBody(path)),
      });
    }
    expectSame(answers, [404, 422]);
    expect(await thingsOf(victim)).toEqual(before);
  });

  const forms = consoleRoutes.filter(
    ({ path, methods }) => methods.POST && path.replace(":cid", "").includes(":"),
  );
  test.each(forms.map(({ path }) => path))("the form %s", async (path) => {
    const session = cookie(await openSession(testEnv));
    const csrf = await csrfOf({ cookie: session.headers["Cookie"] });
    const before = await thingsOf(victim);
    const statuses = new Map<string, number>();
    for (const [variant, ids] of Object.entries(variants)) {
      const { status } = await seen(`/console${pathOf(path, ids, asker.clientId)}`, {
        method: "POST",
        headers: {
          ...session.headers,
          Origin: ORIGIN,
          "Sec-Fetch-Site": "same-origin",
          "Content-Type": "application/x-www-form-urlencoded",
        },
        body: new URLSearchParams({ csrf, name: "x" }).toString(),
      });
      statuses.set(variant, status);
    }
    expect(new Set(statuses.values()).size, JSON.stringify([...statuses])).toBe(1);
    expect(await thingsOf(victim)).toEqual(before);
  });
});

function adminBody(path: string): object {
  if (path.includes("/figures")) return figureOf(victim.tableId);
  if (path.includes("/charts")) return chartOf(victim.tableId);
  return path.includes("/export-keys") ? { name: "x", allowed_ips: [] } : { name: "x" };
}

/** All rows of the catalogue that are the victim's. */
async function thingsOf({ clientId, integrationId }: Victim): Promise<unknown> {
  const { CATALOG } = testEnv;
  const selects = ["integrations", "export_keys", "exports", "reports", "tables"].map((table) =>
    CATALOG.prepare(`SELECT * FROM ${table} WHERE client_id = ?1 ORDER BY id`).bind(clientId),
  );
  const tokens = "SELECT id, hash FROM import_tokens WHERE integration_id = ?1 ORDER BY id";
  const all = await CATALOG.batch([...selects, CATALOG.prepare(tokens).bind(integrationId)]);
  return all.map(({ results }) => results);
}

test("an unknown secret of any form is like another", async () => {
  const forms = [newSecret(), newSecret().toUpperCase(), "x", `${newSecret()}0`, "é", "' OR 1=1--"];
  for (const [path, method] of [
    ["/v2/import/push", "POST"],
    ["/0.1/export", "GET"],
    [`/v2/client/${victim.clientId}/authenticate`, "GET"],
  ] as const) {
    const answers: Record<string, Seen> = {};
    for (const form of forms) {
      const secret = encodeURIComponent(form);
      answers[form] = await seen(`${path}?apikey=${secret}`, {
        method,
        headers: { Authorization: `Bearer ${secret}`, "X-RJM-API-Key": secret },
      });
    }
    expectSame(answers, [401, 403]);
  }
});
