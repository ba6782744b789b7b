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
 * The lowest id that is free from ?1 on. Not the one after the highest: clients that the service
 * made have ids by chance, and one of them may be nearly the last that there is.
 */
const NEW_CLIENT = `INSERT INTO clients (id, name, created_at) SELECT CASE
  WHEN EXISTS (SELECT 1 FROM clients WHERE id = ?1) THEN (
    SELECT min(id) + 1 FROM clients AS taken
    WHERE id >= ?1 AND NOT EXISTS (SELECT 1 FROM clients WHERE id = taken.id + 1)
  ) ELSE ?1 END, 'test', 0 RETURNING id`;

const NEW_INTEGRATION = `INSERT INTO integrations (client_id, name, created_at, nested)
  VALUES (last_insert_rowid(), 'test', 0, ?1) RETURNING id`;

const NEW_TOKEN = `INSERT INTO import_tokens (integration_id, hash, hint, created_at)
  VALUES (coalesce(?1, last_insert_rowid()), ?2, ?3, 0) RETURNING id`;

const NEW_EXPORT_KEY = `INSERT INTO export_keys (client_id, name, hash, allowed_ips, created_at)
  SELECT client_id, 'test', ?1, ?2, 0 FROM integrations
  JOIN import_tokens ON import_tokens.integration_id = integrations.id
  WHERE import_tokens.id = last_insert_rowid() RETURNING id`;

/** Where the search for a free id begins: all below are taken, and thousands in a whole run. */
let nextClientId = 1_001;

/** A client with an integration, an import token and an export key: one call, as it is made often. */
export async function newTenant(
  options: { allowedIps?: readonly string[]; nested?: boolean } = {},
): Promise<Tenant> {
  const { CATALOG } = testEnv;
  const { nested = false, allowedIps = ["0.0.0.0/0"] } = options;
  const [token, exportKey] = [newSecret(), newSecret()];
  const made = await CATALOG.batch<{ readonly id: number }>([
    CATALOG.prepare(NEW_CLIENT).bind(nextClientId),
    CATALOG.prepare(NEW_INTEGRATION).bind(nested ? "tables" : "json"),
    CATALOG.prepare(NEW_TOKEN).bind(null, hashSecret(token), token.slice(-4)),
    CATALOG.prepare(NEW_EXPORT_KEY).bind(hashSecret(exportKey), JSON.stringify(allowedIps)),
  ]);
  const [clientId = 0, integrationId = 0, tokenId = 0] = made.map(idOf);
  nextClientId = Math.max(nextClientId, clientId + 1);
  return { clientId, integrationId, tokenId, token, exportKey, nested };
}

/** One more import token of an integration. */
export async function newToken(
  integrationId: number,
): Promise<{ readonly token: string; readonly tokenId: number }> {
  const token = newSecret();
  const made = await testEnv.CATALOG.prepare(NEW_TOKEN)
    .bind(integrationId, hashSecret(token), token.slice(-4))
    .all<{ readonly id: number }>();
  return { token, tokenId: idOf(made) };
}

function idOf({ results: [row] }: D1Result<{ readonly id: number }>): number {
  if (row === undefined) throw new Error("nothing was inserted");
  return row.id;
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
