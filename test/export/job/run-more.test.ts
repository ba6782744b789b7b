/** The job of an export: lost uploads, deletions, filters, progress and counts. */
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { type ExportRow, readExport, startExport } from "../../../src/export/exports.ts";
import { COUNT_TRUSTED_MS, PART_LIMITS } from "../../../src/export/limits.ts";
import { removeExport } from "../../../src/export/remove.ts";
import { call as admin } from "../../admin/call.ts";
import { MemoryBucket } from "../../support/bucket.ts";
import { testEnv } from "../../support/env.ts";
import {
  call,
  downloadOf,
  exportTableId,
  infoOf,
  jsonOf,
  startExportOf,
} from "../../support/export.ts";
import { tenantWith } from "../../support/noise.ts";
import { linesOf, quietConsole } from "../../support/quiet-console.ts";
import { runJob, Steps } from "../../support/step.ts";
import { type Tap, type TappedCall, tapEnv } from "../../support/tap.ts";
import { pushRecords, type Tenant } from "../../support/tenant.ts";
import { readZip } from "../../support/read-zip.ts";

const LIMITS = { partBytes: 6_000, pieceBytes: 500, pageRows: 10 };
const IDS = Array.from({ length: 40 }, (_, id) => id);

/** A filter as the catalogue keeps it. */
const equal = (id: number): string =>
  `{"filters":[{"id":"A","column":"id","operator":"equal","value":${id},"kind":"number"}]}`;

/** Bindings whose Workflow has no instance: the test runs the job itself. */
function quiet(bucket: MemoryBucket): Env {
  const get = () => Promise.reject(new Error("(instance.not_found) Instance not found"));
  const EXPORT_JOB = { create: async () => ({}), get } as unknown as Env["EXPORT_JOB"];
  return { ...testEnv, FILES: bucket.binding, EXPORT_JOB };
}

interface World {
  readonly tenant: Tenant;
  readonly bucket: MemoryBucket;
  readonly env: Env;
  readonly id: number;
}

async function newWorld(tenant: Tenant, definition = "{}"): Promise<World> {
  const bucket = new MemoryBucket();
  const env = quiet(bucket);
  const tableId = await exportTableId(tenant, "t");
  const wanted = { clientId: tenant.clientId, tableId, name: "t", definition };
  return { tenant, bucket, env, id: (await startExport(env, wanted)).id };
}

/** The ids in the only file of a bucket, ascending. */
function idsIn(bucket: MemoryBucket): number[] {
  expect([...bucket.files.keys()]).toHaveLength(1);
  const [file = new Uint8Array()] = bucket.files.values();
  const lines = new TextDecoder().decode(readZip(file).data).trimEnd().split("\r\n").slice(1);
  return lines.map((line) => Number(line.split(",")[0])).toSorted((a, b) => a - b);
}

function columnOf<K extends keyof ExportRow>(id: number, name: K): Promise<ExportRow[K] | null> {
  return testEnv.CATALOG.prepare(`SELECT ${name} FROM exports WHERE id = ?1`)
    .bind(id)
    .first<ExportRow[K]>(name);
}

let log: MockInstance<typeof console.error>;

