/** What the tests of the native import share. */
import { testEnv } from "../../support/env.ts";
import { storedRows, type Tenant } from "../../support/tenant.ts";
import { callWorker } from "../../support/worker.ts";

/** The members of any answer of the native import. */
export interface NativeBody {
  readonly received?: number;
  readonly inserted?: number;
  readonly replaced?: number;
  readonly stale?: number;
  readonly skipped?: number;
  readonly errors?: readonly { index: number; field: string | null; code: string }[];
  readonly code?: string;
  readonly detail?: string;
  readonly index?: number;
  readonly field?: string | null;
}

/** An answer, read. */
export interface NativeResult {
  readonly status: number;
  readonly body: NativeBody;
  readonly headers: Headers;
}

export const NDJSON = { "Content-Type": "application/x-ndjson" };

/** What a request has besides its body; the table is `t` and its key `id`, unless said otherwise. */
export interface RequestParts {
  readonly table?: string;
  /** Without its question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly env?: Env;
}

/** Posts a body as it is. */
export async function postText(
  tenant: Tenant,
  body: BodyInit | null,
  { table = "t", query = "keys=id", headers = {}, env = testEnv }: RequestParts = {},
): Promise<NativeResult> {
  const path = `/api/v1/tables/${encodeURIComponent(table)}/rows?${query}`;
  const own = { Authorization: `Bearer ${tenant.token}`, "Content-Type": "application/json" };
  const init = { method: "POST", headers: { ...own, ...headers }, body };
  const response = await callWorker(env, path, init);
  const { status } = response;
  const read = JSON.parse(await response.text()) as NativeBody;
  return { status, headers: response.headers, body: read };
}

/** Posts records as a JSON array. */
export function postRecords(
  tenant: Tenant,
  records: readonly unknown[],
  parts: RequestParts = {},
): Promise<NativeResult> {
  return postText(tenant, JSON.stringify(records), parts);
}

/** The counts of an answer: inserted, replaced, stale, skipped. */
export function countsOf({ status, body }: NativeResult): readonly unknown[] {
  return [status, body.inserted, body.replaced, body.stale, body.skipped];
}

/** The stored texts of a table's rows, in the order of their keys. */
export async function storedData(tenant: Tenant, table = "t"): Promise<readonly string[]> {
  return (await storedRows(tenant, table)).map(({ data }) => data);
}

/** The gzip of a text. */
export async function gzipOf(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
