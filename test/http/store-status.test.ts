import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { tapEnv } from "../support/tap.ts";
import { send } from "../support/tenant.ts";
import { callWorker } from "../support/worker.ts";

/** The bindings with some databases down. */
function without(...down: readonly string[]): Env {
  return tapEnv(testEnv, (call, next) =>
    down.includes(call.binding) ? Promise.reject(new Error("Network connection lost.")) : next(),
  );
}

const STATUS_PATHS = ["/", "/v2/import/status", "/sandbox", "/healthz"];

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
    quietConsole();
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

  test("the Stitch status names it", async () => {
    const status = await callWorker(without("CATALOG"), "/v2/import/status");
    expect(status.headers.get("content-type")).toBe("application/json;charset=UTF-8");
    expect(await status.json()).toEqual({
      name: "pipeline.gate",
      status: "ERROR",
      reason: "The catalogue cannot be reached.",
    });
  });

  test("its cause is in the log", async () => {
    await callWorker(without("SHARD_1"), "/");
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as { event: string });
    expect(lines.filter(({ event }) => event === "store_down")).toMatchObject([
      { level: "error", name: "Shard 1", message: "Network connection lost." },
    ]);
  });

  test("the status of all is the success of all", async () => {
    const status = await send("/v2/import/status");
    expect(status.status).toBe(200);
    expect(status.headers.get("content-type")).toBe("application/json;charset=UTF-8");
    expect(await status.text()).toBe('{"name":"pipeline.gate","status":"OK"}');
  });
});
