import { describe, expect, test } from "vitest";
import { testEnv } from "../../support/env.ts";
import { adminTokenOf } from "../../../src/http/credentials/admin-token.ts";
import { handle } from "../../../src/http/handle.ts";
import { createExecutionContext } from "cloudflare:test";

const LOCAL = { ...testEnv, ADMIN_TOKEN: "local-admin-token" };

async function statusAt(url: string, env: Env): Promise<number> {
  const headers = { Authorization: "Bearer local-admin-token" };
  const answer = await handle(new Request(url, { headers }), env, createExecutionContext());
  await answer.text();
  return answer.status;
}

describe("the token for local servers", () => {
  test.each(["localhost:8787", "127.0.0.1", "127.1.2.3:1", "[::1]:8787", "a.localhost"])(
    "opens %s",
    async (host) => {
      expect(await statusAt(`http://${host}/admin/v1/clients`, LOCAL)).toBe(200);
    },
  );

  test.each([
    "headgate.example",
    "localhost.example",
    "127.0.0.1.example",
    "192.168.0.7",
    "localhost.",
    "127.example",
  ])("opens nothing at %s", async (host) => {
    expect(await statusAt(`https://${host}/admin/v1/clients`, LOCAL)).toBe(503);
    const page = await handle(
      new Request(`https://${host}/console/sign-in`),
      LOCAL,
      createExecutionContext(),
    );
    expect(page.status).toBe(503);
    expect(await page.text()).toContain("wrangler secret put ADMIN_TOKEN");
  });

  test("another token does everywhere", () => {
    expect(adminTokenOf(testEnv, "https://headgate.example/")).toBe(testEnv.ADMIN_TOKEN);
    for (const ADMIN_TOKEN of ["", undefined]) {
      const env = { ...testEnv, ADMIN_TOKEN } as unknown as Env;
      expect(adminTokenOf(env, "http://localhost/")).toBeUndefined();
    }
  });
});