beforeEach(() => {
  log = quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an upload that is gone", () => {
  test.each([
    ["uploadPart", 1],
    ["uploadPart", 2],
    ["complete", 1],
  ])("at %s number %d: the export begins a new file", async (method, n) => {
    const { tenant, bucket, env, id } = await newWorld(await tenantWith(IDS));
    let calls = 0;
    const tap: Tap = async (made, next) => {
      if (made.method === method) calls += 1;
      if (made.method === method && calls === n) bucket.uploads.clear();
      return next();
    };
    const steps = await runJob(tapEnv(env, tap), id, { limits: LIMITS });
    expect(idsIn(bucket)).toEqual(IDS);
    expect(bucket.uploads.size).toBe(0);
    expect(await infoOf(tenant, id)).toMatchObject({
      status: "Completed",
      error: null,
      row_count: IDS.length,
      progress: { rows_done: IDS.length, rows_total: IDS.length },
    });
    expect(steps.attempts).toContain("begin, file 2");
    expect(steps.attempts).not.toContain("begin, file 3");
    // Another attempt with the lost upload would be in vain.
    expect(steps.attempts.filter((name) => name === "publish").length).toBeLessThan(2);
  });

  test.each(["uploadPart", "complete"])("for ever, at %s: an error", async (method) => {
    const { tenant, bucket, env, id } = await newWorld(await tenantWith(IDS));
    const tap: Tap = async (made, next) => {
      if (made.method === method) bucket.uploads.clear();
      return next();
    };
    const steps = await runJob(tapEnv(env, tap), id, { limits: LIMITS });
    expect(await infoOf(tenant, id)).toMatchObject({
      status: "Error",
      error: "The export failed. Copy it to try again.",
    });
    expect([bucket.uploads.size, bucket.files.size]).toEqual([0, 0]);
    expect(steps.attempts.filter((name) => name.startsWith("begin"))).toHaveLength(3);
  });

  test("while the process dies: the second file goes on where it was", async () => {
    const { bucket, env, id } = await newWorld(await tenantWith(IDS));
    let isLost = false;
    const tap: Tap = async (made, next) => {
      if (made.method === "complete" && !isLost) {
        isLost = true;
        bucket.uploads.clear();
      }
      return next();
    };
    const steps = new Steps();
    steps.dieAfter = { name: "part 2, file 2", resultLost: false };
    await runJob(tapEnv(env, tap), id, { limits: LIMITS, steps });
    expect(bucket.files.size).toBe(0);
    // The step that failed fails again where it is run again: its upload stays gone.
    const resumed = new Steps();
    for (const [name, result] of steps.results) resumed.results.set(name, result);
    await runJob(tapEnv(env, tap), id, { limits: LIMITS, steps: resumed });
    expect(resumed.attempts).not.toContain("part 2, file 2");
    expect(idsIn(bucket)).toEqual(IDS);
    expect(bucket.uploads.size).toBe(0);
  });
});

/** Deletes the export before, or after, the n-th call that its job makes. */
function deletion({ env, tenant, id }: World, n: number, when: "before" | "after") {
  const state = { calls: 0, met: "" };
  const remove = (made: TappedCall): Promise<boolean> => {
    state.met = `${made.binding}.${made.method}`;
    return removeExport(env, tenant.clientId, id);
  };
  const tap: Tap = async (made, next) => {
    state.calls += 1;
    const isNow = state.calls === n;
    if (isNow && when === "before") expect(await remove(made)).toBe(true);
    const result = await next();
    if (isNow && when === "after") expect(await remove(made)).toBe(true);
    return result;
  };
  return { state, tap };
}

describe("an export that is deleted", () => {
  test.each(["before", "after"] as const)("%s any call of its job leaves nothing", async (when) => {
    const tenant = await tenantWith(IDS);
    const met = new Set<string>();
    for (let n = 1; ; n += 1) {
      const world = await newWorld(tenant);
      const { state, tap } = deletion(world, n, when);
      log.mockClear();
      await runJob(tapEnv(world.env, tap), world.id, { limits: LIMITS });
      if (state.met === "") break;
      met.add(state.met);
      const at = `${state.met}, call ${n}`;
      expect([world.bucket.uploads.size, world.bucket.files.size], at).toEqual([0, 0]);
      expect(await readExport(testEnv, world.id), at).toBeNull();
      expect(linesOf(log, world.id), at).toEqual([]);
    }
    expect([...met]).toEqual(
      expect.arrayContaining([
        "CATALOG.first",
        "CATALOG.run",
        "SHARD_1.raw",
        "FILES.createMultipartUpload",
        "FILES.uploadPart",
        "FILES.head",
        "FILES.complete",
      ]),
    );
  });
});

