/** One table written through both import families (wire.md 1.4, 2.9, 7; promise P2). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  batchOf,
  pushPoints,
  sendBatch,
  storedPairs,
  tablesOf,
  upsert,
} from "../../support/batch-and-points.ts";
import { stillClock } from "../../support/still-clock.ts";
import { newTenant, pushRecords, storedRows, type Tenant } from "../../support/tenant.ts";

const stitch = (tenant: Tenant, sequence: number, data: object): Promise<Response> =>
  pushRecords(tenant, [{ table_name: "t", sequence, key_names: ["id"], data }]);

const rjmetrics = (tenant: Tenant, ...points: object[]): Promise<Response> =>
  pushPoints(
    tenant,
    "t",
    points.map((point) => ({ keys: ["id"], ...point })),
  );

describe("one table through both families", () => {
  it("an RJMetrics write replaces the row and keeps its sequence", async () => {
    const tenant = await newTenant();
    await stitch(tenant, 100, { id: 1, v: "stitch", gone: true });
    await rjmetrics(tenant, { id: 1, v: "old" }, { id: 1, v: "rjmetrics" });
    expect(await storedPairs(tenant, "t")).toEqual([["100", { id: 1, v: "rjmetrics" }]]);
    for (const sequence of [0, 99, 100]) await stitch(tenant, sequence, { id: 1, v: "late" });
    await sendBatch(tenant, batchOf("t", [upsert(100, { id: 1, v: "late" })]));
    expect(await storedPairs(tenant, "t")).toEqual([["100", { id: 1, v: "rjmetrics" }]]);
    await stitch(tenant, 101, { id: 1, v: "newer" });
    expect(await storedPairs(tenant, "t")).toEqual([["101", { id: 1, v: "newer" }]]);
  });

  it("a row without sequence loses to any Stitch record, also to sequence 0", async () => {
    const tenant = await newTenant();
    await rjmetrics(tenant, { id: 1, v: "rjmetrics" }, { id: 2 }, { id: 3 });
    await stitch(tenant, 0, { id: 1, v: "stitch" });
    await sendBatch(tenant, batchOf("t", [upsert(0, { id: 2, v: "batch" })]));
    expect(await storedPairs(tenant, "t")).toEqual([
      ["0", { id: 1, v: "stitch" }],
      ["0", { id: 2, v: "batch" }],
      ["-1", { id: 3 }],
    ]);
  });

  it("keeps the highest int64 exactly", async () => {
    const tenant = await newTenant();
    const body = (sequence: string): string =>
      `{"table_name":"t","schema":{},"key_names":["id"],"messages":[{"action":"upsert","sequence":${sequence},"data":{"id":1}}]}`;
    await sendBatch(tenant, body("9223372036854775806"));
    await rjmetrics(tenant, { id: 1, v: 1 });
    await sendBatch(tenant, body("9223372036854775806"));
    expect(await storedPairs(tenant, "t")).toEqual([["9223372036854775806", { id: 1, v: 1 }]]);
    await sendBatch(tenant, body("9223372036854775807"));
    expect(await storedPairs(tenant, "t")).toEqual([["9223372036854775807", { id: 1 }]]);
  });

  it("keys bind both families, whichever wrote first", async () => {
    const tenant = await newTenant();
    await rjmetrics(tenant, { id: 1 });
    const other = { table_name: "t", sequence: 1, key_names: ["x"], data: { x: 1 } };
    expect((await pushRecords(tenant, [other])).status).toBe(422);
    expect((await sendBatch(tenant, batchOf("t", [upsert(1, {})], { key_names: [] }))).status).toBe(
      400,
    );
    await sendBatch(tenant, batchOf("events", [upsert(1, { id: 1 })], { key_names: [] }));
    const appended = await pushPoints(tenant, "events", { keys: ["id"], id: 1 });
    expect(appended.status).toBe(400);
    expect(await appended.json()).toMatchObject({
      reasons: ["Record 0: table events has the keys (none)."],
      record: 0,
    });
  });

  it("a switch deletes RJMetrics rows: they have version 0", async () => {
    const tenant = await newTenant();
    await rjmetrics(tenant, { id: 1 });
    const messages = [upsert(1, { id: 2 }), { action: "activate_version", sequence: 1 }];
    await sendBatch(tenant, batchOf("t", messages, { table_version: 1 }));
    expect(await storedPairs(tenant, "t")).toEqual([["1", { id: 2 }]]);
  });
});

interface Row {
  readonly sequence: number;
  readonly version: number;
  readonly v: number;
}

/** The rule of wire.md 7 and 2.9, as a Map. */
class Model {
  readonly rows = new Map<number, Row>();
  #exists = false;
  #current = 0;

  point(id: number, v: number): void {
    this.#exists = true;
    this.rows.set(id, { sequence: this.rows.get(id)?.sequence ?? -1, version: 0, v });
  }

  record(id: number, row: Row): void {
    this.#exists = true;
    if (row.sequence > (this.rows.get(id)?.sequence ?? -2)) this.rows.set(id, row);
  }

