import { describe, expect, it } from "vitest";
import { rightRecord, tableNames } from "../../support/stitch.ts";
import { newTenant, pushRecords, pushText, storedRows, type Tenant } from "../../support/tenant.ts";

const ACCEPTED = '{"status":"OK","message":"Batch Accepted!"}';

/** Pushes rows of the table `t`, numbered by their sequences; the texts are JSON. */
async function pushData(tenant: Tenant, keyNames: string[], ...texts: string[]): Promise<void> {
  const records = texts.map((text, index) => {
    const members = { table_name: "t", sequence: index + 1, key_names: keyNames, data: "<DATA>" };
    return JSON.stringify(rightRecord(tenant, members)).replace('"<DATA>"', () => text);
  });
  const response = await pushText(tenant, `[${records.join(",")}]`);
  expect([response.status, await response.text()]).toEqual([201, ""]);
}

/** The data of the table `t`, as it is stored. */
async function dataOf(tenant: Tenant): Promise<string[]> {
  return (await storedRows(tenant, "t")).map(({ data }) => data).sort();
}

describe("the answer of push", () => {
  it.each([
    "*/*",
    "application/*",
    "text/html, */*;q=0.1",
    "application/json;q=0",
    "application/json; q=0.000",
    "application/jsonl",
    "application/vnd.api+json",
    "",
  ])("is empty and untyped with Accept: %s", async (accept) => {
    const tenant = await newTenant();
    const body = JSON.stringify([rightRecord(tenant)]);
    const response = await pushText(tenant, body, accept === "" ? {} : { Accept: accept });
    expect(response.status).toBe(201);
    expect(await response.text()).toBe("");
    expect(response.headers.get("content-type")).toBeNull();
    expect(response.headers.get("vary")).toBe("Accept");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await storedRows(tenant, "orders")).toHaveLength(1);
  });

  it.each([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/json;q=0.1",
    "application/json, text/plain, */*",
    "text/html ,application/json",
  ])("is JSON with Accept: %s", async (accept) => {
    const tenant = await newTenant();
    const body = JSON.stringify([rightRecord(tenant)]);
    const response = await pushText(tenant, body, { Accept: accept });
    expect(response.status).toBe(201);
    expect(await response.text()).toBe(ACCEPTED);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("vary")).toBe("Accept");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await storedRows(tenant, "orders")).toHaveLength(1);
  });
});

describe("what push reads", () => {
  it.each(["application/json; charset=utf-8", "Application/JSON", "application/json;charset=x"])(
    "reads the body with Content-Type: %s",
    async (type) => {
      const tenant = await newTenant();
      const body = JSON.stringify([rightRecord(tenant)]);
      expect((await pushText(tenant, body, { "Content-Type": type })).status).toBe(201);
      expect(await storedRows(tenant, "orders")).toHaveLength(1);
    },
  );

  it("drops a byte order mark", async () => {
    const tenant = await newTenant();
    const body = `\uFEFF${JSON.stringify([rightRecord(tenant)])}`;
    expect((await pushText(tenant, body)).status).toBe(201);
    expect(await storedRows(tenant, "orders")).toHaveLength(1);
  });

  it("ignores namespace and members that it does not know, and takes a version of null", async () => {
    const tenant = await newTenant();
    const extra = {
      namespace: { any: ["thing"] },
      _sdc: 1,
      key_properties: 5,
      table_version: null,
    };
    expect((await pushRecords(tenant, [rightRecord(tenant, extra)])).status).toBe(201);
    expect(await storedRows(tenant, "orders")).toEqual([
      { key: "A1", sequence: "1", version: "0", data: '{"id":1,"status":"new"}' },
    ]);
  });

  it("stores records of several tables from one request, each in its own", async () => {
    const tenant = await newTenant();
    const record = (table: string, id: number): Record<string, unknown> =>
      rightRecord(tenant, { table_name: table, data: { id, table } });
    const names = ["orders", "Orders", "users", "%2e%2e", '"; --', "😀\n\0", "e\u0301", "\u00e9"];
    const records = [...names, ...names].map((name, index) => record(name, index));
    expect((await pushRecords(tenant, records)).status).toBe(201);
    expect(await tableNames(tenant)).toEqual(names);
    for (const [index, name] of names.entries()) {
      const found = (await storedRows(tenant, name)).map(({ data }) => JSON.parse(data) as unknown);
      expect(found).toEqual([
        { id: index, table: name },
        { id: index + names.length, table: name },
      ]);
    }
  });

  it("keeps every digit of numbers, and leaves strings alone", async () => {
    const tenant = await newTenant();
    const data =
      '{"id":1,"a":9007199254740993,"b":58.40,"c":-9999999999999999.9999999999999999999999,' +
      '"d":1e400,"e":1.0,"f":-0,"when":"2020-01-02T03:04:05+0000","s":"58.40","n":[1.0,{"x":2.50}]}';
    await pushData(tenant, ["id"], data);
    expect(await dataOf(tenant)).toEqual([data]);
  });

  it("keeps fields named like members of Object", async () => {
    const tenant = await newTenant();
    const data = '{"__proto__":1,"constructor":"c","toString":null,"":"empty"}';
    await pushData(tenant, ["__proto__", ""], data);
    expect(await dataOf(tenant)).toEqual([data]);
  });
});

