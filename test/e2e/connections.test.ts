/**
 * Requests at the edges of HTTP: codings, limits, refusals before the body was read, and what
 * becomes of the connection (wire.md 1.3, 1.9, 2.3, 2.5).
 */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { CLIENT_ID, EXPORT_KEY, IMPORT_TOKEN } from "./constants.ts";
import { Connection, exchange, type RawAnswer, rawRequest } from "./raw.ts";
import { BASE, newSchema, rowsOf, tablesOf } from "./service.ts";

const HOST = `Host: ${new URL(BASE).host}`;
const JSON_TYPE = "Content-Type: application/json";
const PUSH = "POST /v2/import/push";
const STATUS = rawRequest("GET /v2/import/status", [HOST]);
const PUSH_BYTES_MAX = 4_194_304;

const auth = (token: string): string => `Authorization: Bearer ${token}`;
const lengthOf = (body: string | Uint8Array): string =>
  `Content-Length: ${typeof body === "string" ? Buffer.byteLength(body) : body.byteLength}`;

/** A record whose padding takes the body to a size. */
function padded(bytes: number): string {
  const record = { client_id: CLIENT_ID, table_name: "t", action: "upsert", sequence: 1 };
  const records = Array.from({ length: 4 }, (_, id) => ({
    ...record,
    key_names: ["id"],
    data: { id, pad: "" },
  }));
  const empty = JSON.stringify(records);
  const share = "x".repeat(Math.floor((bytes - empty.length) / 4));
  const body = empty.replaceAll('"pad":""', `"pad":"${share}"`);
  return body.replace("xx", "xx" + "x".repeat(bytes - body.length));
}

