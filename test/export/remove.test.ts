import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ExportRow,
  failExport,
  findExport,
  jobIdOf,
  startExport,
} from "../../src/export/exports.ts";
import { removeExport } from "../../src/export/remove.ts";
import { MemoryBucket } from "../support/bucket.ts";
import { testEnv } from "../support/env.ts";
import { call, exported, exportTableId, jsonOf, startExportOf } from "../support/export.ts";
import { tenantWith } from "../support/noise.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { runJob, Steps } from "../support/step.ts";
import { type Tap, tapEnv } from "../support/tap.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

/** For what ends by itself, on any machine. */
const SOON = { timeout: 60_000 };
const LIMITS = { partBytes: 6_000, pieceBytes: 500, pageRows: 10 };
const IDS = Array.from({ length: 40 }, (_, id) => id);

/** The Workflow's binding with one job of a status, or none. */
class Jobs {
  status: InstanceStatus["status"] | undefined;
  readonly ended: string[] = [];
  failure: Error | undefined;

  get binding(): Env["EXPORT_JOB"] {
    const get = async (id: string): Promise<unknown> => {
      if (this.status === undefined) throw new Error("(instance.not_found) Instance not found");
      return {
        status: async () => ({ status: this.status }),
        terminate: async () => {
          if (this.failure !== undefined) throw this.failure;
          if (this.status !== "running") throw new Error("(instance.cannot_terminate)");
          this.ended.push(id);
          this.status = "terminated";
        },
      };
    };
    return { get, create: async () => ({}) } as unknown as Env["EXPORT_JOB"];
  }
}

interface World {
  readonly tenant: Tenant;
  readonly id: number;
  readonly bucket: MemoryBucket;
  readonly jobs: Jobs;
  readonly env: Env;
}

/** An export of a new table, or a tenant's own, that is recorded; the test runs its job itself. */
async function newWorld(owner?: Tenant): Promise<World> {
  const tenant = owner ?? (await tenantWith(IDS));
  const [bucket, jobs] = [new MemoryBucket(), new Jobs()];
  const env = { ...testEnv, FILES: bucket.binding, EXPORT_JOB: jobs.binding };
  const tableId = await exportTableId(tenant, "t");
  const wanted = { clientId: tenant.clientId, tableId, name: "t", definition: "{}" };
  const { id } = await startExport(env, wanted);
  return { tenant, id, bucket, jobs, env };
}

/** Runs the job until it dies after a step, as an instance of the Workflow that goes on. */
async function runUntil({ env, id, jobs }: World, name: string): Promise<void> {
  const steps = new Steps();
  steps.dieAfter = { name, resultLost: false };
  jobs.status = "running";
  await runJob(env, id, { limits: LIMITS, steps });
}

async function complete(world: World): Promise<void> {
  await runJob(world.env, world.id, { limits: LIMITS });
  world.jobs.status = "complete";
}

async function setExpired({ id }: World): Promise<void> {
  await testEnv.CATALOG.prepare("UPDATE exports SET expires_at = 1 WHERE id = ?1").bind(id).run();
}

/** Notes another upload, as a first step that is under way. */
async function note(id: number, objectKey: string, uploadId: string): Promise<void> {
  await testEnv.CATALOG.prepare(
    "UPDATE exports SET status = 'Running', object_key = ?2, upload_id = ?3 WHERE id = ?1",
  )
    .bind(id, objectKey, uploadId)
    .run();
}

/** Each state, and how to come to it. */
const STATES: [string, (world: World) => Promise<void>][] = [
  ["pending without a job", async () => undefined],
  ["pending with a job", async ({ jobs }) => void (jobs.status = "running")],
  ["running, with an upload", (world) => runUntil(world, "begin")],
  ["running, with parts", (world) => runUntil(world, "part 2")],
  ["completed", complete],
  [
    "completed, its job forgotten",
    async (world) => {
      await complete(world);
      world.jobs.status = undefined;
    },
  ],
  [
    "expired",
    async (world) => {
      await complete(world);
      await setExpired(world);
    },
  ],
  [
    "failed",
    async ({ env, id, jobs }) => {
      await failExport(env, id, "It failed.");
      jobs.status = "errored";
    },
  ],
];

