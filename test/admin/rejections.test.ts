import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  ClientRejection,
  Rejection,
  SELECT_OF_CLIENT,
  SELECT_OF_INTEGRATION,
} from "../../src/admin/rejections.ts";
import { REJECTION_AGE_MS_MAX, REJECTIONS_KEPT_MAX } from "../../src/http/rejections/rows.ts";
import { testEnv } from "../support/env.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { callWorker, otherIsolate } from "../support/worker.ts";
import { call, expectProblem, expectRecent, newIntegration, NO_CLIENT } from "./call.ts";

const OfIntegration = z.strictObject({ rejections: z.array(z.strictObject(Rejection.shape)) });
const OfClient = z.strictObject({ rejections: z.array(z.strictObject(ClientRejection.shape)) });

/** Rows of an integration, each this many ms ago. */
async function insert(
  integrationId: number,
  ages: readonly number[],
  now = Date.now(),
): Promise<void> {
  const rows = ages.map((age, index) => [now - age, `reason ${index}`]);
  await testEnv.CATALOG.prepare(
    `INSERT INTO rejections (integration_id, first_at, last_at, times, request_id, surface, status,
     code, reason) SELECT ?1, value ->> 0, value ->> 0, 1, 'x', 'push', 400, 'array_expected',
     value ->> 1 FROM json_each(?2)`,
  )
    .bind(integrationId, JSON.stringify(rows))
    .run();
}

const pathOf = ({ clientId, integrationId }: Tenant): string =>
  `/clients/${clientId}/integrations/${integrationId}/rejections`;

async function listOf(tenant: Tenant): Promise<z.infer<typeof OfIntegration>["rejections"]> {
  const answer = await call("GET", pathOf(tenant));
  expect(answer.status, answer.text).toBe(200);
  return OfIntegration.parse(answer.json).rejections;
}

describe("the rejections of an integration", () => {
  test("are those of its requests, in the shape of the schema", async () => {
    const tenant = await newTenant();
    expect(await listOf(tenant)).toEqual([]);
    const path = `/v2/client/${tenant.clientId}/table/orders/data?apikey=${tenant.token}`;
    const body = '[{"keys":["id"],"id":null,"password":"hunter2"}]';
    const env = otherIsolate();
    const first = await callWorker(env, path, { method: "POST", body });
    const second = await callWorker(env, path, { method: "POST", body });
    expect([first.status, second.status]).toEqual([400, 400]);
    const [rejection, ...others] = await listOf(tenant);
    expect(others).toEqual([]);
    expect(rejection).toMatchObject({
      times: 2,
      request_id: second.headers.get("x-request-id"),
      surface: "rjmetrics",
      status: 400,
      code: "key_null",
      reason: "A key field is null. the key field id is null.",
      table: "orders",
      record: 0,
      excerpt: '{"keys":["id"],"id":null,"password":"[redacted]"}',
    });
    expectRecent(rejection?.first_at);
    expectRecent(rejection?.last_at);
  });

  test("come newest first, and none that is over 7 days old", async () => {
    const tenant = await newTenant();
    await insert(tenant.integrationId, [5_000, 1_000, REJECTION_AGE_MS_MAX + 1, 3_000]);
    const reasons = (await listOf(tenant)).map(({ reason }) => reason);
    expect(reasons).toEqual(["reason 1", "reason 3", "reason 0"]);
  });

  test("are at most 100", async () => {
    const tenant = await newTenant();
    const ages = Array.from({ length: REJECTIONS_KEPT_MAX + 5 }, (_, index) => index * 1_000);
    await insert(tenant.integrationId, ages);
    const listed = await listOf(tenant);
    expect(listed).toHaveLength(REJECTIONS_KEPT_MAX);
    expect(listed.at(-1)?.reason).toBe(`reason ${REJECTIONS_KEPT_MAX - 1}`);
  });

  test("are not another client's, and not those of an integration that is not there", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    for (const path of [
      pathOf({ ...one, integrationId: two.integrationId }),
      pathOf({ ...one, clientId: NO_CLIENT }),
      `/clients/${NO_CLIENT}/rejections`,
    ]) {
      expectProblem(await call("GET", path), 404, "not_found");
    }
  });
});

describe("the rejections of a client", () => {
  test("are those of all of its integrations, newest first, at most 100", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    const second = await newIntegration(tenant.clientId);
    // Of one instant: their order must not depend on how long the inserts take.
    const now = Date.now();
    await insert(tenant.integrationId, [4_000, 2_000, REJECTION_AGE_MS_MAX + 1], now);
    await insert(second, [3_000, 1_000], now);
    await insert(other.integrationId, [0], now);
    const path = `/clients/${tenant.clientId}/rejections`;
    const { rejections } = OfClient.parse((await call("GET", path)).json);
    expect(rejections.map(({ integration_id, reason }) => [integration_id, reason])).toEqual([
      [second, "reason 1"],
      [tenant.integrationId, "reason 1"],
      [second, "reason 0"],
      [tenant.integrationId, "reason 0"],
    ]);
    await insert(
      second,
      Array.from({ length: 120 }, () => 500),
    );
    expect(OfClient.parse((await call("GET", path)).json).rejections).toHaveLength(100);
  });
});

test("the lists are read by indexes", async () => {
  for (const sql of [SELECT_OF_INTEGRATION, SELECT_OF_CLIENT]) {
    const { results } = await testEnv.CATALOG.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(1, 0)
      .all<{ detail: string }>();
    const plan = results.map(({ detail }) => detail);
    expect(
      plan.filter((step) => step.startsWith("SCAN")),
      plan.join("\n"),
    ).toEqual([]);
    expect(plan.join("\n")).toContain("rejections_by_integration (integration_id=? AND last_at>?)");
  }
  const { results } = await testEnv.CATALOG.prepare(`EXPLAIN QUERY PLAN ${SELECT_OF_CLIENT}`)
    .bind(1, 0)
    .all<{ detail: string }>();
  // What is sorted is in the index.
  expect(results.map(({ detail }) => detail).join("\n")).toContain(
    "COVERING INDEX rejections_by_integration",
  );
});
