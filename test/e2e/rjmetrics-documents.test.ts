/**
 * The Data Import API as its two documents call it (`000_8aa451ab9220e75b.txt` and
 * `001_a852f3351d49ca23.txt`): every command line and every request body as it stands there.
 */
import { describe, expect, it } from "vitest";
import { CLIENT_ID, IMPORT_TOKEN } from "./constants.ts";
import { curl } from "./curl.ts";
import { newSchema, rowsOf, tablesOf } from "./service.ts";

const CREATED = '{"code":201,"message":"created"}';
const CONTENT_TYPE = "Content-type: application/json";

/** The example bodies; the two documents differ in the year. */
const single = (year: number): string => `{
  "keys": ["id"],
  "id": 1,
  "email": "joe@schmo.com",
  "status": "pending",
  "created_at": "${year}-08-01 14:22:32"
}
`;

const array = (year: number): string => `[{
  "keys": ["id"],
  "id": 1,
  "email": "joe@schmo.com",
  "status": "pending",
  "created_at": "${year}-08-01 14:22:32"
},{
  "keys": ["id"],
  "id": 2,
  "email": "anne@schmo.com",
  "status": "pending",
  "created_at": "${year}-08-03 23:12:30"
},{
  "keys": ["id"],
  "id": 1,
  "email": "joe@schmo.com",
  "status": "complete",
  "created_at": "${year}-08-05 04:51:02"
}]
`;

const upsertPath = (table: string, key: string, version = "v2"): string =>
  `/${version}/client/${CLIENT_ID}/table/${table}/data?apikey=${key}`;

const errorBody = (code: number, message: string): unknown => ({
  code,
  message,
  reasons: [expect.any(String)],
});

describe("status and authentication", () => {
  it.each(["", "/"])('answers "curl -v https://connect.rjmetrics.com%s"', async (path) => {
    const answer = await curl({ path: path === "" ? "/" : path });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.text).toBe('{"code":200,"message":"ok"}');
  });

  it("authenticates a client with its key, and nobody else", async () => {
    const path = (client: number | string, key: string): string =>
      `/v2/client/${client}/authenticate?apikey=${key}`;
    const good = await curl({ path: path(CLIENT_ID, IMPORT_TOKEN) });
    expect(good.status).toBe(200);
    expect(good.text).toBe('{"code":200,"message":"authenticated"}');
    for (const bad of [
      path(CLIENT_ID, "wrong"),
      path(4232, IMPORT_TOKEN),
      path(":cid", ":apikey"),
      `/v2/client/${CLIENT_ID}/authenticate`,
    ]) {
      const answer = await curl({ path: bad });
      expect(answer.status, bad).toBe(401);
      expect(JSON.parse(answer.text)).toEqual(errorBody(401, "Unauthorized"));
    }
  });

  it("answers unknown paths with 404", async () => {
    for (const path of ["/v2/client/4231/nothing", "/v3", "/v2/client/4231/table/users"]) {
      const answer = await curl({ path: `${path}?apikey=${IMPORT_TOKEN}` });
      expect(answer.status, path).toBe(404);
      expect(JSON.parse(answer.text)).toEqual(errorBody(404, "Not Found"));
    }
  });
});

describe.each([2012, 2019])("upsert, as the document of %i shows it", (year) => {
  it("stores a single data point", async () => {
    const schema = await newSchema();
    const path = upsertPath("table_name", schema.token);
    const answer = await curl({
      method: "POST",
      path,
      file: single(year),
      headers: [CONTENT_TYPE],
    });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.text).toBe(CREATED);
    const created_at = `${year}-08-01 14:22:32`;
    const data = { id: 1, email: "joe@schmo.com", status: "pending", created_at };
    expect(await rowsOf(schema, "table_name")).toEqual([{ sequence: null, data }]);
  });

  it("stores an array; of two points with the same keys the later one stays", async () => {
    const schema = await newSchema();
    const path = upsertPath("table_name", schema.token);
    const answer = await curl({ method: "POST", path, file: array(year), headers: [CONTENT_TYPE] });
    expect(answer.status, answer.text).toBe(201);
    expect(await rowsOf(schema, "table_name")).toMatchObject([
      { data: { id: 1, status: "complete", created_at: `${year}-08-05 04:51:02` } },
      { data: { id: 2, status: "pending", email: "anne@schmo.com" } },
    ]);
  });
});

