import { createScheduledController } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ExportRow,
  infoOf as infoOfRow,
  jobIdOf,
  statusOf,
} from "../../src/export/exports.ts";
import { LOST_CHECKED_MAX } from "../../src/export/limits.ts";
import { positionOf, savePosition } from "../../src/export/sweep/sweep-position.ts";
import { sweep } from "../../src/sweep/sweep.ts";
import worker from "../../src/worker.ts";
import { testEnv } from "../support/env.ts";
import { call, downloadOf, exported, exportTableId, infoOf, jsonOf } from "../support/export.ts";
import type { ExportInfo } from "../support/export.ts";
import { settleExports } from "../support/old-exports.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { replaced, type Tap, tapEnv } from "../support/tap.ts";
import { newTenant, pushRecords, type Tenant } from "../support/tenant.ts";

async function newExport(): Promise<{ tenant: Tenant; id: number; key: string }> {
  const tenant = await newTenant();
  await pushRecords(tenant, [{ table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } }]);
  const { id } = await exported(tenant, "t");
  const key = (await rowOf(id))?.object_key ?? "";
  expect(await testEnv.FILES.head(key)).not.toBeNull();
  return { tenant, id, key };
}

function rowOf(id: number): Promise<ExportRow | null> {
  return testEnv.CATALOG.prepare("SELECT * FROM exports WHERE id = ?1").bind(id).first<ExportRow>();
}

async function set(id: number, assignments: string): Promise<void> {
  await testEnv.CATALOG.prepare(`UPDATE exports SET ${assignments} WHERE id = ?1`).bind(id).run();
}

const GONE = {
  code: 410,
  message: "Gone",
  reasons: ["This export has expired. Copy it to fill it anew."],
};

beforeEach(settleExports);
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an expired export", () => {
  test("answers 410 from its instant on, and its info stays", async () => {
    const { tenant, id, key } = await newExport();
    const before = await infoOf(tenant, id);
    await set(id, `expires_at = ${Date.now() - 1}`);
    expect(await jsonOf(call(tenant, `/export/${id}`), 410)).toEqual(GONE);
    const info = await infoOf(tenant, id);
    expect(info).toEqual({ ...before, status: "Expired", expires_at: info.expires_at });
    // The file is still there: it is the sweep that deletes it.
    expect(await testEnv.FILES.head(key)).not.toBeNull();
    await sweep(testEnv);
    expect(await testEnv.FILES.head(key)).toBeNull();
    expect(await infoOf(tenant, id)).toEqual(info);
    expect(await jsonOf(call(tenant, `/export/${id}`), 410)).toEqual(GONE);
    const { exports } = await jsonOf<{ exports: ExportInfo[] }>(call(tenant, "/export"));
    expect(exports).toEqual([info]);
    const copy = await jsonOf<ExportInfo>(
      call(tenant, `/export/${id}/copy`, { method: "POST" }),
      201,
    );
    expect((await downloadOf(tenant, copy.id)).status).toBe(200);
  });

  test("is expired in the very millisecond", () => {
    const row: ExportRow = {
      id: 1,
      client_id: 1_000,
      table_id: 1,
      name: "t",
      status: "Completed",
      row_count: 0,
      error: null,
      upload_id: null,
      object_key: "k",
      bytes: 100,
      created_at: 0,
      completed_at: 500,
      expires_at: 1_000,
      definition: "{}",
      job_id: null,
      rows_done: 0,
      rows_total: null,
    };
    expect([999, 1_000, 1_001].map((now) => statusOf(row, now))).toEqual([
      "Completed",
      "Expired",
      "Expired",
    ]);
    for (const status of ["Pending", "Running", "Error"] as const) {
      expect(statusOf({ ...row, status, expires_at: null }, 2_000)).toBe(status);
    }
    expect(infoOfRow(row, 1_000)).toEqual({
      id: 1,
      name: "t",
      status: "Expired",
      row_count: 0,
      error: null,
      created_at: "1970-01-01T00:00:00.000Z",
      completed_at: "1970-01-01T00:00:00.500Z",
      expires_at: "1970-01-01T00:00:01.000Z",
      progress: { rows_done: 0, rows_total: null },
    });
  });

  test("whose file the bucket's own rule deleted first is a 410, too", async () => {
    const { tenant, id, key } = await newExport();
    await testEnv.FILES.delete(key);
    expect(await jsonOf(call(tenant, `/export/${id}`), 410)).toEqual(GONE);
  });
});

