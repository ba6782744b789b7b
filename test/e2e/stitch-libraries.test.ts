/**
 * The clients of the Stitch Import API (wire.md 6): requests in their shapes and with their
 * header lines, and the least that each needs of an answer.
 */
import { describe, expect, it } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { CLIENT_ID } from "./constants.ts";
import { exchange, type RawAnswer } from "./raw.ts";
import { BASE, newSchema, rowsOf, rowsText, type Schema, tablesOf } from "./service.ts";

const HOST = `Host: ${new URL(BASE).host}`;
const ACCEPTED = { status: "OK", message: "Batch Accepted!" };

/** Sends a body with the header lines of a client. */
function post(
  token: string,
  endpoint: string,
  lines: readonly string[],
  body: string,
): Promise<RawAnswer> {
  const fixed = [HOST, `Authorization: Bearer ${token}`];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return exchange(BASE, `POST /v2/import/${endpoint}`, [...fixed, ...lines, length], body);
}

/** A body of which a client demands that it is JSON and says so. */
function typedJson(answer: RawAnswer): unknown {
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  return JSON.parse(answer.text) as unknown;
}

const AIOHTTP = [
  "Content-Type: application/json",
  "Accept: */*",
  "Accept-Encoding: gzip, deflate",
  "User-Agent: Python/3.11 aiohttp/3.8.4",
] as const;

