/** An export that is completed, without the job that would make it. */
import { testEnv } from "./env.ts";
import type { Tenant } from "./tenant.ts";
import { pushWith, tableId } from "./worker.ts";

/** Makes a completed export of a tenant, whose file is the text `zip`; returns its id. */
export async function exportedId(tenant: Tenant): Promise<number> {
  const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
  await (await pushWith(testEnv, tenant, [record])).text();
  const key = `exports/${tenant.clientId}/${crypto.randomUUID()}.zip`;
  await testEnv.FILES.put(key, "zip");
  const id = await testEnv.CATALOG.prepare(
    `INSERT INTO exports (client_id, table_id, name, status, object_key, bytes, row_count,
    created_at, completed_at, expires_at) VALUES (?1, ?2, 't', 'Completed', ?3, 3, 1, 0, 0, 9e15)
    RETURNING id`,
  )
    .bind(tenant.clientId, await tableId(tenant, "t"), key)
    .first<number>("id");
  if (id === null) throw new Error("no export was made");
  return id;
}
