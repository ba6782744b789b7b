/** Exports in the Workflow's engine; the job's own logic is tested in run.test.ts. */
import { introspectWorkflow } from "cloudflare:test";
import { NonRetryableError } from "cloudflare:workflows";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { jobIdOf, startExport } from "../../../src/export/exports.ts";
import type { ExportJobParams } from "../../../src/export/job/job.ts";
import { TooManyRows } from "../../../src/export/file/part-writer.ts";
import { testEnv } from "../../support/env.ts";
import {
  call,
  downloadOf,
  exported,
  exportTableId,
  infoOf,
  jsonOf,
  startExportOf,
  unzip,
} from "../../support/export.ts";
import type { ExportInfo } from "../../support/export.ts";
import { noise, tenantWith } from "../../support/noise.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { pushRecords } from "../../support/tenant.ts";

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** For what a job does by itself, on any machine. */
const SOON = { timeout: 60_000 };
const IDS = Array.from({ length: 20 }, (_, id) => id);

describe("starting", () => {
  test("a job that cannot be started is an export that failed", async () => {
    const tenant = await tenantWith([1]);
    const tableId = await exportTableId(tenant, "t");
    const create = async (): Promise<never> => {
      throw new Error("no more instances");
    };
    const env = { ...testEnv, EXPORT_JOB: { create } as unknown as Env["EXPORT_JOB"] };
    const wanted = { clientId: tenant.clientId, tableId, name: "t", definition: "{}" };
    await expect(startExport(env, wanted)).rejects.toThrow("no more instances");
    const { exports } = await jsonOf<{ exports: ExportInfo[] }>(call(tenant, "/export"));
    expect(exports).toMatchObject([{ status: "Error", error: "The export could not be started." }]);
  });

  test("one that was started all the same completes, without the error", async () => {
    const tenant = await tenantWith([1]);
    const tableId = await exportTableId(tenant, "t");
    const create = async (
      options: WorkflowInstanceCreateOptions<ExportJobParams>,
    ): Promise<never> => {
      await testEnv.EXPORT_JOB.create(options);
      throw new Error("Network connection lost.");
    };
    const env = { ...testEnv, EXPORT_JOB: { create } as unknown as Env["EXPORT_JOB"] };
    const wanted = { clientId: tenant.clientId, tableId, name: "t", definition: "{}" };
    await startExport(env, wanted).catch(() => undefined);
    const { exports } = await jsonOf<{ exports: ExportInfo[] }>(call(tenant, "/export"));
    const id = exports[0]?.id ?? 0;
    await vi.waitFor(async () => {
      expect(await infoOf(tenant, id)).toMatchObject({ status: "Completed", error: null });
    }, SOON);
    await unzip(await call(tenant, `/export/${id}`));
  });
});

describe("in the engine", () => {
  test.each(["begin", "part 1", "publish"])("the step %s may fail and goes on", async (name) => {
    const tenant = await tenantWith([1, 2, 3]);
    await using jobs = await introspectWorkflow(testEnv.EXPORT_JOB);
    await jobs.modifyAll(async (job) => {
      await job.disableRetryDelays();
      await job.mockStepError({ name }, new Error("a passing failure"), 2);
    });
    const { rows } = await exported(tenant, "t");
    expect(rows).toHaveLength(3);
  });

  test("a part that finds too many rows ends the export with its reason", async () => {
    const tenant = await tenantWith([1]);
    await using jobs = await introspectWorkflow(testEnv.EXPORT_JOB);
    const reason = new TooManyRows(10_000_000).message;
    await jobs.modifyAll(async (job) => {
      await job.disableRetryDelays();
      await job.mockStepError({ name: "part 1" }, new NonRetryableError(reason));
    });
    const { id } = await startExportOf(tenant, "t");
    const row = testEnv.CATALOG.prepare("SELECT * FROM exports WHERE id = ?1").bind(id);
    // It is failed first, and forgets its file when that is gone.
    await vi.waitFor(async () => {
      const forgotten = { status: "Error", upload_id: null, object_key: null };
      expect(await row.first()).toMatchObject(forgotten);
    }, SOON);
    expect(await infoOf(tenant, id)).toMatchObject({ status: "Error", error: reason });
  });

  test("a step that gives up at once is followed by the record of the failure", async () => {
    const [tenant, other] = [await tenantWith([1]), await tenantWith([1])];
    // The table of another client does not exist for the job, either.
    const tableId = await exportTableId(other, "t");
    const wanted = { clientId: tenant.clientId, tableId, name: "t", definition: "{}" };
    const row = await startExport(testEnv, wanted);
    const { id } = row;
    await vi.waitFor(async () => {
      expect(await infoOf(tenant, id)).toMatchObject({
        status: "Error",
        error: "The export failed. Copy it to try again.",
      });
    }, SOON);
    const job = await testEnv.EXPORT_JOB.get(jobIdOf(row));
    await vi.waitFor(async () => {
      expect((await job.status()).status).toBe("complete");
    }, SOON);
  });

  test("a file of two parts, in R2 as it is", async () => {
    // More than 8 MiB of zip.
    const tenant = await tenantWith(IDS, 90_000);
    for (let i = 1; i < 11; i += 1) {
      const records = IDS.map((id) => ({
        table_name: "t",
        sequence: 1,
        key_names: ["id"],
        data: { id: id + 100 * i, text: noise(90_000) },
      }));
      expect((await pushRecords(tenant, records)).status).toBe(201);
    }
    const { id } = await startExportOf(tenant, "t");
    const answer = await downloadOf(tenant, id);
    expect(Number(answer.headers.get("content-length"))).toBeGreaterThan(8 * 1024 * 1024);
    const { csv } = await unzip(answer);
    expect(csv.trimEnd().split("\r\n")).toHaveLength(1 + 220);
  });
});
