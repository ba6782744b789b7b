import { describe, expect, it, vi } from "vitest";
import { testEnv } from "../support/env.ts";
import { call as callExports } from "../support/export.ts";
import { newTenant, pushText, send, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";
import { anyNumber, call, expectProblem, expectRecent, member } from "./call.ts";

/** A client with a table `orders`, and the table's id. */
async function shop(): Promise<Tenant & { readonly orders: number }> {
  const tenant = await newTenant();
  const rows = ['"status":"complete","total":58.40,"paid":true', '"status":null,"total":1'];
  const records = rows.map(
    (data, index) =>
      `{"client_id":${tenant.clientId},"action":"upsert","table_name":"orders","sequence":1,"key_names":["id"],"data":{"id":${index},${data}}}`,
  );
  const answer = await pushText(tenant, `[${records.join(",")}]`);
  expect(answer.status, await answer.text()).toBe(201);
  return { ...tenant, orders: await tableId(tenant, "orders") };
}

const exportsOf = ({ clientId }: Tenant): string => `/clients/${clientId}/exports`;

async function created(tenant: Tenant, body: unknown): Promise<number> {
  const answer = await call("POST", exportsOf(tenant), body);
  expect(answer.status, answer.text).toBe(201);
  return Number(member(answer, "id"));
}

async function stored(id: number): Promise<string | null> {
  return testEnv.CATALOG.prepare("SELECT definition FROM exports WHERE id = ?1")
    .bind(id)
    .first<string>("definition");
}

async function count(tenant: Tenant): Promise<number | null> {
  return testEnv.CATALOG.prepare("SELECT count(*) AS n FROM exports WHERE client_id = ?1")
    .bind(tenant.clientId)
    .first<number>("n");
}

describe("POST …/exports", () => {
  it("starts an export of everything under the table's name", async () => {
    const tenant = await shop();
    const answer = await call("POST", exportsOf(tenant), { table_id: tenant.orders });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.json).toMatchObject({
      id: anyNumber,
      name: "orders",
      table_id: tenant.orders,
      columns: null,
      filters: null,
      filter_logic: null,
      spreadsheet_safe: false,
    });
    expectRecent(member(answer, "created_at"));
    expect(await stored(Number(member(answer, "id")))).toBe("{}");
  });

  it("keeps columns, filters and their exact numbers", async () => {
    const tenant = await shop();
    const filters =
      '[{"column":"status","operator":"equal","value":"complete"},{"id":"C","column":"total","operator":"less","value":12345678901234567890.50}]';
    const body = `{"name":"a/\\"b\\"\\n","table_id":${tenant.orders},"columns":["total","id"],"filters":${filters},"filter_logic":"A or [C]","spreadsheet_safe":true}`;
    const answer = await call("POST", exportsOf(tenant), body);
    expect(answer.status, answer.text).toBe(201);
    expect(answer.json).toMatchObject({
      name: 'a/"b"',
      columns: ["total", "id"],
      filter_logic: "A or [C]",
      spreadsheet_safe: true,
    });
    const shown =
      '"filters":[{"id":"A","column":"status","operator":"equal","value":"complete"},{"id":"C","column":"total","operator":"less","value":12345678901234567890.50}]';
    expect(answer.text).toContain(shown);
    const id = Number(member(answer, "id"));
    expect(await stored(id)).toContain('"value":12345678901234567890.50,"kind":"number"');
    const again = await call("GET", `${exportsOf(tenant)}/${id}`);
    expect(again.text).toContain(shown);
    expect(again.json).toMatchObject({ id, columns: ["total", "id"], spreadsheet_safe: true });
  });

  it("keeps any name, and no outer white space", async () => {
    const tenant = await shop();
    for (const [name, kept] of [
      ["  spaced out\n", "spaced out"],
      ['a/b\\c"d\r\ne', 'a/b\\c"d\r\ne'],
      ["😀".repeat(500), "😀".repeat(500)],
      ["=1+1", "=1+1"],
    ]) {
      const answer = await call("POST", exportsOf(tenant), { name, table_id: tenant.orders });
      expect(answer.status, answer.text).toBe(201);
      expect(member(answer, "name")).toBe(kept);
    }
  });

  it("says what is wrong, and where, and makes no export", async () => {
    const tenant = await shop();
    const table_id = tenant.orders;
    const filter = { column: "total", operator: "equal", value: "abc" };
    for (const [body, detail] of [
      [{}, "table_id: is missing"],
      [{ table_id: "1" }, "table_id: must be the id of a table"],
      [{ table_id: 0 }, "table_id: must be the id of a table"],
      [{ table_id: 1.5 }, "table_id: must be the id of a table"],
      [`{"table_id":${table_id}.0}`, "table_id: must be the id of a table"],
      [{ table_id, name: " \n" }, "name: must have 1 to 1000 characters"],
      [{ table_id, name: "n".repeat(1_001) }, "name: must have 1 to 1000 characters"],
      [{ table_id, name: null }, "name: must be a string"],
      [{ table_id, filter: [] }, "filter: is not known here"],
      [[], "The body must be a JSON object."],
      [`{"table_id":${table_id},"__proto__":[]}`, "__proto__: is not known here"],
      [{ table_id, columns: ["id", "near"] }, 'columns[1]: the table has no column "near"'],
      [{ table_id, columns: ["id", "id"] }, 'columns[1]: "id" is there already'],
      [
        { table_id, filters: [{ column: "id", operator: "is_null" }, filter] },
        'filters[1].value: the column "total" has numbers; "abc" is none',
      ],
      [
        { table_id, filters: [{ ...filter, value: 1 }], filter_logic: "[A] AND" },
        "filter_logic: at character 8: a letter or an opening bracket is expected, not the end",
      ],
      [{ table_id, spreadsheet_safe: 1 }, "spreadsheet_safe: must be true or false"],
    ] as const) {
      const answer = await call("POST", exportsOf(tenant), body);
      expectProblem(answer, 422, "admin_invalid", detail);
    }
    expectProblem(await call("POST", exportsOf(tenant), '{"table_id":'), 400, "body_malformed");
    expect(await count(tenant)).toBe(0);
  });

  it("does not know tables of other clients, nor clients that do not exist", async () => {
    const [tenant, other] = [await shop(), await shop()];
    for (const [path, table_id] of [
      [exportsOf(tenant), other.orders],
      [exportsOf(tenant), 999_999_999],
      ["/clients/999999999/exports", tenant.orders],
    ] as const) {
      expectProblem(await call("POST", path, { table_id }), 404, "not_found");
    }
    expect(await count(tenant)).toBe(0);
  });
});

