import { describe, expect, test } from "vitest";
import { COUNTED_ROWS_MAX } from "../../src/admin/limits.ts";
import { batchOf, sendBatch, upsert } from "../support/batch-and-points.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { call, expectProblem } from "./call.ts";

interface Count {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
  readonly rows: number;
  readonly rows_are_exact: boolean;
}

async function countsOf({ clientId }: Tenant): Promise<Count[]> {
  const answer = await call("GET", `/clients/${clientId}/table-counts`);
  expect(answer.status, answer.text).toBe(200);
  return (answer.json as { tables: Count[] }).tables;
}

async function fill(tenant: Tenant, table: string, rows: number): Promise<void> {
  const messages = Array.from({ length: rows }, (_, id) => upsert(1, { id }));
  const body = batchOf(table, messages);
  expect((await sendBatch(tenant, body)).status).toBe(201);
}

describe("GET /clients/:cid/table-counts", () => {
  test("counts the rows of each table over all shards, the newest table first", async () => {
    const tenant = await newTenant();
    await fill(tenant, "small", 3);
    await fill(tenant, 'quote"d', 40);
    const counts = await countsOf(tenant);
    expect(counts).toMatchObject([
      { name: 'quote"d', rows: 40, rows_are_exact: true, integration_id: tenant.integrationId },
      { name: "small", rows: 3, rows_are_exact: true },
    ]);
  });

  test("stops at a bound for each shard and says that there are more", async () => {
    const tenant = await newTenant();
    await fill(tenant, "large", 2 * COUNTED_ROWS_MAX - 1_000);
    const [exact] = await countsOf(tenant);
    expect(exact).toMatchObject({ rows: 2 * COUNTED_ROWS_MAX - 1_000, rows_are_exact: true });
    const more = Array.from({ length: 3_000 }, (_, id) => upsert(1, { id: -1 - id }));
    const body = batchOf("large", more);
    expect((await sendBatch(tenant, body)).status).toBe(201);
    const [bounded] = await countsOf(tenant);
    expect(bounded).toMatchObject({ rows: 2 * COUNTED_ROWS_MAX, rows_are_exact: false });
  });

  test("shows what an export counted a short time ago, not an older one", async () => {
    const tenant = await newTenant();
    await fill(tenant, "t", 2);
    const note = (at: number) =>
      testEnv.CATALOG.prepare(
        "UPDATE tables SET counted_rows = 77, counted_at = ?2 WHERE client_id = ?1",
      )
        .bind(tenant.clientId, at)
        .run();
    await note(Date.now() - 60_000);
    expect(await countsOf(tenant)).toMatchObject([{ rows: 77, rows_are_exact: true }]);
    await note(Date.now() - 2 * 60 * 60 * 1000);
    expect(await countsOf(tenant)).toMatchObject([{ rows: 2, rows_are_exact: true }]);
  });

  test("has no subtables, and nothing of other clients", async () => {
    const tenant = await newTenant({ nested: true });
    const row = upsert(1, { id: 1, list: [{ a: 1 }, { a: 2 }] });
    const body = batchOf("root", [row]);
    expect((await sendBatch(tenant, body)).status).toBe(201);
    expect((await countsOf(tenant)).map(({ name }) => name)).toEqual(["root"]);
    expect(await countsOf(await newTenant())).toEqual([]);
    expectProblem(await call("GET", "/clients/1/table-counts"), 404, "not_found");
  });
});
