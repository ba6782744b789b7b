import { describe, expect, test } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { createTables, recordColumns } from "../../src/warehouse/new-tables.ts";
import {
  findTable,
  lastColumnId,
  listColumns,
  listTables,
} from "../../src/warehouse/read-tables.ts";
import { findTables } from "../../src/warehouse/tables.ts";
import { testEnv } from "../support/env.ts";
import { stillClock } from "../support/still-clock.ts";
import { type Tap, tapEnv, type TappedCall } from "../support/tap.ts";
import { newTenant, pushRecords, pushText, storedRows, type Tenant } from "../support/tenant.ts";
import { otherIsolate, pushWith, tableId } from "../support/worker.ts";

function record(table: string, id: unknown, more: Record<string, unknown> = {}, sequence = 1) {
  return { table_name: table, sequence, key_names: ["id"], data: { id, ...more } };
}

async function columnsOf(tenant: Tenant, table: string): Promise<string[]> {
  const columns = await listColumns(testEnv, await tableId(tenant, table));
  return columns.map(({ name, type }) => `${name} ${type}`);
}

/**
 * Keeps what goes through, without the notes of imports, for which no request waits
 * (test/http/calls/import-jobs.test.ts).
 */
function recorder(): { readonly calls: TappedCall[]; readonly tap: Tap } {
  const calls: TappedCall[] = [];
  const tap: Tap = (call, next) => {
    const isNote = call.statements[0]?.sql.startsWith("UPDATE clients SET import_jobs") === true;
    if (!isNote) calls.push(call);
    return next();
  };
  return { calls, tap };
}

const catalogCalls = (calls: readonly TappedCall[]): TappedCall[] =>
  calls.filter((call) => call.binding === "CATALOG");

describe("the first push to a table", () => {
  stillClock();

  test("many at once create one table, and all rows and columns are there", async () => {
    const tenant = await newTenant();
    const pushes = Array.from({ length: 8 }, (_, i) =>
      // Each in an isolate of its own: nothing is shared but the catalogue.
      pushWith(otherIsolate(), tenant, [record("t", i, { [`c${i}`]: i, shared: i })]),
    );
    const answers = await Promise.all(pushes);
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 201));
    expect(await storedRows(tenant, "t")).toHaveLength(8);
    const tables = await listTables(testEnv, tenant.clientId);
    expect(tables).toHaveLength(1);
    const columns = await columnsOf(tenant, "t");
    expect(columns.toSorted()).toEqual(
      ["id", "shared", ...Array.from({ length: 8 }, (_, i) => `c${i}`)]
        .map((name) => `${name} integer`)
        .toSorted(),
    );
  });

  test("of several key names one wins, the others learn which, and store nothing", async () => {
    const tenant = await newTenant();
    const keys = ["a", "b", "c", "d"];
    const pushes = keys.map((key) =>
      pushWith(otherIsolate(), tenant, [
        { table_name: "t", sequence: 1, key_names: [key], data: { [key]: 1, by: key } },
      ]),
    );
    const answers = await Promise.all(pushes);
    const winners = keys.filter((_, index) => answers[index]?.status === 201);
    expect(winners).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer.status).toBe(422);
      expect(await answer.json()).toEqual({
        status: "ERROR",
        error: "Request cannot be processed; see errors.",
        errors: [{ reason: { key_names: [`table t has the keys ${winners[0]}`] } }],
        record: 0,
      });
    }
    const rows = await storedRows(tenant, "t");
    expect(rows.map((row) => row.data)).toEqual([`{"${winners[0]}":1,"by":"${winners[0]}"}`]);
  });

  test("fixes the set of key names: order and repetitions do not matter", async () => {
    const tenant = await newTenant();
    const push = async (keyNames: string[]): Promise<number> => {
      const one = { table_name: "t", sequence: 1, key_names: keyNames, data: { a: 1, b: 2 } };
      return (await pushRecords(tenant, [one])).status;
    };
    expect(await push(["b", "a"])).toBe(201);
    expect(await push(["a", "b"])).toBe(201);
    expect(await push(["a", "b", "a"])).toBe(201);
    expect(await push(["a"])).toBe(422);
    expect(await push(["a", "b", "c"])).toBe(422);
    expect(await storedRows(tenant, "t")).toHaveLength(1);
    const [table] = await listTables(testEnv, tenant.clientId);
    expect(table?.keyNames).toEqual(["b", "a"]);
    expect(table?.ranges).toEqual([
      { start: 0, shard: 0 },
      { start: 128, shard: 1 },
    ]);
  });

  test("of another integration makes another table", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    await pushRecords(one, [record("t", 1)]);
    const data = { other: "x" };
    const other = { table_name: "t", sequence: 1, key_names: ["other"], data };
    expect((await pushRecords(two, [other])).status).toBe(201);
    expect((await storedRows(one, "t")).map((row) => row.data)).toEqual(['{"id":1}']);
    expect((await storedRows(two, "t")).map((row) => row.data)).toEqual(['{"other":"x"}']);
    const [table] = await listTables(testEnv, one.clientId);
    expect(await findTable(testEnv, two.clientId, table?.id ?? 0)).toBeUndefined();
    expect(await findTable(testEnv, one.clientId, table?.id ?? 0)).toEqual(table);
  });
});

