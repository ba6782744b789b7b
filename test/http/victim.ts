/** A client whose names and secrets must be seen by nobody else, and those that try. */
import { expect } from "vitest";
import { newSecret } from "../../src/http/credentials/secrets.ts";
import { ADMIN_TOKEN } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, newToken, pushRecords, send, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";

/** Whose credential a request has, or what is wrong with it. */
export const CREDENTIALS = [
  "none",
  "wrong",
  "revoked",
  "other client's",
  "other surface's",
  "admin token",
] as const;
export type Credential = (typeof CREDENTIALS)[number];

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
  for (const [table, column, id] of [
    ["clients", "id", clientId],
    ["integrations", "id", integrationId],
    ["export_keys", "client_id", clientId],
  ] as const) {
    await CATALOG.prepare(`UPDATE ${table} SET name = 'secret_name' WHERE ${column} = ?1`)
      .bind(id)
      .run();
  }
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

/** A secret of this kind for this surface. */
export async function secretOf(
  victim: Victim,
  credential: Credential,
  path: string,
): Promise<string | undefined> {
  const isExport = path.startsWith("/0.1");
  const isAdmin = path.startsWith("/admin");
  switch (credential) {
    case "none":
      return undefined;
    case "wrong":
      return newSecret();
    case "revoked": {
      const { token, tokenId } = await newToken(victim.integrationId);
      const { exportKey, clientId } = await tenant();
      secrets.add(token);
      await testEnv.CATALOG.batch([
        testEnv.CATALOG.prepare("DELETE FROM import_tokens WHERE id = ?1").bind(tokenId),
        testEnv.CATALOG.prepare("DELETE FROM export_keys WHERE client_id = ?1").bind(clientId),
      ]);
      return isExport ? exportKey : token;
    }
    case "other client's": {
      const other = await tenant();
      return isExport ? other.exportKey : other.token;
    }
    case "other surface's":
      return isExport || isAdmin ? victim.token : victim.exportKey;
    case "admin token":
      // On its own surface the operator's token is the right one.
      return isAdmin ? victim.exportKey : ADMIN_TOKEN;
  }
}

/** The secret that opens a path. */
export function rightSecret(victim: Victim, path: string): string {
  if (path.startsWith("/admin")) return ADMIN_TOKEN;
  return path.startsWith("/0.1") ? victim.exportKey : victim.token;
}