describe("a selective filter", () => {
  test("gives one small file, whose bytes are carried from step to step", async () => {
    const tenant = await tenantWith(IDS);
    const { bucket, env, id } = await newWorld(tenant, equal(17));
    const uploaded: string[] = [];
    const tap: Tap = async (made, next) => {
      if (made.binding === "FILES") uploaded.push(made.method);
      return next();
    };
    const limits = { ...LIMITS, pageRows: 4, partPages: 3 };
    const steps = await runJob(tapEnv(env, tap), id, { limits });
    expect(idsIn(bucket)).toEqual([17]);
    expect(uploaded.filter((method) => method === "uploadPart")).toHaveLength(1);
    expect(steps.results.size).toBeGreaterThan(5);
    const carried = [...steps.results].filter(([, text]) => text.includes('"carried":"'));
    expect(carried.length).toBeGreaterThan(2);
    const [file] = bucket.files.values();
    expect(file?.length).toBeLessThan(1_000);
    expect(await infoOf(tenant, id)).toMatchObject({
      status: "Completed",
      row_count: 1,
      progress: { rows_done: IDS.length, rows_total: IDS.length },
    });
    expect(await columnOf(id, "bytes")).toBe(file?.length);
  });

  test("of no row gives a file with the header alone", async () => {
    const { tenant, bucket, env, id } = await newWorld(await tenantWith(IDS), equal(-1));
    await runJob(env, id, { limits: { ...LIMITS, pageRows: 4, partPages: 3 } });
    expect(idsIn(bucket)).toEqual([]);
    expect(await infoOf(tenant, id)).toMatchObject({ status: "Completed", row_count: 0 });
  });

  test("fills parts where what is carried would be too much for a step", async () => {
    const { bucket, env, id } = await newWorld(await tenantWith(IDS), equal(17));
    const limits = { ...LIMITS, pageRows: 4, partPages: 3, carriedBytesMax: 10 };
    await runJob(env, id, { limits });
    expect(idsIn(bucket)).toEqual([17]);
    const [file] = bucket.files.values();
    expect(file?.length).toBeGreaterThan(LIMITS.partBytes);
  });
});

describe("progress", () => {
  test("is null until the table is counted, grows, and ends at the count", async () => {
    const { tenant, env, id } = await newWorld(await tenantWith(IDS));
    const progressOf = async () => {
      const info = await jsonOf<{ progress: unknown }>(call(tenant, `/export/${id}/info`));
      return info.progress as { rows_done: number; rows_total: number | null };
    };
    expect(await progressOf()).toEqual({ rows_done: 0, rows_total: null });
    const seen: number[] = [];
    const tap: Tap = async (made, next) => {
      if (made.method === "uploadPart") {
        const { rows_done: done, rows_total: total } = await progressOf();
        expect(total).toBe(IDS.length);
        seen.push(done);
      }
      return next();
    };
    await runJob(tapEnv(env, tap), id, { limits: LIMITS });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen[0]).toBe(0);
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
    expect(await progressOf()).toEqual({ rows_done: IDS.length, rows_total: IDS.length });
  });

  test("never has more done than there is, and is whole in the end, as the table grows", async () => {
    const { tenant, env, id } = await newWorld(await tenantWith(IDS));
    const progressOf = async () => {
      const info = await jsonOf<{ progress: unknown }>(call(tenant, `/export/${id}/info`));
      return info.progress as { rows_done: number; rows_total: number };
    };
    let isGrown = false;
    const tap: Tap = async (made, next) => {
      if (made.method !== "uploadPart") return next();
      const { rows_done: done, rows_total: total } = await progressOf();
      expect(done).toBeLessThanOrEqual(total);
      if (isGrown) return next();
      isGrown = true;
      const added = IDS.map((one) => ({
        table_name: "t",
        sequence: 1,
        key_names: ["id"],
        data: { id: one + 100 },
      }));
      expect((await pushRecords(tenant, added)).status).toBe(201);
      return next();
    };
    await runJob(tapEnv(env, tap), id, { limits: LIMITS });
    const { rows_done: done, rows_total: total } = await progressOf();
    expect(done).toBeGreaterThan(IDS.length);
    expect(total).toBe(done);
  });
});

