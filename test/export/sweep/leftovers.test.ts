import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ExportRow } from "../../../src/export/exports.ts";
import { endLeftovers } from "../../../src/export/sweep/leftovers.ts";
import { testEnv } from "../../support/env.ts";
import { call, exported, infoOf } from "../../support/export.ts";
import { settleExports } from "../../support/old-exports.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { newTenant, pushRecords, type Tenant } from "../../support/tenant.ts";

interface Leftover {
  readonly tenant: Tenant;
  readonly id: number;
  readonly key: string;
  readonly upload: R2MultipartUpload;
}

/** An export that has its file and names an upload of the same key. */
async function newLeftover(status: "Completed" | "Error"): Promise<Leftover> {
  const tenant = await newTenant();
  await pushRecords(tenant, [{ table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } }]);
  const { id } = await exported(tenant, "t");
  const key = (await rowOf(id)).object_key ?? "";
  const upload = await testEnv.FILES.createMultipartUpload(key);
  await testEnv.CATALOG.prepare("UPDATE exports SET status = ?2, upload_id = ?3 WHERE id = ?1")
    .bind(id, status, upload.uploadId)
    .run();
  return { tenant, id, key, upload };
}

async function rowOf(id: number): Promise<ExportRow> {
  const row = await testEnv.CATALOG.prepare("SELECT * FROM exports WHERE id = ?1")
    .bind(id)
    .first<ExportRow>();
  if (row === null) throw new Error("the export is not there");
  return row;
}

/** Bindings whose jobs all have a status. */
function withJobs(status: InstanceStatus["status"]): Env {
  const get = async (): Promise<unknown> => ({ status: async () => ({ status }) });
  return { ...testEnv, EXPORT_JOB: { get } as unknown as Env["EXPORT_JOB"] };
}

// Of many leftovers some are looked at, by chance.
beforeEach(settleExports);
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an upload that an ended export still names", () => {
  test("is aborted; a completed export keeps its file", async () => {
    const { tenant, id, key, upload } = await newLeftover("Completed");
    const info = await infoOf(tenant, id);
    for (const _ of ["once", "again"]) {
      await endLeftovers(withJobs("complete"));
      expect(await rowOf(id)).toMatchObject({ upload_id: null, object_key: key });
    }
    await expect(upload.uploadPart(1, "x")).rejects.toThrow("(10024)");
    expect(await infoOf(tenant, id)).toEqual(info);
    expect((await call(tenant, `/export/${id}`)).status).toBe(200);
  });

  test("goes with the file of an export that failed, whose reason stays", async () => {
    const { id, key, upload } = await newLeftover("Error");
    await testEnv.CATALOG.prepare("UPDATE exports SET error = 'why' WHERE id = ?1").bind(id).run();
    await endLeftovers(withJobs("errored"));
    expect(await rowOf(id)).toMatchObject({
      status: "Error",
      error: "why",
      upload_id: null,
      object_key: null,
    });
    await expect(upload.uploadPart(1, "x")).rejects.toThrow("(10024)");
    expect(await testEnv.FILES.head(key)).toBeNull();
  });

  test.each(["Completed", "Error"] as const)(
    "is left to a job that goes on: %s",
    async (status) => {
      const { id, key, upload } = await newLeftover(status);
      await endLeftovers(withJobs("running"));
      expect(await rowOf(id)).toMatchObject({ object_key: key, upload_id: upload.uploadId });
      expect(await testEnv.FILES.head(key)).not.toBeNull();
      await endLeftovers(withJobs("complete"));
      expect(await rowOf(id)).toMatchObject({ upload_id: null });
    },
  );

  test("that fails keeps no other waiting, and is named in the log", async () => {
    const log = quietConsole();
    const [bad, good] = [await newLeftover("Error"), await newLeftover("Error")];
    const env = withJobs("complete");
    const FILES = {
      resumeMultipartUpload: (key: string, uploadId: string) => {
        if (key === bad.key) throw new Error("internal error (10001)");
        return testEnv.FILES.resumeMultipartUpload(key, uploadId);
      },
      delete: (key: string) => testEnv.FILES.delete(key),
    } as unknown as R2Bucket;
    await endLeftovers({ ...env, FILES });
    expect(await rowOf(good.id)).toMatchObject({ object_key: null });
    expect(await rowOf(bad.id)).toMatchObject({ object_key: bad.key });
    expect(log.mock.calls.flat().join()).toContain(`"exportId":${bad.id},"cause":"internal error`);
    await endLeftovers(env);
    expect(await rowOf(bad.id)).toMatchObject({ object_key: null });
  });
});
