/** The limits of D1 that production has and the local runtime has not (platform.md 2 and 3). */
import { describe, expect, test } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { ImportPlan } from "../../src/warehouse/plan.ts";
import { testEnv } from "../support/env.ts";
import { Meter } from "../support/meter.ts";
import { tapEnv, tapRange } from "../support/tap.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { otherIsolate, pushTextWith, tableId } from "../support/worker.ts";

interface Measured {
  readonly status: number;
  readonly worker: Meter;
  /** The objects of the tables, each call of which is an invocation of its own. */
  readonly ranges: readonly Meter[];
}

/** Sends a body to an isolate that knows nothing, and measures Worker and objects. */
async function measure(
  tenant: Tenant,
  body: string,
  tables: readonly string[],
  endpoint: "push" | "batch" = "push",
): Promise<Measured> {
  const worker = new Meter();
  const ranges: Meter[] = [];
  for (const table of tables) {
    const id = await tableId(tenant, table);
    for (const start of [0, 128]) {
      const meter = new Meter();
      ranges.push(meter);
      await tapRange(testEnv, `${id}:${start}`, meter.tap);
    }
  }
  const env = tapEnv(otherIsolate(), worker.tap);
  const { status } = await pushTextWith(env, tenant, body, endpoint);
  return { status, worker, ranges };
}

const sum = (meters: readonly Meter[]): number =>
  meters.reduce((total, meter) => total + meter.statements, 0);

function expectWithinLimits({ worker, ranges }: Measured): void {
  for (const meter of [worker, ...ranges]) {
    expect(meter.textBytesMax).toBeLessThanOrEqual(2_000_000);
    expect(meter.parametersMax).toBeLessThanOrEqual(100);
    expect(meter.statements).toBeLessThanOrEqual(1_000);
    expect(meter.underWayMax).toBeLessThanOrEqual(6);
  }
}

const record = (tenant: Tenant, table: string, id: number, more: Record<string, unknown> = {}) => ({
  client_id: tenant.clientId,
  table_name: table,
  action: "upsert",
  sequence: 1_565_880_017_000 + id,
  key_names: ["id"],
  data: { id, ...more },
});

/** Creates tables, so that their objects can be measured from the first real row on. */
async function prepare(tenant: Tenant, tables: readonly string[]): Promise<void> {
  const plan = await ImportPlan.open(testEnv, tenant, new Set(tables));
  tables.forEach((table, index) => {
    plan.upsert({
      record: index,
      table,
      keyNames: ["id"],
      sequence: "0",
      version: "0",
      data: { id: -1 },
      keyLengthMax: 256,
    });
  });
  await plan.commit();
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `t${i}`);