describe("the identity of a row", () => {
  it("takes all values of a composite key, each apart", async () => {
    const tenant = await newTenant();
    const rows = ['{"a":1,"b":2}', '{"a":2,"b":1}', '{"a":"1,2","b":""}', '{"a":"1","b":"2,"}'];
    await pushData(tenant, ["a", "b"], ...rows);
    expect(await dataOf(tenant)).toEqual([...rows].sort());
  });

  it("does not depend on the order of key_names, nor on their repetition", async () => {
    const tenant = await newTenant();
    await pushData(tenant, ["a", "b"], '{"a":1,"b":2,"v":1}');
    await pushData(tenant, ["b", "a"], '{"a":1,"b":2,"v":0}', '{"b":2,"a":1,"v":2}');
    await pushData(
      tenant,
      ["b", "a", "b"],
      '{"a":0,"b":0}',
      '{"a":0,"b":1}',
      '{"b":2,"a":1,"v":3}',
    );
    expect(await dataOf(tenant)).toEqual(['{"a":0,"b":0}', '{"a":0,"b":1}', '{"b":2,"a":1,"v":3}']);
  });

  it.each([
    ["1", "1.0", "1e0", "10e-1", "0.1E+1"],
    ["0", "-0", "0.000", "0e9"],
    ["-12.5", "-12.50", "-125e-1"],
    ["100000000000000000000000", "1e23"],
    ["true", "true"],
    ['"a"', '"\\u0061"'],
  ])("is one for %s and its other spellings", async (...keys) => {
    const tenant = await newTenant();
    await pushData(tenant, ["id"], ...keys.map((key) => `{"id":${key}}`));
    expect(await dataOf(tenant)).toEqual([`{"id":${keys.at(-1)?.replace("\\u0061", "a")}}`]);
  });

  it.each([
    ["1", '"1"', "true", '"true"', "false", '"false"'],
    ["9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994"],
    ["-9007199254740992", "-9007199254740993"],
    ["0.1", "0.1000000000000000000000000001", "0.10000000000000000000000001"],
    ['"e\u0301"', '"\u00e9"', '"E"', '"e"', '"e "'],
    ['""', "0", "false"],
  ])("differs for %s and its neighbours", async (...keys) => {
    const tenant = await newTenant();
    const rows = keys.map((key) => `{"id":${key}}`);
    await pushData(tenant, ["id"], ...rows);
    expect(await dataOf(tenant)).toEqual([...rows].sort());
  });
});

it("replaces the whole row: fields that are absent are gone", async () => {
  const tenant = await newTenant();
  await pushData(tenant, ["id"], '{"id":1,"a":1,"b":2}');
  await pushData(tenant, ["id"], '{"id":2}', '{"id":1,"b":3}');
  expect(await dataOf(tenant)).toEqual(['{"id":1,"b":3}', '{"id":2}']);
});

it("gives the same rows when a request is sent again", async () => {
  const tenant = await newTenant();
  const rows = ['{"id":1,"v":1}', '{"id":2,"v":2}', '{"id":1,"v":3}'];
  await pushData(tenant, ["id"], ...rows);
  const first = await storedRows(tenant, "t");
  await pushData(tenant, ["id"], ...rows);
  expect(await storedRows(tenant, "t")).toEqual(first);
});
