/** Steps of an export that come late, when another has done or undone their work (promise P5). */
import type { WorkflowStep } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failExport } from "../../src/export/exports.ts";
import { ExportRun } from "../../src/export/job/run.ts";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { type Tap, tapEnv } from "../support/tap.ts";
import { newTenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";
import { exportOnce, tableOf } from "./export-cycle.ts";
import { type ExportWorld, expectWhole } from "./export-world.ts";

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Do = (name: string, policy: unknown, run: () => Promise<unknown>) => Promise<unknown>;

/** Runs an export's job in an engine that remembers nothing. */
function runJob(env: Env, id: number, each: Do): Promise<void> {
  return new ExportRun(env, id).run({ do: each } as unknown as WorkflowStep);
}

test("a first step that comes late leaves a completed export alone", async () => {
  const subject = await tableOf(await newTenant());
  const { world } = subject;
  await world.begin(world.base);
  const id = await exportOnce(subject, world.base);
  const before = await world.rows();
  const files = [...world.bucket.files];
  expect(before).toMatchObject([{ id, status: "Completed" }]);
  await runJob(world.base, id, (_, __, run) => run());
  // Not a file that was made again, either.
  expect(await world.rows()).toEqual(before);
  expect([...world.bucket.files]).toEqual(files);
  await expectWhole(world, subject.lines);
});

/** An export whose job is this test's to run. */
async function pendingExport({ tenant }: ExportWorld): Promise<number> {
  const id = await testEnv.CATALOG.prepare(
    `INSERT INTO exports (client_id, table_id, name, status, definition, created_at)
     VALUES (?1, ?2, 'late', 'Pending', '{}', ?3) RETURNING id`,
  )
    .bind(tenant.clientId, await tableId(tenant, "t"), Date.now())
    .first<number>("id");
  return id ?? 0;
}

/** What may come between the end of the upload and its publication, and leaves which status. */
const BETWEEN: readonly [string, string, (env: Env, id: number) => Promise<unknown>][] = [
  ["given up", "Error", (env, id) => new ExportRun(env, id).giveUp("no")],
  ["taken for failed, its file still named", "Error", (env, id) => failExport(env, id, "no")],
  [
    "begun anew",
    "Running",
    (env, id) =>
      runJob(env, id, async (name, _, run) => {
        if (name === "begin") await run();
        throw new Error("the process ends");
      }).catch(() => undefined),
  ],
];

test.each(BETWEEN)("nothing is published of an export that was %s", async (_, status, meddle) => {
  const { world } = await tableOf(await newTenant());
  await world.begin(world.base);
  const id = await pendingExport(world);
  let published = "";
  const tap: Tap = async ({ statements }, next) => {
    if (!statements.some(({ sql }) => sql.includes("SET status = 'Completed'"))) return next();
    const [key = ""] = world.bucket.files.keys();
    await meddle(world.base, id);
    const answer = await next();
    published = key;
    return answer;
  };
  await runJob(tapEnv(world.base, tap), id, async (name, __, run) => {
    // What it does about that is another test's business.
    if (!/^(?:begin|part \d+|publish)$/.test(name)) throw new Error("the process ends");
    return run();
  }).catch(() => undefined);
  expect(published).not.toBe("");
  const [row] = await world.rows();
  expect(row).toMatchObject({ status, completed_at: null, bytes: null });
  expect(world.bucket.files.size).toBe(0);
  if (status === "Running") expect(row?.object_key).not.toBe(published);
  await world.age();
  await world.sweep();
  expect(await world.rows()).toMatchObject([
    { status: "Error", object_key: null, upload_id: null, completed_at: null },
  ]);
  expect([world.bucket.files.size, world.bucket.uploads.size]).toEqual([0, 0]);
});
