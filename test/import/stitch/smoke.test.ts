import { expect, test } from "vitest";
import { newTenant, pushRecords, send, storedRows } from "../../support/tenant.ts";

test("push, export, download", async () => {
  const tenant = await newTenant();
  const r = await pushRecords(tenant, [
    { table_name: "users", sequence: 100, key_names: ["id"], data: { id: 10, status: "pending" } },
    { table_name: "users", sequence: 101, key_names: ["id"], data: { id: 10, status: "canceled" } },
    { table_name: "users", sequence: 99, key_names: ["id"], data: { id: 10, status: "new" } },
    { table_name: "users", sequence: 90, key_names: ["id"], data: { id: 22, status: "new" } },
  ]);
  expect([r.status, await r.text()]).toEqual([201, ""]);
  expect((await storedRows(tenant, "users")).map((x) => x.sequence)).toEqual(["101", "90"]);
  const h = { "X-RJM-API-Key": tenant.exportKey };
  const list = await send(`/0.1/client/${tenant.clientId}/table`, { headers: h });
  const { tables } = (await list.json()) as { tables: { id: number }[] };
  const ex = await send(`/0.1/client/${tenant.clientId}/table/${tables[0]?.id}/export`, {
    method: "POST",
    headers: h,
  });
  const info = (await ex.json()) as { export_id: number };
  const t = Date.now();
  const file = await send(`/0.1/export/${info.export_id}`, { headers: h });
  console.log(info, file.status, Date.now() - t, (await file.arrayBuffer()).byteLength);
});
