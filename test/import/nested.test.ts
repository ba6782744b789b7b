/** Imports into an integration whose nested values are columns and subtables, over HTTP. */
import { describe, expect, test } from "vitest";
import { type JsonObject, parseExact } from "../../src/json/exact.ts";
import { SUBTABLES_MAX } from "../../src/warehouse/limits.ts";
import { unroller } from "../../src/warehouse/nested.ts";
import { listColumns, listTables } from "../../src/warehouse/read-tables.ts";
import { findTables } from "../../src/warehouse/tables.ts";
import { call as adminCall, member } from "../admin/call.ts";
import { batchOf, pushPoints, seen, sendBatch, upsert } from "../support/batch-and-points.ts";
import { testEnv } from "../support/env.ts";
import { call as exportCall, exported, exportTableId, jsonOf } from "../support/export.ts";
import { stillClock } from "../support/still-clock.ts";
import { type Tap, tapEnv, type TappedCall } from "../support/tap.ts";
import { newTenant, pushRecords, pushText, storedRows, type Tenant } from "../support/tenant.ts";
import { otherIsolate, pushTextWith, pushWith } from "../support/worker.ts";

const nestedTenant = (): Promise<Tenant> => newTenant({ nested: true });

const ORDER = {
  id: 1,
  customer: { name: "Ann", address: { city: "Bonn" }, tags: {} },
  line_items: [
    { sku: "A", price: { amount: 1.5 }, taxes: [{ rate: 0.1 }, { rate: "high" }] },
    { sku: "B", taxes: [] },
  ],
  notes: ["x", null, [1]],
  none: [],
};

function order(data: object = ORDER, sequence = 1, more: object = {}): Record<string, unknown> {
  return { table_name: "orders", sequence, key_names: ["id"], data, ...more };
}

async function tableNames(tenant: Tenant): Promise<string[]> {
  const path = `/client/${tenant.clientId}/table`;
  const { tables } = await jsonOf<{ tables: { name: string }[] }>(exportCall(tenant, path));
  return tables.map(({ name }) => name);
}

async function columnsOf(tenant: Tenant, table: string): Promise<string[]> {
  const path = `/client/${tenant.clientId}/table/${await exportTableId(tenant, table)}`;
  const { columns } = await jsonOf<{ columns: { name: string; type: string }[] }>(
    exportCall(tenant, path),
  );
  return columns.map(({ name, type }) => `${name} ${type}`);
}

/** All records of a table as the admin API shows them, in pages of so many. */
async function recordsOf(tenant: Tenant, table: string, limit = 100): Promise<string[]> {
  const id = await exportTableId(tenant, table);
  const path = `/clients/${tenant.clientId}/tables/${id}/rows?limit=${limit}`;
  const records: string[] = [];
  for (let next: string | null = ""; next !== null;) {
    const after: string = next === "" ? "" : `&after=${next}`;
    const answer = await adminCall("GET", `${path}${after}`);
    expect(answer.status, answer.text).toBe(200);
    const rows = member(answer, "rows") as { sequence: string; data: unknown }[];
    expect(rows.length).toBeLessThanOrEqual(limit);
    records.push(...rows.map(({ data }) => JSON.stringify(data)));
    next = member(answer, "next") as string | null;
  }
  return records;
}

