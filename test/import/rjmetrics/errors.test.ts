/** Every refusal of the RJMetrics import (wire.md 3.2, 3.3, 3.4). */
import { describe, expect, it } from "vitest";
import {
  type Answer,
  expectNothingStored,
  json,
  type PointsOptions,
  pushPoints,
  seen,
  storedPairs,
  tablePath,
} from "../../support/batch-and-points.ts";
import { newTenant, send, storedRows } from "../../support/tenant.ts";

const badRequest = (reason: string, record?: number): Answer => {
  const body = { code: 400, message: "Bad Request", reasons: [reason] };
  return json(400, record === undefined ? body : { ...body, record });
};

/** The refusal of one object: the index is in the body and before the reason. */
const badRecord = (record: number, reason: string): Answer =>
  badRequest(`Record ${record}: ${reason}`, record);

const notFound = json(404, {
  code: 404,
  message: "Not Found",
  reasons: ["The resource you are looking for does not exist."],
});

const EXPECTED = "A JSON object, or a non-empty array of JSON objects, is expected.";
const LIST = "keys must be a non-empty array of field names.";
const good = { keys: ["id"], id: 1 };

const text = (points: unknown): string => JSON.stringify(points);

type Case = [body: string, answer: Answer, version?: "v1"];

const CASES: readonly Case[] = [
  ["[]", badRequest(EXPECTED)],
  ["null", badRequest(EXPECTED)],
  ['"x"', badRequest(EXPECTED)],
  ["1.50", badRequest(EXPECTED)],
  ["[1]", badRecord(0, "a data point must be a JSON object.")],
  [text([good, [good]]), badRecord(1, "a data point must be a JSON object.")],
  [text([good, null]), badRecord(1, "a data point must be a JSON object.")],
  ["{}", badRecord(0, "the field keys is missing.")],
  [text([good, { id: 2 }]), badRecord(1, "the field keys is missing.")],
  [text({ keys: [], id: 1 }), badRecord(0, LIST)],
  [text({ keys: "id", id: 1 }), badRecord(0, LIST)],
  [text({ keys: null, id: 1 }), badRecord(0, LIST)],
  [text({ keys: ["id", 1], id: 1 }), badRecord(0, LIST)],
  [text({ keys: { 0: "id" }, id: 1 }), badRecord(0, LIST)],
  [text({ keys: ["id"], ID: 1 }), badRecord(0, "the key field id is missing.")],
  [text({ keys: ["toString"], id: 1 }), badRecord(0, "the key field toString is missing.")],
  [text({ keys: ["keys"], id: 1 }), badRecord(0, "the key field keys is missing.")],
  [text({ keys: ["<LIMIT>"], id: 1 }), badRecord(0, "the key field <LIMIT> is missing.")],
  [text([good, good, { ...good, id: null }]), badRecord(2, "the key field id is null.")],
  [
    text({ keys: ["id"], id: [1] }),
    badRecord(0, "the key field id must be a string, number or boolean."),
  ],
  [
    text({ keys: ["id"], id: {} }),
    badRecord(0, "the key field id must be a string, number or boolean."),
  ],
  [
    text({ keys: ["id"], id: "x".repeat(16_385) }),
    badRecord(0, "the key is too long (16385 of at most 16384 characters)."),
  ],
  [
    text({ keys: Array.from({ length: 65 }, (_, n) => `k${n}`) }),
    badRecord(0, "keys has more than 64 names."),
  ],
  [text([good, { keys: ["a"], a: 1 }]), badRecord(1, "table t has the keys id.")],
  [
    text({ ...good, o: JSON.parse("[".repeat(100) + "]".repeat(100)) as unknown }),
    badRecord(0, "nested deeper than 100 levels."),
  ],
  [
    text({ ...good, ["x".repeat(1025)]: 1 }),
    badRecord(0, "field names cannot be longer than 1024 characters."),
  ],
  [
    text([{ id: 1 }, { v: 1 }]),
    badRecord(1, "the field keys is missing, and there is no field id to take its place."),
    "v1",
  ],
  [text({ id: null }), badRecord(0, "the key field id is null."), "v1"],
  [text({ keys: [], id: 1 }), badRecord(0, LIST), "v1"],
  [text({ keys: null, id: 1 }), badRecord(0, LIST), "v1"],
];

