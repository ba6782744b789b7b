/**
 * The Export API 0.1 as its document calls it (`003_4391d7afd95df223.txt`), and the programs
 * that are known to use it (wire.md 6).
 */
import Papa from "papaparse";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { readZip } from "../support/read-zip.ts";
import { CLIENT_ID, EXPORT_KEY } from "./constants.ts";
import { curl } from "./curl.ts";
import {
  BASE,
  created,
  exportCall,
  newSchema,
  type Schema,
  stitch,
  tableId as idOfTable,
} from "./service.ts";

interface Info {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly row_count: number | null;
  readonly error: string | null;
  readonly created_at: string;
  readonly completed_at: string | null;
  readonly expires_at: string | null;
}
type NewExport = Info & { readonly export_id: number };

const KEY = [`X-RJM-API-Key: ${EXPORT_KEY}`] as const;
const FORBIDDEN =
  '{"code":403,"message":"Forbidden","reasons":["Please grant this IP address access to your export API"]}';

/** Records of a table whose export has something to get wrong. */
const RECORDS = `[
  {"client_id":4231,"table_name":"orders","action":"upsert","sequence":1,"key_names":["id"],
   "data":{"id":9007199254740993,"total":58.40,"note":"a,\\"b\\"\\r\\nc","tags":["x",1],"ok":true}},
  {"client_id":4231,"table_name":"orders","action":"upsert","sequence":2,"key_names":["id"],
   "data":{"id":2,"total":-9999999999999999.9999999999999999999999,"note":"","tags":null,"ok":false,
   "later":"=1+1 é ☃"}}
]`;

async function pushed(body: string): Promise<Schema> {
  const schema = await newSchema();
  const answer = await stitch(schema, "push", body);
  expect(answer.status, answer.text).toBe(201);
  return schema;
}

