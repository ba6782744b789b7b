/** The sandbox of the RJMetrics import (wire.md 3.5). */
import { describe, expect, it } from "vitest";
import {
  batchOf,
  columnsOf,
  expectNothingStored,
  json,
  pushPoints,
  seen,
  storedData,
  storedPairs,
  tablesOf,
  upsert,
} from "../../support/batch-and-points.ts";
import { testEnv } from "../../support/env.ts";
import { newTenant, pushRecords, send, type Tenant } from "../../support/tenant.ts";

const CREATED = json(201, '{"code":201,"message":"created"}');
const ACCEPT_JSON = { Accept: "application/json" };

/** The ways in: hosts, and the prefix on any host. */
const BASES = [
  "/sandbox",
  "https://sandbox-connect.example.com",
  "https://sandbox-connect.example.com/sandbox",
  "https://sandbox",
  "http://sandbox.example.com",
  "https://SANDBOX2.Example.com:8443",
];

const rowCount = async (): Promise<number> => {
  const counts = await Promise.all(
    [testEnv.SHARD_0, testEnv.SHARD_1].map((shard) =>
      shard.prepare("SELECT count(*) AS n FROM rows").first<number>("n"),
    ),
  );
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
};

const authenticate = (tenant: Tenant, base: string): Promise<Response> =>
  send(`${base}/v2/client/${tenant.clientId}/authenticate?apikey=${tenant.token}`);

describe.each(BASES)("%s", (base) => {
  it("authenticates, as old clients do: by a push to the table test", async () => {
    const tenant = await newTenant();
    const before = await rowCount();
    expect((await authenticate(tenant, base)).status).toBe(200);
    for (const version of ["v1", "v2"] as const) {
      const point = { keys: ["id"], id: 1 };
      const answer = pushPoints(tenant, "test", point, { base, version });
      expect(await seen(answer)).toEqual(CREATED);
    }
    await expectNothingStored(tenant);
    expect(await rowCount()).toBe(before);
  });

  it("has the validation, codes and bodies of the live paths", async () => {
    const tenant = await newTenant();
    await pushPoints(tenant, "t", { keys: ["id"], id: 1 });
    const bodies = [
      [{ keys: ["id"], id: 1, v: 2 }],
      { keys: ["other"], other: 1 },
      { keys: ["id"], id: null },
      { id: 1 },
      [],
      "{",
      " ".repeat(5_242_881),
      Array.from({ length: 101 }, (_, id) => ({ keys: ["id"], id })),
    ];
    for (const [index, body] of bodies.entries()) {
      const [sandbox, live] = [
        await seen(pushPoints(tenant, "t", body, { base })),
        await seen(pushPoints(tenant, "t", body)),
      ];
      expect(sandbox).toEqual(live);
      expect(sandbox.status).toBe(index === 0 ? 201 : 400);
    }
    const noName = await seen(pushPoints(tenant, "a-b", {}, { base }));
    expect(noName).toEqual(await seen(pushPoints(tenant, "a-b", {})));
    const noKey = { query: "" };
    const unauthorized = await seen(pushPoints(tenant, "t", {}, { base, ...noKey }));
    expect(unauthorized).toEqual(await seen(pushPoints(tenant, "t", {}, noKey)));
    expect(unauthorized.status).toBe(401);
  });

  it("adds no row, no table and no column, and changes none", async () => {
    const tenant = await newTenant();
    await pushPoints(tenant, "t", { keys: ["id"], id: 1, v: "live" });
    const state = async (): Promise<unknown> => [
      await tablesOf(tenant),
      await columnsOf(tenant),
      await storedPairs(tenant, "t"),
      await rowCount(),
    ];
    const before = await state();
    const points = [
      { keys: ["id"], id: 1, v: 5, added: true },
      { keys: ["id"], id: 2 },
    ];
    expect(await seen(pushPoints(tenant, "t", points, { base }))).toEqual(CREATED);
    expect(await seen(pushPoints(tenant, "new", points, { base }))).toEqual(CREATED);
    expect(await state()).toEqual(before);
    // Nor does it bind the key names of a table that comes later.
    expect((await pushPoints(tenant, "new", { keys: ["v"], v: 1 })).status).toBe(201);
  });

  it("has the status", async () => {
    const answer = await seen(send(base.startsWith("http") ? `${base}` : base));
    expect(answer).toEqual(json(200, '{"code":200,"message":"ok"}'));
  });
});

