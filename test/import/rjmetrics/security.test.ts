/** Who may use the RJMetrics import (wire.md 3.1, 3.4; promise P4). */
import { describe, expect, it, vi } from "vitest";
import { hashSecret, newSecret } from "../../../src/http/credentials/secrets.ts";
import { testEnv } from "../../support/env.ts";
import {
  expectNothingStored,
  json,
  type PointsOptions,
  pushPoints,
  seen,
  tablePath,
  tablesOf,
} from "../../support/batch-and-points.ts";
import { tapEnv } from "../../support/tap.ts";
import { newTenant, newToken, send, storedRows, type Tenant } from "../../support/tenant.ts";
import { callWorker } from "../../support/worker.ts";

const UNAUTHORIZED = json(401, {
  code: 401,
  message: "Unauthorized",
  reasons: ["Authorization failed. Double check your API key."],
});

const point = { keys: ["id"], id: 1 };

/** Asks both endpoints of both versions. */
async function expectUnauthorized(tenant: Tenant, options: PointsOptions): Promise<void> {
  const { clientId = tenant.clientId, query = `?apikey=${tenant.token}` } = options;
  for (const version of ["v1", "v2"] as const) {
    for (const base of ["", "/sandbox", "https://sandbox-connect.example.com"]) {
      const all = { ...options, version, base };
      const headers = { Accept: "application/json", ...options.headers };
      const path = `${base}/${version}/client/${clientId}/authenticate${query}`;
      const answer = await send(path, { headers });
      expect(answer.headers.get("www-authenticate")).toBeNull();
      expect(await seen(answer)).toEqual(UNAUTHORIZED);
      expect(await seen(pushPoints(tenant, "t", point, all))).toEqual(UNAUTHORIZED);
    }
  }
  await expectNothingStored(tenant);
}