interface Counted {
  readonly counted_rows: number | null;
  readonly counted_at: number | null;
}

function countedOf(tableId: number): Promise<Counted | null> {
  return testEnv.CATALOG.prepare("SELECT counted_rows, counted_at FROM tables WHERE id = ?1")
    .bind(tableId)
    .first<Counted>();
}

async function setCounted(tableId: number, rows: number, ageMs: number): Promise<void> {
  await testEnv.CATALOG.prepare(
    "UPDATE tables SET counted_rows = ?2, counted_at = ?3 WHERE id = ?1",
  )
    .bind(tableId, rows, Date.now() - ageMs)
    .run();
}

describe("the count of a table", () => {
  test("is noted by an export, and forgotten by an activation", async () => {
    const begun = Date.now();
    const { tenant, env, id } = await newWorld(await tenantWith(IDS));
    const tableId = await exportTableId(tenant, "t");
    expect(await countedOf(tableId)).toEqual({ counted_rows: null, counted_at: null });
    await runJob(env, id, { limits: LIMITS });
    const counted = await countedOf(tableId);
    expect(counted?.counted_rows).toBe(IDS.length);
    expect(counted?.counted_at).toBeGreaterThanOrEqual(begun);
    const point = { table_name: "t", sequence: 2, table_version: 7, action: "switch_view" };
    expect((await pushRecords(tenant, [point])).status).toBe(201);
    expect((await countedOf(tableId))?.counted_rows).toBeNull();
  });

  test("above the cap is noted where the export fails for it", async () => {
    const { tenant, env, id } = await newWorld(await tenantWith(IDS));
    await runJob(env, id, { limits: { ...LIMITS, rowsMax: 30 } });
    expect((await infoOf(tenant, id)).status).toBe("Error");
    expect((await countedOf(await exportTableId(tenant, "t")))?.counted_rows).toBe(31);
  });

  const { rowsMax } = PART_LIMITS;
  const TOO_LARGE = "The table has more rows than an export can have: 10,000,000.";

  test("above the cap refuses exports of the whole table for an hour", async () => {
    const tenant = await tenantWith(IDS);
    const tableId = await exportTableId(tenant, "t");
    const done = await startExportOf(tenant, "t");
    // Its job notes a count, too.
    expect((await downloadOf(tenant, done.id)).status).toBe(200);
    await setCounted(tableId, rowsMax + 1, COUNT_TRUSTED_MS - 60_000);
    for (const path of [
      `/client/${tenant.clientId}/table/${tableId}/export`,
      `/export/${done.id}/copy`,
    ]) {
      const refused = await jsonOf<unknown>(call(tenant, path, { method: "POST" }), 400);
      expect(JSON.stringify(refused)).toContain(TOO_LARGE);
    }
    const path = `/clients/${tenant.clientId}/exports`;
    const whole = await admin("POST", path, { table_id: tableId });
    expect(whole).toMatchObject({ status: 400, json: { type: "/docs/errors#export_too_large" } });
    // Columns alone do not make it smaller, filters may.
    const columns = await admin("POST", path, { table_id: tableId, columns: ["id"] });
    expect(columns.status).toBe(400);
    const filters = [{ id: "A", column: "id", operator: "equal", value: 1 }];
    const part = await admin("POST", path, { table_id: tableId, filters });
    expect(part.status, part.text).toBe(201);
    const { exports } = await jsonOf<{ exports: { id: number }[] }>(call(tenant, "/export"));
    // Those that were refused are not recorded.
    expect(exports).toHaveLength(2);
  });

  test.each([
    ["of the cap itself", rowsMax, 0],
    ["that is an hour old", rowsMax + 1, COUNT_TRUSTED_MS + 1_000],
  ])("%s refuses nothing", async (_, rows, ageMs) => {
    const tenant = await tenantWith(IDS);
    await setCounted(await exportTableId(tenant, "t"), rows, ageMs);
    expect(await startExportOf(tenant, "t")).toMatchObject({ status: "Pending" });
  });
});