describe("columns", () => {
  test("in the order of their first appearance, with the types seen", async () => {
    const tenant = await newTenant();
    await pushRecords(tenant, [
      record("t", 1, { z: "text", empty: null, n: 1 }),
      record("t", 2, { a: true, z: "text", n: 1.5 }),
    ]);
    await pushRecords(tenant, [record("t", 3, { late: {}, a: "yes", n: null })]);
    await pushText(
      tenant,
      `[{"client_id":${tenant.clientId},"action":"upsert","sequence":1,"table_name":"t",` +
        '"key_names":["id"],"data":{"id":4,"exact":1.0,"big":12345678901234567890}}]',
    );
    expect(await columnsOf(tenant, "t")).toEqual([
      "id integer",
      "z string",
      "empty string",
      "n decimal",
      "a json",
      "late json",
      "exact decimal",
      "big integer",
    ]);
  });

  test("a null column takes the type of its first value", async () => {
    const tenant = await newTenant();
    await pushRecords(tenant, [record("t", 1, { x: null })]);
    await pushRecords(tenant, [record("t", 1, { x: 5 }, 2)]);
    expect(await columnsOf(tenant, "t")).toEqual(["id integer", "x integer"]);
  });

  test("and tables may have any name", async () => {
    const tenant = await newTenant();
    const names = ["\0", "\ud800", "\udc00", "'\"\\", "é", "e\u0301", "__proto__", "a,b\r\n", " x"];
    for (const name of names) {
      const data = `{"id":1,${JSON.stringify(name)}:1}`;
      const body =
        `[{"client_id":${tenant.clientId},"action":"upsert","sequence":1,"key_names":["id"],` +
        `"table_name":${JSON.stringify(name)},"data":${data}}]`;
      // Twice: from the cache, and as the catalogue has it.
      expect((await pushText(tenant, body)).status).toBe(201);
      expect((await pushText(tenant, body)).status).toBe(201);
      expect((await storedRows(tenant, name)).map((row) => row.data)).toEqual([data]);
      expect(await columnsOf(tenant, name)).toEqual(["id integer", `${name} integer`]);
    }
    const tables = await listTables(testEnv, tenant.clientId);
    expect(tables.map((table) => table.name)).toEqual(names);
  });

  test("up to an id: what was there when an export began", async () => {
    const tenant = await newTenant();
    await pushRecords(tenant, [record("t", 1)]);
    const id = await tableId(tenant, "t");
    const last = await lastColumnId(testEnv, id);
    await pushRecords(tenant, [record("t", 1, { later: 1 })]);
    expect(await listColumns(testEnv, id, last)).toEqual([
      { name: "id", type: "integer", types: 2 },
    ]);
    expect(await lastColumnId(testEnv, id)).toBeGreaterThan(last);
    expect(await lastColumnId(testEnv, 987_654_321)).toBe(0);
  });
});

