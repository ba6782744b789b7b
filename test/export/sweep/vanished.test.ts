import { beforeEach, expect, test } from "vitest";
import { VANISHED_CHECKED_MAX } from "../../../src/export/limits.ts";
import { positionOf, savePosition } from "../../../src/export/sweep/sweep-position.ts";
import { expireVanished } from "../../../src/export/sweep/vanished.ts";
import { testEnv } from "../../support/env.ts";
import { call, downloadOf, exported, exportTableId, infoOf, jsonOf } from "../../support/export.ts";
import { newTenant, pushRecords, type Tenant } from "../../support/tenant.ts";

/** Later than the files of nearly all other tests expire: the walk comes to these at the end. */
const LATE = Date.UTC(2100, 0, 1);

async function newExport(): Promise<{ tenant: Tenant; id: number; key: string }> {
  const tenant = await newTenant();
  await pushRecords(tenant, [{ table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } }]);
  const { id } = await exported(tenant, "t");
  const key = await testEnv.CATALOG.prepare("SELECT object_key FROM exports WHERE id = ?1")
    .bind(id)
    .first<string>("object_key");
  return { tenant, id, key: key ?? "" };
}

/** Starts the walk just before the late files; what else is there is not this test's. */
beforeEach(async () => {
  await savePosition(testEnv, "vanished", `${LATE - 1} 0`);
});

async function setExpiry(id: number, expiresAt: number): Promise<void> {
  await testEnv.CATALOG.prepare("UPDATE exports SET expires_at = ?2 WHERE id = ?1")
    .bind(id, expiresAt)
    .run();
}

test("an export whose file is gone is expired, can be copied, and others are not", async () => {
  const [gone, there] = [await newExport(), await newExport()];
  for (const { id } of [gone, there]) await setExpiry(id, LATE);
  const before = await infoOf(there.tenant, there.id);
  await testEnv.FILES.delete(gone.key);
  expect(await infoOf(gone.tenant, gone.id)).toMatchObject({ status: "Completed" });
  const now = Date.now();
  await expireVanished(testEnv);
  const info = await infoOf(gone.tenant, gone.id);
  expect(info).toMatchObject({ status: "Expired", row_count: 1 });
  expect(Date.parse(info.expires_at ?? "")).toBeGreaterThanOrEqual(now);
  await jsonOf(call(gone.tenant, `/export/${gone.id}`), 410);
  const copied = call(gone.tenant, `/export/${gone.id}/copy`, { method: "POST" });
  const copy = await jsonOf<{ id: number }>(copied, 201);
  expect((await downloadOf(gone.tenant, copy.id)).status).toBe(200);
  expect(await infoOf(there.tenant, there.id)).toEqual(before);
  expect((await call(there.tenant, `/export/${there.id}`)).status).toBe(200);
  // A second look finds nothing new.
  await savePosition(testEnv, "vanished", `${LATE - 1} 0`);
  await expireVanished(testEnv);
  expect(await infoOf(gone.tenant, gone.id)).toEqual(info);
});

test("a store that does not answer expires nothing", async () => {
  const { tenant, id } = await newExport();
  await setExpiry(id, LATE);
  const head = async (): Promise<never> => {
    throw new Error("internal error (10001)");
  };
  const FILES = { head } as unknown as R2Bucket;
  await expect(expireVanished({ ...testEnv, FILES })).rejects.toThrow("(10001)");
  expect(await infoOf(tenant, id)).toMatchObject({ status: "Completed" });
});

test("the walk looks at so many files at a time, and begins anew at the end", async () => {
  const { tenant } = await newExport();
  const tableId = await exportTableId(tenant, "t");
  const count = VANISHED_CHECKED_MAX + 5;
  // All of one millisecond: the ids decide.
  await testEnv.CATALOG.prepare(
    `INSERT INTO exports (client_id, table_id, name, status, object_key, created_at, expires_at)
     SELECT ?1, ?2, 't', 'Completed', 'gone/' || value, 0, ?4 FROM json_each(?3)`,
  )
    .bind(
      tenant.clientId,
      tableId,
      JSON.stringify(Array.from({ length: count }, (_, i) => i)),
      LATE,
    )
    .run();
  const left = async (): Promise<number | null> =>
    testEnv.CATALOG.prepare(
      "SELECT count(*) AS n FROM exports WHERE client_id = ?1 AND object_key LIKE 'gone/%'",
    )
      .bind(tenant.clientId)
      .first<number>("n");
  await expireVanished(testEnv);
  // Files of the other tests here may be among them.
  const rest = (await left()) ?? 0;
  expect(rest).toBeGreaterThanOrEqual(5);
  expect(rest).toBeLessThan(count);
  expect(await positionOf(testEnv, "vanished")).toMatch(new RegExp(`^${LATE} \\d+$`));
  await expireVanished(testEnv);
  expect(await left()).toBe(0);
  // Others expire later still.
  while ((await positionOf(testEnv, "vanished")) !== "") await expireVanished(testEnv);
});