describe("tables and columns", () => {
  test("are listed as Stitch names them", async () => {
    const tenant = await nestedTenant();
    expect((await pushRecords(tenant, [order()])).status).toBe(201);
    expect(await tableNames(tenant)).toEqual([
      "orders",
      "orders__line_items",
      "orders__line_items__taxes",
      "orders__notes",
    ]);
    expect(await columnsOf(tenant, "orders")).toEqual([
      "id integer",
      "customer__name string",
      "customer__address__city string",
    ]);
    expect(await columnsOf(tenant, "orders__line_items")).toEqual([
      "_sdc_source_key_id integer",
      "_sdc_level_0_id integer",
      "sku string",
      "price__amount decimal",
    ]);
    expect(await columnsOf(tenant, "orders__line_items__taxes")).toEqual([
      "_sdc_source_key_id integer",
      "_sdc_level_0_id integer",
      "_sdc_level_1_id integer",
      "rate json",
    ]);
    expect(await columnsOf(tenant, "orders__notes")).toEqual([
      "_sdc_source_key_id integer",
      "_sdc_level_0_id integer",
      "value json",
    ]);
    const listed = await adminCall("GET", `/clients/${tenant.clientId}/tables`);
    expect(member(listed, "tables")).toMatchObject([
      { name: "orders", key_names: ["id"] },
      { name: "orders__line_items", key_names: ["_sdc_source_key_id", "_sdc_level_0_id"] },
      { key_names: ["_sdc_source_key_id", "_sdc_level_0_id", "_sdc_level_1_id"] },
      { name: "orders__notes" },
    ]);
    // One row is stored, whole.
    expect((await storedRows(tenant, "orders")).map(({ data }) => data)).toEqual([
      JSON.stringify(ORDER),
    ]);
    expect(await storedRows(tenant, "orders__line_items")).toEqual([]);
  });

  test("are the same from all three import surfaces", async () => {
    const tenants = await Promise.all([nestedTenant(), nestedTenant(), nestedTenant()]);
    const [one, two, three] = tenants;
    if (one === undefined || two === undefined || three === undefined) throw new Error("three");
    expect((await pushRecords(one, [order()])).status).toBe(201);
    expect((await sendBatch(two, batchOf("orders", [upsert(1, ORDER)]))).status).toBe(201);
    expect((await pushPoints(three, "orders", [{ keys: ["id"], ...ORDER }])).status).toBe(201);
    for (const tenant of [two, three]) {
      expect(await tableNames(tenant)).toEqual(await tableNames(one));
      for (const name of await tableNames(one)) {
        expect(await columnsOf(tenant, name)).toEqual(await columnsOf(one, name));
        expect(await recordsOf(tenant, name)).toEqual(await recordsOf(one, name));
      }
    }
  });

  test("of a table without keys have the row's internal key", async () => {
    const tenant = await nestedTenant();
    const data = { list: [{ a: 1 }], b: { c: 2 } };
    const body = batchOf("events", [upsert(1, data), upsert(2, data)], { key_names: [] });
    expect((await sendBatch(tenant, body)).status).toBe(201);
    expect(await columnsOf(tenant, "events")).toEqual(["__sdc_primary_key string", "b__c integer"]);
    expect(await columnsOf(tenant, "events__list")).toEqual([
      "_sdc_source_key___sdc_primary_key string",
      "_sdc_level_0_id integer",
      "a integer",
    ]);
    const keys = (await storedRows(tenant, "events")).map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(await recordsOf(tenant, "events")).toEqual(
      keys.map((key) => `{"__sdc_primary_key":"${key}","b__c":2}`),
    );
    expect(await recordsOf(tenant, "events__list")).toEqual(
      keys.map((k) => `{"_sdc_source_key___sdc_primary_key":"${k}","_sdc_level_0_id":0,"a":1}`),
    );
  });

  test("cover all that the rows unroll to", async () => {
    const tenant = await nestedTenant();
    const texts = [
      '{"id":1,"a":{"b":[{"c":[1,[2]],"d":{"e":1.0}}],"f":null},"a__f":2}',
      '{"id":"2","a":[{"b":1},2,null],"x":{"__proto__":{"y":[{}]}},"__proto__":[{"__proto__":1}]}',
      '{"id":3,"a":"scalar","a__b":[[]],"_sdc_source_key_id":1,"":{"":[0]}}',
    ];
    const points = texts.map(
      (data, index) =>
        `{"client_id":${tenant.clientId},"action":"upsert","sequence":${index},` +
        `"table_name":"t","key_names":["id"],"data":${data}}`,
    );
    expect((await pushText(tenant, `[${points.join()}]`)).status).toBe(201);
    const tables = await listTables(testEnv, tenant.clientId);
    expect(tables.map(({ name }) => name).toSorted()).toEqual(
      [
        "t",
        "t____",
        "t____proto__",
        "t__a",
        "t__a__b",
        "t__a__b__c",
        "t__x____proto____y",
      ].toSorted(),
    );
    let records = 0;
    for (const table of tables) {
      const columns = (await listColumns(testEnv, table.id)).map(({ name }) => name);
      const used = new Set<string>();
      for (const { key, data } of await storedRows(tenant, "t")) {
        for (const record of unroller(table)({ key, data: parseExact(data) as JsonObject })) {
          for (const name of Object.keys(record)) used.add(name);
          records += 1;
        }
      }
      expect([...used].toSorted()).toEqual(columns.toSorted());
    }
    // 3 roots; t__a 3; t__a__b 1 + 1; t__a__b__c 2; the others 1 each.
    expect(records).toBe(3 + 3 + 2 + 2 + 3);
  });

  test("are found again whatever the table is called", async () => {
    const tenant = await nestedTenant();
    const names = ["\0", "\ud800", 'quote"', "back\\", "é", "__proto__", "_", "t%", "t", "t_"];
    const points = names.map((name) => order({ id: 1, list: [1] }, 1, { table_name: name }));
    expect((await pushRecords(tenant, points)).status).toBe(201);
    const found = await findTables(otherIsolate(), tenant, new Set(names));
    for (const name of names) {
      expect([...(found.get(name)?.subtables?.keys() ?? [])]).toEqual([`${name}__list`]);
    }
  });

  test("stay JSON by default", async () => {
    const tenant = await newTenant();
    await pushRecords(tenant, [order()]);
    expect(await tableNames(tenant)).toEqual(["orders"]);
    expect(await columnsOf(tenant, "orders")).toContain("line_items json");
    await pushRecords(tenant, [order({ id: 1 }, 1, { table_name: "orders__line_items" })]);
    expect(await tableNames(tenant)).toEqual(["orders", "orders__line_items"]);
  });
});