const chunk = (bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
const LAST_CHUNK = "0\r\n\r\n";

/** Expects that the connection answers another request, or was closed without a word. */
async function expectUsableOrClosed(connection: Connection): Promise<void> {
  connection.send(STATUS);
  const next = await connection.answer().catch(() => undefined);
  if (next !== undefined) {
    expect(next.status).toBe(200);
    expect(next.text).toBe('{"name":"pipeline.gate","status":"OK"}');
    return;
  }
  await connection.ended();
  expect(connection.leftover).toBe("");
}

describe("content codings", () => {
  it("gzip is undone", async () => {
    const schema = await newSchema();
    const body = gzipSync(padded(100_000));
    expect(body.byteLength).toBeLessThan(10_000);
    const lines = [HOST, auth(schema.token), JSON_TYPE, "Content-Encoding: gzip", lengthOf(body)];
    expect((await exchange(BASE, PUSH, lines, body)).status).toBe(201);
    expect(await rowsOf(schema, "t")).toHaveLength(4);
    const rjmetrics = `POST /v2/client/${CLIENT_ID}/table/g/data?apikey=${schema.token}`;
    const point = gzipSync('{"keys":["id"],"id":1}');
    const pointLines = [HOST, "Content-Encoding: gzip", lengthOf(point)];
    expect((await exchange(BASE, rjmetrics, pointLines, point)).status).toBe(201);
    expect(await rowsOf(schema, "g")).toHaveLength(1);
  });

  it("the limit counts what comes out of gzip", async () => {
    const body = gzipSync(padded(PUSH_BYTES_MAX + 1));
    const lines = [HOST, auth(IMPORT_TOKEN), JSON_TYPE, "Content-Encoding: gzip", lengthOf(body)];
    expect((await exchange(BASE, PUSH, lines, body)).status).toBe(413);
  });

  it("another coding is a 415, and a 400 of RJMetrics", async () => {
    const lines = [HOST, auth(IMPORT_TOKEN), JSON_TYPE, "Content-Encoding: br", lengthOf("[]")];
    expect((await exchange(BASE, PUSH, lines, "[]")).status).toBe(415);
    const rjmetrics = `POST /v2/client/${CLIENT_ID}/table/t/data?apikey=${IMPORT_TOKEN}`;
    expect((await exchange(BASE, rjmetrics, lines, "[]")).status).toBe(400);
  });
});

describe("the size of a body", () => {
  const send = (token: string, body: string): Promise<RawAnswer> =>
    exchange(BASE, PUSH, [HOST, auth(token), JSON_TYPE, lengthOf(body)], body);

  it("is allowed up to the limit, to the byte", async () => {
    const schema = await newSchema();
    const most = padded(PUSH_BYTES_MAX);
    expect(Buffer.byteLength(most)).toBe(PUSH_BYTES_MAX);
    const answer = await send(schema.token, most);
    expect(answer.status, answer.text).toBe(201);
    const over = await send(schema.token, padded(PUSH_BYTES_MAX + 1));
    expect(over.status).toBe(413);
    expect(JSON.parse(over.text)).toEqual({
      status: "ERROR",
      message: `Request rejected: request size (${PUSH_BYTES_MAX + 1} bytes) exceeds the maximum`,
    });
  });

  it("a stream that passes the limit is refused while it is sent", async () => {
    using connection = await Connection.open(BASE);
    const lines = [HOST, auth(IMPORT_TOKEN), JSON_TYPE, "Transfer-Encoding: chunked"];
    connection.send(rawRequest(PUSH, lines));
    const piece = chunk(Buffer.alloc(65_536, " "));
    for (let sent = 0; sent <= PUSH_BYTES_MAX; sent += 65_536) {
      connection.send(piece);
      await connection.drained();
    }
    // The end of the body never comes.
    const answer = await connection.answer();
    expect(answer.status).toBe(413);
    expect(answer.text).toContain("Request rejected: request size (");
  });

  it("a sender who waits for an answer first gets it", async () => {
    using connection = await Connection.open(BASE);
    const lines = [HOST, auth(IMPORT_TOKEN), JSON_TYPE, "Content-Length: 8000000"];
    connection.send(rawRequest(PUSH, lines, "["));
    expect((await connection.answer()).status).toBe(413);
  });

  it("a sender who hangs up stores nothing and disturbs nobody", async () => {
    const schema = await newSchema();
    const body = padded(1_000_000);
    {
      using connection = await Connection.open(BASE);
      const lines = [HOST, auth(schema.token), JSON_TYPE, lengthOf(body)];
      connection.send(rawRequest(PUSH, lines, body.slice(0, 500_000)));
      await connection.drained();
    }
    expect((await exchange(BASE, "GET /v2/import/status", [HOST])).status).toBe(200);
    expect((await tablesOf(schema)).size).toBe(0);
    expect((await send(schema.token, body)).status).toBe(201);
  });
});

/** Requests that are refused before anybody reads their body, and the status of each. */
const REFUSED: readonly (readonly [string, readonly string[], number])[] = [
  [PUSH, [JSON_TYPE], 401],
  ["POST /v2/import/validate", [JSON_TYPE], 403],
  ["POST /v2/import/batch", [JSON_TYPE], 401],
  [PUSH, [auth(IMPORT_TOKEN), "Content-Type: text/csv"], 415],
  ["POST /v2/import/batch", [auth(IMPORT_TOKEN), "Content-Type: text/csv"], 415],
  ["PUT /v2/import/push", [], 405],
  ["POST /v2/import/nothing", [], 404],
  [`POST /v2/client/${CLIENT_ID}/table/t/data?apikey=wrong`, [], 401],
  [`POST /v2/client/${CLIENT_ID}/table/bad-name/data?apikey=${IMPORT_TOKEN}`, [], 400],
  [`POST /v2/client/${CLIENT_ID}/nothing`, [], 404],
  ["POST /0.1/export/1/copy", [], 403],
  ["POST /0.1/export/999999999/copy", [`X-RJM-API-Key: ${EXPORT_KEY}`], 404],
  ["POST /admin/v1/clients", [], 401],
];

describe.each([100, 300_000, 5_000_000])("refused with %i bytes of body unread", (size) => {
  const body = Buffer.alloc(size, " ");

  it.each(REFUSED)("%s %j: %i, and the next request is in order", async (line, lines, status) => {
    using connection = await Connection.open(BASE);
    connection.send(rawRequest(line, [HOST, ...lines, lengthOf(body)], body));
    const answer = await connection.answer();
    expect(answer.status, answer.text).toBe(status);
    await expectUsableOrClosed(connection);
  });

  it("the same in chunks", async () => {
    using connection = await Connection.open(BASE);
    connection.send(rawRequest(PUSH, [HOST, JSON_TYPE, "Transfer-Encoding: chunked"]));
    connection.send(Buffer.concat([chunk(body), Buffer.from(LAST_CHUNK)]));
    expect((await connection.answer()).status).toBe(401);
    await expectUsableOrClosed(connection);
  });
});

describe("connections", () => {
  it("a body that is refused for its size leaves the next request in order", async () => {
    using connection = await Connection.open(BASE);
    const body = Buffer.alloc(PUSH_BYTES_MAX + 1, " ");
    const lines = [HOST, auth(IMPORT_TOKEN), JSON_TYPE, lengthOf(body)];
    connection.send(rawRequest(PUSH, lines, body));
    expect((await connection.answer()).status).toBe(413);
    await expectUsableOrClosed(connection);
  });

  it("stay open over pushes and refusals", async () => {
    const schema = await newSchema();
    using connection = await Connection.open(BASE);
    const line = `POST /v2/client/${CLIENT_ID}/table/t/data?apikey=${schema.token}`;
    for (const [body, status] of [
      ['{"keys":["id"],"id":1}', 201],
      ['{"keys":["id"]}', 400],
      ["{", 400],
      ["", 400],
      ['{"keys":["id"],"id":2}', 201],
    ] as const) {
      connection.send(rawRequest(line, [HOST, lengthOf(body)], body));
      expect((await connection.answer()).status, body).toBe(status);
    }
    expect(await rowsOf(schema, "t")).toHaveLength(2);
  });

  it.each([
    ["GET /", "", 200],
    [`POST /v2/client/${CLIENT_ID}/table/t/data?apikey=wrong`, "[]", 401],
    [PUSH, "[]", 401],
  ] as const)("%s with Connection: close is closed", async (line, body, status) => {
    using connection = await Connection.open(BASE);
    connection.send(rawRequest(line, [HOST, "Connection: close", lengthOf(body)], body));
    const answer = await connection.answer();
    expect(answer.status).toBe(status);
    expect(answer.headers.get("connection")).toBe("close");
    await connection.ended();
  });

  it("requests sent without waiting are answered in order", async () => {
    using connection = await Connection.open(BASE);
    const root = rawRequest("GET /", [HOST]);
    connection.send(Buffer.concat([STATUS, root, STATUS]));
    const texts: string[] = [];
    for (let count = 0; count < 3; count += 1) texts.push((await connection.answer()).text);
    const status = '{"name":"pipeline.gate","status":"OK"}';
    expect(texts).toEqual([status, '{"code":200,"message":"ok"}', status]);
  });

  it("Expect: 100-continue, which curl sends with large bodies, is granted", async () => {
    const schema = await newSchema();
    using connection = await Connection.open(BASE);
    const body = '{"keys":["id"],"id":1}';
    const line = `POST /v2/client/${CLIENT_ID}/table/t/data?apikey=${schema.token}`;
    connection.send(rawRequest(line, [HOST, lengthOf(body), "Expect: 100-continue"]));
    expect((await connection.answer()).status).toBe(100);
    connection.send(body);
    expect((await connection.answer()).status).toBe(201);
  });

  it("HEAD has the headers of GET and no body", async () => {
    using connection = await Connection.open(BASE);
    connection.send(rawRequest("HEAD /v2/import/status", [HOST]));
    const answer = await connection.answer("HEAD");
    expect(answer.status).toBe(200);
    expect(answer.text).toBe("");
    await expectUsableOrClosed(connection);
  });
});

describe("what every answer carries", () => {
  it.each([
    ["GET /", []],
    ["GET /v2/import/status", []],
    [PUSH, []],
    ["POST /v2/import/batch", []],
    ["GET /nothing", []],
    [`GET /v2/client/${CLIENT_ID}/authenticate?apikey=${IMPORT_TOKEN}`, []],
    ["GET /0.1/export", []],
    ["GET /0.1/export", [`X-RJM-API-Key: ${EXPORT_KEY}`]],
  ] as const)("%s %j may not be kept, and allows no other origin", async (line, lines) => {
    const origin = "Origin: https://example.com";
    const answer = await exchange(BASE, line, [HOST, origin, ...lines, "Content-Length: 0"]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  });

  it("a browser at / is sent to the console", async () => {
    const browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    const answer = await exchange(BASE, "GET /", [HOST, browser]);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/console");
    expect(answer.headers.get("vary")).toContain("Accept");
  });
});