describe("a push of", () => {
  test("one point is a statement", async () => {
    const tenant = await newTenant();
    await prepare(tenant, ["t"]);
    const body = JSON.stringify([record(tenant, "t", 1, { a: null })]);
    const measured = await measure(tenant, body, ["t"]);
    expect(measured.status).toBe(201);
    expectWithinLimits(measured);
    expect(sum(measured.ranges)).toBe(1);
    expect(measured.worker.calls["TABLE_RANGE"]).toBe(1);
    // Token, its last use, table and columns, the new column, and the note of the import.
    expect(measured.worker.calls["CATALOG"]).toBeLessThanOrEqual(5);
  });

  test("10,000 points is at most three statements a MB", async () => {
    const tenant = await newTenant();
    await prepare(tenant, ["t"]);
    const body = JSON.stringify(
      Array.from({ length: 10_000 }, (_, id) =>
        record(tenant, "t", id, { name: `customer ${id}`, email: `c${id}@example.com`, n: 1.5 }),
      ),
    );
    const measured = await measure(tenant, body, ["t"]);
    expect(measured.status).toBe(201);
    expectWithinLimits(measured);
    const perMegabyte = (sum(measured.ranges) / body.length) * 1_000_000;
    expect(perMegabyte).toBeLessThanOrEqual(3);
    expect(measured.worker.calls["TABLE_RANGE"]).toBe(2);
    expect(Object.values(measured.worker.calls).reduce((a, b) => a + b)).toBeLessThanOrEqual(10);
  });

  test("many versions in turn is no more statements", async () => {
    const tenant = await newTenant();
    await prepare(tenant, ["t"]);
    const records = Array.from({ length: 3_000 }, (_, id) => ({
      ...record(tenant, "t", id),
      table_version: id % 7,
    }));
    const measured = await measure(tenant, JSON.stringify(records), ["t"]);
    expect(measured.status).toBe(201);
    expectWithinLimits(measured);
    expect(sum(measured.ranges)).toBe(2);
  });

  test.each(["a", "€", '"'])("20 MB in a batch, of %s", async (unit) => {
    const tenant = await newTenant();
    await prepare(tenant, ["t"]);
    const head = '{"table_name":"t","key_names":["id"],"schema":{"type":"object"},"messages":[';
    const source = JSON.stringify(unit).slice(1, -1);
    const text = source.repeat(Math.floor(9_800 / Buffer.byteLength(source)));
    const messages: string[] = [];
    let bytes = head.length + 2;
    for (let id = 0; ; id += 1) {
      const data = `{"id":${id},"key":"k${id}","text":"${text}"}`;
      const message = `{"action":"upsert","sequence":1795241049244168800,"data":${data}}`;
      bytes += Buffer.byteLength(message) + 1;
      if (bytes > 20_000_000) break;
      messages.push(message);
    }
    const body = `${head}${messages.join()}]}`;
    const measured = await measure(tenant, body, ["t"], "batch");
    expect(measured.status).toBe(201);
    expectWithinLimits(measured);
    expect(sum(measured.ranges)).toBeGreaterThan(10);
    expect(sum(measured.ranges) / 20).toBeLessThanOrEqual(3);
  });

  test("100 tables", async () => {
    const tenant = await newTenant();
    const tables = names(100);
    await prepare(tenant, tables);
    const records = tables.flatMap((table) =>
      Array.from({ length: 20 }, (_, id) => record(tenant, table, id, { [`c ${table}`]: id })),
    );
    const measured = await measure(tenant, JSON.stringify(records), tables);
    expect(measured.status).toBe(201);
    expectWithinLimits(measured);
    expect(measured.worker.calls["TABLE_RANGE"]).toBe(200);
    expect(measured.worker.calls["CATALOG"]).toBeLessThanOrEqual(5);
    expect(measured.worker.underWayMax).toBe(6);
  });

  test("100 new tables, each with columns of its own", async () => {
    const tenant = await newTenant();
    const worker = new Meter();
    const records = names(100).map((table, id) => record(tenant, table, id, { [table]: id }));
    const env = tapEnv(otherIsolate(), worker.tap);
    const { status } = await pushTextWith(env, tenant, JSON.stringify(records));
    expect(status).toBe(201);
    expectWithinLimits({ status, worker, ranges: [] });
    // Token and its last use; tables are looked up, created, looked up; columns are recorded; the
    // import is noted.
    expect(worker.calls["CATALOG"]).toBeLessThanOrEqual(7);
  });

  test("100 version switches with rows between", async () => {
    const tenant = await newTenant();
    await prepare(tenant, ["t"]);
    const records = Array.from({ length: 100 }, (_, version) => [
      ...Array.from({ length: 2 }, (__, id) => ({
        ...record(tenant, "t", 2 * version + id),
        table_version: version,
      })),
      {
        client_id: tenant.clientId,
        table_name: "t",
        action: "activate_version",
        sequence: 1,
        table_version: version,
      },
    ]).flat();
    const measured = await measure(tenant, JSON.stringify(records), ["t"]);
    expect(measured.status).toBe(201);
    for (const meter of [measured.worker, ...measured.ranges]) {
      expect(meter.textBytesMax).toBeLessThanOrEqual(2_000_000);
      expect(meter.underWayMax).toBeLessThanOrEqual(6);
    }
    const { calls, statements } = measured.worker;
    expect(statements + (calls["TABLE_RANGE"] ?? 0)).toBeLessThanOrEqual(1_000);
    // Each call of an object is an invocation: a statement for rows, two for a switch.
    expect(sum(measured.ranges)).toBeLessThanOrEqual(2 * (calls["TABLE_RANGE"] ?? 0));
  });
});
