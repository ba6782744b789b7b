/** The job of an export in this process, with steps, bucket and faults of the tests' choice. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startExport } from "../../../src/export/exports.ts";
import { MemoryBucket } from "../../support/bucket.ts";
import { testEnv } from "../../support/env.ts";
import { call, exportTableId, infoOf, jsonOf } from "../../support/export.ts";
import { tenantWith } from "../../support/noise.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { runJob, Steps } from "../../support/step.ts";
import { type Tap, tapEnv } from "../../support/tap.ts";
import { pushRecords, type Tenant } from "../../support/tenant.ts";
import { readZip } from "../../support/read-zip.ts";

const LIMITS = { partBytes: 6_000, pieceBytes: 500, pageRows: 10 };
const IDS = Array.from({ length: 40 }, (_, id) => id);

/** Bindings of which the export job is not one: the test runs the job itself. */
function quiet(env: Env): Env {
  return { ...env, EXPORT_JOB: { create: async () => ({}) } as unknown as Env["EXPORT_JOB"] };
}

async function newExport(tenant: Tenant): Promise<number> {
  const tableId = await exportTableId(tenant, "t");
  const wanted = { clientId: tenant.clientId, tableId, name: "t", definition: "{}" };
  return (await startExport(quiet(testEnv), wanted)).id;
}

/** The ids in the only file of a bucket, in the order of the file. */
function idsIn(bucket: MemoryBucket): number[] {
  expect([...bucket.files.keys()]).toHaveLength(1);
  const [file = new Uint8Array()] = bucket.files.values();
  const lines = new TextDecoder().decode(readZip(file).data).trimEnd().split("\r\n");
  expect(lines.shift()).toBe("id,text");
  return lines.map((line) => Number(line.split(",")[0]));
}

const ascending = (a: number, b: number): number => a - b;

async function expectComplete(tenant: Tenant, id: number, bucket: MemoryBucket): Promise<void> {
  expect(await infoOf(tenant, id)).toMatchObject({
    status: "Completed",
    row_count: IDS.length,
    error: null,
  });
  expect(idsIn(bucket).toSorted(ascending)).toEqual(IDS);
}

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a job", () => {
  test("makes parts, publishes, and leaves no upload", async () => {
    const tenant = await tenantWith(IDS);
    const bucket = new MemoryBucket();
    const id = await newExport(tenant);
    expect(await infoOf(tenant, id)).toMatchObject({ status: "Pending", row_count: null });
    const steps = await runJob({ ...testEnv, FILES: bucket.binding }, id, { limits: LIMITS });
    await expectComplete(tenant, id, bucket);
    expect(bucket.uploads.size).toBe(0);
    expect(steps.attempts.length).toBeGreaterThan(4);
    // A step's result has 1 MiB at most, and an instance 1 GB for up to 10,000 of them.
    for (const result of steps.results.values()) expect(result.length).toBeLessThan(10_000);
  });

  test("is seen as running while it runs, and keeps the file as long as is set", async () => {
    const tenant = await tenantWith(IDS);
    const bucket = new MemoryBucket();
    const id = await newExport(tenant);
    const seen: string[] = [];
    const tap: Tap = async (made, next) => {
      if (made.method === "uploadPart") seen.push((await infoOf(tenant, id)).status);
      return next();
    };
    const env = tapEnv({ ...testEnv, FILES: bucket.binding, EXPORT_DAYS: "30" }, tap);
    await runJob(env, id, { limits: LIMITS });
    expect(new Set(seen)).toEqual(new Set(["Running"]));
    const info = await infoOf(tenant, id);
    const kept = Date.parse(info.expires_at ?? "") - Date.parse(info.completed_at ?? "");
    expect(kept).toBe(30 * 24 * 60 * 60 * 1000);
  });

  test("has the columns that the table had when it began", async () => {
    const tenant = await tenantWith(IDS);
    const bucket = new MemoryBucket();
    const id = await newExport(tenant);
    let isFirst = true;
    const tap: Tap = async (made, next) => {
      if (made.method !== "uploadPart" || !isFirst) return next();
      isFirst = false;
      const data = { id: 1_000, text: "", late: 1 };
      await pushRecords(tenant, [{ table_name: "t", sequence: 1, key_names: ["id"], data }]);
      return next();
    };
    await runJob(tapEnv({ ...testEnv, FILES: bucket.binding }, tap), id, { limits: LIMITS });
    expect(idsIn(bucket)).toEqual(expect.arrayContaining(IDS));
  });
});

