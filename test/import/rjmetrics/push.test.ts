/** What the RJMetrics import takes and stores (wire.md 3.1, 3.3, 7). */
import { describe, expect, it } from "vitest";
import { TYPE_BITS } from "../../../src/warehouse/columns.ts";
import {
  columnsOf,
  json,
  pushPoints,
  seen,
  storedData,
  storedPairs,
  tablePath,
  tablesOf,
} from "../../support/batch-and-points.ts";
import { newTenant, newToken, pushRecords, send, storedRows } from "../../support/tenant.ts";

const CREATED = json(201, '{"code":201,"message":"created"}');

describe.each(["v2", "v1"] as const)("%s takes", (version) => {
  it("one object, and stores it without its keys", async () => {
    const tenant = await newTenant();
    const body = `{"keys": ["id"], "id": 1, "email": "joe@schmo.com", "status": "pending"}`;
    expect(await seen(pushPoints(tenant, "users", body, { version }))).toEqual(CREATED);
    expect(await storedRows(tenant, "users")).toEqual([
      {
        key: "A1",
        sequence: "-1",
        version: "0",
        data: '{"id":1,"email":"joe@schmo.com","status":"pending"}',
      },
    ]);
    expect((await columnsOf(tenant)).map(({ name }) => name)).toEqual(["id", "email", "status"]);
  });

  it("an array: a later element replaces an earlier one with the same keys, as a whole", async () => {
    const tenant = await newTenant();
    const keys = ["id"];
    const points = [
      { keys, id: 1, status: "pending", note: "gone" },
      { keys, id: 2, status: "pending" },
      { keys, id: 1, status: "complete" },
    ];
    expect(await seen(pushPoints(tenant, "orders", points, { version }))).toEqual(CREATED);
    expect(await storedData(tenant, "orders")).toEqual([
      '{"id":1,"status":"complete"}',
      '{"id":2,"status":"pending"}',
    ]);
  });
});

describe("the last write", () => {
  it("wins over requests, also with the same point again and an older state", async () => {
    const tenant = await newTenant();
    for (const status of ["new", "paid", "new", "new"]) {
      const answer = await pushPoints(tenant, "t", { keys: ["id"], id: 1, status });
      expect(answer.status).toBe(201);
      expect(await storedData(tenant, "t")).toEqual([`{"id":1,"status":"${status}"}`]);
    }
  });

  it("wins in an array of 100 points with one key", async () => {
    const tenant = await newTenant();
    const points = Array.from({ length: 100 }, (_, n) => ({ keys: ["id"], id: "a", n }));
    expect((await pushPoints(tenant, "t", points)).status).toBe(201);
    expect(await storedData(tenant, "t")).toEqual(['{"id":"a","n":99}']);
  });
});

describe("keys", () => {
  it("can be several, in any order, and of any scalar type", async () => {
    const tenant = await newTenant();
    const points = [
      { keys: ["b", "a"], a: "x", b: 1, v: 1 },
      { keys: ["a", "b"], a: "x", b: 1, v: 2 },
      { keys: ["a", "b", "a"], a: "x", b: "1", v: 3 },
      { keys: ["a", "b"], a: true, b: 0, v: 4 },
      { keys: ["a", "b"], a: "true", b: 0, v: 5 },
    ];
    expect(await seen(pushPoints(tenant, "t", points))).toEqual(CREATED);
    const data = await storedData(tenant, "t");
    const values = data.map((text) => (JSON.parse(text) as { v: number }).v);
    expect(new Set(values)).toEqual(new Set([2, 3, 4, 5]));
    expect(values).toHaveLength(4);
  });

  it("are longer than over Stitch", async () => {
    const tenant = await newTenant();
    const id = "x".repeat(10_000);
    expect((await pushPoints(tenant, "t", { keys: ["id"], id })).status).toBe(201);
    expect(await storedData(tenant, "t")).toEqual([`{"id":"${id}"}`]);
  });

  it("are the field id on v1 where the object has none, mixed or not", async () => {
    const tenant = await newTenant();
    const points = [
      { id: 1, v: 1 },
      { keys: ["id"], id: 2 },
      { v: 3, id: 1 },
    ];
    expect(await seen(pushPoints(tenant, "t", points, { version: "v1" }))).toEqual(CREATED);
    expect(await storedData(tenant, "t")).toEqual(['{"v":3,"id":1}', '{"id":2}']);
    const paid = { keys: ["n"], id: 1, n: 5 };
    expect((await pushPoints(tenant, "other", paid, { version: "v1" })).status).toBe(201);
    expect(await storedData(tenant, "other")).toEqual(['{"id":1,"n":5}']);
  });

  it("come from v1 and v2 into one table", async () => {
    const tenant = await newTenant();
    await pushPoints(tenant, "t", { id: 1, v: 1 }, { version: "v1" });
    await pushPoints(tenant, "t", { keys: ["id"], id: 1, v: 2 });
    expect(await storedData(tenant, "t")).toEqual(['{"id":1,"v":2}']);
  });
});

