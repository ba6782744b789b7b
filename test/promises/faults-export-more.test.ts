/**
 * Copies, filters, nested tables, deletion and expiry of exports with a fault at each call
 * (promises P5 and P6), and how long a job tries.
 */
import type { WorkflowStep } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ExportRun } from "../../src/export/job/run.ts";
import { removeExport } from "../../src/export/remove.ts";
import { testEnv } from "../support/env.ts";
import { FAULTS, forEveryCall } from "../support/faults.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { type Tap, tapEnv } from "../support/tap.ts";
import { newTenant, pushRecords, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";
import { cycle, exportOnce, type Subject, tableOf } from "./export-cycle.ts";
import { crash } from "./export-faults.ts";
import { ExportWorld, expectWhole, linesOfOnly } from "./export-world.ts";

const { lostBefore, lostAfter, resetAfter } = FAULTS;

/** For tests of dozens of runs, on a busy machine. */
const RUNS_MS = { timeout: 300_000 };

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Only rows with these ids, and the columns the other way around. */
const DEFINITION = JSON.stringify({
  columns: ["text", "id"],
  filters: [{ id: "A", column: "id", operator: "less", value: 7, kind: "number" }],
});

/** A record of an export that failed, for copies of it. */
async function failedExport({ clientId }: Tenant, table: number): Promise<number> {
  const id = await testEnv.CATALOG.prepare(
    `INSERT INTO exports (client_id, table_id, name, status, error, definition, created_at)
     VALUES (?1, ?2, 'part', 'Error', 'no', ?3, 0) RETURNING id`,
  )
    .bind(clientId, table, DEFINITION)
    .first<number>("id");
  return id ?? 0;
}

test("a copy with a filter and columns, whatever call fails", RUNS_MS, async () => {
  const tenant = await newTenant();
  const subject = await tableOf(tenant);
  const table = await tableId(tenant, "t");
  let original = 0;
  const rows = subject.lines.slice(1).map((line) => line.split(","));
  const wanted = rows.filter(([id]) => Number(id) < 7).map(([id, text]) => `${text},${id}`);
  const copy: Subject = {
    ...subject,
    lines: ["text,id", ...wanted.toSorted()],
    prepare: async () => {
      original = await failedExport(tenant, table);
    },
    path: () => `/export/${original}/copy`,
  };
  expect(await cycle(copy, resetAfter)).toBeGreaterThan(25);
});

test("a nested table, wherever the process dies", RUNS_MS, async () => {
  const tenant = await newTenant({ nested: true });
  const ids = Array.from({ length: 12 }, (_, id) => id);
  const records = ids.map((id) => ({
    table_name: "t",
    sequence: 1,
    key_names: ["id"],
    data: {
      id,
      items: [
        { sku: `a${id}`, n: 1 },
        { sku: `b${id}`, n: 2 },
      ],
    },
  }));
  expect((await pushRecords(tenant, records)).status).toBe(201);
  const world = new ExportWorld(tenant);
  const table = await tableId(tenant, "t__items");
  const subject: Subject = {
    world,
    prepare: async () => undefined,
    path: () => `/client/${tenant.clientId}/table/${table}/export`,
    lines: [],
  };
  // What the columns are called is not this test's business.
  await world.begin(world.base);
  await exportOnce(subject, world.base);
  const lines = linesOfOnly(world);
  expect(lines).toHaveLength(1 + 2 * ids.length);
  for (const id of ids) {
    expect(lines.filter((line) => line.includes(`a${id},`))).toHaveLength(1);
    expect(lines.filter((line) => line.includes(`b${id},`))).toHaveLength(1);
  }
  const fault = crash(world.engine, "after");
  expect(await cycle({ ...subject, lines }, fault, { ofJob: true })).toBeGreaterThan(15);
});

/** Deletes until it is done: a program may always ask again. */
async function removed(env: Env, clientId: number, id: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await removeExport(env, clientId, id);
      return;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

test.each([lostBefore, lostAfter])(
  "deletion of a running export: $name",
  RUNS_MS,
  async (fault) => {
    const tenant = await newTenant();
    const { world, path } = await tableOf(tenant);
    const calls = await forEveryCall({
      fault,
      base: world.base,
      arrange: async (env) => {
        await world.begin(env);
        const answer = await world.call(world.base, path(), "POST");
        const { id } = await answer.json<{ readonly id: number }>();
        // Some of its steps are done, one is under way.
        await vi.waitFor(() => expect(world.engine.attempts.length).toBeGreaterThan(1), {
          interval: 1,
          timeout: 30_000,
        });
        return id;
      },
      act: (env, id) => removed(env, tenant.clientId, id),
      check: async () => {
        expect(await world.rows()).toEqual([]);
        // The step that was under way may still end.
        await world.engine.settled();
        await world.age();
        await world.sweep();
        expect(await world.rows()).toEqual([]);
        expect([...world.bucket.files.keys()]).toEqual([]);
        expect(world.bucket.uploads.size).toBeLessThanOrEqual(fault === lostAfter ? 1 : 0);
      },
    });
    expect(calls).toBeGreaterThan(3);
  },
);

test("expiry, whatever answer is lost", RUNS_MS, async () => {
  const tenant = await newTenant();
  const subject = await tableOf(tenant);
  const { world } = subject;
  const calls = await forEveryCall({
    fault: lostAfter,
    base: world.base,
    arrange: async () => {
      await world.begin(world.base);
      await exportOnce(subject, world.base);
      await testEnv.CATALOG.prepare("UPDATE exports SET expires_at = 1 WHERE client_id = ?1")
        .bind(tenant.clientId)
        .run();
      return (await world.rows())[0]?.id ?? 0;
    },
    act: async (env, id) => {
      const { status } = await world.call(env, `/export/${id}`);
      await world.sweep(env).catch(() => undefined);
      return status;
    },
    check: async (status, id) => {
      expect([410, 500, 503]).toContain(status);
      expect((await world.call(world.base, `/export/${id}`)).status).toBe(410);
      await world.sweep();
      expect(world.bucket.files.size).toBe(0);
      expect(await world.rows()).toMatchObject([{ status: "Completed", object_key: null }]);
      expect((await world.call(world.base, `/export/${id}`)).status).toBe(410);
    },
  });
  expect(calls).toBeGreaterThan(8);
});

test("a part that an attempt given up replaced: the file is begun anew", async () => {
  const subject = await tableOf(await newTenant());
  const { world } = subject;
  let isReplaced = false;
  const tap: Tap = async (made, next) => {
    if (made.method === "complete" && !isReplaced) {
      isReplaced = true;
      const [[key = "", uploadId = ""] = []] = [...world.bucket.uploads.keys()].map((name) =>
        name.split(" "),
      );
      const upload = world.bucket.resumeMultipartUpload(key, uploadId) as R2MultipartUpload;
      await upload.uploadPart(1, new Uint8Array(1));
    }
    return next();
  };
  await world.begin(tapEnv(world.base, tap));
  await exportOnce(subject, world.base);
  expect(isReplaced).toBe(true);
  await expectWhole(world, subject.lines);
  const names = world.engine.attempts.map(({ name }) => name);
  expect(names).toContain("begin, file 2");
  expect(names.filter((name) => name === "publish")).toHaveLength(1);
});

interface Policy {
  readonly retries: { readonly limit: number; readonly delay: string; readonly backoff: string };
}

test("a step is tried a few times, and for minutes at most", async () => {
  const policies = new Map<string, Policy>();
  const step = {
    do: async (name: string, policy: Policy, run: () => Promise<unknown>) => {
      policies.set(name, policy);
      return run();
    },
  };
  // Without an export it begins and gives up, which are all kinds of steps that it knows.
  await new ExportRun(testEnv, 999_999_999).run(step as unknown as WorkflowStep);
  expect([...policies.keys()]).toEqual(["begin", "record the failure"]);
  for (const { retries } of policies.values()) {
    expect(retries).toMatchObject({ delay: "2 seconds", backoff: "exponential" });
    expect(2 * (2 ** retries.limit - 1)).toBeLessThan(5 * 60);
  }
});

test("a job makes no call more often than its step is tried", RUNS_MS, async () => {
  const { world, path } = await tableOf(await newTenant());
  const calls = await forEveryCall({
    fault: FAULTS.overloaded,
    mode: "alike",
    base: world.base,
    arrange: (env) => world.begin(env),
    act: async () => {
      await (await world.call(world.base, path(), "POST")).text();
      await world.engine.idle();
    },
    check: async (_, __, { met }) => {
      // Two steps of seven attempts: the one that fails, and the one that records it.
      expect(met.length).toBeLessThanOrEqual(7 * 2);
      const attempts = world.engine.attempts.map(({ attempt }) => attempt);
      expect(Math.max(...attempts)).toBeLessThan(7);
      // What could not be recorded is for the sweep.
      await world.age();
      await world.sweep();
      expect((await world.rows())[0]?.status).toMatch(/^(?:Completed|Error)$/);
      expect(world.bucket.uploads.size).toBeLessThanOrEqual(1);
    },
  });
  expect(calls).toBeGreaterThan(20);
});
