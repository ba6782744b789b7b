import { afterEach, expect, test, vi } from "vitest";
import { download } from "../../../src/export/download/download.ts";
import { testEnv } from "../../support/env.ts";
import { exportedId } from "../../support/exported.ts";
import { tapEnv } from "../../support/tap.ts";
import { newTenant, type Tenant } from "../../support/tenant.ts";

const GET = new Request("https://headgate.example/");

afterEach(() => {
  vi.restoreAllMocks();
});

/** An export that was ordered so many ms ago and has this status; its file is there. */
async function exportThatIs(status: string, ageMs = 0): Promise<{ tenant: Tenant; id: number }> {
  const tenant = await newTenant();
  const id = await exportedId(tenant);
  await testEnv.CATALOG.prepare("UPDATE exports SET status = ?2, created_at = ?3 WHERE id = ?1")
    .bind(id, status, Date.now() - ageMs)
    .run();
  return { tenant, id };
}

async function becomes(id: number, status: string): Promise<void> {
  await testEnv.CATALOG.prepare("UPDATE exports SET status = ?2 WHERE id = ?1")
    .bind(id, status)
    .run();
}

/**
 * Begins a download and resolves when it has looked at the export: no file is there yet.
 *
 * @returns a function to wait for its answer.
 */
async function begun({ tenant, id }: { tenant: Tenant; id: number }) {
  const looked = Promise.withResolvers<void>();
  const env = tapEnv(testEnv, async (_, next) => {
    const found = await next();
    looked.resolve();
    return found;
  });
  const answer = download(env, tenant.clientId, id, GET);
  // It may fail before anybody waits for it.
  answer.catch(() => undefined);
  await looked.promise;
  return () => answer;
}

test.each(["Pending", "Running"])("a download waits for an export that is %s", async (status) => {
  const ordered = await exportThatIs(status);
  const answer = await begun(ordered);
  await becomes(ordered.id, "Completed");
  expect((await answer()).status).toBe(200);
});

test("it does not wait for one that fails meanwhile", async () => {
  const ordered = await exportThatIs("Running");
  const answer = await begun(ordered);
  await becomes(ordered.id, "Error");
  await expect(answer()).rejects.toMatchObject({ code: "not_found" });
});

test("nor for one that was ordered long ago", async () => {
  const { tenant, id } = await exportThatIs("Running", 61_000);
  let looks = 0;
  const tapped = tapEnv(testEnv, (_, next) => {
    looks += 1;
    return next();
  });
  // Else its job would be started, and be at work in the tests that follow.
  const get = () => Promise.reject(new Error("instance.not_found"));
  const EXPORT_JOB = { get, create: async () => ({}) } as unknown as Env["EXPORT_JOB"];
  const env = { ...tapped, EXPORT_JOB };
  await expect(download(env, tenant.clientId, id, GET)).rejects.toMatchObject({
    code: "not_found",
  });
  expect(looks).toBe(1);
});

test("it gives up after ten seconds with a 404", async () => {
  const { tenant, id } = await exportThatIs("Running");
  let now = Date.now();
  const pauses: number[] = [];
  vi.spyOn(Date, "now").mockImplementation(() => now);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms: number) => {
    pauses.push(ms);
    now += ms;
    queueMicrotask(run);
    return 0;
  }) as unknown as typeof setTimeout);
  await expect(download(testEnv, tenant.clientId, id, GET)).rejects.toMatchObject({
    code: "not_found",
  });
  expect(pauses.reduce((a, b) => a + b)).toBeGreaterThan(9_000);
  expect(pauses.reduce((a, b) => a + b)).toBeLessThanOrEqual(10_000);
  // Each look is a query.
  expect(pauses.length).toBeLessThan(50);
});
