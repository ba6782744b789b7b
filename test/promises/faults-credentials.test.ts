/**
 * Writes of the admin API that decide who may do what, with a fault at each call: a revocation that
 * was acknowledged holds everywhere within 30 s, one that was not can be sent again, and a creation
 * whose answer was lost leaves at most a row that nobody has the secret of (design.md 2).
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { FAULTS, forEveryCall, type FaultyWorld } from "../support/faults.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { callWorker, otherIsolate, pushWith } from "../support/worker.ts";
import { expectFailure, type Seen } from "./push-checks.ts";

const FAULT_CASES = [
  FAULTS.lostBefore,
  FAULTS.lostAfter,
  FAULTS.overloaded,
  FAULTS.timeoutBefore,
  FAULTS.timeoutAfter,
  FAULTS.slow,
].map((fault) => ({ name: fault.name, fault }));

/** Within which a revoked token is refused everywhere, in ms. */
const REVOKED_MS = 30_000;

const START = Date.UTC(2026, 10, 1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(START);
  quietConsole();
  vi.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function admin(env: Env, method: string, path: string, body?: object): Promise<Seen> {
  const init: RequestInit = { method, headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } };
  if (body !== undefined) init.body = JSON.stringify(body);
  const { status, headers, ...answer } = await read(
    callWorker(env, `/admin/v1/clients${path}`, init),
  );
  return { status, headers, ...answer };
}

async function read(answer: Promise<Response>): Promise<Seen> {
  const response = await answer;
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What a write of the admin API may answer that met a fault: whether it took effect is not known. */
function expectAdminFailure(seen: Seen): void {
  expectFailure(seen, "admin", ["unavailable", "overloaded", "internal"]);
}

const ROW = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };

const pushStatus = async (env: Env, tenant: Tenant): Promise<number> =>
  (await pushWith(env, tenant, [ROW])).status;

const exportStatus = async (env: Env, { clientId, exportKey }: Tenant): Promise<number> => {
  const headers = { "X-RJM-API-Key": exportKey, "CF-Connecting-IP": "203.0.113.7" };
  return (await callWorker(env, `/0.1/client/${clientId}/table`, { headers })).status;
};

async function count(sql: string, ...values: (string | number)[]): Promise<number> {
  const select = testEnv.CATALOG.prepare(`SELECT count(*) AS count FROM ${sql}`);
  return (await select.bind(...values).first<number>("count")) ?? 0;
}

const tokenCount = ({ tokenId }: Tenant): Promise<number> =>
  count("import_tokens WHERE id = ?1", tokenId);

const keyCount = ({ clientId }: Tenant): Promise<number> =>
  count("export_keys WHERE client_id = ?1", clientId);

/** A tenant whose token this isolate and another one have just used. */
async function tenantInUse(env: Env, other: Env): Promise<Tenant> {
  vi.setSystemTime(START);
  const tenant = await newTenant();
  expect(await pushStatus(env, tenant)).toBe(201);
  expect(await pushStatus(other, tenant)).toBe(201);
  return tenant;
}

const tokenPath = ({ clientId, integrationId, tokenId }: Tenant): string =>
  `/${clientId}/integrations/${integrationId}/tokens/${tokenId}`;

describe.each(FAULT_CASES)("the revocation of an import token: $name", ({ fault }) => {
  it("is acknowledged and holds, or can be sent again", async () => {
    const other = otherIsolate();
    const check = async (seen: Seen, tenant: Tenant, { env }: FaultyWorld): Promise<void> => {
      if (seen.status !== 204) {
        expectAdminFailure(seen);
        const isThere = (await tokenCount(tenant)) === 1;
        const again = await admin(env, "DELETE", tokenPath(tenant));
        expect(again.status).toBe(isThere ? 204 : 404);
      } else expect(await pushStatus(env, tenant)).toBe(401);
      expect(await tokenCount(tenant)).toBe(0);
      vi.setSystemTime(START + REVOKED_MS);
      // An isolate that is new, the one that revoked it, and one that had used it.
      for (const isolate of [otherIsolate(), env, other]) {
        expect(await pushStatus(isolate, tenant)).toBe(401);
      }
    };
    const calls = await forEveryCall({
      fault,
      arrange: (env) => tenantInUse(env, other),
      act: (env, tenant) => admin(env, "DELETE", tokenPath(tenant)),
      check,
    });
    expect(calls).toBeGreaterThanOrEqual(2);
  });
});

