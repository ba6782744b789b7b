/** What lets a job go on whose process died, and what leaves one alone. */
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { type ExportStatus, readExport, wakeExport } from "../../../src/export/exports.ts";
import { WAKE_LOST_AGE_MS } from "../../../src/export/limits.ts";
import { noteAwake, type Sleeper, wakeJob } from "../../../src/export/job/wake.ts";
import { testEnv } from "../../support/env.ts";
import { startExportOf } from "../../support/export.ts";
import { linesOf, quietConsole } from "../../support/quiet-console.ts";
import { newTenant, pushRecords } from "../../support/tenant.ts";

/** A Workflow of which every instance is there, or none is. */
function workflow(isThere: boolean, failure = "instance.not_found") {
  const events: string[] = [];
  const created: unknown[] = [];
  const get = async (id: string): Promise<unknown> => {
    if (!isThere) throw new Error(failure);
    return { sendEvent: async ({ type }: { type: string }) => events.push(`${id} ${type}`) };
  };
  const create = async (options: unknown): Promise<unknown> => created.push(options);
  const EXPORT_JOB = { get, create } as unknown as Env["EXPORT_JOB"];
  return { env: { ...testEnv, EXPORT_JOB }, events, created };
}

/** An export that no process of now has started. */
function sleeper(ageMs: number): Sleeper {
  const jobId = `export-${crypto.randomUUID()}`;
  return { exportId: 7, jobId, createdAt: Date.now() - ageMs };
}

let log: MockInstance<typeof console.error>;

beforeEach(() => {
  log = quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a job that another process began", () => {
  test("is sent one event, however often it is asked for", async () => {
    const { env, events, created } = workflow(true);
    const job = sleeper(0);
    await Promise.all([wakeJob(env, job), wakeJob(env, job)]);
    await wakeJob(env, job);
    expect(events).toEqual([`${job.jobId} wake`]);
    expect(created).toEqual([]);
  });

  test("and that was never started is started, once", async () => {
    const { env, created } = workflow(false);
    const job = sleeper(WAKE_LOST_AGE_MS + 1_000);
    await Promise.all([wakeJob(env, job), wakeJob(env, job)]);
    await wakeJob(env, job);
    expect(created).toEqual([{ id: job.jobId, params: { exportId: 7 } }]);
  });

  test("and may just be about to start is looked at again later", async () => {
    const none = workflow(false);
    const job = sleeper(0);
    await wakeJob(none.env, job);
    expect(none.created).toEqual([]);
    const there = workflow(true);
    await wakeJob(there.env, job);
    expect(there.events).toHaveLength(1);
  });

  test("and cannot be reached is no failure of who asks", async () => {
    const { env } = workflow(false, "The Workflow is overloaded");
    const job = sleeper(0);
    await wakeJob(env, job);
    expect(linesOf(log, job.exportId)).toHaveLength(1);
  });
});

test("a job that was started here is left alone", async () => {
  const { env, events } = workflow(true);
  const job = sleeper(0);
  noteAwake(job.jobId);
  await wakeJob(env, job);
  expect(events).toEqual([]);
});

test.each<[ExportStatus, number]>([
  ["Pending", 1],
  ["Running", 1],
  ["Completed", 0],
  ["Error", 0],
])("an export that is %s is woken %d times", async (status, times) => {
  const tenant = await newTenant();
  const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
  await pushRecords(tenant, [record]);
  const row = await readExport(testEnv, (await startExportOf(tenant, "t")).id);
  if (row === null) throw new Error("no export");
  const { env, events } = workflow(true);
  await wakeExport(env, { ...row, status, job_id: sleeper(0).jobId });
  expect(events).toHaveLength(times);
});
