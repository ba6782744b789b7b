/** Promise P2 from end to end: what goes in over any wire format comes out of an export as it was. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exported, infoOf } from "../support/export.ts";
import { newTenant, pushText, send, storedRows, type Tenant } from "../support/tenant.ts";

const NUMBERS = [
  "9007199254740993",
  "58.40",
  "-9999999999999999.9999999999999999999999",
  "1e400",
  "1E-400",
  "-0",
  "-0.0",
  "0.1000000000000000055511151231257827",
  "1.0",
  "1e2",
  "1E+2",
  "100000000000000000000000",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775809",
  "1574807356000000001",
  "123456789012345678901234567890.123456789012345678901234567890",
];

const record = (tenant: Tenant, id: number, data: string, sequence = "1"): string =>
  `{"client_id":${tenant.clientId},"table_name":"t","action":"upsert","sequence":${sequence},` +
  `"key_names":["id"],"data":{"id":${id},${data}}}`;

/** The fields of a file of two columns by id. */
function byId(rows: readonly string[]): string[] {
  const fields = rows.map((row) => [Number(row.split(",")[0]), row.slice(row.indexOf(",") + 1)]);
  return fields.toSorted((a, b) => Number(a[0]) - Number(b[0])).map(([, field]) => String(field));
}

describe("numbers", () => {
  test("in JSON", async () => {
    const tenant = await newTenant();
    const records = NUMBERS.map((number, id) => record(tenant, id, `"n":${number}`));
    expect((await pushText(tenant, `[${records.join()}]`)).status).toBe(201);
    const { header, rows } = await exported(tenant, "t");
    expect(header).toBe("id,n");
    expect(byId(rows)).toEqual(NUMBERS);
  });

  test("in nested values", async () => {
    const tenant = await newTenant();
    const nested = `[${NUMBERS.join()},{"a":${NUMBERS[2]}}]`;
    await pushText(tenant, `[${record(tenant, 1, `"n": ${nested.replaceAll(",", " , ")}`)}]`);
    const { rows } = await exported(tenant, "t");
    expect(byId(rows)).toEqual([`"${nested.replaceAll('"', '""')}"`]);
  });

  test("in Transit", async () => {
    const tenant = await newTenant();
    const tagged: [transit: string, csv: string][] = [
      ['"~n9223372036854775808"', "9223372036854775808"],
      ['"~i9007199254740993"', "9007199254740993"],
      ['"~f58.40"', "58.40"],
      ['"~f-9999999999999999.9999999999999999999999"', "-9999999999999999.9999999999999999999999"],
      ["1574807356000000001", "1574807356000000001"],
      ["58.40", "58.40"],
      ['"~d1.5"', "1.5"],
      ['"~zNaN"', ""],
      ['"~m1577934245678"', "2020-01-02T03:04:05.678Z"],
      ['"~~tilde"', "~tilde"],
    ];
    const records = tagged.map(
      ([value], id) =>
        `["^ ","client_id",${tenant.clientId},"table_name","t","action","upsert","sequence",` +
        `"~i9223372036854775807","key_names",["id"],"data",["^ ","id",${id},"n",${value}]]`,
    );
    const type = { "Content-Type": "application/transit+json" };
    expect((await pushText(tenant, `[${records.join()}]`, type)).status).toBe(201);
    const rows = await storedRows(tenant, "t");
    expect(new Set(rows.map((row) => row.sequence))).toEqual(new Set(["9223372036854775807"]));
    expect(byId((await exported(tenant, "t")).rows)).toEqual(tagged.map(([, csv]) => csv));
  });

  test("over RJMetrics and over batch", async () => {
    const tenant = await newTenant();
    const points = NUMBERS.map((number, id) => `{"keys":["id"],"id":${id},"n":${number}}`);
    const path = `/v2/client/${tenant.clientId}/table/rj/data?apikey=${tenant.token}`;
    const pushed = await send(path, { method: "POST", body: `[${points.join()}]` });
    expect(pushed.status).toBe(201);
    expect(byId((await exported(tenant, "rj")).rows)).toEqual(NUMBERS);
    const messages = NUMBERS.map(
      (n, id) => `{"action":"upsert","sequence":1795241049244168800,"data":{"id":${id},"n":${n}}}`,
    );
    const batch = `{"table_name":"b","key_names":["id"],"schema":{},"messages":[${messages.join()}]}`;
    expect((await pushText(tenant, batch, {}, "batch")).status).toBe(201);
    expect(byId((await exported(tenant, "b")).rows)).toEqual(NUMBERS);
  });

  test("of any digits", async () => {
    const tenant = await newTenant();
    const number = fc
      .tuple(
        fc.constantFrom("", "-"),
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        fc.option(fc.stringMatching(/^\d{1,25}$/), { nil: undefined }),
        fc.option(fc.stringMatching(/^[eE][+-]?\d{1,3}$/), { nil: undefined }),
      )
      .map(([sign, whole, fraction, exponent]) =>
        [sign, whole, fraction === undefined ? "" : `.${fraction}`, exponent ?? ""].join(""),
      );
    const [numbers = []] = fc.sample(fc.array(number, { minLength: 500, maxLength: 500 }), 1);
    const records = numbers.map((text, id) => record(tenant, id, `"n":${text}`));
    expect((await pushText(tenant, `[${records.join()}]`)).status).toBe(201);
    expect(byId((await exported(tenant, "t")).rows)).toEqual(numbers);
  });

  test("as keys: spellings of one value are one row, neighbours are two", async () => {
    const tenant = await newTenant();
    const keys = [
      "1",
      "1.0",
      "1e0",
      '"1"',
      "true",
      '"true"',
      "9007199254740992",
      "9007199254740993",
    ];
    const records = keys.map((key, index) =>
      record(tenant, 0, `"n":${index}`, String(index)).replace('{"id":0,', `{"id":${key},`),
    );
    expect((await pushText(tenant, `[${records.join()}]`)).status).toBe(201);
    const { rows } = await exported(tenant, "t");
    expect(rows.toSorted()).toEqual(
      ["1e0,2", "1,3", "true,4", "true,5", "9007199254740992,6", "9007199254740993,7"].toSorted(),
    );
  });
});

