/** `POST /v2/import/batch`, what it takes and stores (wire.md 2.1, 2.8, 2.9). */
import { describe, expect, it, vi } from "vitest";
import {
  batchOf,
  columnsOf,
  json,
  seen,
  sendBatch,
  storedData,
  storedPairs,
  tablesOf,
  upsert,
} from "../../support/batch-and-points.ts";
import { TYPE_BITS } from "../../../src/warehouse/columns.ts";
import { newTenant, newToken, pushRecords, pushText, storedRows } from "../../support/tenant.ts";
import { testEnv } from "../../support/env.ts";
import { tableId } from "../../support/worker.ts";

const ACCEPTED = json(201, '{"status":"OK","message":"Batch Accepted!"}');

describe("success", () => {
  // target-stitch sends */* and repeats whatever is not typed application/json.
  it.each([undefined, "*/*", "text/html", "application/json"])(
    "is typed application/json for Accept %s",
    async (accept) => {
      const tenant = await newTenant();
      const headers: Record<string, string> = accept === undefined ? {} : { Accept: accept };
      const answer = await sendBatch(tenant, batchOf("t", [upsert(1, { id: 1 })]), headers);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(await seen(answer)).toEqual(ACCEPTED);
      expect(await storedPairs(tenant, "t")).toEqual([["1", { id: 1 }]]);
    },
  );

  it("takes what target-stitch sends", async () => {
    const tenant = await newTenant();
    const body = `{"table_name": "customers", "schema": {"type": "object", "properties":
      {"id": {"type": "integer"}, "name": {"type": ["null", "string"]},
      "amt": {"type": ["null", "number"], "multipleOf": 1e-22},
      "at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}}},
      "key_names": ["id"], "messages": [
      {"action": "upsert", "data": {"id": 1, "name": "Finn \\u00e9",
      "amt": -9999999999999999.9999999999999999999999, "at": "2020-01-13T21:25:03+0000"},
      "sequence": 1795241049244168800, "time_extracted": "2020-01-02T03:04:05.678000Z"},
      {"action": "activate_version", "sequence": 1795241049244201402}],
      "table_version": 1565880017000, "bookmark_names": ["updated_at"], "namespace": "x"}`;
    expect(await seen(sendBatch(tenant, body))).toEqual(ACCEPTED);
    expect(await storedRows(tenant, "customers")).toEqual([
      {
        key: "A1",
        sequence: "1795241049244168800",
        version: "1565880017000",
        data: '{"id":1,"name":"Finn é","amt":-9999999999999999.9999999999999999999999,"at":"2020-01-13T21:25:03+0000"}',
      },
    ]);
    expect(await columnsOf(tenant)).toEqual([
      { name: "id", types: TYPE_BITS.integer },
      { name: "name", types: TYPE_BITS.string },
      { name: "amt", types: TYPE_BITS.decimal },
      { name: "at", types: TYPE_BITS.timestamp },
    ]);
  });

  it.each([
    { client_id: "own" },
    { namespace: { any: ["thing"] }, bookmark_names: null },
    { table_version: null },
  ])("takes the members %j", async (members) => {
    const tenant = await newTenant();
    const own = "client_id" in members ? { client_id: tenant.clientId } : members;
    const messages = [upsert(1, { id: 1 }, { time_extracted: null, namespace: 1, other: {} })];
    expect(await seen(sendBatch(tenant, batchOf("t", messages, own)))).toEqual(ACCEPTED);
    expect(await storedData(tenant, "t")).toEqual(['{"id":1}']);
  });

  it("takes parameters of the Content-Type, a byte order mark and gzip", async () => {
    const tenant = await newTenant();
    const text = `\uFEFF${JSON.stringify(batchOf("t", [upsert(1, { id: 1 })]))}`;
    const gzip = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    const headers = {
      "Content-Type": "Application/JSON; charset=utf-8",
      "Content-Encoding": "gzip",
    };
    const body = await new Response(gzip).arrayBuffer();
    expect(await seen(pushText(tenant, body, headers, "batch"))).toEqual(ACCEPTED);
    expect(await storedData(tenant, "t")).toEqual(['{"id":1}']);
  });

  it("writes with every token of an integration into one table", async () => {
    const tenant = await newTenant();
    const other = { ...tenant, ...(await newToken(tenant.integrationId)) };
    await sendBatch(tenant, batchOf("t", [upsert(1, { id: 1 })]));
    await sendBatch(other, batchOf("t", [upsert(2, { id: 1, v: 2 })]));
    expect(await storedPairs(tenant, "t")).toEqual([["2", { id: 1, v: 2 }]]);
    expect(await tablesOf(tenant)).toEqual(["t"]);
  });
});

