/**
 * The Stitch Import API as its document calls it (`004_53a97ce4b190a6d4.txt`): every command
 * line and every request body as it stands there, without the comments inside of the bodies.
 */
import { describe, expect, it } from "vitest";
import { CLIENT_ID, IMPORT_TOKEN } from "./constants.ts";
import { curl } from "./curl.ts";
import { newSchema, rowsOf, tablesOf } from "./service.ts";

/** The headers that the document's lines give. */
const headers = (token: string): string[] => [
  "Content-Type: application/json",
  `Authorization: Bearer ${token}`,
];

const EXAMPLE_BODY = `[
   {
    "client_id": 4231,
    "table_name": "users",
      "sequence": 100,
    "action": "upsert",
    "key_names": [
     "id"
    ],
    "data": {
     "id": 10,
     "status": "pending"
    }
   }
  ]
`;

const VALIDATE_BODY = `[
   {
      "client_id": 4231,
      "table_name": "users",
      "sequence": 100,
      "action": "upsert"
   }
]
`;

/** The four requests of the sequence example. */
const request = (sequence: number, id: number, status: string): string => `[
 {
  "client_id": 4231,
  "table_name": "users",
  "sequence": ${sequence},
  "action": "upsert",
  "key_names": [
   "id"
  ],
  "data": {
   "id": ${id},
   "status": "${status}"
  }
 }
]
`;
const SEQUENCE_EXAMPLE = [
  request(100, 10, "pending"),
  request(101, 10, "canceled"),
  request(99, 10, "new"),
  request(90, 22, "new"),
] as const;

describe("status", () => {
  it("answers as the document shows, with the true length", async () => {
    const answer = await curl({ path: "/v2/import/status" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json;charset=UTF-8");
    expect(answer.headers.get("content-length")).toBe("38");
    expect(answer.text).toBe('{"name":"pipeline.gate","status":"OK"}');
  });
});

describe("upsert", () => {
  it("stores the example request: 201 with an empty body", async () => {
    const schema = await newSchema();
    const answer = await curl({
      method: "POST",
      path: "/v2/import/push",
      headers: headers(schema.token),
      file: EXAMPLE_BODY,
    });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.text).toBe("");
    expect(answer.headers.has("content-type")).toBe(false);
    expect(await rowsOf(schema, "users")).toEqual([
      { sequence: "100", data: { id: 10, status: "pending" } },
    ]);
  });

  it("keeps the newest sequence of each key", async () => {
    const schema = await newSchema();
    for (const file of SEQUENCE_EXAMPLE) {
      const line = { path: "/v2/import/push", headers: headers(schema.token), file };
      expect((await curl(line)).status).toBe(201);
    }
    expect(await rowsOf(schema, "users")).toEqual([
      { sequence: "101", data: { id: 10, status: "canceled" } },
      { sequence: "90", data: { id: 22, status: "new" } },
    ]);
  });

  it("does so within one request, too", async () => {
    const schema = await newSchema();
    const records = SEQUENCE_EXAMPLE.flatMap((text) => JSON.parse(text) as unknown[]);
    const file = JSON.stringify(records);
    const line = { path: "/v2/import/push", headers: headers(schema.token), file };
    expect((await curl(line)).status).toBe(201);
    expect(await rowsOf(schema, "users")).toMatchObject([
      { sequence: "101", data: { id: 10, status: "canceled" } },
      { sequence: "90", data: { id: 22, status: "new" } },
    ]);
  });

  it("refuses a token that is not there", async () => {
    const line = { path: "/v2/import/push", file: EXAMPLE_BODY };
    const answer = await curl({ ...line, headers: headers("< access-token >") });
    expect(answer.status).toBe(401);
    expect(answer.text).toBe(
      '{"status":"ERROR","error":"Not authorized.","errors":"Not authorized."}',
    );
  });
});

describe("validate", () => {
  const line = { method: "POST", path: "/v2/import/validate" } as const;

  it("answers 200 to a valid request and stores nothing", async () => {
    const schema = await newSchema();
    const answer = await curl({ ...line, headers: headers(schema.token), file: EXAMPLE_BODY });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"status":"OK","message":"Batch is valid!"}');
    expect((await tablesOf(schema)).size).toBe(0);
  });

  it("names what the document's own example lacks", async () => {
    const answer = await curl({ ...line, headers: headers(IMPORT_TOKEN), file: VALIDATE_BODY });
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toEqual({
      status: "ERROR",
      error: "Request cannot be processed; see errors.",
      errors: [{ reason: { key_names: ["can't be blank"], data: ["can't be blank"] } }],
      record: 0,
    });
  });

  it("answers 403 to wrong credentials of either step", async () => {
    const notAuthenticated = '{"status":"ERROR","error":"Not Authenticated.","errors":null}';
    const wrongToken = await curl({ ...line, headers: headers("wrong"), file: EXAMPLE_BODY });
    expect(wrongToken.status).toBe(403);
    expect(wrongToken.text).toBe(notAuthenticated);
    const foreign = EXAMPLE_BODY.replace(String(CLIENT_ID), "4232");
    const wrongClient = await curl({ ...line, headers: headers(IMPORT_TOKEN), file: foreign });
    expect(wrongClient.status).toBe(403);
    expect(wrongClient.text).toBe(notAuthenticated);
  });
});
