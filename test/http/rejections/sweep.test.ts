import { expect, test } from "vitest";
import { DELETE_STEP_ROWS } from "../../../src/delete-in-steps.ts";
import { deleteOldRejections, REJECTIONS_SWEPT } from "../../../src/http/rejections/sweep.ts";
import { sweep } from "../../../src/sweep/sweep.ts";
import { REJECTION_AGE_MS_MAX } from "../../../src/http/rejections/rows.ts";
import { testEnv } from "../../support/env.ts";
import { type Tap, tapEnv } from "../../support/tap.ts";
import { newTenant, type Tenant } from "../../support/tenant.ts";
import { otherIsolate } from "../../support/worker.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** So many rows of an integration, each of this age. */
async function insert({ integrationId }: Tenant, count: number, ageMs: number): Promise<void> {
  await testEnv.CATALOG.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     INSERT INTO rejections (integration_id, first_at, last_at, times, request_id, surface, status,
     code, reason) SELECT ?1, 0, ?3, 1, 'x', 'push', 400, 'x', 'x' FROM n`,
  )
    .bind(integrationId, count, Date.now() - ageMs)
    .run();
}

function countOf({ integrationId }: Tenant): Promise<number | null> {
  return testEnv.CATALOG.prepare("SELECT count(*) AS n FROM rejections WHERE integration_id = ?1")
    .bind(integrationId)
    .first<number>("n");
}

test("7 days after its last time a rejection is deleted, and not before", async () => {
  expect(REJECTION_AGE_MS_MAX).toBe(7 * DAY_MS);
  const [old, young] = [await newTenant(), await newTenant()];
  await insert(old, 3, REJECTION_AGE_MS_MAX);
  await insert(young, 3, REJECTION_AGE_MS_MAX - 60_000);
  for (const _ of ["once", "again"]) {
    await sweep(testEnv);
    expect([await countOf(old), await countOf(young)]).toEqual([0, 3]);
  }
});

test("many are deleted in steps, by the index, and what is left is for the next sweep", async () => {
  const tenant = await newTenant();
  let steps = 0;
  const plans: string[] = [];
  const tap: Tap = async (call, next) => {
    for (const { sql, values } of call.statements) {
      if (!sql.includes("rejections")) continue;
      steps += 1;
      const { results } = await testEnv.CATALOG.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...values)
        .all<{ detail: string }>();
      plans.push(...results.map(({ detail }) => detail));
    }
    return next();
  };
  const env = tapEnv(otherIsolate(), tap);
  const extra = 5;
  const rounds = REJECTIONS_SWEPT / DELETE_STEP_ROWS;
  await insert(tenant, REJECTIONS_SWEPT + extra, 1_000 * DAY_MS);
  await deleteOldRejections(env);
  expect([steps, await countOf(tenant)]).toEqual([rounds, extra]);
  await deleteOldRejections(env);
  expect([steps, await countOf(tenant)]).toEqual([rounds + 1, 0]);
  expect(plans.filter((plan) => plan.startsWith("SCAN"))).toEqual([]);
  expect(plans.join("\n")).toContain("rejections_by_time");
});