describe("sequence", () => {
  it("keeps the highest, within a batch and across batches; equal and lower ones are silent", async () => {
    const tenant = await newTenant();
    const order = (sequence: number, id: number, status: string): unknown =>
      upsert(sequence, { id, status });
    const messages = [
      order(100, 10, "pending"),
      order(101, 10, "canceled"),
      order(99, 10, "new"),
      order(90, 22, "new"),
    ];
    expect(await seen(sendBatch(tenant, batchOf("orders", messages)))).toEqual(ACCEPTED);
    const expected = [
      ["101", { id: 10, status: "canceled" }],
      ["90", { id: 22, status: "new" }],
    ];
    expect(await storedPairs(tenant, "orders")).toEqual(expected);
    const late = [order(101, 10, "equal"), order(100, 10, "lower"), order(90, 22, "equal")];
    expect(await seen(sendBatch(tenant, batchOf("orders", late)))).toEqual(ACCEPTED);
    expect(await storedPairs(tenant, "orders")).toEqual(expected);
  });

  it("tells 19 digits apart, and takes the lowest and the highest int64", async () => {
    const tenant = await newTenant();
    const message = (sequence: string, id: number, v: string): string =>
      `{"action":"upsert","sequence":${sequence},"data":{"id":${id},"v":"${v}"}}`;
    const messages = [
      message("1795241049244168801", 1, "newer"),
      message("1795241049244168800", 1, "older"),
      message("9223372036854775807", 2, "highest"),
      message("9223372036854775806", 2, "one below"),
      message("0", 3, "lowest"),
    ];
    const body = `{"table_name":"t","schema":{},"key_names":["id"],"messages":[${messages.join()}]}`;
    expect(await seen(sendBatch(tenant, body))).toEqual(ACCEPTED);
    expect(await storedPairs(tenant, "t")).toEqual([
      ["1795241049244168801", { id: 1, v: "newer" }],
      ["9223372036854775807", { id: 2, v: "highest" }],
      ["0", { id: 3, v: "lowest" }],
    ]);
  });

  it('replaces the whole row, and counts 1, 1.0 and 1e0 as one key, 1 and "1" as two', async () => {
    const tenant = await newTenant();
    const body = `{"table_name":"t","schema":{},"key_names":["id"],"messages":[
      {"action":"upsert","sequence":1,"data":{"id":1,"a":1}},
      {"action":"upsert","sequence":2,"data":{"id":1.0,"b":58.40}},
      {"action":"upsert","sequence":3,"data":{"id":1e0,"c":9007199254740993}},
      {"action":"upsert","sequence":1,"data":{"id":"1"}}]}`;
    expect(await seen(sendBatch(tenant, body))).toEqual(ACCEPTED);
    const data = await storedData(tenant, "t");
    expect(data.toSorted()).toEqual(['{"id":"1"}', '{"id":1e0,"c":9007199254740993}']);
  });
});

describe("append-only tables", () => {
  const row = upsert(7, { event: "click" });

  it.each([{ key_names: undefined }, { key_names: [] }, { key_names: null }])(
    "are those of %j: every message adds a row, also an equal one",
    async (members) => {
      const tenant = await newTenant();
      const body = batchOf("events", [row, row, upsert(1, {})], members);
      expect(await seen(sendBatch(tenant, body))).toEqual(ACCEPTED);
      expect(await seen(sendBatch(tenant, body))).toEqual(ACCEPTED);
      const rows = await storedRows(tenant, "events");
      const once = ['{"event":"click"}', '{"event":"click"}', "{}"];
      expect(rows.map(({ data }) => data)).toEqual([...once, ...once]);
      expect(new Set(rows.map(({ key }) => key)).size).toBe(6);
    },
  );

  it("add the rows of equal batches, sent in the same millisecond", async () => {
    const tenant = await newTenant();
    const body = batchOf("events", [row, row], { key_names: [] });
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const answers = await Promise.all([1, 2, 3].map(() => sendBatch(tenant, body)));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    } finally {
      vi.useRealTimers();
    }
    expect(await storedRows(tenant, "events")).toHaveLength(6);
  });

  it("have all rows of a batch in one shard, and many batches in both", async () => {
    const tenant = await newTenant();
    const shards = new Set<string>();
    for (let i = 0; i < 24; i += 1) {
      const messages = Array.from({ length: 10 }, (_, n) => upsert(n, { batch: i, n }));
      const answer = sendBatch(tenant, batchOf("events", messages, { key_names: [] }));
      expect((await answer).status).toBe(201);
      const counts = await Promise.all(
        (["SHARD_0", "SHARD_1"] as const).map(async (name) => {
          const n = await testEnv[name]
            .prepare("SELECT count(*) AS n FROM rows WHERE table_id = ?1 AND data LIKE ?2")
            .bind(await tableId(tenant, "events"), `{"batch":${i},%`)
            .first<number>("n");
          if ((n ?? 0) > 0) shards.add(name);
          return n ?? 0;
        }),
      );
      expect(counts.toSorted((a, b) => a - b)).toEqual([0, 10]);
    }
    // By chance all in one: once in eight million runs.
    expect(shards.size).toBe(2);
  });
});