describe("rows", () => {
  test("of a replaced row are replaced with it", async () => {
    const tenant = await nestedTenant();
    await pushRecords(tenant, [order({ id: 1, list: [1, 2, 3] }), order({ id: 2, list: ["two"] })]);
    await pushRecords(tenant, [order({ id: 1, list: [9] }, 2), order({ id: 2, list: [0] }, 0)]);
    const rows = (await recordsOf(tenant, "orders__list")).toSorted();
    expect(rows).toEqual([
      '{"_sdc_source_key_id":1,"_sdc_level_0_id":0,"value":9}',
      '{"_sdc_source_key_id":2,"_sdc_level_0_id":0,"value":"two"}',
    ]);
    await pushRecords(tenant, [order({ id: 1 }, 3), order({ id: 2, list: {} }, 3)]);
    expect(await recordsOf(tenant, "orders__list")).toEqual([]);
  });

  test("are exported like those of any table", async () => {
    const tenant = await nestedTenant();
    await pushRecords(tenant, [order(), order({ id: 2 }), order({ ...ORDER, id: 3, notes: [] })]);
    const items = await exported(tenant, "orders__line_items");
    expect(items.header).toBe("_sdc_source_key_id,_sdc_level_0_id,sku,price__amount");
    expect(items.rows.toSorted()).toEqual(["1,0,A,1.5", "1,1,B,", "3,0,A,1.5", "3,1,B,"]);
    const roots = await exported(tenant, "orders");
    expect(roots.header).toBe("id,customer__name,customer__address__city");
    expect(roots.rows.toSorted()).toEqual(["1,Ann,Bonn", "2,,", "3,Ann,Bonn"]);
    expect((await exported(tenant, "orders__notes")).rows).toEqual(["1,0,x", "1,1,", "1,2,[1]"]);
  });

  test("of a version that is switched away from are gone", async () => {
    const tenant = await nestedTenant();
    await pushRecords(tenant, [
      order({ id: 1, list: [1] }, 1, { table_version: 1 }),
      order({ id: 2, list: [2] }, 1, { table_version: 2 }),
      { table_name: "orders", sequence: 2, action: "activate_version", table_version: 2 },
    ]);
    expect(await recordsOf(tenant, "orders__list")).toEqual([
      '{"_sdc_source_key_id":2,"_sdc_level_0_id":0,"value":2}',
    ]);
  });

  test("come in pages that end in the middle of a row, with the row's sequence", async () => {
    const tenant = await nestedTenant();
    const lists = [[], [1, 2, 3, 4, 5], [], [6], [], [7, 8], []];
    await pushRecords(
      tenant,
      lists.map((list, id) => order({ id, list, a: { b: id } }, 40 + id)),
    );
    const all = await recordsOf(tenant, "orders__list");
    expect(all).toHaveLength(8);
    for (const limit of [1, 2, 3, 5, 8]) {
      expect(await recordsOf(tenant, "orders__list", limit)).toEqual(all);
    }
    expect((await recordsOf(tenant, "orders", 2)).toSorted()).toEqual(
      lists.map((_, id) => `{"id":${id},"a__b":${id}}`),
    );
    const id = await exportTableId(tenant, "orders__list");
    const answer = await adminCall("GET", `/clients/${tenant.clientId}/tables/${id}/rows`);
    const rows = member(answer, "rows") as { sequence: string; data: Record<string, number> }[];
    for (const { sequence, data } of rows) {
      expect(sequence).toBe(String(40 + Number(data["_sdc_source_key_id"])));
    }
  });
});

