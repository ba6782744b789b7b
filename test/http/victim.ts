/** A client whose names and secrets must be seen by nobody else, and those that try. */
import { expect } from "vitest";
import { openSession } from "../../src/console/session/store.ts";
import { SESSION_IDLE_MS, SESSION_MS_MAX } from "../../src/console/session/limits.ts";
import { hashSecret, newSecret } from "../../src/http/credentials/secrets.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, pushRecords, send, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";

/** Whose credential a request has, or what is wrong with it. */
export const CREDENTIALS = [
  "none",
  "wrong",
  "nearly right",
  "revoked",
  "other client's",
  "other surface's",
  "admin token",
  "right one in a wrong place",
  "wrong address",
  "expired session",
  "idle session",
  "ended session",
  "session elsewhere",
  "Access unasked",
] as const;
export type Credential = (typeof CREDENTIALS)[number];

/** How a request shows a credential. */
export interface Shown {
  readonly headers: Readonly<Record<string, string>>;
  /** The parameter of the query. */
  readonly apikey?: string;
}

/** A client whose names must be seen by nobody else. */
export interface Victim extends Tenant {
  readonly tableId: number;
  readonly exportId: number;
  readonly exportKeyId: number;
  readonly figureId: number;
  readonly chartId: number;
}

/** All credentials of the run: none may stand in an answer or in the log. */
export const secrets = new Set<string>([ADMIN_TOKEN]);

/** A tenant whose credentials are noted. */
async function tenant(): Promise<Tenant> {
  const made = await newTenant();
  secrets.add(made.token).add(made.exportKey);
  return made;
}

/** A client with a table, rows and an export that has expired. */
export async function newVictim(): Promise<Victim> {
  const made = await tenant();
  const { clientId, integrationId } = made;
  const { CATALOG } = testEnv;
  const places = [
    ["clients", "id", clientId],
    ["integrations", "id", integrationId],
    ["export_keys", "client_id", clientId],
  ] as const;
  await CATALOG.batch(
    places.map(([table, column, id]) =>
      CATALOG.prepare(`UPDATE ${table} SET name = 'secret_name' WHERE ${column} = ?1`).bind(id),
    ),
  );
  const data = { id: 1, secret_column: "secret_value" };
  const response = await pushRecords(made, [
    { table_name: "secret_table", sequence: 1, key_names: ["id"], data },
  ]);
  expect(response.status).toBe(201);
  const table = await tableId(made, "secret_table");
  const exportId = await CATALOG.prepare(
    `INSERT INTO exports (client_id, table_id, name, status, created_at, completed_at, expires_at)
     VALUES (?1, ?2, 'secret_export', 'Completed', 0, 0, 1) RETURNING id`,
  )
    .bind(clientId, table)
    .first<number>("id");
  const exportKeyId = await CATALOG.prepare("SELECT id FROM export_keys WHERE client_id = ?1")
    .bind(clientId)
    .first<number>("id");
  const ids = { exportId: exportId ?? 0, exportKeyId: exportKeyId ?? 0 };
  const figureId = await newReport(made, "figures", figureOf(table));
  const chartId = await newReport(made, "charts", chartOf(table));
  return { ...made, tableId: table, ...ids, figureId, chartId };
}

/** Definitions of a figure and a chart of a table with the columns of the victim's. */
export function figureOf(tableId: number): object {
  const metric = { label: "secret_label", table_id: tableId, operation: "count" };
  return { name: "secret_figure", metrics: [metric] };
}
export function chartOf(tableId: number): object {
  const metric = { label: "N", table_id: tableId, operation: "count", date_column: "id" };
  return { name: "secret_chart", metric, cohort_date: { first_event_of: "secret_column" } };
}