describe("values", () => {
  it("keep every digit; texts that look like dates stay texts", async () => {
    const tenant = await newTenant();
    const data =
      '"id":9007199254740993,"a":58.40,"b":-9999999999999999.9999999999999999999999,"c":1.0,"d":1e400,"at":"2012-08-01 14:22:32","n":null,"o":{"x":[1.10,{}]},"é\\u0000":"\\ud83d\\ude00"';
    expect((await pushPoints(tenant, "t", `{"keys":["id"],${data}}`)).status).toBe(201);
    const [text = ""] = await storedData(tenant, "t");
    expect(text).toBe(`{${data.replace("\\ud83d\\ude00", "😀")}}`);
    const { integer, decimal, string, json: object } = TYPE_BITS;
    const types = [integer, decimal, decimal, decimal, decimal, string, 0, object, string];
    expect((await columnsOf(tenant)).map((column) => column.types)).toEqual(types);
  });

  it("may have the names of an object's own machinery", async () => {
    const tenant = await newTenant();
    const data = '"__proto__":{"keys":["x"]},"constructor":1,"toString":"s"';
    const body = `{"keys":["constructor"],${data}}`;
    expect((await pushPoints(tenant, "t", body)).status).toBe(201);
    expect(await storedData(tenant, "t")).toEqual([`{${data}}`]);
  });

  it("of the Stitch surface stay data: sequence, action, table_version", async () => {
    const tenant = await newTenant();
    const point = { sequence: 5, action: "switch_view", table_version: 7, id: 1 };
    expect((await pushPoints(tenant, "t", { keys: ["id"], ...point })).status).toBe(201);
    const [row] = await storedRows(tenant, "t");
    expect(row).toMatchObject({ sequence: "-1", version: "0", data: JSON.stringify(point) });
  });
});

describe("requests", () => {
  // curl's default for --data, none at all, and one that contradicts the body.
  it.each([
    "application/x-www-form-urlencoded",
    "text/plain;charset=UTF-8",
    "application/json; charset=utf-8",
    "image/png",
    "",
  ])('of the Content-Type "%s" are read', async (type) => {
    const tenant = await newTenant();
    const headers = { "Content-Type": type };
    const answer = pushPoints(tenant, "t", { keys: ["id"], id: "é" }, { headers });
    expect(await seen(answer)).toEqual(CREATED);
    expect(await storedData(tenant, "t")).toEqual(['{"id":"é"}']);
  });

  it("carry the key in the query only, among other parameters", async () => {
    const tenant = await newTenant();
    const query = `?x=1&apikey=${tenant.token}&y=`;
    const point = { keys: ["id"], id: 1 };
    expect((await pushPoints(tenant, "t", point, { query })).status).toBe(201);
  });

  it("are good with every token of the integration, and make one set of tables", async () => {
    const tenant = await newTenant();
    const other = { ...tenant, ...(await newToken(tenant.integrationId)) };
    await pushPoints(tenant, "t", { keys: ["id"], id: 1 });
    await pushPoints(other, "t", { keys: ["id"], id: 2 });
    await pushRecords(other, [
      { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 3 } },
    ]);
    expect(await tablesOf(tenant)).toEqual(["t"]);
    expect(await storedPairs(tenant, "t")).toEqual([
      ["-1", { id: 1 }],
      ["-1", { id: 2 }],
      ["1", { id: 3 }],
    ]);
  });

  it("may have gzip and a byte order mark", async () => {
    const tenant = await newTenant();
    const text = '\uFEFF{"keys":["id"],"id":1}';
    const gzip = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    const body = new Uint8Array(await new Response(gzip).arrayBuffer());
    const headers = { "Content-Encoding": "gzip" };
    expect((await pushPoints(tenant, "t", body, { headers })).status).toBe(201);
    expect(await storedData(tenant, "t")).toEqual(['{"id":1}']);
  });

  it.each(["Orders_2", "_", "0", "SELECT", "x".repeat(255)])("name tables %s", async (table) => {
    const tenant = await newTenant();
    expect((await pushPoints(tenant, table, { keys: ["id"], id: 1 })).status).toBe(201);
    expect(await tablesOf(tenant)).toEqual([table]);
  });

  it("tell tables apart by the case of their names", async () => {
    const tenant = await newTenant();
    await pushPoints(tenant, "users", { keys: ["id"], id: 1 });
    await pushPoints(tenant, "Users", { keys: ["email"], email: "x" });
    expect(await tablesOf(tenant)).toEqual(["users", "Users"]);
  });

  it("are answered with no-store and Vary, without CORS headers", async () => {
    const tenant = await newTenant();
    const Origin = "https://shop.example.com";
    const { headers } = await send(tablePath(tenant, "t"), {
      method: "POST",
      headers: { Origin },
      body: '{"keys":["id"],"id":1}',
    });
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("vary")).toBe("Accept");
    expect(headers.get("content-type")).toBe("text/html; charset=UTF-8");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});
