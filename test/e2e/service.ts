/** The service under test, and what its operator does in the tests. */
import { randomUUID } from "node:crypto";
import { expect, inject } from "vitest";
import { ADMIN_TOKEN, CLIENT_ID, EXPORT_KEY } from "./constants.ts";

/** Where the Worker listens. */
export const BASE = inject("baseUrl");

/** An answer of a JSON surface. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is empty. */
  readonly json: T;
}

/** Sends a request; the body of the answer is taken for JSON. */
export async function call<T = unknown>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
  const response = await fetch(`${BASE}${path}`, { redirect: "manual", ...init });
  const text = await response.text();
  const json = (text === "" ? undefined : JSON.parse(text)) as T;
  return { status: response.status, headers: response.headers, text, json };
}

/** Calls the admin API. */
export function admin<T = unknown>(
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const init: RequestInit = { method, headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } };
  if (body !== undefined) init.body = JSON.stringify(body);
  return call<T>(`/admin/v1${path}`, init);
}

/** Calls the export surface as the demo client. */
export function exportCall<T = unknown>(
  method: string,
  path: string,
  init: RequestInit = {},
): Promise<Answer<T>> {
  return call<T>(`/0.1${path}`, { method, headers: { "X-RJM-API-Key": EXPORT_KEY }, ...init });
}

/** A schema of tables of its own for a test, so that tests run in any order. */
export interface Schema {
  readonly clientId: number;
  readonly integrationId: number;
  readonly token: string;
  readonly tokenId: number;
}

/** Makes an integration with one token, of the demo client if no other is named. */
export async function newSchema(clientId: number = CLIENT_ID): Promise<Schema> {
  const integration = await created<{ id: number }>(`/clients/${clientId}/integrations`, {
    name: `test ${randomUUID()}`,
  });
  const token = await created<{ id: number; token: string }>(
    `/clients/${clientId}/integrations/${integration.id}/tokens`,
  );
  return { clientId, integrationId: integration.id, token: token.token, tokenId: token.id };
}

/** POSTs to the admin API and expects that something was made. */
export async function created<T>(path: string, body?: unknown): Promise<T> {
  const answer = await admin<T>("POST", path, body);
  expect(answer.status, answer.text).toBe(201);
  return answer.json;
}

interface TableInfo {
  readonly id: number;
  readonly name: string;
  readonly integration_id: number;
  readonly key_names: string[];
}

/** The tables of a schema, by name. */
export async function tablesOf(schema: Schema): Promise<Map<string, TableInfo>> {
  const answer = await admin<{ tables: TableInfo[] }>("GET", `/clients/${schema.clientId}/tables`);
  expect(answer.status, answer.text).toBe(200);
  const own = answer.json.tables.filter((table) => table.integration_id === schema.integrationId);
  return new Map(own.map((table) => [table.name, table]));
}

/** The id of a table that must be there. */
export async function tableId(schema: Schema, table: string): Promise<number> {
  const found = (await tablesOf(schema)).get(table);
  if (found === undefined) throw new Error(`there is no table ${table}`);
  return found.id;
}

/** What the admin API shows of a row. */
export interface Row {
  readonly sequence: string | null;
  readonly data: Record<string, unknown>;
}

/** The text with up to 1,000 rows of a table: its numbers have the digits that are stored. */
export async function rowsText(schema: Schema, table: string): Promise<string> {
  const id = await tableId(schema, table);
  const path = `/clients/${schema.clientId}/tables/${id}/rows?limit=1000`;
  const answer = await admin("GET", path);
  expect(answer.status, answer.text).toBe(200);
  return answer.text;
}

/** Up to 1,000 rows of a table, sorted by the number in their field `id`. */
export async function rowsOf(schema: Schema, table: string): Promise<Row[]> {
  const { rows } = JSON.parse(await rowsText(schema, table)) as { rows: Row[] };
  return rows.sort((a, b) => Number(a.data["id"]) - Number(b.data["id"]));
}

/** Pushes a body over the Stitch surface with a schema's token. */
export function stitch<T = unknown>(
  schema: Pick<Schema, "token">,
  endpoint: "push" | "validate" | "batch",
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  return call<T>(`/v2/import/${endpoint}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${schema.token}`,
      "Content-Type": "application/json",
      Accept: "application/json",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