describe("the cache", () => {
  test("a warm push makes no call to the catalogue, a new column one", async () => {
    const tenant = await newTenant();
    const { calls, tap } = recorder();
    const env = tapEnv(testEnv, tap);
    await pushWith(env, tenant, [record("t", 1, { a: 1 })]);
    expect(catalogCalls(calls).length).toBeLessThanOrEqual(6);
    calls.length = 0;
    for (let i = 0; i < 3; i += 1) await pushWith(env, tenant, [record("t", i, { a: null }, 9)]);
    expect(calls.map((call) => call.binding)).toEqual(Array(3).fill("TABLE_RANGE"));
    calls.length = 0;
    await pushWith(env, tenant, [record("t", 1, { a: 1, b: 1 }, 10)]);
    expect(catalogCalls(calls)).toHaveLength(1);
    calls.length = 0;
    await pushWith(env, tenant, [record("t", 1, { a: "text", b: 1 }, 11)]);
    expect(catalogCalls(calls)).toHaveLength(1);
    calls.length = 0;
    await pushWith(env, tenant, [record("t", 1, { a: "text", b: 1 }, 12)]);
    expect(catalogCalls(calls)).toEqual([]);
    expect(await columnsOf(tenant, "t")).toEqual(["id integer", "a json", "b integer"]);
  });

  test("another isolate asks once, for table and columns together", async () => {
    const tenant = await newTenant();
    await pushRecords(tenant, [record("t", 1, { a: 1 }), record("u", 1)]);
    const { calls, tap } = recorder();
    const env = tapEnv(otherIsolate(), tap);
    const found = await findTables(env, tenant, new Set(["t", "u", "none"]));
    expect(calls.map((call) => call.method)).toEqual(["batch"]);
    expect([...found.keys()].toSorted()).toEqual(["t", "u"]);
    expect([...(found.get("t")?.columns.keys() ?? [])]).toEqual(["id", "a"]);
    await findTables(env, tenant, new Set(["u", "t"]));
    expect(calls).toHaveLength(1);
  });

  test("an isolate that knows fewer columns records them again without harm", async () => {
    const tenant = await newTenant();
    const [here, there] = [otherIsolate(), otherIsolate()];
    await pushWith(here, tenant, [record("t", 1)]);
    await pushWith(there, tenant, [record("t", 1, { a: 1 }, 2)]);
    await pushWith(here, tenant, [record("t", 1, { b: 1, a: "x" }, 3)]);
    expect(await columnsOf(tenant, "t")).toEqual(["id integer", "a json", "b integer"]);
  });
});

describe("large requests to the catalogue", () => {
  test("are cut to what a parameter holds", async () => {
    const tenant = await newTenant();
    const { calls, tap } = recorder();
    const env = tapEnv(otherIsolate(), tap);
    // Quotes are escaped twice on their way: four bytes each.
    const keyNames = Array.from({ length: 64 }, (_, i) => `${i}${'"'.repeat(1_000)}`);
    const ranges = [{ start: 0, shard: 0 }];
    const tables = Array.from({ length: 20 }, (_, i) => ({ name: `t${i}`, keyNames, ranges }));
    const created = await createTables(env, tenant, tables);
    expect(created.size).toBe(20);
    expect(created.get("t19")?.keyNames).toEqual(keyNames);
    const added = [...created.values()].map((table) => ({
      table,
      bits: new Map(Array.from({ length: 150 }, (_, i) => [`${i}${"€".repeat(1_000)}`, 1])),
    }));
    await recordColumns(env, added);
    expect(await listColumns(testEnv, created.get("t19")?.id ?? 0)).toHaveLength(150);
    const texts = calls.flatMap((call) => call.statements.flatMap(({ values }) => values));
    const bytes = texts.map((value) => Buffer.byteLength(String(value)));
    expect(Math.max(...bytes)).toBeGreaterThan(1_500_000);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(1_900_000);
  });
});
