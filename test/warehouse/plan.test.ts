import { describe, expect, test } from "vitest";
import { Refusal } from "../../src/http/errors.ts";
import { type JsonObject, parseExact } from "../../src/json/exact.ts";
import type { DataPoint } from "../../src/warehouse/data-point.ts";
import {
  COLUMN_NAME_LENGTH_MAX,
  RECORD_DEPTH_MAX,
  REQUEST_ACTIVATIONS_MAX,
  REQUEST_TABLES_MAX,
  TABLE_COLUMNS_MAX,
} from "../../src/warehouse/limits.ts";
import { ImportPlan } from "../../src/warehouse/plan.ts";
import { listTables } from "../../src/warehouse/read-tables.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, pushRecords, storedRows, type Tenant } from "../support/tenant.ts";

const point = (more: Partial<DataPoint> = {}): DataPoint => ({
  record: 0,
  table: "t",
  keyNames: ["id"],
  sequence: "1",
  version: "0",
  data: { id: 1 },
  keyLengthMax: 256,
  ...more,
});

const open = (tenant: Tenant, ...tables: string[]): Promise<ImportPlan> =>
  ImportPlan.open(testEnv, tenant, new Set(tables.length === 0 ? ["t"] : tables));

/** Adds points in order and commits. */
async function store(tenant: Tenant, ...points: readonly Partial<DataPoint>[]): Promise<void> {
  const plan = await open(tenant, ...new Set(points.map(({ table = "t" }) => table)));
  points.forEach((more, record) => {
    plan.upsert(point({ record, ...more }));
  });
  await plan.commit();
}

function refusalOf(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const columns = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [i === 0 ? "id" : `c${i}`, 1]));

describe("limits", () => {
  test("of tables in a request", async () => {
    const tenant = await newTenant();
    const names = Array.from({ length: REQUEST_TABLES_MAX + 1 }, (_, i) => `t${i}`);
    await expect(open(tenant, ...names)).rejects.toMatchObject({ code: "tables_too_many" });
    await open(tenant, ...names.slice(1));
    const records = names.map((table) => ({
      table_name: table,
      sequence: 1,
      key_names: ["id"],
      data: { id: 1 },
    }));
    const answer = await pushRecords(tenant, records);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      errors: [{ reason: { table_name: ["a request cannot have more than 100 tables"] } }],
    });
    expect(await listTables(testEnv, tenant.clientId)).toEqual([]);
  });

  test("of version switches in a request", async () => {
    const plan = await open(await newTenant());
    plan.upsert(point());
    for (let i = 0; i < REQUEST_ACTIVATIONS_MAX; i += 1) plan.activate(i + 1, "t", "0");
    const refusal = refusalOf(() => {
      plan.activate(101, "t", "0");
    });
    expect(refusal).toMatchObject({ code: "activations_too_many", record: 101 });
  });

  test("of columns, in one record", async () => {
    const tenant = await newTenant();
    await store(tenant, { data: columns(TABLE_COLUMNS_MAX) });
    const plan = await open(tenant, "t", "u");
    plan.upsert(point({ table: "u", data: columns(TABLE_COLUMNS_MAX) }));
    const over = point({ record: 7, table: "u", data: { id: 2, another: null } });
    const refusal = refusalOf(() => {
      plan.upsert(over);
    });
    expect(refusal).toMatchObject({ code: "columns_too_many", record: 7, params: { TABLE: "u" } });
  });

  test("of columns, over several requests", async () => {
    const tenant = await newTenant();
    await store(tenant, { data: columns(TABLE_COLUMNS_MAX - 1) });
    const plan = await open(tenant);
    // New types of old columns are no new columns.
    plan.upsert(point({ data: { id: 1, c1: "text", last: 1 } }));
    const over = point({ record: 1, data: { id: 2, one: 1 } });
    expect(refusalOf(() => plan.upsert(over)).code).toBe("columns_too_many");
  });

  test("of a column's name", async () => {
    const plan = await open(await newTenant());
    plan.upsert(point({ data: { id: 1, ["x".repeat(COLUMN_NAME_LENGTH_MAX)]: 1 } }));
    const long = point({ data: { id: 1, ["x".repeat(COLUMN_NAME_LENGTH_MAX + 1)]: 1 } });
    expect(refusalOf(() => plan.upsert(long)).code).toBe("column_name_too_long");
  });

  test("of the levels of a record, which the store takes", async () => {
    const tenant = await newTenant();
    const nested = (levels: number): JsonObject => {
      const inner = `${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}`;
      return parseExact(`{"id":1,"x":${inner}}`) as JsonObject;
    };
    await store(tenant, { data: nested(RECORD_DEPTH_MAX) });
    expect(await storedRows(tenant, "t")).toHaveLength(1);
    const plan = await open(tenant);
    const deep = point({ record: 3, data: nested(RECORD_DEPTH_MAX + 1) });
    expect(refusalOf(() => plan.upsert(deep))).toMatchObject({
      code: "record_too_deep",
      record: 3,
    });
    const deeper = point({ data: { id: 1, x: { y: nested(RECORD_DEPTH_MAX - 1) } } });
    expect(refusalOf(() => plan.upsert(deeper)).code).toBe("record_too_deep");
  });

  test("of a record's bytes, after which nothing is stored", async () => {
    const tenant = await newTenant();
    const records = [1, 2].map((id) => ({
      table_name: "t",
      sequence: 1,
      key_names: ["id"],
      data: { id, x: "é".repeat(id === 1 ? 900_000 : 1_000_000) },
    }));
    const answer = await pushRecords(tenant, records);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ record: 1 });
    expect(await listTables(testEnv, tenant.clientId)).toEqual([]);
    expect((await pushRecords(tenant, records.slice(0, 1))).status).toBe(201);
    const [row] = await storedRows(tenant, "t");
    expect(row?.data).toBe(JSON.stringify(records[0]?.data));
  });
});

