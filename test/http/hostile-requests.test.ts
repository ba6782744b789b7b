import { beforeAll, describe, expect, test } from "vitest";
import type { Surface } from "../../src/http/surfaces.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { newTenant, send, type Tenant } from "../support/tenant.ts";
import { checkAnswer, ENDPOINTS, expectRefused, IMPORTS, post, storedCounts } from "./surfaces.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
});

function surfaceOf(path: string): Surface {
  if (path.startsWith("/v2/import/")) return "stitch";
  if (path.startsWith("/api/v1/")) return "native";
  if (path.startsWith("/0.1/")) return "export";
  return path.startsWith("/admin/v1/") || path === "/admin/v1" ? "admin" : "rjmetrics";
}

/** Sends with every credential at once, so that no path is refused for want of one. */
function sendAll(path: string, init: RequestInit = {}): Promise<Response> {
  const bearer = path.startsWith("/admin") ? ADMIN_TOKEN : tenant.token;
  const headers = new Headers(init.headers);
  if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${bearer}`);
  headers.set("X-RJM-API-Key", tenant.exportKey);
  return send(path, { ...init, headers, redirect: "manual" });
}

describe("headers", () => {
  const long = "x".repeat(8_192);

  test.each([
    ["Content-Type", long],
    ["Content-Type", `application/json;${long}`],
    ["Content-Type", "application/json, application/json"],
    ["Content-Type", ""],
    ["Accept", long],
    ["Accept", `application/json;${"q=0;".repeat(2_000)}`],
    ["Accept", ",".repeat(8_192)],
    ["Content-Encoding", long],
    ["Content-Encoding", "gzip,".repeat(1_000)],
    ["Content-Language", long],
    ["Connection", "close"],
    ["Transfer-Encoding", "chunked"],
    ["Expect", "100-continue"],
    ["X-HTTP-Method-Override", "DELETE"],
    ["Cookie", long],
    ["If-None-Match", "*"],
    ["Range", "bytes=0-0"],
  ])("%s: %.30s", async (name, value) => {
    for (const endpoint of ENDPOINTS) await post(endpoint, tenant, "[]", { [name]: value });
    for (const { path, headers } of ENDPOINTS) {
      const init = { headers: { ...headers(tenant), [name]: value } };
      await checkAnswer(surfaceOf(path(tenant)), await send(path(tenant), init));
    }
  });

  // oxfmt-ignore
  test.each([
    "", "Bearer", "Bearer ", "Basic Og==", "Bearer a b", "bearer\tx", "Digest x=1,y=2",
    `Bearer ${"x".repeat(8_192)}`, "x".repeat(8_192), "Bearer '; DROP TABLE clients; --", "Bearer null",
    "Bearer undefined", "Bearer __proto__", "Bearer %00", "Bearer 0", "Bearer *",
  ])("Authorization: %.40s", async (Authorization) => {
    const endpoints = ENDPOINTS.filter(({ surface }) => !["rjmetrics", "export"].includes(surface));
    const answers = await expectRefused(() =>
      endpoints.map((endpoint) =>
        post(endpoint, tenant, `[{"client_id":${tenant.clientId}}]`, { Authorization }),
      ),
    );
    expect(answers.filter(({ status }) => status !== 401 && status !== 403)).toEqual([]);
  });

  test.each(["", "x".repeat(8_192), "'", "__proto__", "null"])(
    "X-RJM-API-Key: %.20s",
    async (key) => {
      const headers = { "X-RJM-API-Key": key };
      for (const path of ["/0.1/export", "/0.1/client/1/table", "/0.1/x"]) {
        expect((await checkAnswer("export", await send(path, { headers }))).status).toBe(403);
      }
    },
  );

  test.each(["127.0.0.1, 1.2.3.4", "x", "::ffff:1.2.3.4%1", "x".repeat(8_192), "0.0.0.0/0"])(
    "CF-Connecting-IP: %.20s",
    async (address) => {
      const limited = await newTenant({ allowedIps: ["1.2.3.4"] });
      const headers = { "X-RJM-API-Key": limited.exportKey, "CF-Connecting-IP": address };
      const answer = await checkAnswer("export", await send("/0.1/export", { headers }));
      expect(answer.status).toBe(403);
    },
  );
});

describe("paths", () => {
  // oxfmt-ignore
  const TAILS = [
    "%2e%2e", "%2E%2E%2Fadmin", "..%2f..", "%2F", "%00", "%E0%A4%A", "%", "%zz", "%ff", "//", "/",
    "///x", "\\", "%5C", "*", ":cid", ":id{.*}", "a b", "<b>", "é", "%C3%A9", "%F0%9F%98%80", "'", ";",
    "__proto__", "constructor", "x".repeat(16_384), "%41".repeat(5_000), "/a".repeat(8_000), "PUSH",
  ];
  // oxfmt-ignore
  const BASES = [
    "/", "/v2/import/", "/v2/import/push", "/v2/import/push/", "/v2/client/", "/v1/client/1/table/",
    "/v2/client/1/authenticate", "/0.1/", "/0.1/export/", "/0.1/client/", "/0.1/client/1/table/",
    "/admin/v1/", "/admin/v1/clients/", "/sandbox/", "/sandbox/v2/client/",
  ];

  test.each(BASES)("%s with anything after it", async (base) => {
    const before = await storedCounts();
    for (const tail of TAILS) {
      for (const method of ["GET", "POST"]) {
        const body = method === "POST" ? "[]" : null;
        const response = await sendAll(`${base}${tail}`, { method, body });
        const { pathname } = new URL(`https://x${base}${tail}`);
        const text = await response.clone().text();
        const isStatus = method === "GET" && (pathname === "/" || pathname === "/sandbox");
        const shown = `${method} ${base}${tail.slice(0, 50)}`;
        expect(response.status >= 400, shown).toBe(!isStatus);
        await checkAnswer(surfaceOf(pathname), response);
        expect(text).not.toContain(tenant.token);
      }
    }
    expect(await storedCounts()).toEqual(before);
  });

  test.each(["/V2/IMPORT/PUSH", "/v2/Import/push", "/V2/client/1/authenticate", "/CONSOLE"])(
    "%s: paths have one letter case",
    async (path) => {
      for (const method of ["GET", "POST"]) {
        const body = method === "POST" ? "[]" : null;
        const response = await sendAll(path, { method, body });
        expect((await checkAnswer("rjmetrics", response)).status).toBe(404);
      }
    },
  );

  test("an escaped letter is that letter", async () => {
    const response = await sendAll("/v2/import/%70us%68", { method: "GET" });
    expect(response.status).toBe(405);
    await checkAnswer("push", response);
  });

  test.each(["push/", "push//", "/push", "./../import/pusH", "push%2F", "push%20", "push;a=b"])(
    "/v2/import/%s stores nothing, and is a Stitch answer",
    async (tail) => {
      const [push] = IMPORTS;
      const body = push?.body(tenant, { data: '{"id":1}' }) ?? "";
      const headers = { "Content-Type": "application/json" };
      const before = await storedCounts();
      const response = await sendAll(`/v2/import/${tail}`, { method: "POST", headers, body });
      await checkAnswer("stitch", response);
      expect(response.status).toBe(404);
      expect(await storedCounts()).toEqual(before);
    },
  );
});

