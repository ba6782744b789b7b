import { createExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { adminApp, adminRoutes } from "../../src/admin/app.ts";
import { newTenant, send } from "../support/tenant.ts";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { ADMIN_TOKEN, type Answer, answerOf, call, expectProblem, newClient } from "./call.ts";

/** A request without the token, or with what these headers say. */
async function stranger(path: string, headers: Record<string, string> = {}, method = "GET") {
  return answerOf(await send(`/admin/v1${path}`, { method, headers }));
}

/** A request to the admin API alone, with bindings of the test's own. */
async function callWith(bindings: Record<string, unknown>, path = "/clients"): Promise<Answer> {
  const request = new Request(`https://headgate.example${path}`, {
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const env = { ...testEnv, ...bindings } as Env;
  return answerOf(await adminApp.fetch(request, env, createExecutionContext()));
}

/** A catalogue every call of which fails. */
function failing(message: string): Record<string, unknown> {
  const fail = (): never => {
    throw new Error(message);
  };
  return { CATALOG: { prepare: fail, batch: fail } };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("who may call", () => {
  const wrong: [string, Record<string, string>][] = [
    ["no header", {}],
    ["another token", { Authorization: "Bearer wrong" }],
    ["a longer token", { Authorization: `Bearer ${ADMIN_TOKEN}x` }],
    ["a shorter token", { Authorization: `Bearer ${ADMIN_TOKEN.slice(0, -1)}` }],
    ["no token", { Authorization: "Bearer" }],
    ["an empty token", { Authorization: "Bearer " }],
    ["another scheme", { Authorization: `Basic ${ADMIN_TOKEN}` }],
    ["no scheme", { Authorization: ADMIN_TOKEN }],
    ["two tokens", { Authorization: `Bearer ${ADMIN_TOKEN} ${ADMIN_TOKEN}` }],
    ["another header", { "X-RJM-API-Key": ADMIN_TOKEN }],
  ];
  it.each(wrong)("refuses %s", async (_, headers) => {
    const answer = await stranger("/clients", headers);
    expectProblem(answer, 401, "unauthorized");
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("takes the scheme in any letter case", async () => {
    const answer = await stranger("/clients", { Authorization: `bEARER ${ADMIN_TOKEN}` });
    expect(answer.status).toBe(200);
  });

  it("does not take the import token and the export key of a client", async () => {
    const { token, exportKey, clientId } = await newTenant();
    for (const secret of [token, exportKey]) {
      const headers = { Authorization: `Bearer ${secret}` };
      expectProblem(await stranger(`/clients/${clientId}/tables`, headers), 401, "unauthorized");
    }
  });

  it("does not take the token from the query", async () => {
    expectProblem(await stranger(`/clients?apikey=${ADMIN_TOKEN}`), 401, "unauthorized");
  });

  it("checks the token before path, method, id and body", async () => {
    for (const path of ["", "/", "/nothing", "/clients/0/tables", "/clients"]) {
      for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
        expectProblem(await stranger(path, {}, method), 401, "unauthorized");
      }
    }
  });

  it.each(adminRoutes.map(({ path }) => path))("refuses strangers at %s", async (path) => {
    const { clientId } = await newTenant();
    const concrete = path.replace(":cid", String(clientId)).replaceAll(/:\w+/g, "1");
    for (const method of ["GET", "HEAD", "POST", "PATCH", "DELETE"]) {
      const response = await send(`/admin/v1${concrete}`, { method });
      expect(response.status, `${method} ${path}`).toBe(401);
      await response.text();
    }
  });
});

describe("without ADMIN_TOKEN", () => {
  it.each([[undefined], [""]])("answers 503 and says what to do (%o)", async (token) => {
    for (const path of ["/clients", "/nothing"]) {
      const answer = await callWith({ ADMIN_TOKEN: token }, path);
      expectProblem(answer, 503, "admin_unconfigured", /wrangler secret put ADMIN_TOKEN/);
    }
  });

  it("lets nobody in with an empty token", async () => {
    const request = new Request("https://headgate.example/clients", {
      headers: { Authorization: "Bearer " },
    });
    const env = { ...testEnv, ADMIN_TOKEN: "" };
    const response = await adminApp.fetch(request, env, createExecutionContext());
    expect(response.status).toBe(503);
  });
});

describe("paths and methods", () => {
  it.each(["", "/", "/nothing", "/clients/", "/clients/4231/", "/Clients", "//clients"])(
    "answers 404 to the unknown path %o",
    async (path) => {
      expectProblem(await call("GET", path), 404, "not_found");
    },
  );

  it.each(["0", "-1", "1.5", "1e3", "x", "%31x", "01", "+1", "%20"])(
    "answers 404 to the id %s, whatever the method",
    async (id) => {
      const clientId = await newClient();
      for (const method of ["GET", "POST", "DELETE"]) {
        expectProblem(await call(method, `/clients/${id}/integrations`), 404, "not_found");
        const rows = `/clients/${clientId}/tables/${id}/rows`;
        expectProblem(await call(method, rows), 404, "not_found");
      }
    },
  );

  it.each([15, 16, 19, 20, 400])("answers 404 to an id of %i digits", async (digits) => {
    const id = "9".repeat(digits);
    const clientId = await newClient();
    const paths = [`/clients/${id}/tables`, `/clients/${clientId}/tables/${id}/rows`];
    for (const path of paths) expectProblem(await call("GET", path), 404, "not_found");
    const key = `/clients/${clientId}/export-keys/${id}`;
    expectProblem(await call("DELETE", key), 404, "not_found");
  });

  const allowed: [string, string][] = [
    ["/clients", "GET, HEAD, POST"],
    ["/clients/4231", "GET, HEAD, PATCH"],
    ["/clients/4231/integrations", "GET, HEAD, POST"],
    ["/clients/4231/integrations/1/tokens", "GET, HEAD, POST"],
    ["/clients/4231/integrations/1/tokens/1", "DELETE"],
    ["/clients/4231/export-keys", "GET, HEAD, POST"],
    ["/clients/4231/export-keys/1", "PATCH, DELETE"],
    ["/clients/4231/rejections", "GET, HEAD"],
    ["/clients/4231/integrations/1/rejections", "GET, HEAD"],
    ["/clients/4231/tables/1", "GET, HEAD"],
    ["/clients/4231/tables", "GET, HEAD"],
    ["/clients/4231/table-counts", "GET, HEAD"],
    ["/clients/4231/tables/1/rows", "GET, HEAD"],
    ["/clients/4231/exports", "GET, HEAD, POST"],
    ["/clients/4231/exports/1", "GET, HEAD, DELETE"],
    ["/clients/4231/exports/1/copy", "POST"],
    ["/clients/4231/exports/1/file", "GET, HEAD"],
    ["/clients/4231/figures", "GET, HEAD, POST"],
    ["/clients/4231/figures/1", "GET, HEAD, PUT, DELETE"],
    ["/clients/4231/charts", "GET, HEAD, POST"],
    ["/clients/4231/charts/1", "GET, HEAD, PUT, DELETE"],
    ["/clients/4231/figures/preview", "POST"],
    ["/clients/4231/figures/1/data", "GET, HEAD"],
    ["/clients/4231/charts/preview", "POST"],
    ["/clients/4231/charts/1/data", "GET, HEAD"],
    ["/shards", "GET, HEAD"],
  ];
  it.each(allowed)("answers 405 to other methods at %s", async (path, allow) => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      if (allow.split(", ").includes(method)) continue;
      const answer = await call(method, path);
      expectProblem(answer, 405, "method_not_allowed", `This path takes ${allow}.`);
      expect(answer.headers.get("allow")).toBe(allow);
    }
  });

  it("has a test of its methods for every path", () => {
    const tested = allowed.map(([path]) => path.replaceAll(/\d+/g, "#"));
    expect(tested).toEqual(adminRoutes.map(({ path }) => path.replaceAll(/:\w+/g, "#")));
  });

  it("answers HEAD like GET, without a body", async () => {
    const { clientId, integrationId } = await newTenant();
    const paths = [
      "/clients",
      `/clients/${clientId}/integrations`,
      `/clients/${clientId}/integrations/${integrationId}/tokens`,
      `/clients/${clientId}/export-keys`,
      `/clients/${clientId}/tables`,
      `/clients/${clientId}/exports`,
    ];
    for (const path of paths) {
      const answer = await call("HEAD", path);
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.text).toBe("");
    }
    expect((await call("HEAD", "/nothing")).status).toBe(404);
    expect((await call("HEAD", `/clients/${clientId}/export-keys/1`)).status).toBe(405);
  });
});

describe("failures of the store", () => {
  const failures: [string, number, string][] = [
    ["D1_ERROR: Network connection lost.", 503, "unavailable"],
    ["D1_ERROR: D1 DB storage caused object to be reset.", 503, "unavailable"],
    ["D1_ERROR: D1 DB is overloaded. Too many requests queued.", 429, "overloaded"],
    ["D1_ERROR: Exceeded maximum DB size", 503, "unavailable"],
    ["D1_ERROR: no such table: clients: SQLITE_ERROR", 500, "internal"],
    ["something else", 500, "internal"],
  ];
  it.each(failures)("answers %o with %i", async (message, status, code) => {
    const log = quietConsole();
    const answer = await callWith(failing(message));
    expectProblem(answer, status, code);
    expect(answer.text).not.toContain("D1_");
    expect(answer.text).not.toContain(message);
    expect(answer.headers.get("retry-after")).toBe(status === 500 ? null : "1");
    const line: unknown = log.mock.calls[0]?.[0];
    expect(line).toContain(message);
    expect(line).not.toContain(ADMIN_TOKEN);
  });
});
