/** Every POST endpoint of the service, called alike, and what its answers must look like. */
import { expect } from "vitest";
import type { Surface } from "../../src/http/surfaces.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { send, type Tenant } from "../support/tenant.ts";

/** Members of each surface's errors (wire.md 2.2, 2.6, 2.8, 3.4, 4.1; RFC 9457). */
export const ERROR_MEMBERS: Readonly<Record<Surface, readonly string[]>> = {
  push: ["status,message", "status,error,errors", "status,message,error,input"],
  validate: ["status,message", "status,error,errors", "status,message,error,input"],
  batch: [
    "error",
    "message",
    "status,message",
    "status,error,errors",
    "status,message,error,input",
  ],
  stitch: ["status,message"],
  rjmetrics: ["code,message,reasons"],
  native: ["type,title,status,detail,code"],
  export: ["code,message,reasons"],
  admin: ["type,title,status,detail"],
};

/** One record's parts as JSON text, so that a test can write what JSON.stringify would not. */
export interface RecordText {
  readonly table?: string;
  readonly keys?: string;
  readonly sequence?: string;
  /** The text of an object. */
  readonly data: string;
}

/** An endpoint that takes records. */
export interface ImportEndpoint extends Endpoint {
  readonly body: (tenant: Tenant, record: RecordText) => string;
}

/** An endpoint that takes a body. */
export interface Endpoint {
  readonly name: string;
  readonly surface: Surface;
  readonly path: (tenant: Tenant) => string;
  readonly headers: (tenant: Tenant) => Record<string, string>;
}

function pushBody(
  tenant: Tenant,
  { table = '"t"', keys = '["id"]', sequence = "1", data }: RecordText,
): string {
  return `[{"client_id":${tenant.clientId},"table_name":${table},"sequence":${sequence},"action":"upsert","key_names":${keys},"data":${data}}]`;
}

function batchBody(
  _: Tenant,
  { table = '"t"', keys = '["id"]', sequence = "1", data }: RecordText,
): string {
  return `{"table_name":${table},"schema":{},"key_names":${keys},"messages":[{"action":"upsert","sequence":${sequence},"data":${data}}]}`;
}

function rjmetricsBody(_: Tenant, { keys = '["id"]', data }: RecordText): string {
  return `[{"keys":${keys}${data === "{}" ? "" : ","}${data.slice(1)}]`;
}

const stitch = (endpoint: "push" | "validate" | "batch"): ImportEndpoint => ({
  name: endpoint,
  surface: endpoint,
  path: () => `/v2/import/${endpoint}`,
  headers: ({ token }) => ({
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/json",
  }),
  body: endpoint === "batch" ? batchBody : pushBody,
});

const rjmetrics = (version: string): ImportEndpoint => ({
  name: `rjmetrics ${version}`,
  surface: "rjmetrics",
  path: ({ clientId, token }) => `/${version}/client/${clientId}/table/t/data?apikey=${token}`,
  headers: () => ({}),
  body: rjmetricsBody,
});

/** The endpoints that store records, and validate. */
export const IMPORTS: readonly ImportEndpoint[] = [
  stitch("push"),
  stitch("validate"),
  stitch("batch"),
  rjmetrics("v1"),
  rjmetrics("v2"),
  rjmetrics("sandbox/v2"),
];

const native = (name: string, type: string): Endpoint => ({
  name: `native ${name}`,
  surface: "native",
  path: () => "/api/v1/tables/t/rows?keys=id",
  headers: ({ token }) => ({ Authorization: `Bearer ${token}`, "Content-Type": type }),
});

const asAdmin = () => ({ Authorization: `Bearer ${ADMIN_TOKEN}` });

/** All endpoints that read a body. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...IMPORTS,
  native("json", "application/json"),
  native("ndjson", "application/x-ndjson"),
  {
    name: "export copy",
    surface: "export",
    path: () => "/0.1/export/1/copy",
    headers: ({ exportKey }) => ({ "X-RJM-API-Key": exportKey }),
  },
  { name: "admin clients", surface: "admin", path: () => "/admin/v1/clients", headers: asAdmin },
  {
    name: "admin integrations",
    surface: "admin",
    path: ({ clientId }) => `/admin/v1/clients/${clientId}/integrations`,
    headers: asAdmin,
  },
  {
    name: "admin tokens",
    surface: "admin",
    path: ({ clientId, integrationId }) =>
      `/admin/v1/clients/${clientId}/integrations/${integrationId}/import-tokens`,
    headers: asAdmin,
  },
  {
    name: "admin export keys",
    surface: "admin",
    path: ({ clientId }) => `/admin/v1/clients/${clientId}/export-keys`,
    headers: asAdmin,
  },
];

/** A response that was read. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Posts a body as the endpoint wants it, and checks that the answer is in its shape. */
export async function post(
  endpoint: Endpoint,
  tenant: Tenant,
  body: BodyInit | null,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const all = { ...endpoint.headers(tenant), ...headers };
  const response = await send(endpoint.path(tenant), { method: "POST", headers: all, body });
  return checkAnswer(endpoint.surface, response);
}

/** Checks an answer to a request of any kind: never a 5xx, and an error in the surface's shape. */
export async function checkAnswer(surface: Surface, response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const shown = `${surface} ${status} ${text.slice(0, 500)}`;
  expect(status, shown).toBeLessThan(500);
  expect(headers.get("cache-control"), shown).toBe("no-store");
  if (status < 400) return { status, text };
  expect(text.length, shown).toBeLessThan(20_000);
  if (headers.get("content-type")?.startsWith("text/plain") === true) {
    expect(["Method not allowed.", "Content-Type must be application/json"]).toContain(text);
    return { status, text };
  }
  const body = JSON.parse(text) as Record<string, unknown>;
  const isOfRecord = (member: string) =>
    surface === "native" ? ["index", "field"].includes(member) : member === "record";
  const members = Object.keys(body).filter((member) => !isOfRecord(member));
  expect(ERROR_MEMBERS[surface], shown).toContain(members.join());
  for (const index of ["record", "index"].filter((member) => member in body)) {
    expect(body[index], shown).toEqual(expect.any(Number));
  }
  return { status, text };
}

/** Sends one after the other: large bodies side by side are refused as overload. */
export async function oneByOne<T>(
  items: readonly T[],
  sendOne: (item: T) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const item of items) answers.push(await sendOne(item));
  return answers;
}

/** How much the databases of this test file hold. */
export async function storedCounts(): Promise<unknown> {
  const { CATALOG, SHARD_0, SHARD_1 } = testEnv;
  const count = (database: D1Database, table: string) =>
    database.prepare(`SELECT count(*) AS count FROM ${table}`).first<number>("count");
  return Promise.all([
    count(CATALOG, "tables"),
    count(CATALOG, "columns"),
    count(CATALOG, "exports"),
    count(SHARD_0, "rows"),
    count(SHARD_1, "rows"),
  ]);
}

/** Runs requests that must all be refused with a 4xx, and checks that none stored anything. */
export async function expectRefused(
  requests: () => Promise<readonly Answer[]> | readonly Promise<Answer>[],
): Promise<readonly Answer[]> {
  const before = await storedCounts();
  const begun = requests();
  const answers = await (begun instanceof Promise ? begun : Promise.all(begun));
  for (const { status, text } of answers) {
    expect(status, text.slice(0, 300)).toBeGreaterThanOrEqual(400);
  }
  expect(await storedCounts()).toEqual(before);
  return answers;
}
