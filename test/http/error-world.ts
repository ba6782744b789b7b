/** Requests of every surface, with a tenant and an isolate of their own. */
import { ADMIN_TOKEN } from "../admin/call.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { callWorker, otherIsolate, pushWith, tableId } from "../support/worker.ts";

/** What a case works with: a tenant of its own, and an isolate that knows nothing yet. */
export interface World {
  readonly tenant: Tenant;
  readonly env: Env;
}

/** The surfaces that take records. */
export type ImportSurface = "push" | "validate" | "batch" | "rjmetrics" | "native";
/** Posts a body to a surface with the right credential. */
export type Send = (
  world: World,
  body: BodyInit | null,
  headers?: Record<string, string>,
) => Promise<Response>;

const JSON_TYPE = { "Content-Type": "application/json" };

function stitch(endpoint: "push" | "validate" | "batch"): Send {
  return ({ env, tenant }, body, headers = {}) => {
    const own = { Authorization: `Bearer ${tenant.token}`, ...JSON_TYPE, ...headers };
    return callWorker(env, `/v2/import/${endpoint}`, { method: "POST", headers: own, body });
  };
}

/** Posts to each surface; the export that is copied has the id of the client. */
export const SEND: Readonly<Record<ImportSurface | "export" | "admin", Send>> = {
  push: stitch("push"),
  validate: stitch("validate"),
  batch: stitch("batch"),
  rjmetrics: ({ env, tenant }, body, headers = {}) => {
    const path = `/v2/client/${tenant.clientId}/table/t/data?apikey=${tenant.token}`;
    return callWorker(env, path, { method: "POST", headers, body });
  },
  native: ({ env, tenant }, body, headers = {}) => {
    const own = { Authorization: `Bearer ${tenant.token}`, ...JSON_TYPE, ...headers };
    // The headers can say other keys, the query not.
    const path = `/api/v1/tables/t/rows${"Headgate-Keys" in headers ? "" : "?keys=id"}`;
    return callWorker(env, path, { method: "POST", headers: own, body });
  },
  export: ({ env, tenant }, body, headers = {}) => {
    const own = { "X-RJM-API-Key": tenant.exportKey, ...headers };
    return callWorker(env, `/0.1/export/${tenant.clientId}/copy`, {
      method: "POST",
      headers: own,
      body,
    });
  },
  admin: ({ env }, body, headers = {}) => {
    const own = { Authorization: `Bearer ${ADMIN_TOKEN}`, ...headers };
    return callWorker(env, "/admin/v1/clients", { method: "POST", headers: own, body });
  },
};

/** Sends a GET. */
export function get(
  world: World,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return callWorker(world.env, path, { headers });
}

/** The headers of the operator, and of the owner of the export key. */
export const asAdmin = { Authorization: `Bearer ${ADMIN_TOKEN}` };
export const asExporter = ({ tenant }: World) => ({ "X-RJM-API-Key": tenant.exportKey });

/** Makes the table `t` with the key `id` and an export, whose id is the client's: see SEND. */
export async function seed(world: World): Promise<void> {
  const { tenant } = world;
  await seedTable(world, "t");
  // Another file's tests may have made thousands of exports, and left one of that id.
  await testEnv.CATALOG.prepare(
    `INSERT OR REPLACE INTO exports (id, client_id, table_id, name, status, created_at, completed_at, expires_at)
     VALUES (?1, ?1, ?2, 't', 'Completed', 0, 0, 1)`,
  )
    .bind(tenant.clientId, await tableId(tenant, "t"))
    .run();
}

/** Makes a table with the key `id`. */
export async function seedTable({ tenant }: World, name: string): Promise<void> {
  const record = { table_name: name, sequence: 1, key_names: ["id"], data: { id: 1 } };
  await (await pushWith(testEnv, tenant, [record])).text();
}

/** Makes `t` a subtable; no record can, because a subtable's name begins with its table's. */
export async function seedSubtable(world: World): Promise<void> {
  await seedTable(world, "t");
  await seedTable(world, "parent");
  const ids = ["t", "parent"].map((name) => tableId(world.tenant, name));
  await testEnv.CATALOG.prepare("UPDATE tables SET parent_id = ?2 WHERE id = ?1")
    .bind(...(await Promise.all(ids)))
    .run();
}

/** A world for one case. */
export async function newWorld(): Promise<World> {
  return { tenant: await newTenant(), env: otherIsolate() };
}
