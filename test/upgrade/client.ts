/** Requests to a release, in the words of its surfaces. */

import { ADMIN_TOKEN } from "../bench/workers.ts";

export { ADMIN_TOKEN };

/** Who asks: the base address of a server, and methods that check the status of each answer. */
export class Client {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  /** Sends a request; rejects where the status is another. */
  async send(path: string, status: number, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(`${this.base}${path}`, { redirect: "manual", ...init });
    if (answer.status === status) return answer;
    throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  /** Pushes a body to the Stitch surface. */
  async stitch(
    token: string,
    body: string,
    options: { readonly path?: string; readonly type?: string; readonly status?: number } = {},
  ): Promise<void> {
    const { path = "push", type = "application/json", status = 201 } = options;
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": type };
    await this.send(`/v2/import/${path}`, status, { method: "POST", headers, body });
  }

  /** Pushes a body to the RJMetrics surface. */
  async rjmetrics(
    version: "v1" | "v2",
    table: { readonly clientId: number; readonly name: string; readonly token: string },
    body: unknown,
  ): Promise<void> {
    const path = `/${version}/client/${table.clientId}/table/${table.name}/data`;
    const init = { method: "POST", body: JSON.stringify(body) };
    await this.send(`${path}?apikey=${table.token}`, 201, init);
  }

  /** Asks the admin API; a body is posted. */
  async admin<T>(path: string, body?: unknown, method?: string): Promise<T> {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
    const verb = method ?? (body === undefined ? "GET" : "POST");
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const status = { GET: 200, POST: 201, PATCH: 200 }[verb] ?? 204;
    const answer = await this.send(`/admin/v1${path}`, status, { method: verb, headers, ...init });
    return JSON.parse((await answer.text()) || "null") as T;
  }

  /** Reads the export surface. */
  async read<T>(key: string, path: string): Promise<T> {
    const headers = { "X-RJM-API-Key": key };
    return (await this.send(`/0.1${path}`, 200, { headers })).json<T>();
  }

  /** Asks for an export of a table; its id. */
  async startExport(key: string, clientId: number, tableId: number): Promise<number> {
    const path = `/0.1/client/${clientId}/table/${tableId}/export`;
    const init = { method: "POST", headers: { "X-RJM-API-Key": key } };
    const answer = await this.send(path, 200, init);
    return (await answer.json<{ export_id: number }>()).export_id;
  }

  /** Downloads an export, which the server waits for. */
  async download(key: string, exportId: number, status = 200): Promise<Uint8Array> {
    const headers = { "X-RJM-API-Key": key };
    const answer = await this.send(`/0.1/export/${exportId}`, status, { headers });
    return new Uint8Array(await answer.arrayBuffer());
  }
}