describe("GET …/exports", () => {
  it("lists the exports of the client, without their definitions", async () => {
    const [tenant, other] = [await shop(), await shop()];
    const first = await created(tenant, { table_id: tenant.orders, columns: ["id"] });
    const second = await created(tenant, { table_id: tenant.orders, name: "second" });
    await created(other, { table_id: other.orders });
    const answer = await call("GET", exportsOf(tenant));
    expect(answer.status, answer.text).toBe(200);
    const list = member(answer, "exports");
    expect(list).toMatchObject([
      { id: first, name: "orders", table_id: tenant.orders },
      { id: second, name: "second", table_id: tenant.orders },
    ]);
    expect(answer.text).not.toContain("columns");
    expectProblem(await call("GET", "/clients/999999999/exports"), 404, "not_found");
  });

  it("is empty for a new client", async () => {
    const tenant = await newTenant();
    expect((await call("GET", exportsOf(tenant))).json).toEqual({ exports: [] });
  });
});

describe("GET and DELETE …/exports/:id", () => {
  it("shows the export until it is deleted", async () => {
    const tenant = await shop();
    const id = await created(tenant, { table_id: tenant.orders });
    const path = `${exportsOf(tenant)}/${id}`;
    await vi.waitFor(async () => {
      expect((await call("GET", path)).json).toMatchObject({ id, status: "Completed" });
    }, 20_000);
    const deleted = await call("DELETE", path);
    expect([deleted.status, deleted.text]).toEqual([204, ""]);
    expectProblem(await call("GET", path), 404, "not_found");
    expectProblem(await call("DELETE", path), 404, "not_found");
    expect((await callExports(tenant, `/export/${id}`)).status).toBe(404);
  });

  it("does not know exports of other clients", async () => {
    const [tenant, other] = [await shop(), await newTenant()];
    const id = await created(tenant, { table_id: tenant.orders });
    for (const method of ["GET", "DELETE"]) {
      expectProblem(await call(method, `${exportsOf(other)}/${id}`), 404, "not_found");
    }
    expect(await stored(id)).toBe("{}");
  });
});