async function expectGone({ tenant, id, bucket, jobs }: World): Promise<void> {
  expect(bucket.files.size).toBe(0);
  expect(bucket.uploads.size).toBe(0);
  expect(jobs.status).not.toBe("running");
  expect(await findExport(testEnv, tenant.clientId, id)).toBeNull();
  await jsonOf(call(tenant, `/export/${id}/info`), 404);
  await jsonOf(call(tenant, `/export/${id}`), 404);
  expect(await jsonOf(call(tenant, "/export"))).toEqual({ exports: [] });
}

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(STATES)("an export that is %s", (_name, bring) => {
  test("is deleted with all that there is of it, once", async () => {
    const world = await newWorld();
    await bring(world);
    expect(await removeExport(world.env, world.tenant.clientId, world.id)).toBe(true);
    await expectGone(world);
    expect(await removeExport(world.env, world.tenant.clientId, world.id)).toBe(false);
  });

  test("is not there for another client", async () => {
    const world = await newWorld();
    await bring(world);
    const before = await findExport(testEnv, world.tenant.clientId, world.id);
    const [files, uploads] = [world.bucket.files.size, world.bucket.uploads.size];
    const { clientId } = await newTenant();
    expect(await removeExport(world.env, clientId, world.id)).toBe(false);
    expect(await findExport(testEnv, world.tenant.clientId, world.id)).toEqual(before);
    expect([world.bucket.files.size, world.bucket.uploads.size]).toEqual([files, uploads]);
    expect(world.jobs.ended).toEqual([]);
  });

  test.each(["before", "after"])(
    "is deleted by a repeat, whichever call failed %s",
    async (when) => {
      for (let nth = 1; ; nth += 1) {
        const world = await newWorld();
        await bring(world);
        let made = 0;
        const tap: Tap = async (_call, next) => {
          made += 1;
          if (made !== nth) return next();
          if (when === "after") await next();
          throw new Error("Network connection lost.");
        };
        const { clientId } = world.tenant;
        const first = removeExport(tapEnv(world.env, tap), clientId, world.id);
        const hasFailed = await first.then(
          () => false,
          () => true,
        );
        // What is still named can still be deleted.
        await removeExport(world.env, clientId, world.id);
        await expectGone(world);
        if (!hasFailed) break;
        expect(nth).toBeLessThan(20);
      }
    },
  );
});