/** The bytes of a file, or the status where there is none. */
async function download(id: number): Promise<Uint8Array | number> {
  const headers = { "X-RJM-API-Key": EXPORT_KEY };
  const response = await fetch(`${BASE}/0.1/export/${id}`, { headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return response.ok ? bytes : response.status;
}

/** Exports a table as the document's line does. */
async function newExport(table: number): Promise<NewExport> {
  const path = `/0.1/client/${CLIENT_ID}/table/${table}/export`;
  const answer = await curl({ path, data: "", headers: KEY });
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text) as NewExport;
}

/** Asks like the table export script: up to 6 times, without a pause. */
async function downloadSoon(id: number, most = 6): Promise<{ zip: Uint8Array; calls: number }> {
  for (let calls = 1; calls <= most; calls += 1) {
    const got = await download(id);
    if (typeof got !== "number") return { zip: got, calls };
    expect(got).toBe(404);
  }
  throw new Error(`export ${id} was not there after ${most} calls`);
}

/** Asks for the info until the export is complete. */
function completed(id: number): Promise<Info> {
  return vi.waitFor(
    async () => {
      const { json } = await exportCall<Info>("GET", `/export/${id}/info`);
      expect(json.status).toBe("Completed");
      return json;
    },
    { timeout: 60_000, interval: 50 },
  );
}

const csvOf = (zip: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readZip(zip).data);

describe("the command lines of the document", () => {
  let table: number;
  let exportId: number;
  beforeAll(async () => {
    table = await idOfTable(await pushed(RECORDS), "orders");
    exportId = (await newExport(table)).export_id;
    await downloadSoon(exportId);
  });

  it("GET /export lists the exports", async () => {
    const answer = await curl({ path: "/0.1/export", headers: KEY });
    expect(answer.status).toBe(200);
    const { exports } = JSON.parse(answer.text) as { exports: Info[] };
    const own = exports.find((info) => info.id === exportId);
    expect(own).toMatchObject({ name: "orders", status: "Completed", row_count: 2 });
  });

  it("GET /export/id is the zip with the CSV, every digit as it was", async () => {
    const answer = await curl({ path: `/0.1/export/${exportId}`, headers: KEY });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/zip");
    expect(answer.headers.get("content-disposition")).toContain("orders.zip");
    const { name, data } = readZip(answer.body);
    expect(name).toBe("orders.csv");
    const text = new TextDecoder().decode(data);
    const [header, ...lines] = Papa.parse(text.trimEnd(), { delimiter: ",", newline: "\r\n" }).data;
    expect(header).toEqual(["id", "total", "note", "tags", "ok", "later"]);
    expect(new Map(lines.map(([id, ...rest]) => [id, rest]))).toEqual(
      new Map([
        ["9007199254740993", ["58.40", 'a,"b"\r\nc', '["x",1]', "true", ""]],
        ["2", ["-9999999999999999.9999999999999999999999", "", "", "false", "=1+1 é ☃"]],
      ]),
    );
    // Null and absent are empty, an empty string is "".
    expect(text).toContain('-9999999999999999.9999999999999999999999,"",,false,');
  });

  it("GET /export/id of an absent export is a 404", async () => {
    for (const path of ["/0.1/export/999999999", "/0.1/export/999999999/info", "/0.1/export/x"]) {
      expect((await curl({ path, headers: KEY })).status, path).toBe(404);
    }
  });

  it("POST …/table/id/export refers to the new export", async () => {
    const made = await newExport(table);
    expect(made).toMatchObject({ export_id: made.id, name: "orders", error: null });
    expect(["Pending", "Running", "Completed"]).toContain(made.status);
  });

  it("GET /export/id/info describes it", async () => {
    const answer = await curl({ path: `/0.1/export/${exportId}/info`, headers: KEY });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const info = JSON.parse(answer.text) as Info;
    expect(info).toMatchObject({ id: exportId, status: "Completed", row_count: 2, error: null });
    const kept = Date.parse(info.expires_at ?? "") - Date.parse(info.completed_at ?? "");
    expect(kept).toBe(7 * 24 * 60 * 60 * 1000);
  });

  it("POST /export/id/copy makes a new export, with the name that is given", async () => {
    const path = `/0.1/export/${exportId}/copy`;
    const named = await curl({ path, data: "name=New Copied Export", headers: KEY });
    expect(named.status, named.text).toBe(201);
    const copy = JSON.parse(named.text) as NewExport;
    expect(copy).toMatchObject({ export_id: copy.id, name: "New Copied Export" });
    expect(copy.id).not.toBe(exportId);
    const { zip } = await downloadSoon(copy.id);
    expect(readZip(zip).name).toBe("New Copied Export.csv");
    const unnamed = await curl({ path, data: "", headers: KEY });
    expect(unnamed.status).toBe(201);
    expect(JSON.parse(unnamed.text)).toMatchObject({ name: "orders" });
  });

  it("GET /client/id/table lists the tables, and …/table/id the columns", async () => {
    const path = `/0.1/client/${CLIENT_ID}/table`;
    const { tables } = JSON.parse((await curl({ path, headers: KEY })).text) as {
      tables: unknown[];
    };
    expect(tables).toContainEqual({ id: table, name: "orders" });
    const columns = await curl({ path: `${path}/${table}`, headers: KEY });
    expect(JSON.parse(columns.text)).toEqual({
      columns: [
        { name: "id", type: "integer" },
        { name: "total", type: "decimal" },
        { name: "note", type: "string" },
        { name: "tags", type: "json" },
        { name: "ok", type: "boolean" },
        { name: "later", type: "string" },
      ],
    });
  });
});

describe("access", () => {
  it("is the same 403 for a missing or unknown key and for a foreign client", async () => {
    const lines = [
      { path: "/0.1/export" },
      { path: "/0.1/nothing" },
      { path: "/0.1/export", headers: ["X-RJM-API-Key: _your_key_"] },
      { path: "/0.1/client/12/table", headers: KEY },
      { path: "/0.1/client/12/table/3", headers: KEY },
      { path: "/0.1/client/12/table/3/export", data: "", headers: KEY },
      { path: "/0.1/client/_client_id__/table", headers: KEY },
    ];
    for (const line of lines) {
      const answer = await curl(line);
      expect(answer.status, line.path).toBe(403);
      expect(answer.text, line.path).toBe(FORBIDDEN);
      expect(answer.headers.get("content-type")).toBe("application/json");
    }
  });

  it("does not care for the letter case of the header's name", async () => {
    for (const name of ["x-rjm-api-key", "X-RJM-API-KEY", "X-Rjm-Api-Key"]) {
      const headers = [`${name}: ${EXPORT_KEY}`];
      expect((await curl({ path: "/0.1/export", headers })).status, name).toBe(200);
    }
  });

  it("lets a key ask a hundred times in a row", async () => {
    for (let count = 0; count < 100; count += 1) {
      const path = "/0.1/export/999999999/info";
      expect((await exportCall("GET", path)).status).toBe(404);
    }
  });
});

describe("known programs", () => {
  it("the table export script: no pause, and the file at the latest on the third call", async () => {
    const record = (id: number): string =>
      `{"client_id":4231,"table_name":"big","action":"upsert","sequence":${id},"key_names":["id"],"data":{"id":${id},"email":"user${id}@example.com","amount":${id}.50}}`;
    const records = Array.from({ length: 10_000 }, (_, id) => record(id));
    const schema = await pushed(`[${records.join(",")}]`);
    const { export_id } = await newExport(await idOfTable(schema, "big"));
    const { zip, calls } = await downloadSoon(export_id);
    expect(calls).toBeLessThanOrEqual(3);
    const lines = csvOf(zip).trimEnd().split("\r\n");
    expect(lines[0]).toBe("id,email,amount");
    expect(new Set(lines.slice(1)).size).toBe(10_000);
    expect(lines).toContain("9999,user9999@example.com,9999.50");
  });

  it("the refresh script: copy, wait for Completed, open <name>.csv", async () => {
    const schema = await pushed(RECORDS);
    const first = await newExport(await idOfTable(schema, "orders"));
    const newer = RECORDS.replaceAll('"sequence":2', '"sequence":3').replaceAll("=1+1", "newer");
    expect((await stitch(schema, "push", newer)).status).toBe(201);
    const name = `export_${Date.now()}`;
    const copy = await exportCall<NewExport>("POST", `/export/${first.export_id}/copy`, {
      headers: {
        "X-RJM-API-Key": EXPORT_KEY,
        "Content-Type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ name }).toString(),
    });
    expect(copy.status, copy.text).toBe(201);
    const info = await completed(copy.json.export_id);
    expect(info).toMatchObject({ name, row_count: 2 });
    const zip = await download(copy.json.export_id);
    if (typeof zip === "number") throw new Error(`no file but ${zip}`);
    expect(readZip(zip).name).toBe(`${name}.csv`);
    // Filled anew from current data.
    expect(csvOf(zip)).toContain("newer");
  });

  it("get-rj-metrics-tables: tables, then the columns of each", async () => {
    const schema = await pushed(RECORDS);
    const headers = { "X-RJM-API-Key": EXPORT_KEY, Accept: "application/json" };
    const list = await exportCall<{ tables: { id: number; name: string }[] }>(
      "GET",
      `/client/${CLIENT_ID}/table`,
      { headers },
    );
    const id = await idOfTable(schema, "orders");
    const table = list.json.tables.find((candidate) => candidate.id === id);
    expect(table?.name).toBe("orders");
    const columns = await exportCall<{ columns: { name: string }[] }>(
      "GET",
      `/client/${CLIENT_ID}/table/${id}`,
      { headers },
    );
    const names = columns.json.columns.map((column) => column.name);
    expect(names).toEqual(["id", "total", "note", "tags", "ok", "later"]);
  });

  it("an export of another client does not exist", async () => {
    const schema = await pushed(RECORDS);
    const made = await newExport(await idOfTable(schema, "orders"));
    const stranger = await created<{ id: number }>("/clients", { name: "stranger" });
    const key = await created<{ key: string }>(`/clients/${stranger.id}/export-keys`, {
      name: "stranger",
      allowed_ips: ["0.0.0.0/0"],
    });
    const headers = [`X-RJM-API-Key: ${key.key}`];
    for (const end of ["", "/info"]) {
      const path = `/0.1/export/${made.export_id}${end}`;
      expect((await curl({ path, headers })).status).toBe(404);
    }
    const copied = await curl({
      path: `/0.1/export/${made.export_id}/copy`,
      data: "",
      headers,
    });
    expect(copied.status).toBe(404);
  });
});