describe("POST /0.1/…", () => {
  const start = (tenant: Tenant, path: string, init: RequestInit = {}): Promise<Response> =>
    callExports(tenant, path, { method: "POST", ...init });

  it("a copy keeps the definition, and may say what is safe for spreadsheets", async () => {
    const tenant = await shop();
    const id = await created(tenant, { table_id: tenant.orders, columns: ["total"] });
    for (const [query, body, definition] of [
      ["", "", '{"columns":["total"]}'],
      ["", "name=x&spreadsheet_safe=1", '{"columns":["total"],"spreadsheet_safe":true}'],
      ["?spreadsheet_safe=true", "", '{"columns":["total"],"spreadsheet_safe":true}'],
      ["?spreadsheet_safe=1", "spreadsheet_safe=false", '{"columns":["total"]}'],
      ["?spreadsheet_safe=+", "", '{"columns":["total"]}'],
    ] as const) {
      const answer = await start(tenant, `/export/${id}/copy${query}`, { body });
      const copy = await answer.json<{ id: number; name: string }>();
      expect(answer.status).toBe(201);
      expect(copy.name).toBe(body.startsWith("name") ? "x" : "orders");
      expect(await stored(copy.id)).toBe(definition);
    }
  });

  it("an export of a table, too", async () => {
    const tenant = await shop();
    const path = `/client/${tenant.clientId}/table/${tenant.orders}/export`;
    for (const [init, query, definition] of [
      [{}, "", "{}"],
      [{ body: "spreadsheet_safe=true" }, "", '{"spreadsheet_safe":true}'],
      [{}, "?spreadsheet_safe=1", '{"spreadsheet_safe":true}'],
      [{}, "?spreadsheet_safe=0", "{}"],
    ] as const) {
      const answer = await start(tenant, `${path}${query}`, init);
      expect(answer.status).toBe(200);
      expect(await stored((await answer.json<{ id: number }>()).id)).toBe(definition);
    }
  });

  it("a flag that is none is a 400, and makes no export", async () => {
    const tenant = await shop();
    const id = await created(tenant, { table_id: tenant.orders });
    for (const path of [
      `/export/${id}/copy`,
      `/client/${tenant.clientId}/table/${tenant.orders}/export`,
    ]) {
      for (const flag of ["2", "yes", "TRUE", "1x"]) {
        const answer = await start(tenant, path, { body: `spreadsheet_safe=${flag}` });
        expect(answer.status).toBe(400);
        expect(await answer.json()).toEqual({
          code: 400,
          message: "Bad Request",
          reasons: ["spreadsheet_safe must be 1, true, 0 or false."],
        });
      }
    }
    expect(await count(tenant)).toBe(1);
  });

  it("the columns of a table are a name and a type", async () => {
    const tenant = await shop();
    const answer = await send(`/0.1/client/${tenant.clientId}/table/${tenant.orders}`, {
      headers: { "X-RJM-API-Key": tenant.exportKey },
    });
    expect(await answer.json()).toEqual({
      columns: [
        { name: "id", type: "integer" },
        { name: "status", type: "string" },
        { name: "total", type: "decimal" },
        { name: "paid", type: "boolean" },
      ],
    });
  });
});

describe("POST …/exports/:id/copy", () => {
  it("starts an export of the same definition, under the same or a new name", async () => {
    const tenant = await shop();
    const asked = { name: "some", table_id: tenant.orders, columns: ["total"] };
    const id = await created(tenant, asked);
    for (const [body, name] of [
      [undefined, "some"],
      [{ name: "again" }, "again"],
    ] as const) {
      const answer = await call("POST", `${exportsOf(tenant)}/${id}/copy`, body);
      expect(answer.status, answer.text).toBe(201);
      expect(answer.json).toMatchObject({ name, columns: ["total"], table_id: tenant.orders });
      expect(member(answer, "id")).not.toBe(id);
      expect(await stored(Number(member(answer, "id")))).toBe(await stored(id));
    }
  });

  it("refuses what is no name, and copies nothing of another client", async () => {
    const [tenant, other] = [await shop(), await newTenant()];
    const id = await created(tenant, { table_id: tenant.orders });
    const before = await count(tenant);
    const path = `${exportsOf(tenant)}/${id}/copy`;
    expectProblem(await call("POST", path, { name: "" }), 422, "admin_invalid");
    expectProblem(await call("POST", path, { title: "x" }), 422, "admin_invalid");
    expectProblem(await call("POST", `${exportsOf(other)}/${id}/copy`), 404, "not_found");
    expect(await count(tenant)).toBe(before);
  });
});

describe("GET …/exports/:id/file", () => {
  it("is the file, whole or in part, and its headers for HEAD", async () => {
    const tenant = await shop();
    const id = await created(tenant, { name: "my file", table_id: tenant.orders });
    const path = `/admin/v1${exportsOf(tenant)}/${id}/file`;
    const headers = { Authorization: "Bearer test-admin-token" };
    const answer = await send(path, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/zip");
    expect(answer.headers.get("content-disposition")).toContain("my file.zip");
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const part = await send(path, { headers: { ...headers, Range: "bytes=0-3" } });
    expect(part.status).toBe(206);
    expect([...new Uint8Array(await part.arrayBuffer())]).toEqual([...bytes.slice(0, 4)]);
    const head = await send(path, { method: "HEAD", headers });
    expect(head.headers.get("content-length")).toBe(String(bytes.byteLength));
  });

  it("is nothing of another client's", async () => {
    const [tenant, other] = [await shop(), await newTenant()];
    const id = await created(tenant, { table_id: tenant.orders });
    expectProblem(await call("GET", `${exportsOf(other)}/${id}/file`), 404, "not_found");
  });
});