describe("sequences", () => {
  test.each([
    ["1795241049244168800", "1795241049244168801"],
    ["9007199254740992", "9007199254740993"],
    ["9223372036854775806", "9223372036854775807"],
    ["0", "1"],
  ])("%s is lower than %s", async (low, high) => {
    const tenant = await newTenant();
    const push = (sequence: string, text: string): Promise<Response> =>
      pushText(tenant, `[${record(tenant, 1, `"n":"${text}"`, sequence)}]`);
    for (const [sequence, text] of [
      [low, "low"],
      [high, "high"],
      [low, "late"],
      [high, "equal"],
    ] as const) {
      expect((await push(sequence, text)).status).toBe(201);
    }
    expect(byId((await exported(tenant, "t")).rows)).toEqual(["high"]);
    expect((await storedRows(tenant, "t"))[0]?.sequence).toBe(high);
  });
});

describe("values", () => {
  test("of each kind, absent ones, and fields that a newer row has not", async () => {
    const tenant = await newTenant();
    const values: [json: string, csv: string][] = [
      ["null", ""],
      ['""', '""'],
      ['"null"', "null"],
      ["true", "true"],
      ["false", "false"],
      ['"a,b"', '"a,b"'],
      ['"a\\"b"', '"a""b"'],
      ['"a\\r\\nb"', '"a\r\nb"'],
      ['"=1+1"', "=1+1"],
      ['" x "', " x "],
      ['"é😀\\u2028"', "é😀\u2028"],
      ['"2020-01-02"', "2020-01-02"],
      ['"\\u0000"', "\0"],
      ['"\\ud800"', "\ufffd"],
      ["[]", "[]"],
      ['{"a" : [1.0, null, "x,y"]}', '"{""a"":[1.0,null,""x,y""]}"'],
    ];
    const records = values.map(([json], id) => record(tenant, id, `"v":${json}`));
    expect((await pushText(tenant, `[${records.join()}]`)).status).toBe(201);
    const replaced = record(tenant, 100, '"v":1', "1") + "," + record(tenant, 100, '"w":2', "2");
    expect((await pushText(tenant, `[${replaced}]`)).status).toBe(201);
    const { id, header } = await exported(tenant, "t");
    expect(header).toBe("id,v,w");
    const text = (await exported(tenant, "t")).rows.join("\r\n");
    for (const [index, [, csv]] of values.entries()) {
      expect(`\r\n${text}\r\n`).toContain(`\r\n${index},${csv},\r\n`);
    }
    expect(text).toContain("100,,2");
    expect((await infoOf(tenant, id)).row_count).toBe(values.length + 1);
  });
});