/** What each surface answers to a record with these data; all in the same integration. */
async function refusals(tenant: Tenant, table: string, data: object): Promise<string[]> {
  const record = { client_id: tenant.clientId, action: "upsert", sequence: 9, key_names: ["id"] };
  const body = JSON.stringify([{ ...record, table_name: table, data }]);
  const points = [{ keys: ["id"], ...data }];
  const answers = [
    pushText(tenant, body),
    pushText(tenant, body, {}, "validate"),
    sendBatch(tenant, batchOf(table, [upsert(9, data)])),
    pushPoints(tenant, table, points),
    pushPoints(tenant, table, points, { base: "/sandbox" }),
  ];
  return (await Promise.all(answers.map(seen))).map(({ status, text }) => `${status} ${text}`);
}

const STATUSES = [422, 422, 400, 400, 400];

describe("names that are taken", () => {
  test("a table whose name is a subtable's is refused", async () => {
    const tenant = await nestedTenant();
    await pushRecords(tenant, [order({ id: 1, list: [1] })]);
    const answers = await refusals(tenant, "orders__list", { id: 1 });
    expect(answers.map((text) => Number(text.slice(0, 3)))).toEqual(STATUSES);
    for (const text of answers) {
      expect(text).toContain("orders__list is a subtable of another table");
    }
    const activate = { table_name: "orders__list", sequence: 2, action: "activate_version" };
    expect((await pushRecords(tenant, [{ ...activate, table_version: 2 }])).status).toBe(422);
    expect(await tableNames(tenant)).toEqual(["orders", "orders__list"]);
    expect(await recordsOf(tenant, "orders__list")).toHaveLength(1);
  });

  test("a subtable whose name is a table's, or another table's subtable's, is refused", async () => {
    const tenant = await nestedTenant();
    await pushRecords(tenant, [
      order({ id: 1 }, 1, { table_name: "orders__list" }),
      order({ id: 1, b: [1] }, 1, { table_name: "orders__a" }),
    ]);
    const before = await tableNames(tenant);
    for (const [data, name] of [
      [{ id: 1, list: [1] }, "orders__list"],
      [{ id: 1, a: { b: [1] } }, "orders__a__b"],
      [{ id: 1, ok: [1], a: [1] }, "orders__a"],
    ] as const) {
      const answers = await refusals(tenant, "orders", data);
      expect(answers.map((text) => Number(text.slice(0, 3)))).toEqual(STATUSES);
      for (const text of answers) {
        expect(text).toContain(`table orders needs the subtable ${name}, whose name is taken`);
      }
    }
    expect(await tableNames(tenant)).toEqual(before);
    expect(await storedRows(tenant, "orders")).toEqual([]);
  });

  test("the answer names the first wrong record, within a request too", async () => {
    const tenant = await nestedTenant();
    const list = order({ id: 1, list: [1] });
    const table = order({ id: 1 }, 1, { table_name: "orders__list" });
    for (const [records, record] of [
      [[order({ id: 0 }), list, table], 2],
      [[table, order({ id: 0 }), list], 2],
      [[table, list, order({})], 1],
    ] as const) {
      const answer = await pushRecords(tenant, records);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ record });
      expect(await tableNames(tenant)).toEqual([]);
    }
    const other = { action: "activate_version", sequence: 1, table_version: 1 };
    const none = { ...other, table_name: "orders__list" };
    expect((await pushRecords(tenant, [none, list])).status).toBe(201);
  });

  test("an isolate that knows an older catalogue refuses the same, and stores nothing", async () => {
    const tenant = await nestedTenant();
    const env = otherIsolate();
    expect((await pushWith(env, tenant, [order({ id: 1 })])).status).toBe(201);
    await pushRecords(tenant, [order({ id: 1 }, 1, { table_name: "orders__list" })]);
    const wrong = [
      order({ id: 1 }, 1, { table_name: "other" }),
      order({ id: 1, ok: [1], list: [1] }, 2),
    ];
    for (const endpoint of ["validate", "push"] as const) {
      const records = wrong.map((r) => ({ client_id: tenant.clientId, action: "upsert", ...r }));
      const answer = await pushTextWith(env, tenant, JSON.stringify(records), endpoint);
      expect(answer.status).toBe(422);
      const text = await answer.text();
      expect(text).toContain("needs the subtable orders__list");
      expect(JSON.parse(text)).toMatchObject({ record: 1 });
    }
    expect(await tableNames(tenant)).toEqual(["orders", "orders__list"]);
    expect((await storedRows(tenant, "orders")).map(({ sequence }) => sequence)).toEqual(["1"]);
    // A subtable that another isolate has made since is no reason.
    await pushRecords(tenant, [order({ id: 2, more: [1] })]);
    const right = [
      { client_id: tenant.clientId, action: "upsert", ...order({ id: 3, more: [1] }) },
    ];
    for (const endpoint of ["validate", "push"] as const) {
      const answer = await pushTextWith(env, tenant, JSON.stringify(right), endpoint);
      expect(answer.ok, await answer.text()).toBe(true);
    }
  });
});