describe.each(FAULT_CASES)("an export key: $name", ({ fault }) => {
  const keyPath = async (tenant: Tenant): Promise<string> => {
    const id = await testEnv.CATALOG.prepare("SELECT id FROM export_keys WHERE client_id = ?1")
      .bind(tenant.clientId)
      .first<number>("id");
    return `/${tenant.clientId}/export-keys/${id}`;
  };
  const arrange = async (): Promise<{ tenant: Tenant; path: string }> => {
    const tenant = await newTenant();
    return { tenant, path: await keyPath(tenant) };
  };

  it("that is revoked opens nothing from then on", async () => {
    await forEveryCall({
      fault,
      arrange,
      act: (env, { path }) => admin(env, "DELETE", path),
      check: async (seen, { tenant, path }, { env }) => {
        if (seen.status !== 204) {
          expectAdminFailure(seen);
          const isThere = (await keyCount(tenant)) === 1;
          expect(await exportStatus(env, tenant)).toBe(isThere ? 200 : 403);
          expect((await admin(env, "DELETE", path)).status).toBe(isThere ? 204 : 404);
        }
        expect(await keyCount(tenant)).toBe(0);
        expect(await exportStatus(env, tenant)).toBe(403);
      },
    });
  });

  it("that is changed has the old addresses or the new ones", async () => {
    const change = { name: "new", allowed_ips: ["198.51.100.1"] };
    await forEveryCall({
      fault,
      arrange,
      act: (env, { path }) => admin(env, "PATCH", path, change),
      check: async (seen, { tenant, path }, { env }) => {
        if (seen.status !== 200) {
          expectAdminFailure(seen);
          const names = "export_keys WHERE client_id = ?1 AND name = 'new'";
          const isChanged = (await count(names, tenant.clientId)) === 1;
          expect(await exportStatus(env, tenant)).toBe(isChanged ? 403 : 200);
          expect((await admin(env, "PATCH", path, change)).status).toBe(200);
        }
        expect(await exportStatus(env, tenant)).toBe(403);
      },
    });
  });
});

/** A creation: its path and body, and how many of its rows there are. */
interface Creation {
  readonly name: string;
  readonly path: (tenant: Tenant) => string;
  readonly body: object;
  readonly rows: (tenant: Tenant) => Promise<number>;
}

const CREATIONS: readonly Creation[] = [
  {
    name: "an integration",
    path: ({ clientId }) => `/${clientId}/integrations`,
    body: { name: "one" },
    rows: ({ clientId }) => count("integrations WHERE client_id = ?1", clientId),
  },
  {
    name: "an import token",
    path: ({ clientId, integrationId }) => `/${clientId}/integrations/${integrationId}/tokens`,
    body: {},
    rows: ({ integrationId }) => count("import_tokens WHERE integration_id = ?1", integrationId),
  },
  {
    name: "an export key",
    path: ({ clientId }) => `/${clientId}/export-keys`,
    body: { name: "one", allowed_ips: [] },
    rows: keyCount,
  },
];

/** What a creation answers, read. */
interface Created {
  readonly token?: string;
}

describe.each(CREATIONS)("the creation of $name", (creation) => {
  it.each(FAULT_CASES)("$name: a row at most is left behind", async ({ fault }) => {
    const create = (env: Env, tenant: Tenant): Promise<Seen> =>
      admin(env, "POST", creation.path(tenant), creation.body);
    await forEveryCall({
      fault,
      arrange: async () => {
        const tenant = await newTenant();
        return { tenant, before: await creation.rows(tenant) };
      },
      act: (env, { tenant }) => create(env, tenant),
      check: async (seen, { tenant, before }, { env }) => {
        const rows = (await creation.rows(tenant)) - before;
        if (seen.status === 201) {
          expect(rows).toBe(1);
          await expectGood(env, tenant, JSON.parse(seen.text) as Created);
          return;
        }
        expectAdminFailure(seen);
        expect(rows).toBeLessThanOrEqual(1);
        const again = await create(env, tenant);
        expect(again.status).toBe(201);
        expect((await creation.rows(tenant)) - before).toBe(rows + 1);
        await expectGood(env, tenant, JSON.parse(again.text) as Created);
      },
    });
  });
});

async function expectGood(env: Env, tenant: Tenant, { token }: Created): Promise<void> {
  if (token !== undefined) expect(await pushStatus(env, { ...tenant, token })).toBe(201);
}

describe.each(FAULT_CASES)("the creation of a client: $name", ({ fault }) => {
  it("under an id of its own is there, or can be sent again", async () => {
    const create = (env: Env, { clientId }: Tenant): Promise<Seen> =>
      admin(env, "POST", "", { name: "one", id: clientId });
    await forEveryCall({
      fault,
      // An id that is free for certain: that of a client who is gone.
      arrange: async () => {
        const tenant = await newTenant();
        const { CATALOG } = testEnv;
        await CATALOG.batch(
          ["export_keys WHERE client_id", "import_tokens WHERE integration_id"].map((sql, index) =>
            CATALOG.prepare(`DELETE FROM ${sql} = ?1`).bind(
              index === 0 ? tenant.clientId : tenant.integrationId,
            ),
          ),
        );
        for (const sql of ["integrations WHERE client_id", "clients WHERE id"]) {
          await CATALOG.prepare(`DELETE FROM ${sql} = ?1`).bind(tenant.clientId).run();
        }
        return tenant;
      },
      act: create,
      check: async (seen, tenant, { env }) => {
        const rows = await count("clients WHERE id = ?1", tenant.clientId);
        if (seen.status === 201) expect(rows).toBe(1);
        else {
          expectAdminFailure(seen);
          expect((await create(env, tenant)).status).toBe(rows === 0 ? 201 : 409);
        }
        expect(await count("clients WHERE id = ?1", tenant.clientId)).toBe(1);
      },
    });
  });
});