describe("400, and nothing written", () => {
  it.each<Case>(CASES)("%.80s", async (body, answer, version) => {
    const tenant = await newTenant();
    expect(await seen(pushPoints(tenant, "t", body, { version: version ?? "v2" }))).toEqual(answer);
    await expectNothingStored(tenant);
  });

  it.each(["", "{", "[{]", '{"keys":["id"],"id":1}x', "\u00e9", "[".repeat(100_000)])(
    "malformed JSON: %.20j",
    async (body) => {
      const answer = await seen(pushPoints(await newTenant(), "t", body));
      expect(answer).toMatchObject({ status: 400, type: "application/json" });
      const reason: unknown = expect.stringMatching(/^Malformed JSON in the body: ./);
      expect(JSON.parse(answer.text)).toEqual({
        code: 400,
        message: "Bad Request",
        reasons: [reason],
      });
    },
  );

  it("bytes that are not UTF-8, and broken gzip", async () => {
    const tenant = await newTenant();
    const latin1 = new Uint8Array([...text(good)].map((c) => c.charCodeAt(0)).with(2, 0xe9));
    const malformed = "Malformed JSON in the body: ";
    const utf8 = badRequest(`${malformed}The body is not valid UTF-8.`);
    expect(await seen(pushPoints(tenant, "t", latin1))).toEqual(utf8);
    const headers = { "Content-Encoding": "gzip" };
    const gzip = badRequest(`${malformed}The gzip encoding of the body is broken.`);
    expect(await seen(pushPoints(tenant, "t", good, { headers }))).toEqual(gzip);
  });

  it("another Content-Encoding", async () => {
    const headers = { "Content-Encoding": "deflate" };
    const answer = await seen(pushPoints(await newTenant(), "t", good, { headers }));
    const reason = "Unsupported content-encoding deflate. Please send gzip or none.";
    expect(answer).toEqual(badRequest(reason));
  });

  it("other keys than the table's", async () => {
    const tenant = await newTenant();
    await pushPoints(tenant, "t", { keys: ["b", "a"], a: 1, b: 2 });
    const points = [
      { keys: ["a", "b"], a: 1, b: 3, c: 1 },
      { keys: ["a"], a: 1 },
    ];
    const answer = badRecord(1, "table t has the keys b, a.");
    expect(await seen(pushPoints(tenant, "t", points))).toEqual(answer);
    expect(await storedPairs(tenant, "t")).toEqual([["-1", { a: 1, b: 2 }]]);
  });

  it.each(["a-b", "a.b", "a%20b", "a%0A", "a%2Fb", "%C3%A9", "%E0%A4%A", "*", "x".repeat(256)])(
    "the table name %s",
    async (table) => {
      const tenant = await newTenant();
      const reason =
        "Bad table name. Table names must be alphanumeric (plus underscores), at most 255 characters.";
      expect(await seen(pushPoints(tenant, table, good))).toEqual(badRequest(reason));
      await expectNothingStored(tenant);
    },
  );
});

describe("limits", () => {
  const points = (count: number): unknown[] =>
    Array.from({ length: count }, (_, id) => ({ keys: ["id"], id }));

  it.each(["v1", "v2"] as const)("100 points are taken, 101 are not: %s", async (version) => {
    const tenant = await newTenant();
    expect((await pushPoints(tenant, "t", points(100), { version })).status).toBe(201);
    expect(await storedRows(tenant, "t")).toHaveLength(100);
    const answer = badRequest("101 data points exceed the maximum of 100.");
    expect(await seen(pushPoints(tenant, "u", points(101), { version }))).toEqual(answer);
    expect(await storedRows(tenant, "u")).toEqual([]);
  });

  it("5,242,880 bytes are taken, plain and after gzip, and not one more", async () => {
    const tenant = await newTenant();
    const padded = (bytes: number): string => text(good).padEnd(bytes);
    const gzipped = async (body: string): Promise<Response> => {
      const stream = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
      return pushPoints(tenant, "t", bytes, { headers: { "Content-Encoding": "gzip" } });
    };
    expect((await pushPoints(tenant, "t", padded(5_242_880))).status).toBe(201);
    expect((await gzipped(padded(5_242_880))).status).toBe(201);
    const reason = "The request body of 5242881 bytes exceeds the maximum of 5242880 bytes.";
    expect(await seen(pushPoints(tenant, "t", padded(5_242_881)))).toEqual(badRequest(reason));
    expect((await gzipped(padded(5_242_881))).status).toBe(400);
  });
});