describe("races", () => {
  stillClock();

  test("pushes that create the same subtable at once make one", async () => {
    const tenant = await nestedTenant();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, id) =>
        pushWith(otherIsolate(), tenant, [
          order({ id, list: [{ [`c${id}`]: id, shared: id, deep: [id] }] }),
        ]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect((await tableNames(tenant)).toSorted()).toEqual([
      "orders",
      "orders__list",
      "orders__list__deep",
    ]);
    expect((await columnsOf(tenant, "orders__list")).toSorted()).toEqual(
      ["_sdc_level_0_id", "_sdc_source_key_id", "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"]
        .concat("shared")
        .map((name) => `${name} integer`),
    );
    expect(await recordsOf(tenant, "orders__list__deep")).toHaveLength(8);
  });

  test("of a table and a subtable of one name one wins, and the other stores nothing", async () => {
    const tenant = await nestedTenant();
    const pushes = Array.from({ length: 8 }, (_, id) =>
      pushWith(otherIsolate(), tenant, [
        id % 2 === 0 ? order({ id, list: [1] }) : order({ id }, 1, { table_name: "orders__list" }),
      ]),
    );
    const statuses = (await Promise.all(pushes)).map(({ status }) => status);
    const isTable = (await storedRows(tenant, "orders__list")).length > 0;
    expect(statuses).toEqual(statuses.map((_, id) => ((id % 2 === 1) === isTable ? 201 : 422)));
    expect(await tableNames(tenant)).toEqual(
      isTable ? ["orders__list"] : ["orders", "orders__list"],
    );
    expect(await storedRows(tenant, "orders")).toHaveLength(isTable ? 0 : 4);
  });
});

