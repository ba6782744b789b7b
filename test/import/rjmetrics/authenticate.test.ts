/** `GET /v2/client/:cid/authenticate` (wire.md 3.1, 3.2). */
import { describe, expect, it } from "vitest";
import { expectNothingStored, seen } from "../../support/batch-and-points.ts";
import { newTenant, newToken, send, type Tenant } from "../../support/tenant.ts";

const path = ({ clientId, token }: Tenant, version = "v2"): string =>
  `/${version}/client/${clientId}/authenticate?apikey=${token}`;

const AUTHENTICATED = '{"code":200,"message":"authenticated"}';

describe("authenticate", () => {
  it.each(["v1", "v2"])("answers on %s, and stores nothing", async (version) => {
    const tenant = await newTenant();
    const answer = await send(path(tenant, version));
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("vary")).toBe("Accept");
    const type = "text/html; charset=UTF-8";
    expect(await seen(answer)).toEqual({ status: 200, type, text: AUTHENTICATED });
    await expectNothingStored(tenant);
  });

  it.each([
    ["*/*", "text/html; charset=UTF-8"],
    ["application/*", "text/html; charset=UTF-8"],
    ["application/json;q=0", "text/html; charset=UTF-8"],
    ["application/json", "application/json"],
    ["Application/JSON; charset=utf-8", "application/json"],
    [
      "*/*; q=0.5, text/plain; q=0.8, text/html;level=3;q=0.9, application/json",
      "application/json",
    ],
  ])("types the answer by Accept: %s", async (accept, type) => {
    const tenant = await newTenant();
    const answer = send(path(tenant), { headers: { Accept: accept } });
    expect(await seen(answer)).toEqual({ status: 200, type, text: AUTHENTICATED });
  });

  it("takes a Content-Type and an empty body's length, as clients send them", async () => {
    const tenant = await newTenant();
    const headers = { "Content-Type": "application/json", "Content-Length": "0", Timeout: "10" };
    expect((await send(path(tenant), { headers })).status).toBe(200);
  });

  it("takes every active token of every integration of the client", async () => {
    const tenant = await newTenant();
    const { token } = await newToken(tenant.integrationId);
    expect((await send(path({ ...tenant, token }))).status).toBe(200);
    expect((await send(path(tenant))).status).toBe(200);
  });

  it("answers HEAD without a body", async () => {
    const answer = await send(path(await newTenant()), { method: "HEAD" });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });
});