describe("a job that goes on", () => {
  test("is ended by its name before anything is deleted", async () => {
    const world = await newWorld();
    await runUntil(world, "part 1");
    const row = await findExport(testEnv, world.tenant.clientId, world.id);
    expect(row).not.toBeNull();
    await removeExport(world.env, world.tenant.clientId, world.id);
    expect(world.jobs.ended).toEqual([jobIdOf(row as ExportRow)]);
  });

  test("that cannot be ended keeps all as it is", async () => {
    const world = await newWorld();
    await runUntil(world, "part 1");
    world.jobs.failure = new Error("internal error");
    const { clientId } = world.tenant;
    await expect(removeExport(world.env, clientId, world.id)).rejects.toThrow("internal error");
    expect(world.bucket.uploads.size).toBe(1);
    expect(await findExport(testEnv, clientId, world.id)).toMatchObject({ status: "Running" });
    world.jobs.failure = undefined;
    expect(await removeExport(world.env, clientId, world.id)).toBe(true);
    await expectGone(world);
  });

  // The job of the test is not ended: it goes on, as a step that is under way may.
  test.each(["before", "after"])("leaves nothing, removed %s any of its calls", async (when) => {
    const tenant = await tenantWith(IDS.slice(0, 20));
    for (let nth = 1; ; nth += 1) {
      const world = await newWorld(tenant);
      let made = 0;
      const remove = async (): Promise<void> => {
        expect(await removeExport(world.env, world.tenant.clientId, world.id)).toBe(true);
      };
      const tap: Tap = async (_call, next) => {
        made += 1;
        const isNow = made === nth;
        if (isNow && when === "before") await remove();
        const result = await next();
        if (isNow && when === "after") await remove();
        return result;
      };
      await runJob(tapEnv(world.env, tap), world.id, { limits: LIMITS });
      if (made < nth) break;
      await expectGone(world);
      expect(nth).toBeLessThan(100);
    }
  });

  test("and notes another upload at the last moment loses that, too", async () => {
    const world = await newWorld();
    await runUntil(world, "part 1");
    let noted = 0;
    const tap: Tap = async (made, next) => {
      if (made.statements[0]?.sql.startsWith("DELETE") === true && noted < 2) {
        noted += 1;
        const objectKey = `exports/${world.tenant.clientId}/${world.id}-${crypto.randomUUID()}.zip`;
        const { uploadId } = await world.env.FILES.createMultipartUpload(objectKey);
        await note(world.id, objectKey, uploadId);
      }
      return next();
    };
    const env = tapEnv(world.env, tap);
    expect(await removeExport(env, world.tenant.clientId, world.id)).toBe(true);
    expect(noted).toBe(2);
    await expectGone(world);
  });

  test("and publishes at the last moment loses its file", async () => {
    const world = await newWorld();
    await runUntil(world, "part 1");
    const steps = new Steps();
    const tap: Tap = async (made, next) => {
      if (made.method === "abort" && steps.attempts.length === 0) {
        await runJob(world.env, world.id, { limits: LIMITS, steps });
        expect(steps.attempts).toContain("publish");
      }
      return next();
    };
    const env = tapEnv(world.env, tap);
    expect(await removeExport(env, world.tenant.clientId, world.id)).toBe(true);
    await expectGone(world);
  });

  test("does not make removal go on for ever", async () => {
    const world = await newWorld();
    let deletions = 0;
    const tap: Tap = async (made, next) => {
      if (made.statements[0]?.sql.startsWith("DELETE") === true) {
        deletions += 1;
        await note(world.id, `exports/1/${deletions}.zip`, "none");
      }
      return next();
    };
    const removed = removeExport(tapEnv(world.env, tap), world.tenant.clientId, world.id);
    await expect(removed).rejects.toThrow("does not stop changing");
    expect(deletions).toBeLessThan(20);
  });
});

describe("with the platform's own Workflow", () => {
  async function filesOf({ clientId }: Tenant): Promise<string[]> {
    const { objects } = await testEnv.FILES.list({ prefix: `exports/${clientId}/` });
    return objects.map(({ key }) => key);
  }

  test("a completed export goes, though its job cannot be ended any more", async () => {
    const tenant = await tenantWith(IDS);
    const { id } = await exported(tenant, "t");
    expect(await filesOf(tenant)).toHaveLength(1);
    expect(await removeExport(testEnv, tenant.clientId, id)).toBe(true);
    expect(await filesOf(tenant)).toEqual([]);
    await jsonOf(call(tenant, `/export/${id}`), 404);
  });

  test("an export goes while its job runs, and two at once do no harm", async () => {
    const tenant = await tenantWith(IDS);
    const { id } = await startExportOf(tenant, "t");
    const row = await findExport(testEnv, tenant.clientId, id);
    const removals = [1, 2].map(() => removeExport(testEnv, tenant.clientId, id));
    expect(await Promise.all(removals)).toContain(true);
    const job = await testEnv.EXPORT_JOB.get(jobIdOf(row as ExportRow));
    const ended = ["terminated", "complete", "errored"];
    await vi.waitFor(async () => expect(ended).toContain((await job.status()).status), SOON);
    await vi.waitFor(async () => expect(await filesOf(tenant)).toEqual([]), SOON);
    await jsonOf(call(tenant, `/export/${id}/info`), 404);
  });
});