describe("on a sandbox host", () => {
  const HOST = "https://sandbox-connect.example.com";

  it.each(["push", "validate", "batch", "status"])("Stitch %s is 404", async (endpoint) => {
    const tenant = await newTenant();
    const method = endpoint === "status" ? "GET" : "POST";
    const headers = {
      Authorization: `Bearer ${tenant.token}`,
      "Content-Type": "application/json",
    };
    const record = { client_id: tenant.clientId, table_name: "t", action: "upsert", sequence: 1 };
    const records = [{ ...record, key_names: ["id"], data: { id: 1 } }];
    const stored = endpoint === "batch" ? batchOf("t", [upsert(1, { id: 1 })]) : records;
    const body = method === "GET" ? null : JSON.stringify(stored);
    const answer = send(`${HOST}/v2/import/${endpoint}`, { method, headers, body });
    expect(await seen(answer)).toEqual(json(404, '{"status":"ERROR","message":"Not found."}'));
    await expectNothingStored(tenant);
  });

  it.each(["/0.1/export", "/0.1/figure", "/0.1/client/CID/table"])(
    "the export path %s is 404, also with a good key",
    async (path) => {
      const tenant = await newTenant();
      const headers = { "X-RJM-API-Key": tenant.exportKey };
      const url = HOST + path.replace("CID", String(tenant.clientId));
      const body = {
        code: 404,
        message: "Not Found",
        reasons: ["The resource you are looking for does not exist."],
      };
      expect(await seen(send(url, { headers }))).toEqual(json(404, body));
    },
  );

  it.each(["/admin/v1/clients", "/console", "/v3", "/sandbox/sandbox", "/sandbox/v3"])(
    "%s is 404",
    async (path) => {
      expect((await send(HOST + path, { headers: ACCEPT_JSON })).status).toBe(404);
    },
  );
});

describe("under the prefix /sandbox", () => {
  it.each([
    "/sandbox/v2/import/push",
    "/sandbox/0.1/export",
    "/sandbox/admin/v1/clients",
    "/sandbox/",
    "/sandbox/sandbox",
    "/sandboxv2/client/1001/authenticate",
  ])("%s is an RJMetrics 404", async (path) => {
    const answer = await seen(send(path, { method: "POST", headers: ACCEPT_JSON, body: "[]" }));
    expect(answer).toMatchObject({ status: 404, type: "application/json" });
    expect(JSON.parse(answer.text)).toMatchObject({ code: 404, message: "Not Found" });
  });

  it("only GET asks for the status", async () => {
    expect((await send("/sandbox", { method: "POST" })).status).toBe(404);
  });
});

describe("no sandbox are", () => {
  it.each([
    "https://notsandbox.example.com",
    "https://connect.sandbox.example.com",
    "https://connect-sandbox.example.com",
    "https://connect.example.com",
    "https://san-dbox.example.com",
  ])("%s", async (base) => {
    const tenant = await newTenant();
    const point = { keys: ["id"], id: 1 };
    expect(await seen(pushPoints(tenant, "t", point, { base }))).toEqual(CREATED);
    expect(await storedData(tenant, "t")).toEqual(['{"id":1}']);
  });

  it("paths, queries and names with sandbox in them", async () => {
    const tenant = await newTenant();
    const point = { keys: ["id"], id: 1 };
    const query = `?apikey=${tenant.token}&host=https://sandbox.example.com/sandbox`;
    expect((await pushPoints(tenant, "sandbox", point, { query })).status).toBe(201);
    expect(await storedData(tenant, "sandbox")).toEqual(['{"id":1}']);
  });

  it("a Stitch push beside it", async () => {
    const tenant = await newTenant();
    const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
    expect((await pushRecords(tenant, [record])).status).toBe(201);
    await pushPoints(tenant, "t", { keys: ["id"], id: 1, v: 1 }, { base: "/sandbox" });
    expect(await storedPairs(tenant, "t")).toEqual([["1", { id: 1 }]]);
  });
});