describe("the sweep", () => {
  test("keeps what is not expired", async () => {
    const { tenant, id, key } = await newExport();
    await set(id, `expires_at = ${Date.now() + 60 * 60_000}`);
    await sweep(testEnv);
    expect(await testEnv.FILES.head(key)).not.toBeNull();
    expect((await call(tenant, `/export/${id}`)).status).toBe(200);
  });

  test("is what the Worker's cron trigger runs", async () => {
    const { id, key } = await newExport();
    await set(id, "expires_at = 1");
    await worker.scheduled(createScheduledController(), testEnv);
    expect(await testEnv.FILES.head(key)).toBeNull();
    expect((await rowOf(id))?.object_key).toBeNull();
  });

  test.each([
    ["FILES", "before"],
    ["FILES", "after"],
    ["CATALOG", "before"],
    ["CATALOG", "after"],
  ])("remembers a file until it is gone: %s fails %s the call", async (binding, when) => {
    const { id, key } = await newExport();
    await set(id, "expires_at = 1");
    const tap: Tap = async (made, next) => {
      if (made.binding !== binding || !["delete", "run"].includes(made.method)) return next();
      if (when === "after") await next();
      throw new Error("Network connection lost.");
    };
    quietConsole();
    await expect(sweep(tapEnv(testEnv, tap))).rejects.toThrow("Network connection lost.");
    if ((await testEnv.FILES.head(key)) !== null) expect((await rowOf(id))?.object_key).toBe(key);
    await sweep(testEnv);
    expect([await testEnv.FILES.head(key), (await rowOf(id))?.object_key]).toEqual([null, null]);
  });

  test.each([
    ["endLeftovers", "SELECT id, job_id, status"],
    ["deleteExpired", "SELECT id, object_key FROM"],
    ["failLost", "SELECT id, job_id, created_at"],
    ["expireVanished", "SELECT id, object_key, expires_at"],
    ["deleteOrphans", "SELECT position"],
  ])("does all its other parts where %s fails", async (part, begin) => {
    const seen = new Set<string>();
    const log = quietConsole();
    let positions = 0;
    const tap: Tap = async (made, next) => {
      const sql = made.statements[0]?.sql ?? "";
      // The last of the three walks is that of the orphans.
      const isPosition = sql.startsWith("SELECT position");
      if (isPosition) positions += 1;
      if (sql.startsWith(begin) && (!isPosition || positions === 3)) throw new Error("no");
      seen.add(isPosition ? `${sql} ${positions}` : sql);
      return next();
    };
    await expect(sweep(tapEnv(testEnv, tap))).rejects.toThrow("no");
    // Jobs that earlier tests began may still be at work.
    const lines = log.mock.calls.flat().filter((line) => !String(line).includes('"exportId"'));
    expect(lines).toEqual([
      JSON.stringify({ level: "error", event: "sweep_failed", part, cause: "no" }),
    ]);
    const begun = [...seen].filter((sql) => sql.startsWith("SELECT"));
    const parts = ["job_id, status", "id, object_key FROM", "job_id, created_at"];
    for (const text of [...parts, "object_key, expires_at", "sweeps WHERE name = ?1 3"]) {
      const isOwn = text.endsWith(" 3") ? part === "deleteOrphans" : begin.endsWith(text);
      expect(
        begun.some((sql) => sql.includes(text)),
        text,
      ).toBe(!isOwn);
    }
  });

  test("deletes more files than one call of R2 takes", async () => {
    const { tenant, id } = await newExport();
    const tableId = await exportTableId(tenant, "t");
    await testEnv.CATALOG.prepare(
      `INSERT INTO exports (client_id, table_id, name, status, object_key, created_at, expires_at)
       SELECT ?1, ?2, 't', 'Completed', 'gone/' || value, 0, value FROM json_each(?3)`,
    )
      .bind(
        tenant.clientId,
        tableId,
        JSON.stringify(Array.from({ length: 2_100 }, (_, i) => i + 1)),
      )
      .run();
    const calls: string[][] = [];
    const remove = (keys: unknown): Promise<void> => {
      calls.push([keys].flat().map(String));
      return testEnv.FILES.delete(keys as string[]);
    };
    await sweep({ ...testEnv, FILES: replaced(testEnv.FILES, { delete: remove }) });
    expect(Math.max(...calls.map((keys) => keys.length))).toBeLessThanOrEqual(1_000);
    expect(calls.flat().filter((key) => key.startsWith("gone/"))).toHaveLength(2_100);
    const left = await testEnv.CATALOG.prepare(
      "SELECT id FROM exports WHERE client_id = ?1 AND object_key IS NOT NULL",
    )
      .bind(tenant.clientId)
      .all<{ id: number }>();
    expect(left.results).toEqual([{ id }]);
  });
});