describe("a process that dies", () => {
  test.each([false, true])("after any step (result lost: %s) loses nothing", async (resultLost) => {
    const tenant = await tenantWith(IDS);
    const plan = new Steps();
    const bucketOfPlan = new MemoryBucket();
    const first = await newExport(tenant);
    const options = { limits: LIMITS, steps: plan };
    await runJob({ ...testEnv, FILES: bucketOfPlan.binding }, first, options);
    expect(plan.attempts.length).toBeGreaterThan(4);
    for (const name of plan.attempts) {
      const bucket = new MemoryBucket();
      const env = { ...testEnv, FILES: bucket.binding };
      const id = await newExport(tenant);
      const steps = new Steps();
      steps.dieAfter = { name, resultLost };
      await runJob(env, id, { limits: LIMITS, steps });
      const resumed = new Steps();
      for (const [step, result] of steps.results) resumed.results.set(step, result);
      await runJob(env, id, { limits: LIMITS, steps: resumed });
      await expectComplete(tenant, id, bucket);
      expect(bucket.uploads.size, name).toBe(0);
    }
  });
});

/** Lets the n-th call to the store fail, before or after it was made. */
function fault(n: number, when: "before" | "after") {
  const state = { calls: 0, met: "" };
  const tap: Tap = async (made, next) => {
    state.calls += 1;
    if (state.calls !== n) return next();
    state.met = `${made.binding}.${made.method}`;
    if (when === "after") await next();
    throw new Error("We encountered an internal error. (10001)");
  };
  return { state, tap };
}

describe("a call that fails", () => {
  test.each(["before", "after"] as const)("the n-th, %s it was made, once", async (when) => {
    const tenant = await tenantWith(IDS);
    const met: string[] = [];
    for (let n = 1; ; n += 1) {
      const bucket = new MemoryBucket();
      const id = await newExport(tenant);
      const { state, tap } = fault(n, when);
      await runJob(tapEnv({ ...testEnv, FILES: bucket.binding }, tap), id, { limits: LIMITS });
      await expectComplete(tenant, id, bucket);
      // Nobody can know of an upload whose id was lost on its way here; R2 ends it in 7 days.
      const isUnknown = when === "after" && state.met === "FILES.createMultipartUpload";
      expect(bucket.uploads.size, state.met).toBe(isUnknown ? 1 : 0);
      if (state.met === "") break;
      met.push(state.met);
    }
    for (const name of [
      "CATALOG.first",
      "SHARD_0.raw",
      "SHARD_1.raw",
      "FILES.uploadPart",
      "FILES.complete",
    ]) {
      expect(met).toContain(name);
    }
  });

  test.each([
    ["uploadPart", "Error"],
    ["createMultipartUpload", "Error"],
    ["complete", "Error"],
    ["raw", "Error"],
    ["head", "Error"],
  ])("for ever, %s: the export fails and says so", async (method, status) => {
    const tenant = await tenantWith(IDS);
    const bucket = new MemoryBucket();
    const id = await newExport(tenant);
    const tap: Tap = async (made, next) => {
      if (made.method === method) throw new Error("We encountered an internal error. (10001)");
      return next();
    };
    await runJob(tapEnv({ ...testEnv, FILES: bucket.binding }, tap), id, { limits: LIMITS });
    expect(await infoOf(tenant, id)).toMatchObject({
      status,
      error: "The export failed. Copy it to try again.",
      row_count: null,
      expires_at: null,
    });
    expect([bucket.uploads.size, bucket.files.size]).toEqual([0, 0]);
    await jsonOf(call(tenant, `/export/${id}`), 404);
  });

  test("the upload is gone: an error, and no file", async () => {
    const tenant = await tenantWith(IDS);
    const bucket = new MemoryBucket();
    const id = await newExport(tenant);
    const tap: Tap = async (made, next) => {
      if (made.method === "complete") bucket.uploads.clear();
      return next();
    };
    await runJob(tapEnv({ ...testEnv, FILES: bucket.binding }, tap), id, { limits: LIMITS });
    expect((await infoOf(tenant, id)).status).toBe("Error");
  });
});

describe("too many rows", () => {
  test("are an error that names the cap, with nothing left behind", async () => {
    const tenant = await tenantWith(IDS);
    const bucket = new MemoryBucket();
    const id = await newExport(tenant);
    const limits = { ...LIMITS, rowsMax: 39 };
    const steps = await runJob({ ...testEnv, FILES: bucket.binding }, id, { limits });
    expect(await infoOf(tenant, id)).toMatchObject({
      status: "Error",
      error: "The table has more rows than an export can have: 39.",
      row_count: null,
    });
    expect([bucket.uploads.size, bucket.files.size]).toEqual([0, 0]);
    // No step is tried again: it would find as many.
    expect(new Set(steps.attempts).size).toBe(steps.attempts.length);
    await jsonOf(call(tenant, `/export/${id}`), 404);
    const copy = await newExport(tenant);
    await runJob({ ...testEnv, FILES: bucket.binding }, copy, {
      limits: { ...LIMITS, rowsMax: 40 },
    });
    await expectComplete(tenant, copy, bucket);
  });
});