async function newReport(made: Tenant, kinds: string, definition: object): Promise<number> {
  const response = await send(`/admin/v1/clients/${made.clientId}/${kinds}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    body: JSON.stringify(definition),
  });
  expect(response.status).toBe(201);
  return (await response.json<{ id: number }>()).id;
}

/** A secret at each place where a surface may look for one. */
export function everywhere(secret: string): Shown {
  const headers = { Authorization: `Bearer ${secret}`, "X-RJM-API-Key": secret };
  return { headers, apikey: secret };
}

/** An address that no list of {@link CREDENTIALS} admits, and the only one that "wrong address" has. */
const ADDRESSES = { caller: "198.51.100.7", admitted: "192.0.2.1" } as const;

/** How a request to this path shows a credential of this kind. */
export async function shownFor(
  victim: Victim,
  credential: Credential,
  path: string,
): Promise<Shown> {
  const isExport = path.startsWith("/0.1");
  const isAdmin = path.startsWith("/admin");
  const isConsole = path.startsWith("/console");
  switch (credential) {
    case "none":
      return { headers: {} };
    case "wrong":
      return noted(newSecret());
    case "nearly right":
      return isConsole
        ? cookie(nearly(await openSession(testEnv)))
        : everywhere(nearly(rightSecret(victim, path)));
    case "revoked":
      return everywhere(isExport ? (await revoked()).exportKey : (await revoked()).token);
    case "other client's": {
      const { exportKey, token } = await tenant();
      const { headers, apikey = "" } = everywhere(isExport ? exportKey : token);
      // The native import takes no parameter that it does not know, from those it lets in.
      return path.startsWith("/api/") ? { headers } : { headers, apikey };
    }
    case "other surface's":
      return everywhere(isExport || isAdmin ? victim.token : victim.exportKey);
    case "admin token":
      // On its own surface the operator's token is the right one.
      return everywhere(isAdmin ? victim.exportKey : ADMIN_TOKEN);
    case "right one in a wrong place":
      return misplaced(isConsole ? await openSession(testEnv) : rightSecret(victim, path), path);
    case "wrong address": {
      const shown = await boundKey(victim);
      return { ...shown, headers: { ...shown.headers, "CF-Connecting-IP": ADDRESSES.caller } };
    }
    case "expired session":
      return cookie(await openSession(testEnv, Date.now() - SESSION_MS_MAX - 1));
    case "idle session":
      return cookie(await openSession(testEnv, Date.now() - SESSION_IDLE_MS - 1));
    case "ended session": {
      const secret = await openSession(testEnv);
      const statement = "DELETE FROM console_sessions WHERE hash = ?1";
      await testEnv.CATALOG.prepare(statement).bind(hashSecret(secret)).run();
      return cookie(secret);
    }
    case "session elsewhere":
      // On its own surface: of the time before the admin token was replaced.
      return cookie(
        await openSession(isConsole ? { ...testEnv, ADMIN_TOKEN: "replaced" } : testEnv),
      );
    case "Access unasked":
      return accessHeaders(UNSIGNED);
  }
}

/** The cookie of a session. */
export function cookie(secret: string): Shown {
  secrets.add(secret);
  return { headers: { Cookie: `__Host-headgate=${secret}` } };
}

/** A token as Cloudflare Access shows it, in its header and in its cookie. */
export function accessHeaders(token: string): Shown {
  const name = "Cf-Access-Jwt-Assertion";
  return { headers: { [name]: token, Cookie: `CF_Authorization=${token}` } };
}

/** A token that claims much and is signed by nobody. */
const UNSIGNED = [
  { alg: "none", kid: "k" },
  { email: "owner@example.com", exp: 9_999_999_999 },
]
  .map((part) => btoa(JSON.stringify(part)).replaceAll("=", ""))
  .concat("c2ln")
  .join(".");

function noted(secret: string): Shown {
  secrets.add(secret);
  return everywhere(secret);
}

/** All of a secret but its last character. */
function nearly(secret: string): string {
  return `${secret.slice(0, -1)}${secret.endsWith("0") ? "1" : "0"}`;
}

/** A secret where its surface does not look for one, and each other does. */
function misplaced(secret: string, path: string): Shown {
  const { headers } = everywhere(secret);
  const [Authorization = "", key = ""] = Object.values(headers);
  const Cookie = `session=${secret}; CF_Authorization=${secret}`;
  if (path.startsWith("/0.1")) return { headers: { Authorization, Cookie }, apikey: secret };
  // RJMetrics reads the query only, so what is in it is right there.
  if (/\/v[12]\/client\//.test(path)) return { headers: { ...headers, Cookie } };
  if (path.startsWith("/console")) return everywhere(secret);
  return { headers: { "X-RJM-API-Key": key, Cookie }, apikey: secret };
}

let revokedTenant: Promise<Tenant> | undefined;

/** One whose token and key were good, were used, and were taken back by the admin. */
function revoked(): Promise<Tenant> {
  return (revokedTenant ??= revoke());
}

async function revoke(): Promise<Tenant> {
  const made = await tenant();
  const { clientId, integrationId, tokenId } = made;
  const used = await pushRecords(made, [
    { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } },
  ]);
  expect(used.status).toBe(201);
  const keyId = await testEnv.CATALOG.prepare("SELECT id FROM export_keys WHERE client_id = ?1")
    .bind(clientId)
    .first<number>("id");
  for (const path of [`integrations/${integrationId}/tokens/${tokenId}`, `export-keys/${keyId}`]) {
    const answer = await send(`/admin/v1/clients/${clientId}/${path}`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(answer.status, path).toBe(204);
  }
  return made;
}

/** A key of the victim's that is good, from one address only. */
async function boundKey({ clientId }: Victim): Promise<Shown> {
  const key = newSecret();
  await testEnv.CATALOG.prepare(
    `INSERT INTO export_keys (client_id, name, hash, allowed_ips, created_at)
     VALUES (?1, 'secret_name', ?2, ?3, 0)`,
  )
    .bind(clientId, hashSecret(key), JSON.stringify([ADDRESSES.admitted]))
    .run();
  return noted(key);
}

/** How a request to this path shows the credential that opens it, where that is no session. */
export function rightShown(victim: Victim, path: string): Shown {
  const { headers, apikey = "" } = everywhere(rightSecret(victim, path));
  // The admin API takes no parameter that it does not know.
  return /\/v[12]\/client\//.test(path) ? { headers, apikey } : { headers };
}

/** The secret that opens a path. */
export function rightSecret(victim: Victim, path: string): string {
  if (path.startsWith("/admin")) return ADMIN_TOKEN;
  return path.startsWith("/0.1") ? victim.exportKey : victim.token;
}