describe("table_version", () => {
  it("of a message overrides that of the body", async () => {
    const tenant = await newTenant();
    const messages = [
      upsert(1, { id: 1 }),
      upsert(1, { id: 2 }, { table_version: 9 }),
      upsert(1, { id: 3 }, { table_version: null }),
    ];
    await sendBatch(tenant, batchOf("t", messages, { table_version: 5 }));
    const rows = await storedRows(tenant, "t");
    expect(rows.map(({ key, version }) => [key, version])).toEqual([
      ["A1", "5"],
      ["A2", "9"],
      ["A3", "5"],
    ]);
  });

  it.each(["activate_version", "switch_view"])(
    "%s deletes lower versions that stand before it, not those after",
    async (action) => {
      const tenant = await newTenant();
      await sendBatch(tenant, batchOf("t", [upsert(1, { id: 1 })], { table_version: 1 }));
      const messages = [
        upsert(1, { id: 2 }, { table_version: 1 }),
        upsert(1, { id: 3 }),
        { action, sequence: 2 },
        upsert(1, { id: 4 }, { table_version: 1 }),
      ];
      const body = batchOf("t", messages, { table_version: 2 });
      expect(await seen(sendBatch(tenant, body))).toEqual(ACCEPTED);
      expect(await storedData(tenant, "t")).toEqual(['{"id":3}', '{"id":4}']);
      // A lower version changes nothing.
      const lower = batchOf("t", [{ action, sequence: 3, table_version: 1 }]);
      expect(await seen(sendBatch(tenant, lower))).toEqual(ACCEPTED);
      expect(await storedData(tenant, "t")).toEqual(['{"id":3}', '{"id":4}']);
      // The next activation deletes what arrived late.
      await sendBatch(tenant, batchOf("t", [{ action, sequence: 4 }], { table_version: 2 }));
      expect(await storedData(tenant, "t")).toEqual(['{"id":3}']);
    },
  );

  it("of an unknown table leaves it unknown", async () => {
    const tenant = await newTenant();
    const body = batchOf("t", [{ action: "activate_version", sequence: 1 }]);
    expect(await seen(sendBatch(tenant, body))).toEqual(ACCEPTED);
    expect(await tablesOf(tenant)).toEqual([]);
  });

  it("also switches an append-only table", async () => {
    const tenant = await newTenant();
    const members = { key_names: [], table_version: 1 };
    await sendBatch(tenant, batchOf("t", [upsert(1, { n: 1 })], members));
    const messages = [upsert(1, { n: 2 }), { action: "activate_version", sequence: 1 }];
    await sendBatch(tenant, batchOf("t", messages, { key_names: [], table_version: 2 }));
    expect(await storedData(tenant, "t")).toEqual(['{"n":2}']);
  });
});

describe("columns", () => {
  it("are timestamps by the schema only; other texts make them strings", async () => {
    const tenant = await newTenant();
    const at = { type: ["null", "string"], format: "date-time" };
    const schema = { properties: { at }, required: ["id"] };
    const date = "2020-01-13T21:25:03Z";
    const messages = [upsert(1, { id: 1, at: date, looks: date, none: null })];
    await sendBatch(tenant, batchOf("t", messages, { schema }));
    const types = async (): Promise<unknown> =>
      Object.fromEntries((await columnsOf(tenant)).map(({ name, types: bits }) => [name, bits]));
    const { integer, timestamp, string } = TYPE_BITS;
    expect(await types()).toEqual({ id: integer, at: timestamp, looks: string, none: 0 });
    const record = { table_name: "t", sequence: 2, key_names: ["id"], data: { id: 1, at: "x" } };
    expect((await pushRecords(tenant, [record])).status).toBe(201);
    expect(await types()).toMatchObject({ at: timestamp | string });
  });
});
