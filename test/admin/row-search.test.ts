import { describe, expect, test } from "vitest";
import { batchOf, sendBatch, upsert } from "../support/batch-and-points.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";
import { type Answer, call, expectProblem } from "./call.ts";

async function push(tenant: Tenant, table: string, keys: readonly string[], rows: string) {
  const body = `{"table_name":"${table}","schema":{},"key_names":${JSON.stringify(keys)},"messages":[${rows}]}`;
  const answer = await sendBatch(tenant, body);
  expect(answer.status, await answer.text()).toBe(201);
}

const message = (data: string): string => `{"action":"upsert","sequence":7,"data":${data}}`;

async function search(tenant: Tenant, table: string, key: string): Promise<Answer> {
  const path = `/clients/${tenant.clientId}/tables/${await tableId(tenant, table)}/rows`;
  return call("GET", `${path}?key=${encodeURIComponent(key)}`);
}

describe("GET …/rows?key=", () => {
  test("finds the one row, its numbers as they are stored, on whichever shard", async () => {
    const tenant = await newTenant();
    const datas = Array.from({ length: 50 }, (_, id) => `{"id":${id},"big":9007199254740993}`);
    await push(tenant, "t", ["id"], datas.map(message).join(","));
    for (let id = 0; id < 50; id += 1) {
      const answer = await search(tenant, "t", `{"id":${id}.0}`);
      expect(answer.status, answer.text).toBe(200);
      expect(answer.text).toBe(
        `{"rows":[{"sequence":"7","data":{"id":${id},"big":9007199254740993}}],"next":null}`,
      );
    }
  });

  test("tells texts, numbers and booleans apart, and takes all of several keys", async () => {
    const tenant = await newTenant();
    const datas = ['{"b":"1","a":1}', '{"b":"1","a":"1"}', '{"b":true,"a":"x\\"y"}'];
    await push(tenant, "t", ["b", "a"], datas.map(message).join(","));
    for (const data of datas) {
      expect((await search(tenant, "t", data)).text).toContain(`"data":${data}}`);
    }
    expect((await search(tenant, "t", '{"a":2,"b":"1"}')).text).toBe('{"rows":[],"next":null}');
  });

  test("shows the records of a row that is unrolled, of a subtable by its root's key", async () => {
    const tenant = await newTenant({ nested: true });
    const row = upsert(1, { id: 1, o: { a: 2 }, list: [{ x: 1 }, { x: 2 }] });
    expect((await sendBatch(tenant, batchOf("root", [row]))).status).toBe(201);
    expect((await search(tenant, "root", '{"id":1}')).json).toMatchObject({
      rows: [{ data: { id: 1, o__a: 2 } }],
    });
    expect((await search(tenant, "root__list", '{"id":1}')).json).toMatchObject({
      rows: [{ data: { x: 1 } }, { data: { x: 2 } }],
    });
  });

  test.each([
    "",
    "1",
    "{",
    "[1]",
    "{}",
    '{"id":1,"other":2}',
    '{"id":null}',
    '{"id":[1]}',
    '{"id":{}}',
    '{"__proto__":1}',
    `{"id":"${"x".repeat(16_500)}"}`,
  ])("refuses %o, which is no key of the table", async (key) => {
    const tenant = await newTenant();
    await push(tenant, "t", ["id"], message('{"id":1}'));
    expectProblem(await search(tenant, "t", key), 422, "admin_invalid");
  });

  test("refuses a key for an append-only table, and a cursor beside a key", async () => {
    const tenant = await newTenant();
    await push(tenant, "log", [], message('{"id":1}'));
    expectProblem(await search(tenant, "log", '{"id":1}'), 422, "admin_invalid");
    const path = `/clients/${tenant.clientId}/tables/${await tableId(tenant, "log")}/rows`;
    expectProblem(await call("GET", `${path}?key={}&after=x`), 422, "admin_invalid");
  });
});

describe("GET …/tables/:tid", () => {
  test("shows keys and columns with their types, in the order of their first appearance", async () => {
    const tenant = await newTenant();
    await push(tenant, "q't", ["id"], message('{"id":1,"z":1.5,"a":"x","o":{},"f":true}'));
    const id = await tableId(tenant, "q't");
    const answer = await call("GET", `/clients/${tenant.clientId}/tables/${id}`);
    expect(answer.json).toMatchObject({
      id,
      name: "q't",
      integration_id: tenant.integrationId,
      key_names: ["id"],
      parent_id: null,
      columns: [
        { name: "id", type: "integer" },
        { name: "z", type: "decimal" },
        { name: "a", type: "string" },
        { name: "o", type: "json" },
        { name: "f", type: "boolean" },
      ],
    });
  });

  test("another client's table does not exist", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    await push(other, "t", ["id"], message('{"id":1}'));
    const id = await tableId(other, "t");
    expectProblem(await call("GET", `/clients/${tenant.clientId}/tables/${id}`), 404, "not_found");
  });
});
