/** `GET /` (wire.md 3.1; design.md 2). */
import { createExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { handle } from "../../../src/http/handle.ts";
import { testEnv } from "../../support/env.ts";
import { json, seen } from "../../support/batch-and-points.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { tapEnv } from "../../support/tap.ts";
import { send } from "../../support/tenant.ts";

const OK = json(200, '{"code":200,"message":"ok"}');

const get = (accept?: string): Promise<Response> =>
  send("/", { redirect: "manual", headers: accept === undefined ? {} : { Accept: accept } });

describe("GET /", () => {
  it.each([
    undefined,
    "*/*",
    "text/*",
    "application/json",
    "application/xhtml+xml",
    "text/html;q=0",
    "text/html, application/json",
    "*/*; q=0.5, text/plain; q=0.8, text/html;level=3;q=0.9, application/json",
  ])("is JSON for Accept %s", async (accept) => {
    const answer = await get(accept);
    expect(answer.headers.get("vary")).toBe("Accept");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await seen(answer)).toEqual(OK);
  });

  it.each([
    "text/html",
    "TEXT/HTML; charset=utf-8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "text/html, application/json;q=0",
  ])("sends a browser to the console: %s", async (accept) => {
    const answer = await get(accept);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/console");
    expect(answer.headers.get("vary")).toBe("Accept");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.text()).toBe("");
  });

  it("reads neither credentials nor the query", async () => {
    const answer = send("/?apikey=unknown", { headers: { Authorization: "Bearer unknown" } });
    expect(await seen(answer)).toEqual(OK);
  });

  it("answers HEAD without a body", async () => {
    const answer = await send("/", { method: "HEAD" });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await answer.text()).toBe("");
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("is the only method: %s is 404", async (method) => {
    expect((await send("/", { method })).status).toBe(404);
  });
});

describe.each(["CATALOG", "SHARD_0", "SHARD_1"])("when %s is unreachable", (down) => {
  const env = tapEnv(testEnv, async (call, next) => {
    if (call.binding === down) throw new Error("D1_ERROR: Network connection lost.");
    return next();
  });
  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> => {
    quietConsole();
    const request = new Request(`https://headgate.example${path}`, { headers });
    return handle(request, env, createExecutionContext());
  };

  it.each(["/", "/sandbox"])(
    "GET %s is 503 with Retry-After in the surface's shape",
    async (path) => {
      const answer = await ask(path, { Accept: "application/json" });
      expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      const body = {
        code: 503,
        message: "Service Unavailable",
        reasons: ["The store is not available. Send the same request again."],
      };
      expect(await seen(answer)).toEqual(json(503, body));
    },
  );

  it("the status of the Stitch surface is 503, too", async () => {
    const answer = await ask("/v2/import/status");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ name: "pipeline.gate", status: "ERROR" });
  });

  it("a browser still gets to the console", async () => {
    expect((await ask("/", { Accept: "text/html" })).status).toBe(302);
  });
});
