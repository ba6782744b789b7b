import { describe, expect, test, vi } from "vitest";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { stillClock } from "../support/still-clock.ts";
import { tapEnv } from "../support/tap.ts";
import { callWorker, otherIsolate } from "../support/worker.ts";

test.each(["GET", "HEAD"])("%s /healthz is 200 where the stores answer", async (method) => {
  const answer = await callWorker(testEnv, "/healthz", { method });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  expect(await answer.text()).toBe(method === "HEAD" ? "" : '{"status":"ok"}');
});

test.each(["CATALOG", "SHARD_0", "SHARD_1"])("503 where %s does not answer", async (down) => {
  const log = quietConsole();
  const env = tapEnv(otherIsolate(), (call, next) =>
    call.binding === down ? Promise.reject(new Error("secret cause")) : next(),
  );
  const answer = await callWorker(env, "/healthz");
  const reason = `${down === "CATALOG" ? "The catalogue" : `Shard ${down.slice(-1)}`} cannot be reached.`;
  expect(answer.status).toBe(503);
  expect(await answer.text()).toBe(JSON.stringify({ status: "error", reason }));
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  log.mockRestore();
});

test.each(["POST", "PUT", "DELETE"])("%s is no path", async (method) => {
  expect((await callWorker(testEnv, "/healthz", { method })).status).toBe(404);
});

describe("however many ask", () => {
  stillClock();

  test("the stores are asked once in a while", async () => {
    let calls = 0;
    const env = tapEnv(otherIsolate(), (_, next) => {
      calls += 1;
      return next();
    });
    await callWorker(env, "/healthz");
    expect(calls).toBe(3);
    for (let asked = 0; asked < 20; asked += 1) await callWorker(env, "/healthz");
    expect(calls).toBe(3);
    vi.setSystemTime(Date.now() + 60_000);
    await Promise.all(Array.from({ length: 20 }, () => callWorker(env, "/healthz")));
    expect(calls).toBe(6);
  });
});
