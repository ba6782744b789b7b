import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../src/http/errors.ts";
import { type Json, type JsonObject, parseExact } from "../../src/json/exact.ts";
import type { DataPoint } from "../../src/warehouse/data-point.ts";
import {
  COLUMN_NAME_LENGTH_MAX,
  RECORD_DEPTH_MAX,
  SUBTABLES_MAX,
  TABLE_COLUMNS_MAX,
} from "../../src/warehouse/limits.ts";
import { ImportPlan } from "../../src/warehouse/plan.ts";
import { listTables } from "../../src/warehouse/read-tables.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, storedRows, type Tenant } from "../support/tenant.ts";

const TABLES = ["keyed", "other", "keyed__rows", "appended"];

const deep = (): Json =>
  parseExact(`${"[".repeat(RECORD_DEPTH_MAX)}${"]".repeat(RECORD_DEPTH_MAX)}`);
const wide = (prefix: string, count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 1]));
const arrays = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`list${i}`, [{ a: 1 }]]));

/** Members that make a record wrong after others of it have been looked at. */
const DEFECTS: readonly (() => JsonObject)[] = [
  () => ({ fresh: 1, id: null }),
  () => ({ fresh: 1, id: { a: 1 } }),
  () => ({ fresh: "x", later: deep() }),
  () => ({
    fresh: "x",
    nested: { a: 1 },
    rows: [{ b: 1 }],
    ["x".repeat(COLUMN_NAME_LENGTH_MAX + 1)]: 1,
  }),
  () => ({ rows: [{ only: 1, deeper: [1] }], ...wide("many", TABLE_COLUMNS_MAX + 1) }),
  () => ({ rows: [{ only: 1 }], ...arrays(SUBTABLES_MAX + 1) }),
  () => ({ fresh: true, text: "é".repeat(950_000) }),
];

const value: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  ...[1, 1.5, "text", true, null, { a: 1 }, { b: { c: "x" } }, [], [1, "two"], [{ x: 1, y: [2] }]],
);
const good = fc.record({
  id: fc.integer({ min: 0, max: 20 }),
  members: fc.dictionary(fc.constantFrom("a", "b", "c", "rows", "list", "fresh"), value),
});
const record = fc.record({
  table: fc.constantFrom(...TABLES),
  keyNames: fc.constantFrom<readonly string[]>(["id"], ["id"], ["id"], ["a"], []),
  sequence: fc.constantFrom("-1", "1", "2"),
  point: good,
  defect: fc.option(fc.constantFrom(...DEFECTS), { freq: 2 }),
});

type Sent = Omit<DataPoint, "record">;

function pointOf({ table, keyNames, sequence, point, defect }: Sample): Sent {
  const names = table === "appended" && keyNames[0] === "id" ? [] : keyNames;
  const data = { id: point.id, ...point.members, ...defect?.() };
  return { table, keyNames: names, sequence, version: "0", data, keyLengthMax: 256 };
}
type Sample = typeof record extends fc.Arbitrary<infer T> ? T : never;

const open = (tenant: Tenant): Promise<ImportPlan> =>
  ImportPlan.open(testEnv, tenant, new Set(TABLES), { isCounted: true });

/** Adds points, and says which of them were accepted. */
function addAll(plan: ImportPlan, points: readonly Sent[]): boolean[] {
  return points.map((point, index) => {
    try {
      plan.upsert({ ...point, record: index });
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(error.record).toBe(index);
      return false;
    }
  });
}

/** All that can be seen of a client's data: tables, keys, columns and rows. */
async function everything(tenant: Tenant): Promise<unknown> {
  const tables = await listTables(testEnv, tenant.clientId);
  const columns = await testEnv.CATALOG.prepare(
    `SELECT tables.name AS table_name, tables.key_names, columns.name, columns.types FROM tables
    LEFT JOIN columns ON columns.table_id = tables.id
    WHERE tables.client_id = ?1 ORDER BY tables.id, columns.id`,
  )
    .bind(tenant.clientId)
    .all();
  const rows = await Promise.all(
    tables.map(async ({ name }) => {
      const found = await storedRows(tenant, name);
      // The keys of append-only tables are made by chance and time.
      return found
        .map(({ key, ...rest }) => (key.startsWith("+") ? rest : { key, ...rest }))
        .map((one) => JSON.stringify(one))
        .toSorted();
    }),
  );
  return { columns: columns.results, rows };
}

describe.each([false, true])("refused records are left out; nested: %s", (nested) => {
  test("as if they had never been sent", { timeout: 300_000 }, async () => {
    const requests = fc.array(fc.array(record, { minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 2,
    });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(requests, async (list) => {
        const [skipping, clean] = [await newTenant({ nested }), await newTenant({ nested })];
        for (const samples of list) {
          const points = samples.map(pointOf);
          const plan = await open(skipping);
          const accepted = addAll(plan, points);
          refused += accepted.filter((isGood) => !isGood).length;
          const cleanPlan = await open(clean);
          const kept = points.filter((_, index) => accepted[index] === true);
          expect(addAll(cleanPlan, kept)).toEqual(kept.map(() => true));
          expect(plan.isEmpty).toBe(cleanPlan.isEmpty);
          const results = [await plan.commitCounted(), await cleanPlan.commitCounted()];
          expect(results[0]).toEqual(results[1]);
        }
        expect(await everything(skipping)).toEqual(await everything(clean));
      }),
      { numRuns: 40 },
    );
    expect(refused).toBeGreaterThan(20);
  });
});

test("the columns that a refused record brought do not count towards the limit", async () => {
  const tenant = await newTenant();
  const plan = await open(tenant);
  const point = (index: number, data: JsonObject): DataPoint => ({
    ...{ record: index, table: "keyed", keyNames: ["id"], sequence: "1", version: "0" },
    ...{ data, keyLengthMax: 256 },
  });
  for (let index = 0; index < 5; index += 1) {
    const over = { id: 1, ...wide(`x${index}_`, TABLE_COLUMNS_MAX) };
    expect(() => {
      plan.upsert(point(index, over));
    }).toThrow(Refusal);
  }
  expect(plan.isEmpty).toBe(true);
  plan.upsert(point(5, { id: 1, ...wide("y", TABLE_COLUMNS_MAX - 1) }));
  expect(await plan.commitCounted()).toEqual({ inserted: 1, replaced: 0, stale: 0 });
});