describe("the same 401 for", () => {
  it.each([
    ["no query", ""],
    ["no apikey", "?key=x"],
    ["an empty apikey", "?apikey="],
    ["an unknown apikey", `?apikey=${newSecret()}`],
    ["an apikey that is no token at all", "?apikey=%00'%20OR%201=1--%E0%A4%A"],
    ["a very long apikey", `?apikey=${"x".repeat(5_000)}`],
  ])("%s", async (_, query) => {
    await expectUnauthorized(await newTenant(), { query });
  });

  it("the hash of a token, its hint, another letter case, a second apikey", async () => {
    const tenant = await newTenant();
    const { token } = tenant;
    const swapped = [...token].map((c) =>
      c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase(),
    );
    for (const apikey of [hashSecret(token), token.slice(-4), swapped.join(""), `${token}x`]) {
      await expectUnauthorized(tenant, { query: `?apikey=${apikey}` });
    }
    await expectUnauthorized(tenant, { query: `?apikey=x&apikey=${token}` });
    await expectUnauthorized(tenant, { query: `?APIKEY=${token}` });
  });

  it("the token as Bearer, as header, or in the body", async () => {
    const tenant = await newTenant();
    const { token } = tenant;
    const headers = { Authorization: `Bearer ${token}`, apikey: token, "X-RJM-API-Key": token };
    await expectUnauthorized(tenant, { query: "", headers });
    const body = `apikey=${token}`;
    expect((await pushPoints(tenant, "t", body, { query: "" })).status).toBe(401);
  });

  it("an export key", async () => {
    const tenant = await newTenant();
    await expectUnauthorized(tenant, { query: `?apikey=${tenant.exportKey}` });
  });

  it("the token of another client, and the client of another token", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    await pushPoints(other, "t", point);
    await expectUnauthorized(tenant, { query: `?apikey=${other.token}` });
    await expectUnauthorized(tenant, { clientId: other.clientId });
    expect(await storedRows(other, "t")).toHaveLength(1);
  });

  it.each([
    ["an unknown client", () => "999999"],
    ["a word", () => "me"],
    ["zero", () => "0"],
    ["a leading zero", (id: number) => `0${id}`],
    ["a plus sign", (id: number) => `+${id}`],
    ["a minus sign", (id: number) => `-${id}`],
    ["a fraction", (id: number) => `${id}.0`],
    ["an exponent", (id: number) => `${id}e0`],
    ["hexadecimal", (id: number) => `0x${id.toString(16)}`],
    ["a space", (id: number) => `${id}%20`],
    ["other digits", (id: number) => `${id}%EF%BC%91`],
    ["a list", (id: number) => `${id},${id}`],
    ["2^64 and more", (id: number) => `1844674407370955161600000${id}`],
    ["a colon", () => ":cid"],
    ["bytes that are no UTF-8", () => "%FF"],
  ])("%s as client id", async (_, write) => {
    const tenant = await newTenant();
    await expectUnauthorized(tenant, { clientId: write(tenant.clientId) });
  });

  it("a token that is revoked while others stay", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const tenant = await newTenant();
      const second = await newToken(tenant.integrationId);
      const authenticate = `/v2/client/${tenant.clientId}/authenticate?apikey=`;
      expect((await send(authenticate + tenant.token)).status).toBe(200);
      await testEnv.CATALOG.prepare("DELETE FROM import_tokens WHERE id = ?1")
        .bind(tenant.tokenId)
        .run();
      vi.setSystemTime(Date.now() + 30_000);
      await expectUnauthorized(tenant, {});
      expect((await send(authenticate + second.token)).status).toBe(200);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("one client's writes", () => {
  it("never reach a table of that name of another client or integration", async () => {
    const [a, b] = [await newTenant(), await newTenant()];
    const integration = await testEnv.CATALOG.prepare(
      "INSERT INTO integrations (client_id, name, created_at) VALUES (?1, 'x', 0) RETURNING id",
    )
      .bind(a.clientId)
      .first<number>("id");
    if (integration === null) throw new Error("nothing was inserted");
    const c = { ...a, integrationId: integration, ...(await newToken(integration)) };
    // Other keys in each: what one client chose binds no other.
    await pushPoints(a, "t", { keys: ["id"], id: 1, of: "a" });
    await pushPoints(b, "t", { keys: ["of"], id: 1, of: "b" });
    await pushPoints(c, "t", { keys: ["id", "of"], id: 1, of: "c" });
    for (const [tenant, of] of [
      [a, "a"],
      [b, "b"],
      [c, "c"],
    ] as const) {
      const rows = await storedRows(tenant, "t");
      expect(rows.map(({ data }) => data)).toEqual([`{"id":1,"of":"${of}"}`]);
    }
    expect(await tablesOf(b)).toEqual(["t"]);
  });
});

describe("secrets", () => {
  it("stand in no answer and in no log, also where the service fails", async () => {
    const tenant = await newTenant();
    const logged: string[] = [];
    for (const name of ["log", "info", "warn", "error", "debug"] as const) {
      vi.spyOn(console, name).mockImplementation((...args) => void logged.push(args.join(" ")));
    }
    const broken = tapEnv(testEnv, async (call, next) => {
      if (call.binding === "TABLE_RANGE") throw new TypeError("a defect");
      return next();
    });
    const init = { method: "POST", body: JSON.stringify(point) };
    const answers = [
      await callWorker(broken, tablePath(tenant, "t"), init),
      await pushPoints(tenant, "a-b", point),
      await pushPoints(tenant, "t", tenant.token),
      await pushPoints(tenant, "t", [point, {}]),
      await send(`/v2/${tenant.token}?apikey=${tenant.token}`),
      await pushPoints(tenant, "t", point, { clientId: "x" }),
    ];
    vi.restoreAllMocks();
    expect(answers.map(({ status }) => status)).toEqual([503, 400, 400, 400, 404, 401]);
    for (const answer of answers) expect(await answer.text()).not.toContain(tenant.token);
    expect(logged.join("\n")).toContain("a defect");
    expect(logged.join("\n")).not.toContain(tenant.token);
  });
});
