import { describe, expect, it } from "vitest";
import { IMPORT_TOKENS_MAX } from "../../src/admin/limits.ts";
import { hashSecret } from "../../src/http/credentials/secrets.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, pushRecords, type Tenant } from "../support/tenant.ts";
import {
  anyNumber,
  anyText,
  aSecret,
  call,
  expectProblem,
  expectRecent,
  member,
  newClient,
  newIntegration,
} from "./call.ts";

/** A client with an integration that has no tokens yet, and the path of its tokens. */
async function newSource() {
  const clientId = await newClient();
  const integrationId = await newIntegration(clientId);
  const path = `/clients/${clientId}/integrations/${integrationId}/tokens`;
  return { clientId, integrationId, path };
}

/** Whether a token may write. */
async function pushes(tenant: Pick<Tenant, "clientId" | "token">): Promise<number> {
  const record = { table_name: "t", key_names: ["id"], sequence: 1, data: { id: 1 } };
  const response = await pushRecords(tenant as Tenant, [record]);
  await response.text();
  return response.status;
}

describe("POST …/tokens", () => {
  it("creates a token that may write, and shows it only then", async () => {
    const { clientId, path } = await newSource();
    const answer = await call("POST", path);
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      id: anyNumber,
      token: aSecret,
      created_at: anyText,
    });
    expectRecent(member(answer, "created_at"));
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const token = String(member(answer, "token"));
    expect(await pushes({ clientId, token })).toBe(201);
    expect((await call("GET", path)).text).not.toContain(token);
  });

  it("stores the hash and not the token", async () => {
    const { path } = await newSource();
    const answer = await call("POST", path, {});
    const token = String(member(answer, "token"));
    const row = await testEnv.CATALOG.prepare("SELECT * FROM import_tokens WHERE id = ?1")
      .bind(member(answer, "id"))
      .first();
    expect(row).toMatchObject({ hash: hashSecret(token), hint: token.slice(-4) });
    expect(JSON.stringify(row)).not.toContain(token);
  });

  it.each([
    ['{"name":"x"}', 422, "admin_invalid"],
    ["[]", 422, "admin_invalid"],
    ["nonsense", 400, "body_malformed"],
  ])("refuses the body %s", async (body, status, code) => {
    const { path } = await newSource();
    expectProblem(await call("POST", path, body), status, code);
    expect((await call("GET", path)).json).toEqual({ tokens: [] });
  });

  it("refuses more than an integration may have", async () => {
    const { integrationId, path } = await newSource();
    await testEnv.CATALOG.prepare(
      `INSERT INTO import_tokens (integration_id, hash, hint, created_at)
      WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
      SELECT ?1, 'filler ' || ?1 || ' ' || n, 'none', 0 FROM numbers`,
    )
      .bind(integrationId, IMPORT_TOKENS_MAX)
      .run();
    const last = await call("POST", path);
    expect(last.status).toBe(201);
    const detail = "An integration has at most 100 tokens.";
    expectProblem(await call("POST", path), 409, "admin_conflict", detail);
    expect((await call("DELETE", `${path}/${String(member(last, "id"))}`)).status).toBe(204);
    expect((await call("POST", path)).status).toBe(201);
  });
});

describe("GET …/tokens", () => {
  it("lists tokens oldest first, with hints and the last use", async () => {
    const { clientId, path } = await newSource();
    const created = [await call("POST", path), await call("POST", path)] as const;
    const token = String(member(created[0], "token"));
    const expected = created.map((answer) => ({
      id: member(answer, "id"),
      hint: String(member(answer, "token")).slice(-4),
      created_at: member(answer, "created_at"),
      last_used_at: null,
    }));
    expect((await call("GET", path)).json).toEqual({ tokens: expected });
    expect(await pushes({ clientId, token })).toBe(201);
    await expect
      .poll(
        async () => {
          const [first] = member(await call("GET", path), "tokens") as Record<string, unknown>[];
          return first?.["last_used_at"];
        },
        { timeout: 60_000 },
      )
      .not.toBeNull();
    const [first] = member(await call("GET", path), "tokens") as Record<string, unknown>[];
    expectRecent(first?.["last_used_at"]);
  });
});

describe("DELETE …/tokens/:id", () => {
  it("revokes a token in use, at once where it was revoked", async () => {
    const tenant = await newTenant();
    const path = `/clients/${tenant.clientId}/integrations/${tenant.integrationId}/tokens`;
    expect(await pushes(tenant)).toBe(201);
    const answer = await call("DELETE", `${path}/${tenant.tokenId}`);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe("");
    expect(await pushes(tenant)).toBe(401);
    expect((await call("GET", path)).json).toEqual({ tokens: [] });
  });

  it("leaves the other tokens of the integration alone", async () => {
    const { clientId, path } = await newSource();
    const [old, fresh] = [await call("POST", path), await call("POST", path)];
    await call("DELETE", `${path}/${String(member(old, "id"))}`);
    expect(await pushes({ clientId, token: String(member(fresh, "token")) })).toBe(201);
  });

  it("answers 404 to a repeat and to a token that never was", async () => {
    const { path } = await newSource();
    const id = String(member(await call("POST", path), "id"));
    expect((await call("DELETE", `${path}/${id}`)).status).toBe(204);
    expectProblem(await call("DELETE", `${path}/${id}`), 404, "not_found");
    expectProblem(await call("DELETE", `${path}/987654321`), 404, "not_found");
  });
});

describe("tokens of others", () => {
  it("are neither listed, nor created, nor revoked through another client or integration", async () => {
    const mine = await newTenant();
    const theirs = await newTenant();
    const second = await newIntegration(theirs.clientId);
    const foreign = [
      `/clients/${mine.clientId}/integrations/${theirs.integrationId}/tokens`,
      `/clients/${mine.clientId}/integrations/${mine.integrationId}/tokens`,
      `/clients/${theirs.clientId}/integrations/${mine.integrationId}/tokens`,
      `/clients/${theirs.clientId}/integrations/${second}/tokens`,
    ];
    for (const path of foreign) {
      expectProblem(await call("DELETE", `${path}/${theirs.tokenId}`), 404, "not_found");
    }
    for (const path of [foreign[0] ?? "", foreign[2] ?? ""]) {
      expectProblem(await call("GET", path), 404, "not_found");
      expectProblem(await call("POST", path), 404, "not_found");
    }
    expect(await pushes(theirs)).toBe(201);
  });
});
