import { hash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { testEnv } from "../support/env.ts";
import { tapEnv } from "../support/tap.ts";
import { send } from "../support/tenant.ts";
import { callWorker } from "../support/worker.ts";

/** The bindings with some databases down. */
function without(...down: readonly string[]): Env {
  return tapEnv(testEnv, (call, next) =>
    down.includes(call.binding) ? Promise.reject(new Error("Network connection lost.")) : next(),
  );
}

const STATUS_PATHS = ["/console", "/", "/v2/import/status", "/sandbox"];

describe("GET /console", () => {
  test("is a page that says that the service runs", async () => {
    const response = await send("/console");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    const page = await response.text();
    expect(page).toContain("It is running, and its stores answer.");
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  });

  test("needs nothing from elsewhere, and no script", async () => {
    const page = await (await send("/console")).text();
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|embed|base|form|a)\b/i);
    expect(page).not.toMatch(
      /\b(?:src|href|srcset|action|on\w+|style)=|url\(|@import|https?:|\/\//i,
    );
  });

  test("its policy allows its own style and nothing else", async () => {
    const response = await send("/console");
    const style = /<style>([^]*)<\/style>/.exec(await response.text())?.[1] ?? "";
    expect(style).not.toBe("");
    expect(response.headers.get("content-security-policy")?.split("; ")).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash("sha256", style, "base64")}'`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]);
  });

  test.each([undefined, ""])("says that there is no admin token (%o)", async (token) => {
    const env = { ...testEnv, ADMIN_TOKEN: token } as unknown as Env;
    const response = await callWorker(env, "/console");
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("wrangler secret put ADMIN_TOKEN");
  });

  test("HEAD has the same headers and no body", async () => {
    const [get, head] = [await send("/console"), await send("/console", { method: "HEAD" })];
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    const names = (headers: Headers) => [...headers].filter(([name]) => name !== "content-length");
    expect(names(head.headers)).toEqual(names(get.headers));
    await get.text();
  });

  test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s is a 404", async (method) => {
    const response = await send("/console", { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 404 });
  });

  test("what the query says is not on the page", async () => {
    const page = await (await send("/console?q=<b>hostile</b>#x")).text();
    expect(page).not.toContain("hostile");
  });
});

describe("where a browser is sent", () => {
  test("GET / with an Accept that names text/html only", async () => {
    const headers = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
    const response = await send("/", { headers, redirect: "manual" });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/console");
    expect(response.headers.get("vary")).toBe("Accept");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test.each(["*/*", "text/html, application/json", "application/json", "text/html;q=0"])(
    "not with Accept %s",
    async (accept) => {
      const response = await send("/", { headers: { Accept: accept }, redirect: "manual" });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ code: 200, message: "ok" });
    },
  );
});

describe("a store that cannot be reached", () => {
  const log = vi.spyOn(console, "error");
  beforeEach(() => {
    log.mockImplementation(() => undefined);
  });
  afterEach(() => {
    log.mockReset();
  });

  test.each(["CATALOG", "SHARD_0", "SHARD_1"])("%s: 503 on each status path", async (binding) => {
    for (const path of STATUS_PATHS) {
      expect((await callWorker(testEnv, path)).status).toBe(200);
      const response = await callWorker(without(binding), path);
      expect(response.status, path).toBe(503);
      expect(response.headers.get("retry-after"), path).toBe("1");
      expect(response.headers.get("cache-control"), path).toBe("no-store");
      expect(await response.text()).not.toContain("Network connection lost");
    }
  });

  test("the page and the Stitch status name it", async () => {
    const page = await (await callWorker(without("SHARD_1"), "/console")).text();
    expect(page).toContain("Shard 1 cannot be reached.");
    const status = await callWorker(without("CATALOG"), "/v2/import/status");
    expect(status.headers.get("content-type")).toBe("application/json;charset=UTF-8");
    expect(await status.json()).toEqual({
      name: "pipeline.gate",
      status: "ERROR",
      reason: "The catalogue cannot be reached.",
    });
  });

  test("its cause is in the log", async () => {
    await callWorker(without("SHARD_1"), "/console");
    expect(log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toEqual([
      { level: "error", event: "store_down", name: "Shard 1", message: "Network connection lost." },
    ]);
  });

  test("the status of all is the success of all", async () => {
    const status = await send("/v2/import/status");
    expect(status.status).toBe(200);
    expect(status.headers.get("content-type")).toBe("application/json;charset=UTF-8");
    expect(await status.text()).toBe('{"name":"pipeline.gate","status":"OK"}');
  });
});