describe("rows", () => {
  const many = Array.from({ length: 200 }, (_, id) => ({ data: { id } }));

  test("are spread over the shards, each in one place", async () => {
    const tenant = await newTenant();
    await store(tenant, ...many);
    const [table] = await listTables(testEnv, tenant.clientId);
    const counts = await Promise.all(
      [testEnv.SHARD_0, testEnv.SHARD_1].map((shard) =>
        shard
          .prepare("SELECT count(*) AS n FROM rows WHERE table_id = ?1")
          .bind(table?.id ?? 0)
          .first<number>("n"),
      ),
    );
    expect(Math.min(...counts.map(Number))).toBeGreaterThan(60);
    await store(tenant, ...many.map((one) => ({ ...one, sequence: "2" })));
    const rows = await storedRows(tenant, "t");
    expect(rows.map((row) => row.sequence)).toEqual(many.map(() => "2"));
  });

  test("of one request take effect in its order", async () => {
    const tenant = await newTenant();
    await store(
      tenant,
      { sequence: "100", data: { id: 10, s: "pending" } },
      { sequence: "101", data: { id: 10, s: "canceled" } },
      { sequence: "99", data: { id: 10, s: "new" } },
      { sequence: "101", data: { id: 10, s: "equal" } },
      { sequence: "90", data: { id: 22, s: "new" } },
    );
    const rows = await storedRows(tenant, "t");
    expect(rows.map(({ sequence, data }) => [sequence, data])).toEqual([
      ["101", '{"id":10,"s":"canceled"}'],
      ["90", '{"id":22,"s":"new"}'],
    ]);
  });

  test("of an append-only table are all kept, in one shard, in their order", async () => {
    const tenant = await newTenant();
    const appended = many.map(({ data }) => ({ data: { n: data.id }, keyNames: [] }));
    await store(tenant, ...appended);
    const first = await storedRows(tenant, "t");
    expect(first.map((row) => row.data)).toEqual(appended.map(({ data }) => JSON.stringify(data)));
    await store(tenant, ...appended.slice(0, 3));
    const all = await storedRows(tenant, "t");
    expect(all).toHaveLength(203);
    expect(all.slice(0, 200)).toEqual(first);
  });

  test("a table is not append-only and keyed", async () => {
    const tenant = await newTenant();
    await store(tenant, { keyNames: [] });
    const keyed = await open(tenant);
    expect(refusalOf(() => keyed.upsert(point())).code).toBe("key_names_differ");
    const other = await newTenant();
    await store(other, {});
    const append = await open(other);
    expect(refusalOf(() => append.upsert(point({ keyNames: [] }))).code).toBe("key_names_differ");
  });
});

describe("version switches", () => {
  test("take effect in the order of the request", async () => {
    const tenant = await newTenant();
    await store(tenant, { data: { id: 1 } }, { data: { id: 2 }, version: "7" });
    const plan = await open(tenant, "t", "unknown");
    plan.upsert(point({ record: 0, data: { id: 3 }, version: "6" }));
    plan.activate(1, "t", "7");
    plan.upsert(point({ record: 2, data: { id: 4 }, version: "6" }));
    plan.activate(3, "t", "5");
    plan.activate(4, "unknown", "5");
    plan.upsert(point({ record: 5, data: { id: 5 }, version: "9" }));
    await plan.commit();
    const rows = await storedRows(tenant, "t");
    // 1 and 3 were before the switch to 7; the switch to 5 changes nothing.
    expect(rows.map(({ data, version }) => `${data} ${version}`)).toEqual([
      '{"id":2} 7',
      '{"id":4} 6',
      '{"id":5} 9',
    ]);
    expect(await listTables(testEnv, tenant.clientId)).toHaveLength(1);
    const again = await open(tenant);
    again.activate(0, "t", "7");
    await again.commit();
    expect((await storedRows(tenant, "t")).map((row) => row.version)).toEqual(["7", "9"]);
  });

  test("in a table's first request, and with the highest version", async () => {
    const tenant = await newTenant();
    const plan = await open(tenant);
    const highest = "9223372036854775807";
    plan.activate(0, "t", "1");
    plan.upsert(point({ record: 1, data: { id: 1 }, version: "9223372036854775806" }));
    plan.upsert(point({ record: 2, data: { id: 2 }, version: highest }));
    plan.activate(3, "t", highest);
    await plan.commit();
    const rows = await storedRows(tenant, "t");
    expect(rows.map((row) => row.version)).toEqual([highest]);
  });

  test("do not touch other tables", async () => {
    const tenant = await newTenant();
    await store(tenant, { table: "t" }, { table: "u" });
    const plan = await open(tenant, "t");
    plan.activate(0, "t", "1");
    await plan.commit();
    expect(await storedRows(tenant, "t")).toEqual([]);
    expect(await storedRows(tenant, "u")).toHaveLength(1);
  });
});
