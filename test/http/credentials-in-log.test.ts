/**
 * No credential reaches the log: each kind in each place of a request, on each surface, with
 * stores that answer, that fail, and that show a defect.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newSecret } from "../../src/http/credentials/secrets.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { tapEnv } from "../support/tap.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { callWorker } from "../support/worker.ts";
import { captureLog, loggingEnv } from "./captured-log.ts";

let log = captureLog();
beforeEach(() => {
  log = captureLog();
});
afterEach(() => {
  log.restore();
});

const PATHS = [
  "/",
  "/healthz",
  "/nowhere",
  "/console",
  "/v2/import/push",
  "/v2/import/validate",
  "/v2/import/batch",
  "/v2/import/status",
  "/v2/import/nowhere",
  "/v2/client/CLIENT/authenticate",
  "/v2/client/CLIENT/table/t/data",
  "/sandbox/v1/client/CLIENT/table/t/data",
  "/api/v1/tables/t/rows",
  "/api/v1/nowhere",
  "/0.1/export",
  "/0.1/export/1",
  "/0.1/client/CLIENT/table",
  "/admin/v1/clients",
  "/admin/v1/nowhere",
];

type Place = (path: string, secret: string) => [path: string, init: RequestInit];

const record = (tenant: Tenant, table: string) => ({
  client_id: tenant.clientId,
  table_name: table,
  sequence: 1,
  action: "upsert",
  key_names: ["id"],
  data: { id: 1 },
});

/** Where a credential can stand; what is sent besides is sent with each. */
const PLACES: Readonly<Record<string, Place>> = {
  bearer: (path, secret) => [path, { headers: { Authorization: `Bearer ${secret}` } }],
  basic: (path, secret) => [path, { headers: { Authorization: `Basic ${btoa(`x:${secret}`)}` } }],
  "export key": (path, secret) => [path, { headers: { "X-RJM-API-Key": secret } }],
  apikey: (path, secret) => [`${path}?apikey=${secret}`, {}],
  "another name in the query": (path, secret) => [`${path}?token=${secret}#${secret}`, {}],
  "the end of the path": (path, secret) => [`${path}/${secret}`, {}],
  "the path, encoded": (path, secret) => [
    `${path}/${[...secret].map((one) => `%${one.charCodeAt(0).toString(16)}`).join("")}`,
    {},
  ],
  "the name of a table": (path, secret) => [path.replace("/t/", `/${secret}/`), {}],
  cookie: (path, secret) => [path, { headers: { Cookie: `session=${secret}` } }],
  "X-Request-Id": (path, secret) => [path, { headers: { "X-Request-Id": secret } }],
};

/** Stores that answer, and two ways in which they do not. */
const STORES: Readonly<Record<string, () => Env>> = {
  "stores that answer": loggingEnv,
  "stores that fail": () => failing((text) => `D1 DB is overloaded: ${text}`),
  "a defect": () => failing((text) => `D1_TYPE_ERROR: near ${text}`),
};

/** Stores whose failure names the values of the statement, as no store should. */
function failing(message: (text: string) => string): Env {
  return tapEnv(loggingEnv(), (call, next) => {
    const isLookUp = call.statements.some(({ sql }) => /_keys|_tokens/.test(sql));
    if (isLookUp || call.binding !== "CATALOG") return next();
    const values = call.statements.flatMap((statement) => statement.values);
    return Promise.reject(new Error(message(JSON.stringify(values))));
  });
}

function secretsOf(tenant: Tenant): Readonly<Record<string, string>> {
  const { token, exportKey } = tenant;
  return { token, exportKey, unknown: newSecret(), admin: ADMIN_TOKEN };
}

describe.each(Object.keys(STORES))("%s", (stores) => {
  test.each(Object.keys(PLACES))("a credential as %s", async (name) => {
    const place = PLACES[name];
    const env = STORES[stores]?.();
    if (place === undefined || env === undefined) throw new Error(name);
    const tenant = await newTenant();
    const secrets = Object.values(secretsOf(tenant));
    for (const pattern of PATHS) {
      for (const secret of secrets) {
        const [path, init] = place(pattern.replace("CLIENT", String(tenant.clientId)), secret);
        for (const method of ["GET", "POST"]) {
          const body = method === "GET" ? null : JSON.stringify([record(tenant, secret)]);
          const headers = { "Content-Type": "application/json", ...init.headers };
          const answer = await callWorker(env, path, { method, headers, body });
          await answer.text();
        }
      }
    }
    expect(log.events("request")).toHaveLength(PATHS.length * secrets.length * 2);
    expectNone(secrets);
  });

  test("the names of tables that their own credential writes to", async () => {
    const env = STORES[stores]?.();
    if (env === undefined) throw new Error(stores);
    const tenant = await newTenant();
    const { token, clientId } = tenant;
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    for (const secret of Object.values(secretsOf(tenant))) {
      const body = JSON.stringify([record(tenant, `t ${secret}`)]);
      const batch = { table_name: `b${secret}`, schema: {}, key_names: ["id"], messages: [] };
      for (const [path, text] of [
        ["/v2/import/push", body],
        ["/v2/import/validate", body],
        ["/v2/import/batch", JSON.stringify(batch)],
        [`/v2/client/${clientId}/table/${secret}/data?apikey=${token}`, '{"keys":["id"],"id":1}'],
        [`/v2/client/${clientId}/table/${secret}/data?apikey=${token}`, "{"],
      ] as const) {
        const answer = await callWorker(env, path, { method: "POST", headers, body: text });
        await answer.text();
      }
    }
    expect(log.events("request").filter(({ table }) => table !== undefined)).not.toEqual([]);
    expectNone(Object.values(secretsOf(tenant)));
  });
});

/** That no line has one of these, written as it is or otherwise. */
function expectNone(secrets: readonly string[]): void {
  const text = log.lines.map((line) => line.text).join("\n");
  for (const secret of secrets) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(btoa(`x:${secret}`));
    expect(text).not.toContain(secret.slice(0, 16));
    expect(text).not.toContain(encodeURIComponent(secret));
  }
  expect(text).not.toMatch(/apikey|Bearer|[\da-f]{64}/i);
  // Every letter of it encoded.
  expect(text).not.toMatch(/(?:%[\da-f]{2}){12}/i);
}