  activate(version: number): void {
    if (!this.#exists || version < this.#current) return;
    this.#current = version;
    for (const [id, row] of this.rows) if (row.version < version) this.rows.delete(id);
  }
}

const id = fc.integer({ min: 1, max: 4 });
const sequence = fc.integer({ min: 0, max: 5 });
const version = fc.integer({ min: 0, max: 2 });

const record = fc.oneof(
  { weight: 6, arbitrary: fc.record({ id, sequence, version }) },
  { weight: 1, arbitrary: fc.record({ activate: version }) },
);

const request = fc.oneof(
  fc.record({ points: fc.array(id, { minLength: 1, maxLength: 4 }) }),
  fc.record({
    family: fc.constantFrom("push" as const, "batch" as const),
    records: fc.array(record, { minLength: 1, maxLength: 5 }),
  }),
);

type AnyRequest = typeof request extends fc.Arbitrary<infer T> ? T : never;
type AnyRecord = typeof record extends fc.Arbitrary<infer T> ? T : never;

/** Sends a request and applies it to the model; `next` numbers the written values. */
async function apply(
  tenant: Tenant,
  model: Model,
  sent: AnyRequest,
  next: () => number,
): Promise<Response> {
  if ("points" in sent) {
    const points = sent.points.map((one) => ({ id: one, v: next() }));
    for (const point of points) model.point(point.id, point.v);
    return rjmetrics(tenant, ...points);
  }
  const messages = sent.records.map((one) => message(model, one, next));
  if (sent.family === "batch") return sendBatch(tenant, batchOf("t", messages));
  const common = { table_name: "t", key_names: ["id"] };
  return pushRecords(
    tenant,
    messages.map((one) => ({ ...common, ...one })),
  );
}

function message(model: Model, one: AnyRecord, next: () => number): object {
  if ("activate" in one) {
    model.activate(one.activate);
    return { action: "activate_version", sequence: 1, table_version: one.activate };
  }
  const v = next();
  model.record(one.id, { sequence: one.sequence, version: one.version, v });
  const data = { id: one.id, v };
  return { action: "upsert", sequence: one.sequence, table_version: one.version, data };
}

describe("against a Map", () => {
  it("any mixture of requests leaves the rows of the model", async () => {
    const requests = fc.array(request, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(requests, async (list) => {
        const tenant = await newTenant();
        const model = new Model();
        let n = 0;
        for (const one of list) {
          const answer = await apply(tenant, model, one, () => (n += 1));
          expect(answer.status).toBe(201);
        }
        const rows = await storedRows(tenant, "t");
        const expected = [...model.rows].toSorted(([a], [b]) => a - b);
        expect(rows).toEqual(
          expected.map(([key, row]) => ({
            key: `A${key}`,
            sequence: String(row.sequence),
            version: String(row.version),
            data: JSON.stringify({ id: key, v: row.v }),
          })),
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe("at the same time", () => {
  stillClock();

  it("keeps the highest sequence; the row is that record or an RJMetrics write", async () => {
    const tenant = await newTenant();
    const ids = [1, 2, 3, 4, 5, 6, 7, 8];
    const writes = Array.from({ length: 24 }, (_, n) => {
      const data = ids.map((key) => ({ id: key, v: n }));
      if (n % 3 === 0) return rjmetrics(tenant, ...data);
      if (n % 3 === 1)
        return sendBatch(
          tenant,
          batchOf(
            "t",
            data.map((one) => upsert(n, one)),
          ),
        );
      const common = { table_name: "t", sequence: n, key_names: ["id"] };
      return pushRecords(
        tenant,
        data.map((one) => ({ ...common, data: one })),
      );
    });
    for (const answer of await Promise.all(writes)) expect(answer.status).toBe(201);
    expect(await tablesOf(tenant)).toEqual(["t"]);
    const rows = (await storedPairs(tenant, "t")) as [string, { id: number; v: number }][];
    expect(rows.map(([, data]) => data.id)).toEqual(ids);
    for (const [stored, { v }] of rows) {
      expect(stored).toBe("23");
      expect(v === 23 || v % 3 === 0).toBe(true);
    }
    // What the race left obeys the rule as before.
    await stitch(tenant, 23, { id: 1, v: "late" });
    await stitch(tenant, 24, { id: 2, v: "newer" });
    const after = await storedPairs(tenant, "t");
    expect(after[0]).toEqual(rows[0]);
    expect(after[1]).toEqual(["24", { id: 2, v: "newer" }]);
  });

  it("a table that both create has the keys of one; the other is refused with its code", async () => {
    for (let run = 0; run < 5; run += 1) {
      const tenant = await newTenant();
      const other = { table_name: "t", sequence: 1, key_names: ["x"], data: { id: 1, x: 1 } };
      const [pushed, pointed, batched] = await Promise.all([
        pushRecords(tenant, [other]),
        pushPoints(tenant, "t", { keys: ["id"], id: 1, x: 1 }),
        sendBatch(tenant, batchOf("t", [upsert(1, { id: 1, x: 1 })], { key_names: [] })),
      ]);
      const statuses = [pushed.status, pointed.status, batched.status];
      expect([
        [201, 400, 400],
        [422, 201, 400],
        [422, 400, 201],
      ]).toContainEqual(statuses);
      expect(await storedRows(tenant, "t")).toHaveLength(1);
      for (const answer of [pushed, pointed, batched]) {
        const body = await answer.text();
        if (answer.status !== 201) expect(JSON.parse(body)).toMatchObject({ record: 0 });
      }
    }
  });
});