describe("404", () => {
  it.each([
    "/v1",
    "/v2",
    "/v2/client",
    "/v2/client/1001",
    "/v2/clients/1001/authenticate",
    "/v3/client/1001/authenticate",
    "/v2/client/1001/authenticate/",
    "/v2/client/1001/authenticate/x",
    "/V2/client/1001/authenticate",
    "/v2/client//authenticate",
    "/v2/client/1001/table/t",
    "/v2/client/1001/table/t/data/",
    "/v2/client/1001/table/t/data/1",
    "/v2/client/1001/table//data",
    "/v2/client/1001/table/a/b/data",
    "/v2/client/1001/table/t/Data",
    "/v2//client/1001/table/t/data",
    "/index.html",
    "/%",
    "/favicon.ico",
  ])("%s", async (path) => {
    for (const method of ["GET", "POST"]) {
      const body = method === "POST" ? text(good) : null;
      const answer = send(path, { method, body, headers: { Accept: "application/json" } });
      expect(await seen(answer)).toEqual(notFound);
    }
  });

  it.each([
    ["GET", "table/t/data"],
    ["HEAD", "table/t/data"],
    ["PUT", "table/t/data"],
    ["PATCH", "table/t/data"],
    ["DELETE", "table/t/data"],
    ["OPTIONS", "table/t/data"],
    ["POST", "authenticate"],
    ["PUT", "authenticate"],
    ["OPTIONS", "authenticate"],
  ])("%s .../%s, also with a good key", async (method, rest) => {
    const tenant = await newTenant();
    const path = `/v2/client/${tenant.clientId}/${rest}?apikey=${tenant.token}`;
    const answer = await send(path, { method, headers: { Accept: "application/json" } });
    expect(answer.headers.get("allow")).toBeNull();
    expect(await seen(answer)).toEqual(method === "HEAD" ? { ...notFound, text: "" } : notFound);
  });
});

describe("Content-Type and headers of errors", () => {
  const JSON_TYPE = "application/json";
  const HTML = "text/html; charset=UTF-8";

  it.each([
    ["*/*", HTML],
    ["", HTML],
    ["application/*", HTML],
    ["application/json;q=0.0", HTML],
    ["application/json-seq", HTML],
    ["application/json", JSON_TYPE],
    ["text/html , APPLICATION/JSON ; q=0.1", JSON_TYPE],
  ])('Accept "%s" gives %s with the same text', async (Accept, type) => {
    const tenant = await newTenant();
    const headers = { Accept };
    const answers = {
      400: await pushPoints(tenant, "t", "[]", { headers }),
      401: await pushPoints(tenant, "t", good, { headers, query: "" }),
      404: await send("/v3", { headers }),
      201: await pushPoints(tenant, "t", good, { headers }),
    };
    for (const [status, answer] of Object.entries(answers)) {
      expect(answer.headers.get("vary")).toBe("Accept");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      const { status: actual, type: actualType, text: body } = await seen(answer);
      expect([String(actual), actualType]).toEqual([status, type]);
      expect(JSON.parse(body)).toMatchObject({ code: Number(status) });
    }
  });
});

describe("order of checks", () => {
  it("404, 401, table name, size, JSON, count, objects in order", async () => {
    const tenant = await newTenant();
    const long = "{".padEnd(5_242_881);
    const many = text(Array.from({ length: 101 }, () => 1));
    const reasonOf = async (table: string, body: string, options?: PointsOptions) => {
      const answer = await pushPoints(tenant, table, body, options);
      const { code, reasons } = await answer.json<{ code: number; reasons: string[] }>();
      return `${code} ${reasons.join()}`;
    };
    const wrongMethod = await send(tablePath(tenant, "a-b", { query: "" }), { method: "PUT" });
    expect(wrongMethod.status).toBe(404);
    expect(await reasonOf("a-b", long, { query: "" })).toMatch(/^401 Authorization failed/);
    expect(await reasonOf("a-b", long)).toMatch(/^400 Bad table name/);
    expect(await reasonOf("t", long)).toMatch(/^400 The request body of/);
    expect(await reasonOf("t", `${many}]`)).toMatch(/^400 Malformed/);
    expect(await reasonOf("t", many)).toMatch(/^400 101 data points/);
    expect(await reasonOf("t", text([good, {}, 1]))).toMatch(/^400 Record 1: the field keys/);
    await expectNothingStored(tenant);
  });
});
