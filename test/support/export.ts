/** Calls of the export surface for the tests. */
import { expect } from "vitest";
import { readZip } from "./read-zip.ts";
import { send, type Tenant } from "./tenant.ts";

/** The info object of an export (wire.md 4.2). */
export interface ExportInfo {
  readonly id: number;
  readonly export_id?: number;
  readonly name: string;
  readonly status: string;
  readonly row_count: number | null;
  readonly error: string | null;
  readonly created_at: string | null;
  readonly completed_at: string | null;
  readonly expires_at: string | null;
}

/** Sends a request with the tenant's key to a path below `/0.1`. */
export function call(tenant: Tenant, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("X-RJM-API-Key", tenant.exportKey);
  return send(`/0.1${path}`, { ...init, headers });
}

/** The JSON of an answer that must have this status. */
export async function jsonOf<T>(answer: Response | Promise<Response>, status = 200): Promise<T> {
  const { status: actual, headers } = await answer;
  const text = await (await answer).text();
  expect({ status: actual, text }).toMatchObject({ status });
  expect(headers.get("content-type")).toBe("application/json");
  return JSON.parse(text) as T;
}

/** The id of a table, as the export surface shows it. */
export async function exportTableId(tenant: Tenant, name: string): Promise<number> {
  const path = `/client/${tenant.clientId}/table`;
  const { tables } = await jsonOf<{ tables: { id: number; name: string }[] }>(call(tenant, path));
  const table = tables.find((candidate) => candidate.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table.id;
}

/** Starts an export of a table. */
export async function startExportOf(tenant: Tenant, table: string): Promise<ExportInfo> {
  const id = await exportTableId(tenant, table);
  const path = `/client/${tenant.clientId}/table/${id}/export`;
  return jsonOf<ExportInfo>(call(tenant, path, { method: "POST" }));
}

/** The info of an export. */
export function infoOf(tenant: Tenant, id: number): Promise<ExportInfo> {
  return jsonOf<ExportInfo>(call(tenant, `/export/${id}/info`));
}

/** The one member of an answered zip. */
export async function unzip(answer: Response): Promise<{ name: string; csv: string }> {
  expect(answer.status).toBe(200);
  const { name, data } = readZip(new Uint8Array(await answer.arrayBuffer()));
  return { name, csv: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data) };
}

/**
 * The file of an export, however long a busy machine makes it: each call waits for some seconds,
 * and programs ask again.
 */
export async function downloadOf(tenant: Tenant, id: number): Promise<Response> {
  for (;;) {
    const answer = await call(tenant, `/export/${id}`);
    if (answer.status !== 404) return answer;
    const { status } = await infoOf(tenant, id);
    if (status === "Error") return answer;
    await answer.body?.cancel();
  }
}

/** Exports a table and reads the file: the header row, and the rows in the order of the file. */
export async function exported(
  tenant: Tenant,
  table: string,
): Promise<{ readonly id: number; readonly header: string; readonly rows: readonly string[] }> {
  const { id } = await startExportOf(tenant, table);
  const { csv } = await unzip(await downloadOf(tenant, id));
  const [header = "", ...rows] = csv.split("\r\n");
  expect(rows.pop()).toBe("");
  return { id, header, rows };
}