describe("what the documents refuse", () => {
  const points = (count: number): string =>
    JSON.stringify(Array.from({ length: count }, (_, id) => ({ keys: ["id"], id })));

  it.each([
    ["a bad table name", "bad-table", single(2019)],
    ["invalid JSON", "t", "{"],
    ["a point without keys", "t", '[{"keys":["id"],"id":1},{"id":2}]'],
    ["101 points", "t", points(101)],
  ])("%s is a 400 that stores nothing", async (_, table, file) => {
    const schema = await newSchema();
    const path = upsertPath(table, schema.token);
    const answer = await curl({ method: "POST", path, file, headers: [CONTENT_TYPE] });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject(
      errorBody(400, "Bad Request") as Record<string, unknown>,
    );
    expect((await tablesOf(schema)).size).toBe(0);
  });

  it("100 points are taken", async () => {
    const schema = await newSchema();
    const answer = await curl({ path: upsertPath("t", schema.token), data: points(100) });
    expect(answer.status).toBe(201);
    expect(await rowsOf(schema, "t")).toHaveLength(100);
  });
});

describe("v1", () => {
  it("answers the same requests, and takes id for the key where keys are missing", async () => {
    const schema = await newSchema();
    const path = `/v1/client/${CLIENT_ID}/authenticate?apikey=${schema.token}`;
    expect((await curl({ path })).status).toBe(200);
    const file = '[{"id":1,"v":"a"},{"id":1,"v":"b"}]';
    const pushed = await curl({ path: upsertPath("sheet", schema.token, "v1"), file });
    expect(pushed.status).toBe(201);
    expect(await rowsOf(schema, "sheet")).toMatchObject([{ data: { id: 1, v: "b" } }]);
  });
});

/** The two ways into the sandbox: the host of the documents, and the path prefix. */
const sandboxes = [
  ["host", { host: "sandbox-connect.rjmetrics.com" }, ""],
  ["host with a port", { host: "sandbox-connect.localhost:8787" }, ""],
  ["path", {}, "/sandbox"],
] as const;

describe.each(sandboxes)("the sandbox, by %s", (_, host, prefix) => {
  it("has the same answers and persists nothing", async () => {
    const schema = await newSchema();
    expect((await curl({ ...host, path: prefix === "" ? "/" : prefix })).status).toBe(200);
    const endpoint = `${prefix}/v2/client/${CLIENT_ID}/authenticate?apikey=${schema.token}`;
    expect((await curl({ ...host, path: endpoint })).status).toBe(200);
    const wrongKey = `${prefix}/v2/client/${CLIENT_ID}/authenticate?apikey=wrong`;
    expect((await curl({ ...host, path: wrongKey })).status).toBe(401);
    const path = `${prefix}${upsertPath("test", schema.token)}`;
    const pushed = await curl({ ...host, path, file: '{"keys":["id"],"id":1}' });
    expect(pushed.status).toBe(201);
    expect(pushed.text).toBe(CREATED);
    expect((await curl({ ...host, path, file: '{"id":1}' })).status).toBe(400);
    expect((await tablesOf(schema)).size).toBe(0);
  });
});

it("a sandbox host has neither the Stitch nor the export surface", async () => {
  const host = "sandbox-connect.rjmetrics.com";
  const push = { host, path: "/v2/import/push", data: "[]", headers: [CONTENT_TYPE] };
  expect((await curl(push)).status).toBe(404);
  expect((await curl({ host, path: "/0.1/export" })).status).toBe(404);
});
