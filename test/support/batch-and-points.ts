/** Requests of both import families, and what they left behind, for the tests. */
import { expect } from "vitest";
import { parseExact } from "../../src/json/exact.ts";
import { testEnv } from "./env.ts";
import { pushText, send, storedRows, type Tenant } from "./tenant.ts";

/** What a caller sees of an answer. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** Status, Content-Type and text of an answer. */
export async function seen(answer: Response | Promise<Response>): Promise<Answer> {
  const response = await answer;
  const { status, headers } = response;
  return { status, type: headers.get("content-type"), text: await response.text() };
}

/** A JSON answer, its body compared as text: members and their order are on the wire. */
export function json(status: number, body: unknown): Answer {
  return {
    status,
    type: "application/json",
    text: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** Sends a batch; a text is sent as it is. */
export function sendBatch(
  tenant: Tenant,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return pushText(tenant, text, headers, "batch");
}

/** A batch of upserts into a table with the key `id`; `members` replace those of the body. */
export function batchOf(
  table: string,
  messages: readonly unknown[],
  members: Record<string, unknown> = {},
): Record<string, unknown> {
  return { table_name: table, schema: {}, key_names: ["id"], messages, ...members };
}

/** An upsert message. */
export function upsert(sequence: unknown, data: unknown, more: object = {}): unknown {
  return { action: "upsert", sequence, data, ...more };
}

/** What a request to the RJMetrics import can vary. */
export interface PointsOptions {
  readonly version?: "v1" | "v2";
  /** Before the path: `/sandbox`, or an absolute base. */
  readonly base?: string;
  readonly clientId?: string | number;
  /** The query as it is, with its question mark. */
  readonly query?: string;
  readonly headers?: Record<string, string>;
}

/** The path of a table on the RJMetrics surface, with the tenant's token as its key. */
export function tablePath(tenant: Tenant, table: string, options: PointsOptions = {}): string {
  const { version = "v2", base = "", clientId = tenant.clientId } = options;
  const { query = `?apikey=${tenant.token}` } = options;
  return `${base}/${version}/client/${clientId}/table/${table}/data${query}`;
}

/** Pushes points over the RJMetrics surface; a text or bytes are sent as they are. */
export function pushPoints(
  tenant: Tenant,
  table: string,
  points: unknown,
  options: PointsOptions = {},
): Promise<Response> {
  const isBody = typeof points === "string" || points instanceof Uint8Array;
  return send(tablePath(tenant, table, options), {
    method: "POST",
    headers: { Accept: "application/json", ...options.headers },
    body: isBody ? (points as BodyInit) : JSON.stringify(points),
  });
}

/** A client's tables, by their names. */
export async function tablesOf(tenant: Tenant): Promise<string[]> {
  const { results } = await testEnv.CATALOG.prepare(
    "SELECT name FROM tables WHERE client_id = ?1 ORDER BY id",
  )
    .bind(tenant.clientId)
    .all<{ name: string }>();
  return results.map(({ name }) => JSON.parse(name) as string);
}

/** The columns of a tenant's tables: names and type bits (src/warehouse/columns.ts). */
export async function columnsOf(
  tenant: Tenant,
): Promise<{ readonly name: string; readonly types: number }[]> {
  const { results } = await testEnv.CATALOG.prepare(
    `SELECT columns.name, columns.types FROM columns
    JOIN tables ON tables.id = columns.table_id WHERE tables.client_id = ?1 ORDER BY columns.id`,
  )
    .bind(tenant.clientId)
    .all<{ name: string; types: number }>();
  return results.map(({ name, types }) => ({ name: JSON.parse(name) as string, types }));
}

/** The data of a table's rows in key order, as exact JSON text. */
export async function storedData(tenant: Tenant, table: string): Promise<string[]> {
  return (await storedRows(tenant, table)).map(({ data }) => data);
}

/** Sequence and data of a table's rows in key order; the data as an object. */
export async function storedPairs(tenant: Tenant, table: string): Promise<[string, unknown][]> {
  const rows = await storedRows(tenant, table);
  return rows.map(({ sequence, data }) => [sequence, parseExact(data)]);
}

/** Asserts that a tenant has no table, which rules out rows and columns, too. */
export async function expectNothingStored(tenant: Tenant): Promise<void> {
  expect(await tablesOf(tenant)).toEqual([]);
}
