/** What an operator does with the admin API, seen from both sides: design.md 2 and promise P4. */
import { describe, expect, it, vi } from "vitest";
import { CLIENT_ID, EXPORT_KEY } from "./constants.ts";
import { admin, call, created, newSchema, rowsOf, type Schema, stitch } from "./service.ts";

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface Created {
  readonly id: number;
  readonly created_at: string;
}
type NewToken = Created & { readonly token: string };
type NewKey = Created & { readonly key: string; readonly allowed_ips: string[] };

const record = (clientId: number, data: Record<string, unknown>, sequence = 1): unknown[] => [
  {
    client_id: clientId,
    table_name: "people",
    action: "upsert",
    sequence,
    key_names: ["id"],
    data,
  },
];

/** The status of an RJMetrics authentication. */
async function authenticated(clientId: number, token: string): Promise<number> {
  return (await call(`/v2/client/${clientId}/authenticate?apikey=${token}`)).status;
}

/** The status of a list of exports, asked for from an address. */
async function exportStatus(key: string, address?: string): Promise<number> {
  const headers: Record<string, string> = { "X-RJM-API-Key": key };
  if (address !== undefined) headers["CF-Connecting-IP"] = address;
  return (await call("/0.1/export", { headers })).status;
}

it("demands the admin token", async () => {
  for (const authorization of ["", "Bearer wrong", "Basic eA=="]) {
    const headers = { Authorization: authorization };
    const answer = await call("/admin/v1/clients", { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  }
});

describe("from a new client to its rows", () => {
  it("client, integration, token, push, rows; revoked, and refused", async () => {
    const client = await created<Created & { name: string }>("/clients", { name: "Acme" });
    expect(client).toMatchObject({
      name: "Acme",
      created_at: expect.stringMatching(ISO_TIME) as string,
    });
    expect(String(client.id)).toMatch(/^\d{4,6}$/);
    const { clients } = (await admin<{ clients: unknown[] }>("GET", "/clients")).json;
    expect(clients).toContainEqual(client);

    const integrations = `/clients/${client.id}/integrations`;
    const integration = await created<Created>(integrations, { name: "Shop" });
    const tokens = `${integrations}/${integration.id}/tokens`;
    const [old, fresh] = [await created<NewToken>(tokens), await created<NewToken>(tokens)];
    for (const { token } of [old, fresh]) {
      expect(await authenticated(client.id, token)).toBe(200);
      const pushed = await stitch({ token }, "push", record(client.id, { id: 1, by: token }));
      expect(pushed.status, pushed.text).toBe(201);
    }
    // The same sequence twice: the first stays.
    const schema = { clientId: client.id, integrationId: integration.id } as Schema;
    expect(await rowsOf(schema, "people")).toEqual([
      { sequence: "1", data: { id: 1, by: old.token } },
    ]);
    const listed = (await admin<{ tokens: unknown[] }>("GET", tokens)).json.tokens;
    expect(listed).toMatchObject([
      { id: old.id, hint: old.token.slice(-4) },
      { id: fresh.id, hint: fresh.token.slice(-4) },
    ]);
    expect(JSON.stringify(listed)).not.toContain(old.token);

    expect((await admin("DELETE", `${tokens}/${old.id}`)).status).toBe(204);
    // Everywhere after 30 s at the latest.
    await vi.waitFor(async () => expect(await authenticated(client.id, old.token)).toBe(401), {
      timeout: 30_000,
    });
    const body = record(client.id, { id: 2 });
    expect((await stitch(old, "push", body)).status).toBe(401);
    expect((await stitch(old, "validate", body)).status).toBe(403);
    expect((await stitch(old, "batch", {})).status).toBe(401);
    expect((await stitch(fresh, "push", body)).status).toBe(201);
    expect(await rowsOf(schema, "people")).toHaveLength(2);
  }, 60_000);

  it("an id can be asked for, once", async () => {
    const { clients } = (await admin<{ clients: { id: number }[] }>("GET", "/clients")).json;
    const taken = new Set(clients.map((client) => client.id));
    let id = 100_000;
    while (taken.has(id)) id += 1;
    const client = await created<Created>("/clients", { id, name: "Asked" });
    expect(client.id).toBe(id);
    expect((await admin("POST", "/clients", { id, name: "Again" })).status).toBe(409);
  });
});

describe("one client and another", () => {
  it("a token writes for its own client only", async () => {
    const stranger = await created<Created>("/clients", { name: "stranger" });
    const theirs = await newSchema(stranger.id);
    const foreign = await stitch(theirs, "push", record(CLIENT_ID, { id: 1 }));
    expect(foreign.status).toBe(403);
    expect(foreign.json).toEqual({
      status: "ERROR",
      error: "Forbidden",
      errors: { error: "Access token is not associated with this client." },
    });
    expect(await authenticated(CLIENT_ID, theirs.token)).toBe(401);
    const several = [...record(stranger.id, { id: 1 }), ...record(CLIENT_ID, { id: 1 })];
    expect((await stitch(theirs, "push", several)).status).toBe(422);
    const tables = await admin<{ tables: unknown[] }>("GET", `/clients/${stranger.id}/tables`);
    expect(tables.json.tables).toEqual([]);
  });

  it("tokens of two integrations of a client write to tables of their own", async () => {
    const [a, b] = [await newSchema(), await newSchema()];
    for (const schema of [a, b]) {
      const body = record(CLIENT_ID, { id: 1, of: schema.integrationId });
      expect((await stitch(schema, "push", body)).status).toBe(201);
    }
    expect(await rowsOf(a, "people")).toMatchObject([{ data: { of: a.integrationId } }]);
    expect(await rowsOf(b, "people")).toMatchObject([{ data: { of: b.integrationId } }]);
  });
});

describe("export keys", () => {
  const keys = `/clients/${CLIENT_ID}/export-keys`;

  it("open to their addresses only, change, and close", async () => {
    const key = await created<NewKey>(keys, {
      name: "warehouse",
      allowed_ips: ["203.0.113.0/24", "2001:db8::/32"],
    });
    expect(key.allowed_ips).toEqual(["203.0.113.0/24", "2001:db8::/32"]);
    expect(await exportStatus(key.key, "203.0.113.7")).toBe(200);
    expect(await exportStatus(key.key, "2001:db8::1")).toBe(200);
    expect(await exportStatus(key.key, "::ffff:203.0.113.7")).toBe(200);
    expect(await exportStatus(key.key, "203.0.114.7")).toBe(403);

    const patched = await admin<NewKey>("PATCH", `${keys}/${key.id}`, {
      allowed_ips: ["198.51.100.7"],
    });
    expect(patched.status, patched.text).toBe(200);
    expect(patched.json).toMatchObject({ name: "warehouse", allowed_ips: ["198.51.100.7"] });
    expect(patched.text).not.toContain(key.key);
    expect(await exportStatus(key.key, "203.0.113.7")).toBe(403);
    expect(await exportStatus(key.key, "198.51.100.7")).toBe(200);

    const wrong = await admin("PATCH", `${keys}/${key.id}`, { allowed_ips: ["nowhere"] });
    expect(wrong.status).toBe(422);
    expect((await admin("DELETE", `${keys}/${key.id}`)).status).toBe(204);
    expect(await exportStatus(key.key, "198.51.100.7")).toBe(403);
    expect((await admin("DELETE", `${keys}/${key.id}`)).status).toBe(404);
  });

  it("0.0.0.0/0 admits every address, and one that is not known", async () => {
    for (const address of ["192.0.2.1", "2001:db8::1", undefined]) {
      expect(await exportStatus(EXPORT_KEY, address), address).toBe(200);
    }
  });

  it("an empty list admits nobody", async () => {
    const key = await created<NewKey>(keys, { name: "none", allowed_ips: [] });
    for (const address of ["192.0.2.1", "::1", undefined]) {
      expect(await exportStatus(key.key, address), address).toBe(403);
    }
  });
});