describe("the cache", () => {
  test("a warm push makes no call to the catalogue, a new subtable three", async () => {
    const tenant = await nestedTenant();
    const calls: TappedCall[] = [];
    const tap: Tap = (call, next) => {
      // The note of a client's imports is written beside the requests.
      if (!call.statements.some(({ sql }) => /UPDATE (?:clients|import_tokens)/.test(sql))) {
        calls.push(call);
      }
      return next();
    };
    const env = tapEnv(testEnv, tap);
    expect((await pushWith(env, tenant, [order()])).status).toBe(201);
    calls.length = 0;
    for (let id = 2; id < 5; id += 1) await pushWith(env, tenant, [order({ ...ORDER, id })]);
    expect(calls.map(({ binding }) => binding)).toEqual(Array(3).fill("TABLE_RANGE"));
    calls.length = 0;
    await pushWith(env, tenant, [order({ id: 5, more: [1] })]);
    expect(calls.filter(({ binding }) => binding === "CATALOG")).toHaveLength(3);
    calls.length = 0;
    await pushWith(env, tenant, [order({ id: 6, more: [2], notes: ["x"] })]);
    expect(calls.map(({ binding }) => binding)).toEqual(["TABLE_RANGE"]);
  });
});

describe("limits", () => {
  const listsOf = (count: number, prefix = "f"): object =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, [1]]));

  test("of subtables of a table", async () => {
    const tenant = await nestedTenant();
    const most = { id: 1, ...listsOf(SUBTABLES_MAX) };
    expect((await pushRecords(tenant, [order(most)])).status).toBe(201);
    expect(await tableNames(tenant)).toHaveLength(SUBTABLES_MAX + 1);
    const answers = await refusals(tenant, "orders", { id: 1, one: [1] });
    expect(answers.map((text) => Number(text.slice(0, 3)))).toEqual(STATUSES);
    for (const text of answers) {
      expect(text).toContain("table orders cannot have more than 200 subtables");
    }
  });

  test("of names, columns and depth", async () => {
    const tenant = await nestedTenant();
    const long = "n".repeat(600);
    const deep: unknown = JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`);
    const wide = Object.fromEntries(Array.from({ length: 1_999 }, (_, i) => [`c${i}`, 1]));
    for (const [data, text] of [
      [{ id: 1, [long]: { [long]: [1] } }, "subtables cannot be longer than 1024 characters"],
      [{ id: 1, [long]: { [long]: 1 } }, "field names cannot be longer than 1024 characters"],
      [{ id: 1, list: [wide] }, "table orders__list cannot have more than 2000 columns"],
      [{ id: 1, deep }, "deeper than 100 levels"],
    ] as const) {
      const answers = await refusals(tenant, "orders", data);
      expect(answers.map((answer) => Number(answer.slice(0, 3)))).toEqual(STATUSES);
      for (const answer of answers) expect(answer).toContain(text);
    }
    expect(await tableNames(tenant)).toEqual([]);
  });
});
