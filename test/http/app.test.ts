/** Which path belongs to which surface, whatever else is wrong with the request (wire.md 1). */
import { describe, expect, test } from "vitest";
import { createExecutionContext } from "cloudflare:test";
import { handle } from "../../src/http/handle.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, send, storedRows } from "../support/tenant.ts";

const NOT_FOUND = {
  stitch: '{"status":"ERROR","message":"Not found."}',
  rjmetrics:
    '{"code":404,"message":"Not Found","reasons":["The resource you are looking for does not exist."]}',
} as const;

const FORBIDDEN =
  '{"code":403,"message":"Forbidden","reasons":["Please grant this IP address access to your export API"]}';

const PATHS: readonly [path: string, surface: "stitch" | "rjmetrics" | "export"][] = [
  ["/v2/import/", "stitch"],
  ["/v2/import/upsert", "stitch"],
  ["/v2/import/push/1", "stitch"],
  ["/v2/import/0.1/export", "stitch"],
  ["/v2/import", "rjmetrics"],
  ["/v2/imports/push", "rjmetrics"],
  ["/v1/import/push", "rjmetrics"],
  ["/v3/import/push", "rjmetrics"],
  ["/x/v2/import/push", "rjmetrics"],
  ["/v2", "rjmetrics"],
  ["/v2/", "rjmetrics"],
  ["/v2/client", "rjmetrics"],
  ["/v2/client/1", "rjmetrics"],
  ["/v2/client/1/table/t", "rjmetrics"],
  ["/v2/client/1/table/t/data/1", "rjmetrics"],
  ["/v2/client/1/authenticate/", "rjmetrics"],
  ["/v3/client/1/authenticate", "rjmetrics"],
  ["/sandbox/", "rjmetrics"],
  ["/sandbox/v2/import/push", "rjmetrics"],
  ["/sandbox/0.1/export", "rjmetrics"],
  ["/sandbox/admin/v1/clients", "rjmetrics"],
  ["/index.html", "rjmetrics"],
  ["/0.1", "rjmetrics"],
  ["/0.10/export", "rjmetrics"],
  ["/0/1/export", "rjmetrics"],
  ["/0.1/", "export"],
  ["/0.1/export", "export"],
  ["/0.1/none", "export"],
  ["/0.1/v2/import/push", "export"],
];

describe.each(["GET", "POST", "PUT", "DELETE", "OPTIONS"])("%s", (method) => {
  test.each(PATHS)("%s is answered by %s", async (path, surface) => {
    const headers = { Accept: "application/json" };
    const response = await send(path, { method, headers });
    const isExport = surface === "export";
    expect(response.status).toBe(isExport ? 403 : 404);
    expect(await response.text()).toBe(isExport ? FORBIDDEN : NOT_FOUND[surface]);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("vary")).toBe(surface === "rjmetrics" ? "Accept" : null);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

test("HEAD has the status and headers, and no body", async () => {
  const response = await send("/v2/import/none", { method: "HEAD" });
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.text()).toBe("");
});

describe("the sandbox's host", () => {
  /** A request whose address stands as the client wrote it: `Request` writes hosts small. */
  function requestTo(host: string, path: string, init: RequestInit): Request {
    const request = new Request(`https://headgate.example${path}`, init);
    Object.defineProperty(request, "url", { value: `https://${host}${path}` });
    return request;
  }

  const hosts: [host: string, isSandbox: boolean][] = [
    ["sandbox-connect.example.com", true],
    ["SANDBOX-connect.example.com", true],
    ["Sandbox", true],
    ["sandbox.example.com:8443", true],
    ["sandboxes.example.com", true],
    ["connect.sandbox.example.com", false],
    ["my-sandbox.example.com", false],
    ["sand.box.example.com", false],
    ["localhost:8787", false],
  ];
  test.each(hosts)("%s: %s", async (host, isSandbox) => {
    const tenant = await newTenant();
    const { clientId, token } = tenant;
    const calls: [path: string, body: string][] = [
      [`/v2/client/${clientId}/table/t/data?apikey=${token}`, '{"keys":["id"],"id":1}'],
      [
        "/v2/import/push",
        `[{"client_id":${clientId},"table_name":"t","sequence":1,"action":"upsert","key_names":["id"],"data":{"id":2}}]`,
      ],
    ];
    const statuses: number[] = [];
    for (const [path, body] of calls) {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      const request = requestTo(host, path, { method: "POST", headers, body });
      statuses.push((await handle(request, testEnv, createExecutionContext())).status);
    }
    expect(statuses).toEqual(isSandbox ? [201, 404] : [201, 201]);
    expect(await storedRows(tenant, "t")).toHaveLength(isSandbox ? 0 : 2);
  });
});