describe("ids", () => {
  // oxfmt-ignore
  const IDS = [
    "0", "-1", "-0", "+1", "1e3", "1.0", "0x1", "01", "1,2", "1;2", " 1", "1%20", "%31%20", "NaN",
    "Infinity", "null", "undefined", "99999999999999999999", "9223372036854775808", "9".repeat(400),
    "9007199254740993", "%D9%A1", "1'", "1%00", "*", "true", "[]", "{}",
  ];

  test.each(IDS)("%.30s is no client, table, integration or export", async (id) => {
    const own = tenant.clientId;
    const gets: readonly [string, number][] = [
      [`/v2/client/${id}/authenticate?apikey=${tenant.token}`, 401],
      [`/0.1/export/${id}`, 404],
      [`/0.1/export/${id}/info`, 404],
      [`/0.1/client/${id}/table`, 403],
      [`/0.1/client/${own}/table/${id}`, 404],
      [`/admin/v1/clients/${id}/integrations`, 404],
      [`/admin/v1/clients/${id}/tables`, 404],
      [`/admin/v1/clients/${own}/tables/${id}/rows`, 404],
      [`/admin/v1/clients/${own}/integrations/${id}/import-tokens`, 404],
    ];
    const posts: readonly [string, number][] = [
      [`/v2/client/${id}/table/t/data?apikey=${tenant.token}`, 401],
      [`/v1/client/${id}/table/t/data?apikey=${tenant.token}`, 401],
      [`/0.1/export/${id}/copy`, 404],
      [`/0.1/client/${own}/table/${id}/export`, 404],
      [`/admin/v1/clients/${id}/integrations`, 404],
    ];
    await expectRefused(async () => {
      const answers = [];
      for (const [path, status] of gets) {
        const answer = await checkAnswer(surfaceOf(path), await sendAll(path));
        expect(answer.status, path).toBe(status);
        answers.push(answer);
      }
      for (const [path, status] of posts) {
        const response = await sendAll(path, {
          method: "POST",
          body: '{"keys":["id"],"id":1,"name":"x"}',
        });
        const answer = await checkAnswer(surfaceOf(path), response);
        expect(answer.status === status || surfaceOf(path) === "admin", path).toBe(true);
        answers.push(answer);
      }
      return answers;
    });
  });
});

describe("methods", () => {
  const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];
  const PATHS: readonly [path: string, methods: readonly string[], wrong: number][] = [
    ["/", ["GET", "HEAD"], 404],
    ["/sandbox", ["GET", "HEAD"], 404],
    ["/v2/import/status", ["GET", "HEAD"], 405],
    ["/v2/import/push", ["POST"], 405],
    ["/v2/import/validate", ["POST"], 405],
    ["/v2/import/batch", ["POST"], 405],
    ["/api/v1/tables/t/rows", ["POST"], 405],
    ["/v2/client/:cid/authenticate", ["GET", "HEAD"], 404],
    ["/v1/client/:cid/table/t/data", ["POST"], 404],
    ["/v2/client/:cid/table/t/data", ["POST"], 404],
    ["/0.1/export", ["GET", "HEAD"], 404],
    ["/0.1/client/:cid/table", ["GET", "HEAD"], 404],
    ["/0.1/export/1/copy", ["POST"], 404],
    ["/admin/v1/clients", ["GET", "HEAD", "POST"], 405],
    ["/admin/v1/clients/1/integrations", ["GET", "HEAD", "POST"], 405],
  ];

  test.each(PATHS)("%s takes %s, and is a %i to others", async (pattern, methods, wrong) => {
    const path = pattern.replace(":cid", String(tenant.clientId));
    for (const method of METHODS.filter((one) => !methods.includes(one))) {
      const body = ["GET", "HEAD"].includes(method) ? null : "[]";
      const response = await sendAll(path, { method, body });
      expect(response.status, `${method} ${path}`).toBe(wrong);
      expect(response.headers.get("allow"), `${method} ${path}`).toBe(
        wrong === 405 ? methods.join(", ") : null,
      );
      expect(response.headers.get("cache-control")).toBe("no-store");
      await response.text();
    }
  });
});