describe("target-stitch", () => {
  const batch = (messages: string, version = "1565880017000"): string =>
    `{"table_name": "customers", "schema": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": ["null", "string"]}, "amt": {"type": ["null", "number"], "multipleOf": 1E-22}, "updated_at": {"type": ["null", "string"], "format": "date-time"}}}, "key_names": ["id"], "messages": [${messages}], "table_version": ${version}, "bookmark_names": ["updated_at"]}`;
  const upsert = (id: number, sequence: string, rest: string): string =>
    `{"action": "upsert", "data": {"id": ${id}, ${rest}}, "sequence": ${sequence}, "time_extracted": "2020-01-02T03:04:05.678000Z"}`;
  const first = upsert(
    1,
    "1795241049244168800",
    '"name": "Finn \\u00e9", "amt": -9999999999999999.9999999999999999999999',
  );

  it("gets JSON that says so for a batch with an activation, and the rows are exact", async () => {
    const schema = await newSchema();
    const second = upsert(2, "1795241049244168901", '"updated_at": "2020-01-13T21:25:03+0000"');
    const activation = '{"action": "activate_version", "sequence": 1795241049244201402}';
    const body = batch([first, second, activation].join(", "));
    const answer = await post(schema.token, "batch", AIOHTTP, body);
    expect(answer.status, answer.text).toBe(201);
    expect(typedJson(answer)).toEqual(ACCEPTED);
    const text = await rowsText(schema, "customers");
    expect(text).toContain(
      '{"sequence":"1795241049244168800","data":{"id":1,"name":"Finn é","amt":-9999999999999999.9999999999999999999999}}',
    );
    expect(text).toContain('"updated_at":"2020-01-13T21:25:03+0000"');
  });

  it("tells sequences of 19 digits apart", async () => {
    const schema = await newSchema();
    for (const [sequence, name] of [
      ["1795241049244168801", "new"],
      ["1795241049244168800", "old"],
    ] as const) {
      const body = batch(upsert(1, sequence, `"name": "${name}"`));
      expect((await post(schema.token, "batch", AIOHTTP, body)).status).toBe(201);
    }
    expect(await rowsOf(schema, "customers")).toEqual([
      { sequence: "1795241049244168801", data: { id: 1, name: "new" } },
    ]);
  });

  it("drops the rows of older versions on activation", async () => {
    const schema = await newSchema();
    const activation = '{"action": "activate_version", "sequence": 1795241049244201402}';
    const second = upsert(2, "1795241049244168901", '"name": "Gus"');
    const bodies = [batch(first, "1"), batch(second, "2"), batch(activation, "2")];
    for (const body of bodies) {
      expect((await post(schema.token, "batch", AIOHTTP, body)).status).toBe(201);
    }
    expect(await rowsOf(schema, "customers")).toMatchObject([{ data: { id: 2, name: "Gus" } }]);
  });

  it("gives up on 4xx with a JSON body that it can print", async () => {
    const schema = await newSchema();
    const bad = batch(upsert(1, "1", '"name": 5'));
    const refused = await post(schema.token, "batch", AIOHTTP, bad);
    expect(refused.status).toBe(400);
    expect(typedJson(refused)).toEqual({
      error: expect.stringMatching(/^Record 0 did not conform to schema: #\/name: /) as string,
      record: 0,
    });
    const unauthorized = await post("wrong", "batch", AIOHTTP, batch(first));
    expect(unauthorized.status).toBe(401);
    expect(typedJson(unauthorized)).toEqual({ message: "Not Authorized" });
    expect((await tablesOf(schema)).size).toBe(0);
  });

  it("appends where a stream has no keys", async () => {
    const schema = await newSchema();
    const body =
      '{"table_name": "log", "schema": {"type": "object", "properties": {"line": {"type": "string"}}}, "key_names": [], "messages": [{"action": "upsert", "data": {"line": "a"}, "sequence": 1}, {"action": "upsert", "data": {"line": "a"}, "sequence": 1}]}';
    expect((await post(schema.token, "batch", AIOHTTP, body)).status).toBe(201);
    expect(await rowsOf(schema, "log")).toHaveLength(2);
  });
});

describe("gostitch", () => {
  const lines = [
    "User-Agent: Go-http-client/1.1",
    "Content-Type: application/json",
    "Accept-Encoding: gzip",
  ];

  it("gets an object of strings", async () => {
    const schema = await newSchema();
    const body =
      '{"table_name":"go_t","schema":{"properties":{"at":{"type":"string","format":"date-time"},"id":{"type":"integer"}}},"messages":[{"action":"upsert","sequence":1580000000,"data":{"at":"2020-01-13T21:25:03+0000","id":1}},{"action":"upsert","sequence":1580000000,"data":{"at":"2020-01-13T21:25:03Z","id":2}}],"key_names":["id"]}';
    const answer = await post(schema.token, "batch", lines, body);
    expect(answer.status, answer.text).toBe(201);
    expect(typedJson(answer)).toEqual(ACCEPTED);
    expect(await rowsOf(schema, "go_t")).toHaveLength(2);
  });
});

const TRANSIT = "Content-Type: application/transit+json";
const JAVA = [
  TRANSIT,
  "Connection: Keep-Alive",
  "User-Agent: Apache-HttpClient/4.5.14 (Java/17.0.15)",
  "Accept-Encoding: gzip,deflate",
] as const;
const PYTHON = [
  "User-Agent: python-requests/2.28.2",
  "Accept-Encoding: gzip, deflate",
  "Accept: */*",
  "Connection: keep-alive",
  TRANSIT,
] as const;

/** All transit clients take any status below 300, and none needs a body. */
async function pushTransit(
  schema: Schema,
  lines: readonly string[],
  body: string,
): Promise<RawAnswer> {
  const answer = await post(schema.token, "push", lines, body);
  expect(answer.status, answer.text).toBe(201);
  // java-stitch-client crashes on an empty body that is typed as JSON.
  expect(answer.headers.has("content-type") && answer.text === "").toBe(false);
  return answer;
}

describe("python-stitch-client", () => {
  it("pushes transit with a rolling cache", async () => {
    const schema = await newSchema();
    const body = `[["^ ","action","upsert","sequence",1565880017000,"data",["^ ","id",0,"f",1.0,"s","~~tilde","s2","~^caret","big","~n9223372036854775808","i53","~i9007199254740993","when","~m1577934245678"],"key_names",["id"],"client_id",${CLIENT_ID},"table_name","orders"],["^ ","^0","upsert","^1",1795241049244168801,"^2",["^ ","id",1,"^3",null],"^4",["id"],"^5",${CLIENT_ID},"^6","orders"]]`;
    await pushTransit(schema, PYTHON, body);
    const text = await rowsText(schema, "orders");
    expect(text).toContain(
      '{"sequence":"1565880017000","data":{"id":0,"f":1.0,"s":"~tilde","s2":"^caret","big":9223372036854775808,"i53":9007199254740993,"when":"2020-01-02T03:04:05.678Z"}}',
    );
    expect(text).toContain('{"sequence":"1795241049244168801","data":{"id":1,"when":null}}');
  });
});

describe("java-stitch-client and clojure-stitch-client", () => {
  it("push transit with namespace, table_version and typed values", async () => {
    const schema = await newSchema();
    const body = `[["^ ","sequence",1565880017000,"key_names",["id"],"data",["^ ","big","~n9223372036854775808","dec","~f58.40","c","~cx","set",["~#set",["only"]],"d","~m1577934245678","nul",null,"max","~i9223372036854775807","f",1.0,"list",[1,"two",3.5],"uuid","~u550e8400-e29b-41d4-a716-446655440000","uri","~rhttp://x.y/z","bytes","~bAQID","nan","~zNaN","id",1],"namespace","event_tracking","action","upsert","table_version",0,"table_name","people","client_id",${CLIENT_ID}]]`;
    await pushTransit(schema, JAVA, body);
    expect(await rowsText(schema, "people")).toContain(
      '"data":{"big":9223372036854775808,"dec":58.40,"c":"x","set":["only"],"d":"2020-01-02T03:04:05.678Z","nul":null,"max":9223372036854775807,"f":1.0,"list":[1,"two",3.5],"uuid":"550e8400-e29b-41d4-a716-446655440000","uri":"http://x.y/z","bytes":"AQID","nan":null,"id":1}',
    );
  });

  it("switch the view to a version", async () => {
    const schema = await newSchema();
    const row = (id: number, version: number): string =>
      `["^ ","sequence",${id},"key_names",["id"],"data",["^ ","id",${id}],"namespace","n","action","upsert","table_version",${version},"table_name","people","client_id",${CLIENT_ID}]`;
    await pushTransit(schema, JAVA, `[${row(1, 0)},${row(2, 3)}]`);
    const view = `[["^ ","sequence",5,"namespace","n","action","switch_view","table_version",3,"table_name","people","client_id",${CLIENT_ID}]]`;
    await pushTransit(schema, JAVA, view);
    expect(await rowsOf(schema, "people")).toMatchObject([{ data: { id: 2 } }]);
  });

  it("get a JSON object for a refusal", async () => {
    const answer = await post("wrong", "push", JAVA, "[]");
    expect(answer.status).toBe(401);
    expect(typedJson(answer)).toMatchObject({ status: "ERROR", error: "Not authorized." });
  });
});

describe("the Google Sheets integration", () => {
  it("pushes rows that share a sequence of the clock", async () => {
    const schema = await newSchema();
    const rows = [2, 3, 4].map(
      (row) =>
        `["^ ","client_id",${CLIENT_ID},"sequence",1565880017000,"table_name","sheet1","action","upsert","key_names",["__row"],"data",["^ ","__row",${row},"Name","n${row}"]]`,
    );
    await pushTransit(schema, [TRANSIT, "Accept-Encoding: gzip"], `[${rows.join(",")}]`);
    expect(await rowsOf(schema, "sheet1")).toHaveLength(3);
  });
});

/** A JSON record in the order of the libraries. */
const record = (data: Record<string, unknown>): string =>
  JSON.stringify([
    {
      client_id: CLIENT_ID,
      table_name: "people",
      sequence: 100,
      action: "upsert",
      key_names: ["id"],
      data,
    },
  ]);

const JSON_CLIENTS = [
  [
    "stitch-api-client (node)",
    [
      "Accept: application/json, text/plain, */*",
      "Content-Type: application/json",
      "User-Agent: axios/0.21.1",
      "Connection: keep-alive",
    ],
  ],
  [
    "mini_stitch and stitch_data (Ruby)",
    [
      "Accept: application/json",
      "Content-Type: application/json",
      "User-Agent: rest-client/2.1.0 (linux-gnu x86_64) ruby/3.1.2p20",
      "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
    ],
  ],
] as const;

describe.each(JSON_CLIENTS)("%s", (_, lines) => {
  it("validates and pushes, and parses both bodies", async () => {
    const schema = await newSchema();
    const valid = await post(schema.token, "validate", lines, record({ id: 1 }));
    expect(valid.status, valid.text).toBe(200);
    expect(typedJson(valid)).toEqual({ status: "OK", message: "Batch is valid!" });
    const pushed = await post(schema.token, "push", lines, record({ id: 1, v: 1.5 }));
    expect(pushed.status, pushed.text).toBe(201);
    expect(typedJson(pushed)).toEqual(ACCEPTED);
    expect(await rowsOf(schema, "people")).toEqual([{ sequence: "100", data: { id: 1, v: 1.5 } }]);
  });

  it("finds `errors` in every refusal", async () => {
    const schema = await newSchema();
    const invalid = await post(schema.token, "push", lines, record({ v: 1 }));
    expect(invalid.status).toBe(422);
    expect(typedJson(invalid)).toMatchObject({
      errors: [{ reason: { data: ["data must include keys"] } }],
      record: 0,
    });
    const unauthorized = await post("wrong", "push", lines, record({ id: 1 }));
    expect(unauthorized.status).toBe(401);
    expect(typedJson(unauthorized)).toMatchObject({ errors: "Not authorized." });
    const foreign = record({ id: 1 }).replace(String(CLIENT_ID), "4232");
    const forbidden = await post(schema.token, "push", lines, foreign);
    expect(forbidden.status).toBe(403);
    expect(typedJson(forbidden)).toHaveProperty("errors");
    // Bodies without `errors` must be objects all the same.
    for (const body of ["[]", "{}", "[", record({ id: 1 }).repeat(2)]) {
      const malformed = await post(schema.token, "push", lines, body);
      expect(malformed.status, body).toBe(400);
      expect(typedJson(malformed)).toMatchObject({ status: "ERROR" });
    }
  });
});

describe("the PHP clients", () => {
  it("stitchdata-php: transit, and a body that is JSON or empty", async () => {
    const schema = await newSchema();
    const body = `[["^ ","action","upsert","sequence",1795254404253,"table_name","people","key_names",["id"],"data",["^ ","id",3,"d","~m1577934245"],"client_id",${CLIENT_ID}]]`;
    const lines = ["Accept: */*", TRANSIT];
    const valid = await post(schema.token, "validate", lines, body);
    expect(valid.status).toBe(200);
    expect(JSON.parse(valid.text)).toEqual({ status: "OK", message: "Batch is valid!" });
    const pushed = await post(schema.token, "push", lines, body);
    expect(pushed.status).toBe(201);
    expect(pushed.text).toBe("");
    // Its times are in seconds; they are taken for the milliseconds that the format has.
    expect(await rowsOf(schema, "people")).toMatchObject([
      { data: { id: 3, d: "1970-01-19T06:18:54.245Z" } },
    ]);
  });

  it("php-stitch-client: JSON without Accept, 1.0 stays 1.0", async () => {
    const schema = await newSchema();
    const body = record({ id: 1, v: 0 }).replace('"v":0', '"v":1.0');
    const lines = ["Content-Type: application/json", "User-Agent: GuzzleHttp/7"];
    const pushed = await post(schema.token, "push", lines, body);
    expect(pushed.status).toBe(201);
    expect(pushed.text).toBe("");
    expect(await rowsText(schema, "people")).toContain('{"id":1,"v":1.0}');
  });
});

it("stitch-rs: the answer to validate is exactly the documented one", async () => {
  const schema = await newSchema();
  const lines = ["content-type: application/json", "accept: */*"];
  const answer = await post(schema.token, "validate", lines, record({ id: 1 }));
  expect(answer.text).toBe('{"status":"OK","message":"Batch is valid!"}');
});
