import { createExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { adminApp } from "../../src/admin/app.ts";
import { TABLES_PAGE_BYTES_MAX, TABLES_PAGE_ROWS } from "../../src/admin/limits.ts";
import { createTables } from "../../src/warehouse/new-tables.ts";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { newTenant, pushRecords } from "../support/tenant.ts";
import {
  ADMIN_TOKEN,
  anyNumber,
  anyText,
  call,
  expectProblem,
  expectRecent,
  member,
  newIntegration,
} from "./call.ts";

interface ListedTable {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
  readonly key_names: string[];
  readonly created_at: string;
}

async function tablesOf(clientId: number): Promise<ListedTable[]> {
  const answer = await call("GET", `/clients/${clientId}/tables`);
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  return member(answer, "tables") as ListedTable[];
}

const ranges = [{ start: 0, shard: 0 }];

describe("GET …/tables", () => {
  it("lists nothing for a new client", async () => {
    const { clientId } = await newTenant();
    expect(await tablesOf(clientId)).toEqual([]);
  });

  it("lists a table as its first push made it", async () => {
    const tenant = await newTenant();
    const data = { id: 1, at: 2 };
    const record = { table_name: "users", key_names: ["id", "at"], sequence: 1, data };
    expect((await pushRecords(tenant, [record])).status).toBe(201);
    const tables = await tablesOf(tenant.clientId);
    expect(tables).toEqual([
      {
        id: anyNumber,
        name: "users",
        integration_id: tenant.integrationId,
        key_names: ["id", "at"],
        created_at: anyText,
      },
    ]);
    expectRecent(tables[0]?.created_at);
  });

  it("gives names back exactly, whatever characters they have", async () => {
    const tenant = await newTenant();
    const names = ['quote " \\', "emoji \u{1F600}", "nul \u0000", "half \ud83d", "\u2028", ""];
    const tables = names.map((name) => ({ name, keyNames: [name, "id"], ranges }));
    await createTables(testEnv, tenant, tables);
    const listed = await tablesOf(tenant.clientId);
    expect(listed.map(({ name }) => name)).toEqual(names);
    expect(listed.map(({ key_names }) => key_names)).toEqual(names.map((name) => [name, "id"]));
  });

  it("lists the tables of all integrations of the client, and of no other", async () => {
    const tenant = await newTenant();
    const other = await newTenant();
    const second = { ...tenant, integrationId: await newIntegration(tenant.clientId) };
    for (const owner of [tenant, second, other]) {
      await createTables(testEnv, owner, [{ name: "t", keyNames: [], ranges }]);
    }
    const expected = [tenant, second].map(({ integrationId }) => ({
      name: "t",
      integration_id: integrationId,
      key_names: [],
    }));
    expect(await tablesOf(tenant.clientId)).toMatchObject(expected);
  });

  it("answers 404 for a client that does not exist", async () => {
    expectProblem(await call("GET", "/clients/3/tables"), 404, "not_found");
  });

  it.each([TABLES_PAGE_ROWS, TABLES_PAGE_ROWS + 1, 2 * TABLES_PAGE_ROWS + 5])(
    "lists %i tables, each once and in order",
    async (count) => {
      const tenant = await newTenant();
      const tables = Array.from({ length: count }, (_, i) => ({
        name: `t${i}`,
        keyNames: ["id"],
        ranges,
      }));
      await createTables(testEnv, tenant, tables);
      const names = (await tablesOf(tenant.clientId)).map(({ name }) => name);
      expect(names).toEqual(tables.map(({ name }) => name));
    },
  );

  it("reads long key names in pages of bounded size", async () => {
    const tenant = await newTenant();
    const key = "k".repeat(300_000);
    for (const name of ["a", "b", "c", "d", "e", "f"]) {
      await createTables(testEnv, tenant, [{ name, keyNames: [key], ranges }]);
    }
    const pages: number[] = [];
    const env = { ...testEnv, CATALOG: countingBatches(pages) };
    const url = `https://headgate.example/clients/${tenant.clientId}/tables`;
    const request = new Request(url, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    const response = await adminApp.fetch(request, env, createExecutionContext());
    const { tables } = await response.json<{ tables: ListedTable[] }>();
    expect(tables.map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(tables.every(({ key_names }) => key_names[0] === key)).toBe(true);
    expect(pages).toEqual([4, 2, 0]);
    expect(3 * key.length).toBeLessThan(TABLES_PAGE_BYTES_MAX);
  });

  it("breaks the answer off where the store fails after its beginning", async () => {
    const log = quietConsole();
    const tenant = await newTenant();
    await createTables(testEnv, tenant, [{ name: "t", keyNames: [], ranges }]);
    const catalog = countingBatches([], 1);
    const url = `https://headgate.example/clients/${tenant.clientId}/tables`;
    const request = new Request(url, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    const env = { ...testEnv, CATALOG: catalog };
    const response = await adminApp.fetch(request, env, createExecutionContext());
    await expect(response.text()).rejects.toThrow("Network connection lost");
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
  });
});

/** The catalogue; notes the size of each page, and fails after some of them. */
function countingBatches(pages: number[], pagesMax = Infinity): D1Database {
  const { CATALOG } = testEnv;
  const batch = async (statements: D1PreparedStatement[]): Promise<D1Result[]> => {
    if (pages.length === pagesMax) throw new Error("Network connection lost");
    const results = await CATALOG.batch(statements);
    pages.push(results.at(-1)?.results.length ?? 0);
    return results;
  };
  return { prepare: (sql: string) => CATALOG.prepare(sql), batch } as D1Database;
}
