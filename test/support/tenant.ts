/** A client of its own for each test, so that tests share nothing and run in any order. */
import { exports } from "cloudflare:workers";
import { hashSecret, newSecret } from "../../src/http/credentials/secrets.ts";
import { testEnv } from "./env.ts";

export interface Tenant {
  readonly clientId: number;
  readonly integrationId: number;
  readonly tokenId: number;
  readonly token: string;
  readonly exportKey: string;
  /** Whether nested values are columns and subtables. */
  readonly nested: boolean;
}

/**
 * The lowest id that is free. Not the one after the highest: clients that the service made have
 * ids by chance, and one of them may be nearly the last that there is.
 */
const NEW_CLIENT = `INSERT INTO clients (id, name, created_at) SELECT coalesce((
  SELECT min(id) + 1 FROM clients AS taken
  WHERE NOT EXISTS (SELECT 1 FROM clients WHERE id = taken.id + 1)
), 1001), 'test', 0`;

/** A client with an integration, an import token and an export key. */
export async function newTenant(
  options: { allowedIps?: readonly string[]; nested?: boolean } = {},
): Promise<Tenant> {
  const { CATALOG } = testEnv;
  const { nested = false } = options;
  const clientId = await insert(NEW_CLIENT);
  const integrationId = await insert(
    "INSERT INTO integrations (client_id, name, created_at, nested) VALUES (?1, 'test', 0, ?2)",
    clientId,
    nested ? "tables" : "json",
  );
  const { token, tokenId } = await newToken(integrationId);
  const exportKey = newSecret();
  await CATALOG.prepare(
    "INSERT INTO export_keys (client_id, name, hash, allowed_ips, created_at) VALUES (?1, 'test', ?2, ?3, 0)",
  )
    .bind(clientId, hashSecret(exportKey), JSON.stringify(options.allowedIps ?? ["0.0.0.0/0"]))
    .run();
  return { clientId, integrationId, tokenId, token, exportKey, nested };
}

/** One more import token of an integration. */
export async function newToken(
  integrationId: number,
): Promise<{ readonly token: string; readonly tokenId: number }> {
  const token = newSecret();
  const tokenId = await insert(
    "INSERT INTO import_tokens (integration_id, hash, hint, created_at) VALUES (?1, ?2, ?3, 0)",
    integrationId,
    hashSecret(token),
    token.slice(-4),
  );
  return { token, tokenId };
}

async function insert(sql: string, ...values: (string | number)[]): Promise<number> {
  const id = await testEnv.CATALOG.prepare(`${sql} RETURNING id`)
    .bind(...values)
    .first<number>("id");
  if (id === null) throw new Error("nothing was inserted");
  return id;
}

/** Sends a request to the Worker, without a network between. */
export function send(path: string, init: RequestInit = {}): Promise<Response> {
  const url = path.startsWith("http") ? path : `https://headgate.example${path}`;
  return exports.default.fetch(new Request(url, init));
}

/** Pushes records over the Stitch surface; their `client_id` is filled in. */
export function pushRecords(
  tenant: Tenant,
  records: readonly Record<string, unknown>[],
): Promise<Response> {
  const body = JSON.stringify(
    records.map((record) => ({ client_id: tenant.clientId, action: "upsert", ...record })),
  );
  return pushText(tenant, body);
}

/** Pushes a body as it is over the Stitch surface. */
export function pushText(
  tenant: Tenant,
  body: BodyInit,
  headers: Record<string, string> = {},
  endpoint = "push",
): Promise<Response> {
  return send(`/v2/import/${endpoint}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${tenant.token}`,
      "Content-Type": "application/json",
      ...headers,
    },
    body,
  });
}

/** A row as it is stored. */
export interface StoredTestRow {
  readonly key: string;
  readonly sequence: string;
  readonly version: string;
  readonly data: string;
}

/** All rows of a table of a tenant, over all shards, in the order of their keys. */
export async function storedRows(tenant: Tenant, table: string): Promise<StoredTestRow[]> {
  const id = await testEnv.CATALOG.prepare(
    "SELECT id FROM tables WHERE integration_id = ?1 AND name = ?2",
  )
    .bind(tenant.integrationId, JSON.stringify(table))
    .first<number>("id");
  if (id === null) return [];
  const rows: StoredTestRow[] = [];
  for (const shard of [testEnv.SHARD_0, testEnv.SHARD_1]) {
    const { results } = await shard
      .prepare(
        "SELECT key, CAST(sequence AS TEXT) AS sequence, CAST(version AS TEXT) AS version, data FROM rows WHERE table_id = ?1",
      )
      .bind(id)
      .all<StoredTestRow>();
    rows.push(...results);
  }
  return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
}
