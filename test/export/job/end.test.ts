/** What the end of an export leaves in the log and in the metrics. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { startExport } from "../../../src/export/exports.ts";
import { captureLog, loggingEnv } from "../../http/captured-log.ts";
import { MemoryBucket } from "../../support/bucket.ts";
import { testEnv } from "../../support/env.ts";
import { exportTableId } from "../../support/export.ts";
import { tenantWith } from "../../support/noise.ts";
import { runJob, Steps } from "../../support/step.ts";
import { tapEnv } from "../../support/tap.ts";

const IDS = [1, 2, 3];

let log = captureLog();
beforeEach(() => {
  log = captureLog();
});
afterEach(() => {
  log.restore();
});

/** The lines of an event about an export: jobs that earlier tests began may still be at work. */
const eventsOf = (event: string, id: number): Record<string, unknown>[] =>
  log.events(event).filter(({ exportId }) => exportId === id);

async function newExport() {
  const tenant = await tenantWith(IDS);
  const { clientId } = tenant;
  const tableId = await exportTableId(tenant, "t");
  const EXPORT_JOB = { create: async () => ({}) } as unknown as Env["EXPORT_JOB"];
  const wanted = { clientId, tableId, name: "t", definition: "{}" };
  const { id } = await startExport({ ...testEnv, EXPORT_JOB }, wanted);
  const points: (AnalyticsEngineDataPoint | undefined)[] = [];
  const METRICS: AnalyticsEngineDataset = { writeDataPoint: (point) => void points.push(point) };
  const bucket = new MemoryBucket();
  const env = { ...loggingEnv(), METRICS, FILES: bucket.binding };
  return { id, clientId, tableId, points, bucket, env };
}

test("an export that is completed: its rows, bytes and time, once", async () => {
  const { id, clientId, tableId, points, bucket, env } = await newExport();
  const steps = new Steps();
  steps.dieAfter = { name: "publish", resultLost: true };
  await runJob(env, id, { steps });
  steps.dieAfter = undefined;
  // The step is done again, and finds that it was done.
  await runJob(env, id, { steps });
  const [file = new Uint8Array()] = bucket.files.values();
  const ms = expect.any(Number) as unknown;
  const bytes = file.length;
  expect(eventsOf("export_completed", id)).toEqual([
    {
      level: "info",
      event: "export_completed",
      exportId: id,
      client: clientId,
      tableId,
      rows: IDS.length,
      bytes,
      ms,
    },
  ]);
  expect(points).toEqual([
    {
      indexes: [String(clientId)],
      blobs: ["export", "Completed"],
      doubles: [IDS.length, bytes, ms],
    },
  ]);
});

test("an export that fails", async () => {
  const { id, clientId, points, env } = await newExport();
  const broken = tapEnv(env, (call, next) =>
    call.method === "createMultipartUpload" ? Promise.reject(new Error("no room")) : next(),
  );
  await runJob(broken, id);
  expect(eventsOf("export_completed", id)).toEqual([]);
  expect(eventsOf("export_failed", id)).toHaveLength(1);
  const ms = expect.any(Number) as unknown;
  expect(points).toEqual([
    { indexes: [String(clientId)], blobs: ["export", "Error"], doubles: [0, 0, ms] },
  ]);
});
