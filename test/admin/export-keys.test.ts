import { describe, expect, it } from "vitest";
import { ALLOWED_IPS_MAX, EXPORT_KEYS_MAX } from "../../src/admin/limits.ts";
import { hashSecret } from "../../src/http/credentials/secrets.ts";
import { testEnv } from "../support/env.ts";
import {
  type Answer,
  anyNumber,
  anyText,
  aSecret,
  call,
  expectProblem,
  expectRecent,
  member,
  newClient,
} from "./call.ts";

const pathOf = (clientId: number): string => `/clients/${clientId}/export-keys`;

/** A key of a new client: the answer to its creation, and its paths. */
async function newKey(allowed_ips: readonly string[] = ["203.0.113.0/24"]) {
  const clientId = await newClient();
  const path = pathOf(clientId);
  const answer = await call("POST", path, { name: "Nightly", allowed_ips });
  expect(answer.status, answer.text).toBe(201);
  return { clientId, path, answer, keyPath: `${path}/${String(member(answer, "id"))}` };
}

/** A key as it is listed: without its text. */
function listed(answer: Answer, changes: Record<string, unknown> = {}): unknown {
  const { key: _, ...rest } = answer.json as Record<string, unknown>;
  return { ...rest, ...changes };
}

const listOf = async (path: string): Promise<unknown> =>
  member(await call("GET", path), "export_keys");

describe("POST …/export-keys", () => {
  it("creates a key, shows it only then and stores its hash", async () => {
    const allowed = ["203.0.113.0/24", "2001:db8::/32", "127.0.0.2/8", "0.0.0.0/0"];
    const { answer, path } = await newKey(allowed);
    expect(answer.json).toEqual({
      id: anyNumber,
      key: aSecret,
      name: "Nightly",
      allowed_ips: allowed,
      created_at: anyText,
    });
    expectRecent(member(answer, "created_at"));
    const key = String(member(answer, "key"));
    const list = await call("GET", path);
    expect(list.json).toEqual({ export_keys: [listed(answer)] });
    expect(list.text).not.toContain(key);
    const row = await testEnv.CATALOG.prepare("SELECT * FROM export_keys WHERE id = ?1")
      .bind(member(answer, "id"))
      .first();
    expect(row).toMatchObject({ hash: hashSecret(key) });
    expect(JSON.stringify(row)).not.toContain(key);
  });

  it("takes an empty list, which admits nobody", async () => {
    expect(member((await newKey([])).answer, "allowed_ips")).toEqual([]);
  });

  const rule = "must be an IPv4 or IPv6 address or range, as in 203.0.113.0/24";
  const wrongBodies: [unknown, string][] = [
    [{ name: "x" }, "allowed_ips: is missing"],
    [{ allowed_ips: [] }, "name: is missing"],
    [{ name: "x", allowed_ips: "10.0.0.0/8" }, "allowed_ips: must be a list of addresses"],
    [{ name: "x", allowed_ips: null }, "allowed_ips: must be a list of addresses"],
    [{ name: "x", allowed_ips: [5] }, `allowed_ips[0]: ${rule}`],
    [{ name: "x", allowed_ips: ["::1", "here"] }, `allowed_ips[1]: ${rule}; "here" is not`],
    [{ name: "x", allowed_ips: ["10.0.0.0/33"] }, `allowed_ips[0]: ${rule}; "10.0.0.0/33" is not`],
    [{ name: "x", allowed_ips: [" ::1"] }, `allowed_ips[0]: ${rule}; " ::1" is not`],
    [{ name: "x", allowed_ips: [""] }, `allowed_ips[0]: ${rule}; "" is not`],
    [{ name: "x", allowed_ips: [], key: "mine" }, "key: is not known here"],
    [{ name: "\u0007", allowed_ips: [] }, "name: must have no control characters"],
  ];
  it.each(wrongBodies)("refuses %o", async (body, detail) => {
    const path = pathOf(await newClient());
    expectProblem(await call("POST", path, body), 422, "admin_invalid", detail);
    expect(await listOf(path)).toEqual([]);
  });

  it("repeats no more than a part of a long wrong entry", async () => {
    const path = pathOf(await newClient());
    const body = { name: "x", allowed_ips: ["9".repeat(100_000)] };
    const answer = await call("POST", path, body);
    expectProblem(answer, 422, "admin_invalid", /^allowed_ips\[0\]/);
    expect(answer.text.length).toBeLessThan(1_000);
  });

  it("takes as many entries as a list may have, and not one more", async () => {
    const ips = Array.from({ length: ALLOWED_IPS_MAX + 1 }, (_, i) => `10.0.0.${i}`);
    const { answer, path } = await newKey(ips.slice(1));
    expect(member(answer, "allowed_ips")).toEqual(ips.slice(1));
    const refused = await call("POST", path, { name: "x", allowed_ips: ips });
    const detail = "allowed_ips: must have at most 100 entries";
    expectProblem(refused, 422, "admin_invalid", detail);
  });

  it("answers 404 for a client that does not exist", async () => {
    const body = { name: "x", allowed_ips: [] };
    expectProblem(await call("POST", pathOf(3), body), 404, "not_found");
    expectProblem(await call("GET", pathOf(3)), 404, "not_found");
  });

  it("refuses more than a client may have", async () => {
    const clientId = await newClient();
    await testEnv.CATALOG.prepare(
      `INSERT INTO export_keys (client_id, name, hash, allowed_ips, created_at)
      WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
      SELECT ?1, 'filler', 'filler ' || ?1 || ' ' || n, '[]', 0 FROM numbers`,
    )
      .bind(clientId, EXPORT_KEYS_MAX)
      .run();
    const body = { name: "x", allowed_ips: [] };
    expect((await call("POST", pathOf(clientId), body)).status).toBe(201);
    const answer = await call("POST", pathOf(clientId), body);
    const detail = "A client has at most 1000 export keys.";
    expectProblem(answer, 409, "admin_conflict", detail);
    expect(await listOf(pathOf(clientId))).toHaveLength(EXPORT_KEYS_MAX);
  });
});

