import { describe, expect, test } from "vitest";
import { testEnv } from "../support/env.ts";
import {
  call,
  downloadOf,
  exported,
  exportTableId,
  infoOf,
  jsonOf,
  startExportOf,
  unzip,
} from "../support/export.ts";
import type { ExportInfo } from "../support/export.ts";
import { newTenant, pushRecords, send, type Tenant } from "../support/tenant.ts";

const record = (table: string, id: unknown, more: Record<string, unknown> = {}, sequence = 1) => ({
  table_name: table,
  sequence,
  key_names: ["id"],
  data: { id, ...more },
});

async function tenantWith(...ids: readonly number[]): Promise<Tenant> {
  const tenant = await newTenant();
  await pushRecords(
    tenant,
    ids.map((id) => record("t", id, { name: `n${id}` })),
  );
  return tenant;
}

/** Puts an export into a state without a job. */
async function setExport(id: number, assignments: string): Promise<void> {
  await testEnv.CATALOG.prepare(`UPDATE exports SET ${assignments} WHERE id = ?1`).bind(id).run();
}

const copy = (tenant: Tenant, id: number, init: RequestInit = {}, query = ""): Promise<Response> =>
  call(tenant, `/export/${id}/copy${query}`, { method: "POST", ...init });

describe("tables", () => {
  test("of all integrations of the client, and no other", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    await pushRecords(other, [record("theirs", 1)]);
    expect(await jsonOf(call(tenant, `/client/${tenant.clientId}/table`))).toEqual({ tables: [] });
    await pushRecords(tenant, [record("b", 1), record("a", 1)]);
    // A second integration of the same client, with a table of the same name.
    await testEnv.CATALOG.prepare(
      "INSERT INTO integrations (client_id, name, created_at) VALUES (?1, 'second', 0)",
    )
      .bind(tenant.clientId)
      .run();
    await testEnv.CATALOG.prepare(
      `INSERT INTO tables (client_id, integration_id, name, key_names, key_set, ranges, created_at)
       SELECT client_id, max(id), '"a"', '["id"]', '["id"]', '[[0,0]]', 0 FROM integrations WHERE client_id = ?1`,
    )
      .bind(tenant.clientId)
      .run();
    const { tables } = await jsonOf<{ tables: { id: number; name: string }[] }>(
      call(tenant, `/client/${tenant.clientId}/table`),
    );
    expect(tables.map(({ name }) => name)).toEqual(["b", "a", "a"]);
    expect(new Set(tables.map(({ id }) => id)).size).toBe(3);
    expect(Object.keys(tables[0] ?? {})).toEqual(["id", "name"]);
  });

  test("columns with their types", async () => {
    const tenant = await newTenant();
    await pushRecords(tenant, [record("t", 1, { s: "x", d: 1.5, b: true, j: [], n: null })]);
    const id = await exportTableId(tenant, "t");
    const path = `/client/${tenant.clientId}/table/${id}`;
    expect(await jsonOf(call(tenant, path))).toEqual({
      columns: [
        { name: "id", type: "integer" },
        { name: "s", type: "string" },
        { name: "d", type: "decimal" },
        { name: "b", type: "boolean" },
        { name: "j", type: "json" },
        { name: "n", type: "string" },
      ],
    });
  });

  test("of another client are a 404, to look at and to export", async () => {
    const [tenant, other] = [await tenantWith(1), await tenantWith(1)];
    const id = await exportTableId(other, "t");
    const path = `/client/${tenant.clientId}/table/${id}`;
    await jsonOf(call(tenant, path), 404);
    await jsonOf(call(tenant, `${path}/export`, { method: "POST" }), 404);
    expect(await jsonOf(call(other, "/export"))).toEqual({ exports: [] });
  });
});

