import { describe, expect, it } from "vitest";
import { newTenant, pushText, storedRows, type Tenant } from "../../support/tenant.ts";

async function pushTransit(tenant: Tenant, body: string): Promise<void> {
  const headers = { "Content-Type": "application/transit+json; charset=utf-8" };
  const response = await pushText(tenant, body, headers);
  expect([response.status, await response.text()]).toEqual([201, ""]);
}

const data = async (tenant: Tenant, table: string): Promise<string[]> =>
  (await storedRows(tenant, table)).map((row) => row.data);

describe("a body in transit", () => {
  it("of the Python client is stored with exact values, and its cache is read", async () => {
    const tenant = await newTenant();
    const first =
      '["^ ","action","upsert","sequence",1565880017000,"data",["^ ","id",0,"f",1.0,' +
      '"s","~~tilde","s2","~^caret","big","~n9223372036854775808","i53","~i9007199254740993",' +
      `"when","~m1577934245678"],"key_names",["id"],"client_id",${tenant.clientId},"table_name","orders"]`;
    // action, sequence, data, when, key_names, client_id, table_name: ^0 to ^6.
    const second =
      '["^ ","^0","upsert","^1","~i1795241049244168801","^2",["^ ","id",1,"^3","~t2020-01-02T03:04:05.678Z"],' +
      `"^4",["id"],"^5",${tenant.clientId},"^6","orders"]`;
    await pushTransit(tenant, `[${first},${second}]`);
    const rows = await storedRows(tenant, "orders");
    expect(rows.map(({ sequence }) => sequence)).toEqual(["1565880017000", "1795241049244168801"]);
    expect(rows.map((row) => row.data)).toEqual([
      '{"id":0,"f":1.0,"s":"~tilde","s2":"^caret","big":9223372036854775808,' +
        '"i53":9007199254740993,"when":"2020-01-02T03:04:05.678Z"}',
      '{"id":1,"when":"2020-01-02T03:04:05.678Z"}',
    ]);
  });

  it("of the Java client has keywords, decimals, a namespace and a version", async () => {
    const tenant = await newTenant();
    const body =
      '[["^ ","sequence","~n9223372036854775807","key_names",["id"],"data",["^ ","id","~u531a379e-31bb-4ce1-8690-158dceb64be6",' +
      '"dec","~f58.40","nan","~zNaN","kw","~:paid","set",["~#set",[1,2]]],"namespace","event_tracking",' +
      `"action","upsert","table_version",3,"table_name","people","client_id",${tenant.clientId}]]`;
    await pushTransit(tenant, body);
    const id = "531a379e-31bb-4ce1-8690-158dceb64be6";
    expect(await storedRows(tenant, "people")).toEqual([
      {
        key: `"${id}"`,
        sequence: "9223372036854775807",
        version: "3",
        data: `{"id":"${id}","dec":58.40,"nan":null,"kw":"paid","set":[1,2]}`,
      },
    ]);
  });

  it("may be verbose, with tagged keys", async () => {
    const tenant = await newTenant();
    const record =
      `{"~:client_id":${tenant.clientId},"~:table_name":"t","~:sequence":{"~#i":5},` +
      '"~:action":"~:upsert","~:key_names":["~:id"],"~:data":{"~:id":"~i7","ok":"~?t"}}';
    await pushTransit(tenant, `[${record.replace('{"~#i":5}', '"~i5"')}]`);
    expect(await data(tenant, "t")).toEqual(['{"id":7,"ok":true}']);
  });

  it.each(["5", '"~i5"', '"~n5"'])("may write the sequence as %s", async (sequence) => {
    const tenant = await newTenant();
    const record = `["^ ","client_id",${tenant.clientId},"table_name","t","sequence",${sequence},"action","upsert","key_names",["id"],"data",["^ ","id",1]]`;
    await pushTransit(tenant, `[${record}]`);
    expect(await storedRows(tenant, "t")).toMatchObject([{ sequence: "5" }]);
  });

  it("has the same keys as a body in JSON: one row", async () => {
    const tenant = await newTenant();
    const transit = `["^ ","client_id",${tenant.clientId},"table_name","t","sequence",1,"action","upsert","key_names",["id"],"data",["^ ","id","~n9007199254740993"]]`;
    await pushTransit(tenant, `[${transit}]`);
    const json = `[{"client_id":${tenant.clientId},"table_name":"t","sequence":2,"action":"upsert","key_names":["id"],"data":{"id":9007199254740993,"v":2}}]`;
    expect((await pushText(tenant, json)).status).toBe(201);
    expect(await data(tenant, "t")).toEqual(['{"id":9007199254740993,"v":2}']);
  });

  it.each(['"~f5.0"', '"~d5.5"', "5.5"])("is refused with the sequence %s", async (sequence) => {
    const tenant = await newTenant();
    const record = `["^ ","client_id",${tenant.clientId},"table_name","t","sequence",${sequence},"action","upsert","key_names",["id"],"data",["^ ","id",1]]`;
    const headers = { "Content-Type": "application/transit+json" };
    const response = await pushText(tenant, `[${record}]`, headers);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ reason: { sequence: ["should be an integer"] } }],
      record: 0,
    });
    expect(await data(tenant, "t")).toEqual([]);
  });
});