describe("PATCH …/export-keys/:id", () => {
  const changes: Record<string, unknown>[] = [
    { name: "Weekly" },
    { allowed_ips: ["198.51.100.7"] },
    { allowed_ips: [] },
    { name: "Weekly", allowed_ips: ["::1", "10.0.0.0/8"] },
  ];
  it.each(changes)("changes what %o names and nothing else", async (change) => {
    const { answer, path, keyPath } = await newKey();
    for (const _ of ["once", "again"]) {
      const changed = await call("PATCH", keyPath, change);
      expect(changed.status, changed.text).toBe(200);
      expect(changed.json).toEqual(listed(answer, change));
    }
    expect(await listOf(path)).toEqual([listed(answer, change)]);
  });

  it("keeps the key itself", async () => {
    const { answer, keyPath } = await newKey();
    await call("PATCH", keyPath, { name: "Weekly" });
    const hash = await testEnv.CATALOG.prepare("SELECT hash FROM export_keys WHERE id = ?1")
      .bind(member(answer, "id"))
      .first("hash");
    expect(hash).toBe(hashSecret(String(member(answer, "key"))));
  });

  const wrong: [unknown, string | RegExp][] = [
    [{}, "The body must have name or allowed_ips, or both."],
    [{ name: null }, "name: must be a string"],
    [{ name: "" }, "name: must have 1 to 200 characters"],
    [{ name: "x", id: 5 }, "id: is not known here"],
    [{ allowed_ips: ["::1", "10.0.0.0/x"] }, /^allowed_ips\[1\]: .*"10\.0\.0\.0\/x"/],
    [[], "The body must be a JSON object."],
  ];
  it.each(wrong)("refuses %o", async (body, detail) => {
    const { answer, path, keyPath } = await newKey();
    expectProblem(await call("PATCH", keyPath, body), 422, "admin_invalid", detail);
    expect(await listOf(path)).toEqual([listed(answer)]);
  });

  it("refuses a body that is no JSON", async () => {
    const { keyPath } = await newKey();
    expectProblem(await call("PATCH", keyPath, "name=x"), 400, "body_malformed");
    expectProblem(await call("PATCH", keyPath), 400, "body_malformed");
  });
});

describe("DELETE …/export-keys/:id", () => {
  it("revokes a key, once", async () => {
    const { path, keyPath } = await newKey();
    const answer = await call("DELETE", keyPath);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe("");
    expect(await listOf(path)).toEqual([]);
    expectProblem(await call("DELETE", keyPath), 404, "not_found");
    expectProblem(await call("PATCH", keyPath, { name: "x" }), 404, "not_found");
  });
});

describe("keys of others", () => {
  it("are neither listed, nor changed, nor revoked through another client", async () => {
    const { answer, path, keyPath } = await newKey();
    const otherId = await newClient();
    const foreign = keyPath.replace(path, pathOf(otherId));
    expectProblem(await call("DELETE", foreign), 404, "not_found");
    expectProblem(await call("PATCH", foreign, { name: "Mine" }), 404, "not_found");
    expect(await listOf(pathOf(otherId))).toEqual([]);
    expect(await listOf(path)).toEqual([listed(answer)]);
  });
});