describe("an export that nobody makes any more", () => {
  const reason = "The export was interrupted. Copy it to try again.";

  /**
   * An export as it is recorded, of an age in minutes, without a job. Its info would start one
   * while it is under way.
   */
  async function newLost(status: string, minutes: number): Promise<{ tenant: Tenant; id: number }> {
    const { tenant } = await newExport();
    const tableId = await exportTableId(tenant, "t");
    const created = Date.now() - minutes * 60_000;
    const id = await testEnv.CATALOG.prepare(
      `INSERT INTO exports (client_id, table_id, name, status, created_at)
       VALUES (?1, ?2, 't', ?3, ?4) RETURNING id`,
    )
      .bind(tenant.clientId, tableId, status, created)
      .first<number>("id");
    return { tenant, id: id ?? 0 };
  }

  test.each(["Pending", "Running"])("is failed, where it is %s", async (status) => {
    const { tenant, id } = await newLost(status, 11);
    const key = `exports/lost-${id}.zip`;
    const upload = await testEnv.FILES.createMultipartUpload(key);
    await set(id, `object_key = '${key}', upload_id = '${upload.uploadId}'`);
    await sweep(testEnv);
    expect(await infoOf(tenant, id)).toMatchObject({ status: "Error", error: reason });
    expect(await rowOf(id)).toMatchObject({ upload_id: null, object_key: null });
    // R2 does not know the upload any more.
    await expect(upload.uploadPart(1, "x")).rejects.toThrow("(10024)");
    await sweep(testEnv);
    expect(await infoOf(tenant, id)).toMatchObject({ status: "Error", error: reason });
  });

  test("is left alone while it is young", async () => {
    const { id } = await newLost("Pending", 9);
    await sweep(testEnv);
    expect(await rowOf(id)).toMatchObject({ status: "Pending" });
  });

  test("is told from one whose job runs, and from one whose job ended", async () => {
    const statuses = ["queued", "running", "paused", "waiting", "unknown"] as const;
    for (const status of [...statuses, "complete", "errored", "terminated"] as const) {
      const { id } = await newLost("Running", 11);
      const jobId = await jobOf(id);
      const get = async (name: string): Promise<unknown> => {
        expect(name).toBe(jobId);
        return { status: async () => ({ status }) };
      };
      await sweep({ ...testEnv, EXPORT_JOB: { get } as unknown as Env["EXPORT_JOB"] });
      const isLost = !(statuses as readonly string[]).includes(status);
      expect((await rowOf(id))?.status, status).toBe(isLost ? "Error" : "Running");
      await set(id, "status = 'Error'");
    }
  });

  test("is not failed because nobody knows, and keeps no other from being failed", async () => {
    const { id } = await newLost("Running", 11);
    const other = await newLost("Running", 11);
    const jobId = await jobOf(id);
    const get = async (job: string): Promise<never> => {
      throw new Error(job === jobId ? "internal error" : "instance.not_found");
    };
    const env = { ...testEnv, EXPORT_JOB: { get } as unknown as Env["EXPORT_JOB"] };
    const log = quietConsole();
    await sweep(env);
    expect(log.mock.calls.flat().join()).toContain("internal error");
    log.mockRestore();
    expect((await rowOf(id))?.status).toBe("Running");
    expect((await rowOf(other.id))?.status).toBe("Error");
    await set(id, "status = 'Error'");
  });
});

describe("many exports under way", () => {
  test("do not hide a lost one behind them", async () => {
    const { tenant } = await newExport();
    const tableId = await exportTableId(tenant, "t");
    const count = LOST_CHECKED_MAX + 1;
    const { results } = await testEnv.CATALOG.prepare(
      `INSERT INTO exports (client_id, table_id, name, status, created_at, job_id)
       SELECT ?1, ?2, 't', 'Running', 1, 'many-' || value FROM json_each(?3) RETURNING id`,
    )
      .bind(tenant.clientId, tableId, JSON.stringify(Array.from({ length: count }, (_, i) => i)))
      .all<{ id: number }>();
    const last = Math.max(...results.map((row) => row.id));
    const lastJob = await jobOf(last);
    const get = async (job: string): Promise<unknown> => ({
      status: async () => ({ status: job === lastJob ? "errored" : "running" }),
    });
    const env = { ...testEnv, EXPORT_JOB: { get } as unknown as Env["EXPORT_JOB"] };
    await savePosition(testEnv, "lost", "");
    // Not by its info, which would start the job that is not there.
    const status = (): Promise<unknown> =>
      testEnv.CATALOG.prepare("SELECT status FROM exports WHERE id = ?1")
        .bind(last)
        .first("status");
    await sweep(env);
    expect(await status()).toBe("Running");
    await sweep(env);
    expect(await status()).toBe("Error");
    expect(await positionOf(testEnv, "lost")).toBe("");
    await testEnv.CATALOG.prepare("UPDATE exports SET status = 'Error' WHERE client_id = ?1")
      .bind(tenant.clientId)
      .run();
  });
});

/** The name of an export's job. */
async function jobOf(id: number): Promise<string> {
  const row = await testEnv.CATALOG.prepare("SELECT id, job_id FROM exports WHERE id = ?1")
    .bind(id)
    .first<Pick<ExportRow, "id" | "job_id">>();
  if (row === null) throw new Error("the export is not there");
  return jobIdOf(row);
}
