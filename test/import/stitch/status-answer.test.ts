import { describe, expect, it } from "vitest";
import { testEnv } from "../../support/env.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { brokenCatalogue } from "../../support/stitch.ts";
import { send } from "../../support/tenant.ts";
import { callWorker } from "../../support/worker.ts";

const PATH = "/v2/import/status";
const TYPE = "application/json;charset=UTF-8";

/** Bindings whose first shard fails. */
function brokenShard(): Env {
  const fail = (): never => {
    throw new Error("Network connection lost: secret-host.internal");
  };
  return { ...testEnv, SHARD_0: new Proxy(testEnv.SHARD_0, { get: () => fail }) };
}

describe("the status", () => {
  it("is OK while every store answers, without credentials", async () => {
    const response = await send(PATH);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{"name":"pipeline.gate","status":"OK"}');
    expect(response.headers.get("content-type")).toBe(TYPE);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("is the same whatever Accept, query or credentials say", async () => {
    const headers = { Accept: "text/html", Authorization: "Bearer wrong" };
    const response = await send(`${PATH}?x=1`, { headers });
    expect([response.status, await response.text()]).toEqual([
      200,
      '{"name":"pipeline.gate","status":"OK"}',
    ]);
  });

  it("is answered to HEAD, too", async () => {
    const response = await send(PATH, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    expect(response.headers.get("content-type")).toBe(TYPE);
  });

  it.each([
    [
      "the catalogue",
      brokenCatalogue("Network connection lost: secret-host.internal"),
      "The catalogue",
    ],
    ["a shard", brokenShard(), "Shard 0"],
  ])("is ERROR while %s does not answer", async (_name, env, named) => {
    const log = quietConsole();
    const response = await callWorker(env, PATH);
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe(TYPE);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
    const reason = `${named} cannot be reached.`;
    expect(await response.json()).toEqual({ name: "pipeline.gate", status: "ERROR", reason });
    expect(JSON.stringify(log.mock.calls)).toContain("secret-host.internal");
    log.mockRestore();
    // The next request asks again.
    expect((await callWorker(testEnv, PATH)).status).toBe(200);
  });

  it.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("answers 405 to %s", async (method) => {
    const response = await send(PATH, { method });
    expect([response.status, await response.text()]).toEqual([405, "Method not allowed."]);
    expect(response.headers.get("allow")?.split(/, */).sort()).toEqual(["GET", "HEAD"]);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  it.each(["/v2/import/status/", "/v2/import/Status", "/v2/import/", "/v2/import/x/status"])(
    "is not at %s",
    async (path) => {
      const response = await send(path);
      expect([response.status, await response.text()]).toEqual([
        404,
        '{"status":"ERROR","message":"Not found."}',
      ]);
      expect(response.headers.get("content-type")).toBe("application/json");
    },
  );

  it("is not at /v2/import, which is no path of this surface", async () => {
    const response = await send("/v2/import");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 404, message: "Not Found" });
  });
});
