/**
 * The users and orders examples of `000_8aa451ab9220e75b.txt` in its five languages, as the
 * libraries send them, and what each library makes of success and failure.
 */
import { describe, expect, it } from "vitest";
import { Buffer } from "../../src/buffer.ts";
import { CLIENT_ID } from "./constants.ts";
import { Connection, type RawAnswer, rawRequest } from "./raw.ts";
import { LIBRARIES, type Library, type Point } from "./rjmetrics-libraries.ts";
import { BASE, newSchema, rowsOf, rowsText, tablesOf } from "./service.ts";

const USERS: readonly Point[] = [
  { id: 1, email: "joe@schmo.com", acquisition_source: "PPC" },
  { id: 2, email: "mike@smith.com", acquisition_source: "PPC" },
  { id: 3, email: "lorem@ipsum.com", acquisition_source: "Referral" },
  { id: 4, email: "george@vandelay.com", acquisition_source: "Organic" },
  { id: 5, email: "larry@google.com", acquisition_source: "Organic" },
];

const ORDERS: readonly Point[] = [
  { id: 1, user_id: 1, value: 58.4, sku: "milky-white-suede-shoes" },
  { id: 2, user_id: 1, value: 23.99, sku: "red-button-down-fleece" },
  { id: 3, user_id: 2, value: 5.0, sku: "bottle-o-bubbles" },
  { id: 4, user_id: 3, value: 120.01, sku: "zebra-striped-game-boy" },
  { id: 5, user_id: 5, value: 9.9, sku: "kitten-mittons" },
];

const HOST = `Host: ${new URL(BASE).host}`;

/** Sends one request as a library does; the connection must end where the library needs it. */
async function send(
  library: Library,
  line: string,
  headers: readonly string[],
  body = "",
): Promise<RawAnswer> {
  using connection = await Connection.open(BASE);
  connection.send(rawRequest(line, [...headers, HOST], body));
  const answer = await connection.answer();
  if (library.closes) await connection.ended();
  return answer;
}

function authenticate(library: Library, key: string): Promise<RawAnswer> {
  const line = `GET /v2/client/${CLIENT_ID}/authenticate?apikey=${key}`;
  return send(library, line, library.authenticateHeaders);
}

function push(
  library: Library,
  key: string,
  table: string,
  body: string,
  base = "/v2",
): Promise<RawAnswer> {
  const line = `POST ${base}/client/${CLIENT_ID}/table/${table}/data?apikey=${key}`;
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return send(library, line, [...library.pushHeaders, length], body);
}

describe.each(LIBRARIES)("$name", (library) => {
  it.each([
    ["users", USERS],
    ["orders", ORDERS],
  ])("runs the %s example", async (table, points) => {
    const schema = await newSchema();
    expect(library.authenticated(await authenticate(library, schema.token))).toBe(true);
    for (const point of points) {
      const answer = await push(library, schema.token, table, library.body(point));
      expect(answer.status, answer.text).toBe(201);
      expect(library.pushed(answer).isSuccess).toBe(true);
    }
    const rows = await rowsOf(schema, table);
    expect(rows.map((row) => row.data)).toEqual(points);
  });

  it("is told of a wrong key", async () => {
    const answer = await authenticate(library, "wrong");
    expect(answer.status).toBe(401);
    expect(library.authenticated(answer)).toBe(false);
    const outcome = library.pushed(await push(library, "wrong", "t", '{"keys":["id"],"id":1}'));
    expect(outcome.isSuccess).toBe(false);
    if (outcome.reasons !== undefined) {
      expect(outcome.reasons).toEqual(["Authorization failed. Double check your API key."]);
    }
  });

  it("is told of a bad table name and of a bad point", async () => {
    const schema = await newSchema();
    const bodies = [
      ["bad-table", library.body({ id: 1 }), /[Tt]able name/],
      ["t", library.body({ v: 1 }), /^Record 0: .*id/],
    ] as const;
    for (const [table, body, reason] of bodies) {
      const answer = await push(library, schema.token, table, body);
      expect(answer.status, answer.text).toBe(400);
      const outcome = library.pushed(answer);
      expect(outcome.isSuccess).toBe(false);
      if (outcome.reasons !== undefined) expect(outcome.reasons[0]).toMatch(reason);
    }
    expect((await tablesOf(schema)).size).toBe(0);
  });

  it("keeps text outside of ASCII, and pushes into the sandbox", async () => {
    const schema = await newSchema();
    const point = { id: 1, name: "é ☃ 😀" };
    const body = library.body(point);
    const inSandbox = await push(library, schema.token, "texts", body, "/sandbox/v2");
    expect(library.pushed(inSandbox).isSuccess).toBe(true);
    expect((await tablesOf(schema)).size).toBe(0);
    expect(library.pushed(await push(library, schema.token, "texts", body)).isSuccess).toBe(true);
    expect((await rowsOf(schema, "texts")).map((row) => row.data)).toEqual([point]);
  });
});

describe("what the libraries have in common", () => {
  it("144 points arrive as parts of 100 and 44", async () => {
    const schema = await newSchema();
    const points = Array.from({ length: 144 }, (_, id) => ({ keys: ["id"], id, v: `v${id}` }));
    for (const library of LIBRARIES.filter(({ closes }) => closes)) {
      for (const part of [points.slice(0, 100), points.slice(100)]) {
        const answer = await push(library, schema.token, "many", JSON.stringify(part));
        expect(answer.status, answer.text).toBe(201);
      }
    }
    expect(await rowsOf(schema, "many")).toHaveLength(144);
  });

  it("the text of numbers stays as a library wrote it", async () => {
    const schema = await newSchema();
    const body = '[{"keys": ["id"], "id": 0, "email": "\\u00e90@x.y", "v": 1.0, "m": 58.40}]';
    for (const library of LIBRARIES) {
      expect((await push(library, schema.token, "digits", body)).status).toBe(201);
    }
    const data = '{"id":0,"email":"é0@x.y","v":1.0,"m":58.40}';
    expect(await rowsText(schema, "digits")).toContain(`"data":${data}`);
  });

  it("GET with Content-Length 0 leaves the connection in order", async () => {
    const schema = await newSchema();
    using connection = await Connection.open(BASE);
    const line = `GET /v2/client/${CLIENT_ID}/authenticate?apikey=${schema.token}`;
    for (let round = 0; round < 3; round += 1) {
      connection.send(rawRequest(line, [HOST, "Content-Length: 0"]));
      expect((await connection.answer()).status).toBe(200);
    }
  });
});
