import { describe, expect, test } from "vitest";
import type { UpdateStatus } from "../../src/export/update-status.ts";
import { testEnv } from "../support/env.ts";
import { batchOf, tablePath, upsert } from "../support/batch-and-points.ts";
import { call, jsonOf } from "../support/export.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { callWorker, otherIsolate, pushTextWith, pushWith } from "../support/worker.ts";

const pathOf = ({ clientId }: Tenant): string => `/client/${clientId}/fullupdatestatus`;

const statusOf = (tenant: Tenant): Promise<UpdateStatus> =>
  jsonOf<UpdateStatus>(call(tenant, pathOf(tenant)));

const lastId = async (tenant: Tenant): Promise<number | undefined> =>
  (await statusOf(tenant)).lastCompletedUpdateJob?.id;

async function setClient({ clientId }: Tenant, assignments: string): Promise<void> {
  await testEnv.CATALOG.prepare(`UPDATE clients SET ${assignments} WHERE id = ?1`)
    .bind(clientId)
    .run();
}

const record = (id: number, more: Record<string, unknown> = {}) => ({
  table_name: "t",
  sequence: 1,
  key_names: ["id"],
  data: { id },
  ...more,
});

const sendPoints = (tenant: Tenant, points: unknown, base = ""): Promise<Response> =>
  callWorker(otherIsolate(), tablePath(tenant, "t", { base }), {
    method: "POST",
    body: JSON.stringify(points),
  });

describe("the last job", () => {
  test("is null before the first import", async () => {
    const tenant = await newTenant();
    expect(await statusOf(tenant)).toEqual({
      clientId: tenant.clientId,
      lastCompletedUpdateJob: null,
      lastCompletedUpdateJobWithDataSync: null,
      timezoneAbbreviation: "UTC",
    });
  });

  test("has the text that is documented", async () => {
    const tenant = await newTenant();
    const times = [Date.UTC(2025, 11, 9, 8, 26, 25), Date.UTC(2025, 11, 9, 8, 29, 3)];
    await setClient(
      tenant,
      `time_zone = 'America/New_York', import_jobs = 13554,
      import_started_at = ${times[0]}, import_ended_at = ${times[1]}`,
    );
    const answer = await call(tenant, pathOf(tenant));
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.text()).toBe(
      `{"clientId":${tenant.clientId},"lastCompletedUpdateJob":{"id":13554,"type":{"id":2,"name":"Full Update"},` +
        `"start":"2025-12-09 03:26:25","end":"2025-12-09 03:29:03","status":{"id":4,"name":"Completed Successfully"}},` +
        `"lastCompletedUpdateJobWithDataSync":null,"timezoneAbbreviation":"EST"}`,
    );
  });

  test.each([
    ["America/New_York", Date.UTC(2025, 6, 1, 3, 59), "2025-06-30 23:59:00", "EDT"],
    ["Europe/Berlin", Date.UTC(2025, 0, 1), "2025-01-01 01:00:00", "GMT+1"],
    ["Europe/Berlin", Date.UTC(2025, 6, 1), "2025-07-01 02:00:00", "GMT+2"],
    ["Asia/Kolkata", Date.UTC(2025, 6, 1), "2025-07-01 05:30:00", "GMT+5:30"],
  ])("is told in the client's time zone: %s %i", async (zone, instant, text, abbreviation) => {
    const tenant = await newTenant();
    const times = `import_started_at = ${instant}, import_ended_at = ${instant}`;
    await setClient(tenant, `time_zone = '${zone}', import_jobs = 1, ${times}`);
    expect(await statusOf(tenant)).toMatchObject({
      lastCompletedUpdateJob: { start: text, end: text },
      timezoneAbbreviation: abbreviation,
    });
  });

  test("has an id that grows with each import of each surface, and its times", async () => {
    const tenant = await newTenant();
    const batch = JSON.stringify(batchOf("b", [upsert(1, { id: 1 })]));
    const imports = [
      () => pushWith(otherIsolate(), tenant, [record(1)]),
      () => pushTextWith(otherIsolate(), tenant, batch, "batch"),
      () => sendPoints(tenant, { keys: ["id"], id: 1 }),
      () =>
        pushWith(otherIsolate(), tenant, [
          { table_name: "t", action: "switch_view", sequence: 2, table_version: 5 },
        ]),
    ];
    for (const [index, send] of imports.entries()) {
      const before = Math.floor(Date.now() / 1_000) * 1_000;
      expect((await send()).status).toBe(201);
      const { lastCompletedUpdateJob: job } = await statusOf(tenant);
      expect(job?.id).toBe(index + 1);
      const times = [job?.start, job?.end].map((text) => Date.parse(`${text?.replace(" ", "T")}Z`));
      const [start = NaN, end = NaN] = times;
      expect(start).toBeGreaterThanOrEqual(before);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(Date.now());
    }
  });

  test("is no request that stored nothing", async () => {
    const tenant = await newTenant();
    const [env, { clientId }] = [otherIsolate(), tenant];
    const body = JSON.stringify([{ client_id: clientId, action: "upsert", ...record(1) }]);
    const none = { table_name: "no", action: "switch_view", sequence: 1, table_version: 1 };
    const answers = [
      await pushTextWith(env, tenant, body, "validate"),
      await pushTextWith(env, tenant, "[]"),
      await pushWith(env, tenant, [record(1), record(2, { key_names: ["x"] })]),
      await pushWith(env, tenant, [none]),
      await pushTextWith(env, tenant, JSON.stringify(batchOf("b", [])), "batch"),
      await sendPoints(tenant, { keys: ["id"], id: 1 }, "/sandbox"),
      await sendPoints(tenant, []),
      await sendPoints(tenant, { keys: ["id"] }),
      await callWorker(env, `/v2/client/${clientId}/authenticate?apikey=${tenant.token}`),
      await callWorker(env, "/v2/import/status"),
    ];
    expect(answers.filter(({ status }) => status < 300).length).toBeGreaterThanOrEqual(5);
    expect(await lastId(tenant)).toBeUndefined();
  });

  test("is each client's own", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    await pushWith(otherIsolate(), other, [record(1)]);
    expect([await lastId(tenant), await lastId(other)]).toEqual([undefined, 1]);
  });
});

describe("access", () => {
  test("to another client's status is the 403 of a missing key", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    const [foreign, missing] = [
      await call(tenant, pathOf(other)),
      await callWorker(testEnv, `/0.1${pathOf(other)}`),
    ];
    expect([foreign.status, missing.status]).toEqual([403, 403]);
    expect(await foreign.text()).toBe(await missing.text());
  });

  test("is by GET and HEAD only", async () => {
    const tenant = await newTenant();
    const head = await call(tenant, pathOf(tenant), { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const method of ["POST", "PUT", "DELETE"]) {
      await jsonOf(call(tenant, pathOf(tenant), { method }), 404);
    }
    await jsonOf(call(tenant, `${pathOf(tenant)}/more`), 404);
  });
});