describe("an export", () => {
  test("from the first call to the file", async () => {
    const tenant = await tenantWith(2, 1, 10);
    await pushRecords(tenant, [record("t", 1, { name: "newer", more: null }, 2)]);
    const before = Date.now();
    const info = await startExportOf(tenant, "t");
    expect(info).toEqual({
      id: info.id,
      export_id: info.id,
      name: "t",
      status: expect.stringMatching(/^(Pending|Running|Completed)$/) as string,
      row_count: null,
      error: null,
      created_at: expect.any(String) as string,
      completed_at: null,
      expires_at: null,
      progress: { rows_done: 0, rows_total: null },
    });
    const answer = await call(tenant, `/export/${info.id}`);
    expect(answer.headers.get("content-type")).toBe("application/zip");
    expect(answer.headers.get("content-disposition")).toBe(
      "attachment; filename=\"t.zip\"; filename*=UTF-8''t.zip",
    );
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const length = Number(answer.headers.get("content-length"));
    expect(length).toBe((await answer.clone().arrayBuffer()).byteLength);
    const { name, csv } = await unzip(answer);
    expect(name).toBe("t.csv");
    const [header, ...rows] = csv.split("\r\n");
    expect(header).toBe("id,name,more");
    expect(rows.toSorted()).toEqual(["", "1,newer,", "10,n10,", "2,n2,"]);
    const done = await infoOf(tenant, info.id);
    expect(done).toEqual({
      id: info.id,
      name: "t",
      status: "Completed",
      row_count: 3,
      error: null,
      created_at: info.created_at,
      completed_at: done.completed_at,
      expires_at: done.expires_at,
      progress: { rows_done: 3, rows_total: 3 },
    });
    const [created, completed, expires] = [done.created_at, done.completed_at, done.expires_at].map(
      (time) => Date.parse(time ?? ""),
    );
    expect(done.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(created).toBeGreaterThanOrEqual(before);
    expect(completed).toBeGreaterThanOrEqual(created ?? Infinity);
    // EXPORT_DAYS of wrangler.toml.
    expect((expires ?? 0) - (completed ?? 0)).toBe(7 * 24 * 60 * 60 * 1000);
  });

  test("a HEAD of the file has its headers and no body", async () => {
    const tenant = await tenantWith(1);
    const { id } = await exported(tenant, "t");
    const answer = await call(tenant, `/export/${id}`, { method: "HEAD" });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/zip"]);
    expect(await answer.text()).toBe("");
  });

  test("needs no body and no Content-Type, and takes any", async () => {
    const tenant = await tenantWith(1);
    const id = await exportTableId(tenant, "t");
    const path = `/client/${tenant.clientId}/table/${id}/export`;
    for (const init of [
      { body: "" },
      { body: "{}", headers: { "Content-Type": "application/json" } },
      { body: new URLSearchParams({ name: "ignored" }) },
    ]) {
      const info = await jsonOf<ExportInfo>(call(tenant, path, { method: "POST", ...init }));
      expect(info.name).toBe("t");
    }
  });

  test("of a few thousand rows in two shards is there on the first calls, without a pause", async () => {
    const tenant = await newTenant();
    const ids = Array.from({ length: 9_000 }, (_, id) => id);
    await pushRecords(
      tenant,
      ids.map((id) => record("t", id, { name: `customer ${id}` })),
    );
    const { id } = await startExportOf(tenant, "t");
    const answers: number[] = [];
    for (let attempt = 0; attempt < 3 && answers.at(-1) !== 200; attempt += 1) {
      const answer = await call(tenant, `/export/${id}`);
      answers.push(answer.status);
      if (answer.status !== 200) continue;
      const { csv } = await unzip(answer);
      const rows = csv.trimEnd().split("\r\n").slice(1);
      expect(rows).toHaveLength(9_000);
      expect(new Set(rows)).toEqual(new Set(ids.map((n) => `${n},customer ${n}`)));
    }
    expect(answers.at(-1)).toBe(200);
    expect((await infoOf(tenant, id)).row_count).toBe(9_000);
  });

  test("of a table whose rows are all gone has the header row", async () => {
    const tenant = await tenantWith(1, 2);
    await pushRecords(tenant, [
      { action: "switch_view", table_name: "t", sequence: 1, table_version: 5 },
    ]);
    const { id, header, rows } = await exported(tenant, "t");
    expect([header, rows]).toEqual(["id,name", []]);
    expect((await infoOf(tenant, id)).row_count).toBe(0);
  });

  test("of tables with odd names", async () => {
    const tenant = await newTenant();
    const names = [
      "a/b\\c",
      "é😀",
      "x\r\ny",
      '"quoted"',
      "..",
      "\ud800",
      "a\0b",
      "x".repeat(255),
      "€".repeat(255),
    ];
    for (const name of names) {
      await pushRecords(tenant, [record(name, 1)]);
      const info = await startExportOf(tenant, name);
      const answer = await downloadOf(tenant, info.id);
      const { name: member, csv } = await unzip(answer);
      expect(csv).toBe("id\r\n1\r\n");
      const safe = name.toWellFormed().replace(/[/\\\r\n\0]/g, "_");
      // What fits a file name of 255 bytes (file-name.ts).
      const characters = name.startsWith("€") ? 83 : 251;
      expect(member).toBe(`${safe.slice(0, characters)}.csv`);
      expect(answer.headers.get("content-disposition")).not.toMatch(/[^ -~]/);
    }
  });
});

describe("the list and the infos", () => {
  test("have all exports of the client, and no other", async () => {
    const [tenant, other] = [await tenantWith(1), await tenantWith(1)];
    const first = await exported(tenant, "t");
    const second = await exported(tenant, "t");
    const theirs = await exported(other, "t");
    const { exports } = await jsonOf<{ exports: ExportInfo[] }>(call(tenant, "/export"));
    expect(exports.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(exports[1]).toEqual(await infoOf(tenant, second.id));
    for (const path of ["", "/info"]) {
      await jsonOf(call(tenant, `/export/${theirs.id}${path}`), 404);
    }
    await jsonOf(copy(tenant, theirs.id), 404);
  });

  test("say how an export failed", async () => {
    const tenant = await tenantWith(1);
    const { id } = await exported(tenant, "t");
    await setExport(id, "status = 'Error', error = 'why', object_key = NULL, row_count = NULL");
    expect(await infoOf(tenant, id)).toMatchObject({
      status: "Error",
      error: "why",
      row_count: null,
    });
    await jsonOf(call(tenant, `/export/${id}`), 404);
  });
});

describe("a copy", () => {
  test("is filled anew and keeps the name, or has its own", async () => {
    const tenant = await tenantWith(1);
    const original = await exported(tenant, "t");
    await pushRecords(tenant, [record("t", 2, { name: "n2" })]);
    const form = (name: string): RequestInit => ({
      body: new URLSearchParams({ name, start_time: "2020-01-01", end_time: "2020-02-01" }),
    });
    const copies: [RequestInit, string, string][] = [
      [{}, "", "t"],
      [{ body: "" }, "", "t"],
      [form("export_2020"), "", "export_2020"],
      [form("  spaced out "), "", "spaced out"],
      [form("   "), "", "t"],
      [form(""), "?name=from+query", "from query"],
      [{}, "?name=from+query", "from query"],
      [form("from form"), "?name=query", "from form"],
      [{}, "?name=", "t"],
      [{ body: "name=a%2Fb%26c&x=y" }, "", "a/b&c"],
      [form("n".repeat(1_000)), "", "n".repeat(1_000)],
    ];
    for (const [init, query, name] of copies) {
      const info = await jsonOf<ExportInfo>(copy(tenant, original.id, init, query), 201);
      expect(info).toMatchObject({ export_id: info.id, name });
      expect(info.id).toBeGreaterThan(original.id);
      const { name: member, csv } = await unzip(await downloadOf(tenant, info.id));
      expect(member).toBe(`${name.replace("/", "_").slice(0, 251)}.csv`);
      expect(csv.split("\r\n").toSorted()).toEqual(["", "1,n1", "2,n2", "id,name"]);
    }
    expect((await infoOf(tenant, original.id)).name).toBe("t");
  });

  test("of a copy, an expired and a failed export works", async () => {
    const tenant = await tenantWith(1);
    const { id } = await exported(tenant, "t");
    await setExport(id, "expires_at = 1");
    const second = await jsonOf<ExportInfo>(copy(tenant, id), 201);
    await unzip(await downloadOf(tenant, second.id));
    await setExport(second.id, "status = 'Error', error = 'why', object_key = NULL");
    const third = await jsonOf<ExportInfo>(copy(tenant, second.id, {}, "?name=third"), 201);
    const fourth = await jsonOf<ExportInfo>(copy(tenant, third.id), 201);
    expect((await unzip(await downloadOf(tenant, fourth.id))).name).toBe("third.csv");
  });

  test("with a name that is too long is a 400, and makes no export", async () => {
    const tenant = await tenantWith(1);
    const { id } = await exported(tenant, "t");
    const name = "n".repeat(1_001);
    for (const answer of [
      copy(tenant, id, { body: new URLSearchParams({ name }) }),
      copy(tenant, id, {}, `?name=${name}`),
      copy(tenant, id, { body: `name=${"n".repeat(200_000)}` }),
    ]) {
      const body = await jsonOf<{ code: number; message: string; reasons: string[] }>(answer, 400);
      expect(body).toMatchObject({ code: 400, message: "Bad Request" });
      expect(body.reasons).toHaveLength(1);
    }
    const { exports } = await jsonOf<{ exports: ExportInfo[] }>(call(tenant, "/export"));
    expect(exports).toHaveLength(1);
  });
});

test("no answer is typed or cached otherwise", async () => {
  const tenant = await tenantWith(1);
  const { id } = await exported(tenant, "t");
  for (const path of ["/export", `/export/${id}/info`, `/client/${tenant.clientId}/table`, "/x"]) {
    const answer = await call(tenant, path);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  }
  const options = await send("/0.1/export", { method: "OPTIONS" });
  expect(options.status).toBe(403);
});
