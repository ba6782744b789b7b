/** The points of imports and exports. */
import { describe, expect, test } from "vitest";
import { noteExportPoint } from "../../../src/http/calls/metrics.ts";
import { newSecret } from "../../../src/http/credentials/secrets.ts";
import { newTenant } from "../../support/tenant.ts";
import { callWorker, otherIsolate, pushTextWith, pushWith } from "../../support/worker.ts";

function metered() {
  const points: (AnalyticsEngineDataPoint | undefined)[] = [];
  const METRICS: AnalyticsEngineDataset = { writeDataPoint: (point) => void points.push(point) };
  return { points, env: { ...otherIsolate(), METRICS } };
}

const record = { table_name: "t", sequence: 1, key_names: ["id"], data: { id: 1 } };
const ms = expect.any(Number) as unknown;

describe("a push", () => {
  test("is one point", async () => {
    const tenant = await newTenant();
    const { env, points } = metered();
    const body = JSON.stringify([{ client_id: tenant.clientId, action: "upsert", ...record }]);
    await pushTextWith(env, tenant, body);
    expect(points).toEqual([
      {
        indexes: [String(tenant.clientId)],
        blobs: ["import", "push", "ok", "t"],
        doubles: [1, 1, 0, ms, body.length],
      },
    ]);
  });

  test("that is refused counts its records as rejected, by its code", async () => {
    const tenant = await newTenant();
    const { env, points } = metered();
    await pushWith(env, tenant, [record, { ...record, data: {} }]);
    await pushTextWith(env, tenant, "[");
    expect(points).toMatchObject([
      { blobs: ["import", "push", "key_missing", "t"], doubles: [2, 0, 2, ms, ms] },
      { blobs: ["import", "push", "body_malformed", ""], doubles: [0, 0, 0, ms, 1] },
    ]);
  });

  test("of nobody has an index of its own", async () => {
    const tenant = await newTenant();
    const { env, points } = metered();
    await pushWith(env, { ...tenant, token: "unknown" }, [record]);
    expect(points).toMatchObject([
      { indexes: ["unknown"], blobs: ["import", "push", "unauthorized", ""] },
    ]);
  });

  test("to a table with a credential for a name does not show it", async () => {
    const tenant = await newTenant();
    const { env, points } = metered();
    await pushWith(env, tenant, [{ ...record, table_name: `a ${tenant.token}` }]);
    await pushWith(env, tenant, [{ ...record, table_name: newSecret() }]);
    expect(points.map((point) => point?.blobs?.[3])).toEqual(["a [redacted]", "[redacted]"]);
  });

  test("succeeds where the metrics are missing or fail", async () => {
    const tenant = await newTenant();
    const METRICS: AnalyticsEngineDataset = {
      writeDataPoint: () => {
        throw new Error("too many points");
      },
    };
    for (const env of [
      { ...otherIsolate(), METRICS },
      { ...otherIsolate(), METRICS: undefined },
    ]) {
      expect((await pushWith(env as Env, tenant, [record])).status).toBe(201);
    }
  });
});

test("a name in a path that is no table's is cut", async () => {
  const { clientId, token } = await newTenant();
  const { env, points } = metered();
  const path = `/v2/client/${clientId}/table/${"x".repeat(9_000)}/data?apikey=${token}`;
  await callWorker(env, path, { method: "POST", body: "{}" });
  expect(points).toMatchObject([
    { blobs: ["import", "rjmetrics", "table_name_bad", "x".repeat(255)] },
  ]);
});

test("every import surface has its name, and the sandbox another", async () => {
  const { clientId, token, ...tenant } = await newTenant();
  const { env, points } = metered();
  await pushTextWith(env, { clientId, token, ...tenant }, "[]", "validate");
  await pushTextWith(env, { clientId, token, ...tenant }, "{}", "batch");
  const init = { method: "POST", body: '{"keys":["id"],"id":1}' };
  for (const prefix of ["/v1", "/v2", "/sandbox/v2"]) {
    const path = `${prefix}/client/${clientId}/table/t/data?apikey=${token}`;
    await callWorker(env, path, init);
  }
  expect(points.map((point) => point?.blobs)).toEqual([
    ["import", "validate", "array_expected", ""],
    ["import", "batch", "batch_member_missing", ""],
    ["import", "rjmetrics", "ok", "t"],
    ["import", "rjmetrics", "ok", "t"],
    ["import", "sandbox", "ok", "t"],
  ]);
});

describe("a native import", () => {
  const path = "/api/v1/tables/t/rows?keys=id";
  const send = (env: Env, { token }: { token: string }, query: string, body: string) =>
    callWorker(env, `${path}${query}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body,
    });

  test("that leaves bad records out counts them as rejected", async () => {
    const tenant = await newTenant();
    const { env, points } = metered();
    expect((await send(env, tenant, "&on_error=skip", '[{"id":1},{},7]')).status).toBe(207);
    expect(points).toMatchObject([
      { blobs: ["import", "native", "ok", "t"], doubles: [3, 1, 2, ms, 15] },
    ]);
  });

  test("that stores nothing is none of those whose records are stored", async () => {
    const tenant = await newTenant();
    const { env, points } = metered();
    await send(env, tenant, "&dry_run=1", '[{"id":1}]');
    await send(env, tenant, "&dry_run=1", "[7]");
    await send(env, tenant, "&dry_run=0", '[{"id":1}]');
    expect(points.map((point) => point?.blobs)).toEqual([
      ["import", "dry_run", "ok", "t"],
      ["import", "dry_run", "record_not_object", "t"],
      ["import", "native", "ok", "t"],
    ]);
  });
});

test("what is no import is no point", async () => {
  const tenant = await newTenant();
  const { env, points } = metered();
  const { clientId, token } = tenant;
  await callWorker(env, `/v2/client/${clientId}/authenticate?apikey=${token}`);
  await callWorker(env, "/nowhere", { method: "POST" });
  await callWorker(env, "/v2/import/status");
  await callWorker(env, "/v2/import/push");
  await callWorker(env, "/0.1/export", { headers: { "X-RJM-API-Key": tenant.exportKey } });
  expect(points).toEqual([]);
});

test("an export is one point", () => {
  const { env, points } = metered();
  noteExportPoint(env, { clientId: 7, status: "Completed", rows: 3, bytes: 100, ms: 12 });
  expect(points).toEqual([
    { indexes: ["7"], blobs: ["export", "Completed"], doubles: [3, 100, 12] },
  ]);
});
