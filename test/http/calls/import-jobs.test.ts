import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { handle } from "../../../src/http/handle.ts";
import { importJobsOf } from "../../../src/http/calls/import-jobs.ts";
import { WRITE_STEP_MS } from "../../../src/http/calls/write-times.ts";
import { testEnv } from "../../support/env.ts";
import { quietConsole } from "../../support/quiet-console.ts";
import { type Tap, tapEnv } from "../../support/tap.ts";
import { newTenant, type Tenant } from "../../support/tenant.ts";
import { otherIsolate, pushWith } from "../../support/worker.ts";

const START = Date.UTC(2026, 10, 1);

/** The jobs of a client as the catalogue has them: number, start and end, in ms after START. */
async function jobsOf({ clientId }: Tenant): Promise<readonly (number | null)[]> {
  const row = await testEnv.CATALOG.prepare(
    "SELECT import_jobs, import_started_at, import_ended_at FROM clients WHERE id = ?1",
  )
    .bind(clientId)
    .first<Record<string, number | null>>();
  const after = (instant: number | null | undefined) =>
    (instant ?? null) && Number(instant) - START;
  const { import_jobs, import_started_at, import_ended_at } = row ?? {};
  return [import_jobs ?? null, after(import_started_at), after(import_ended_at)];
}

/** An isolate of its own, in invocations of its own, that notes the writes of its notes. */
class Isolate {
  readonly writes: (readonly unknown[])[] = [];
  failure: Error | undefined;
  readonly #contexts: ExecutionContext[] = [];
  readonly env: Env;

  constructor() {
    const tap: Tap = (call, next) => {
      const [statement] = call.statements;
      if (!statement?.sql.startsWith("UPDATE clients SET import_jobs")) return next();
      this.writes.push(statement.values);
      return this.failure === undefined ? next() : Promise.reject(this.failure);
    };
    this.env = tapEnv(otherIsolate(), tap);
  }

  /** An import that began so many ms ago and ends now, in an invocation that is returned. */
  note({ clientId }: Tenant, tookMs = 0): ExecutionContext {
    const context = createExecutionContext();
    this.#contexts.push(context);
    importJobsOf(this.env).note(context, clientId, Date.now() - tookMs);
    return context;
  }

  /** Waits until all invocations have ended; their timers must have run. */
  async end(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await waitOnExecutionContext(context);
  }

  /** How many imports each write had. */
  get counts(): unknown[] {
    return this.writes.map(([, count]) => count);
  }
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("notes", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    vi.setSystemTime(START);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  test("the first one is written at once", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    expect(await jobsOf(tenant)).toEqual([0, null, null]);
    isolate.note(tenant, 7);
    await isolate.end();
    expect(await jobsOf(tenant)).toEqual([1, -7, 0]);
    expect(isolate.counts).toEqual([1]);
  });

  test("a burst is two writes", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    for (let i = 0; i < 100; i += 1) {
      isolate.note(tenant, 3);
      await pass(10);
    }
    expect(isolate.counts).toEqual([1]);
    await pass(WRITE_STEP_MS - 1_001);
    expect(isolate.counts).toEqual([1]);
    await pass(1);
    await isolate.end();
    expect(isolate.counts).toEqual([1, 99]);
    expect(await jobsOf(tenant)).toEqual([100, 987, 990]);
  });

  test("steady pushes are one write in each step, and the last one is written", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    for (let i = 0; i < 40; i += 1) {
      isolate.note(tenant);
      await pass(500);
    }
    await pass(WRITE_STEP_MS);
    await isolate.end();
    expect(isolate.counts).toEqual([1, 9, 10, 10, 10]);
    expect(await jobsOf(tenant)).toEqual([40, 19_500, 19_500]);
    isolate.note(tenant);
    await isolate.end();
    expect(isolate.counts).toHaveLength(6);
  });

  test("each client has its own", async () => {
    const [one, two, isolate] = [await newTenant(), await newTenant(), new Isolate()];
    isolate.note(one);
    await pass(1);
    isolate.note(two);
    await isolate.end();
    expect(isolate.writes).toHaveLength(2);
    expect([await jobsOf(one), await jobsOf(two)]).toEqual([
      [1, 0, 0],
      [1, 1, 1],
    ]);
  });

  test("of several isolates add up, and the newest end stays", async () => {
    const [tenant, slow, fast] = [await newTenant(), new Isolate(), new Isolate()];
    slow.note(tenant);
    await slow.end();
    slow.note(tenant, 2);
    await pass(100);
    fast.note(tenant, 5);
    await fast.end();
    expect(await jobsOf(tenant)).toEqual([2, 95, 100]);
    await pass(WRITE_STEP_MS);
    await slow.end();
    expect(await jobsOf(tenant)).toEqual([3, 95, 100]);
  });

  test("what could not be written is logged, and written with the next import", async () => {
    const log = quietConsole();
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    isolate.failure = new Error("Network connection lost.");
    isolate.note(tenant);
    await isolate.end();
    isolate.note(tenant);
    await pass(WRITE_STEP_MS);
    await isolate.end();
    expect(isolate.counts).toEqual([1, 2]);
    expect(await jobsOf(tenant)).toEqual([0, null, null]);
    expect(log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toEqual(
      [1, 2].map(() => ({
        level: "error",
        event: "import_jobs_failed",
        client: tenant.clientId,
        message: "Network connection lost.",
      })),
    );
    isolate.failure = undefined;
    await pass(WRITE_STEP_MS);
    isolate.note(tenant);
    await isolate.end();
    expect(await jobsOf(tenant)).toEqual([3, 10_000, 10_000]);
  });

  test("a write that ended with its invocation is made by a later import", async () => {
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    isolate.note(tenant);
    await isolate.end();
    isolate.note(tenant);
    // The platform ends the invocation, and its timer with it.
    vi.clearAllTimers();
    vi.setSystemTime(START + 10_000);
    isolate.note(tenant);
    expect(isolate.counts).toEqual([1]);
    vi.setSystemTime(START + 10_001);
    await waitOnExecutionContext(isolate.note(tenant));
    expect(await jobsOf(tenant)).toEqual([4, 10_001, 10_001]);
    expect(isolate.counts).toEqual([1, 3]);
  });

  test("of more clients than are remembered are all written", async () => {
    const isolate = new Isolate();
    const written = new Map<unknown, number>();
    // The catalogue itself would take long for so many.
    const run = (id: unknown, count: number) => {
      written.set(id, (written.get(id) ?? 0) + count);
      return Promise.resolve();
    };
    const bind = (id: unknown, count: number) => ({ run: () => run(id, count) });
    const CATALOG = { prepare: () => ({ bind }) } as unknown as D1Database;
    const jobs = importJobsOf({ ...isolate.env, CATALOG });
    const context = createExecutionContext();
    for (let round = 0; round < 2; round += 1) {
      for (let id = 0; id < 10_010; id += 1) jobs.note(context, id, START);
    }
    await pass(WRITE_STEP_MS);
    await waitOnExecutionContext(context);
    expect(written.size).toBe(10_010);
    expect(new Set(written.values())).toEqual(new Set([2]));
  });
});

const record = (id: number) => ({
  table_name: "t",
  sequence: id,
  key_names: ["id"],
  data: { id },
});

/** Pushes a record and gives the answer, whatever it left behind. */
function push(env: Env, tenant: Tenant, id: number, context: ExecutionContext): Promise<Response> {
  const body = JSON.stringify([{ client_id: tenant.clientId, action: "upsert", ...record(id) }]);
  const headers = {
    Authorization: `Bearer ${tenant.token}`,
    "Content-Type": "application/json",
  };
  const url = "https://headgate.example/v2/import/push";
  return handle(new Request(url, { method: "POST", headers, body }), env, context);
}

describe("a push", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is answered while its note hangs, and a warm one makes no catalogue call", async () => {
    const tenant = await newTenant();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const calls: string[] = [];
    const env = tapEnv(otherIsolate(), async (call, next) => {
      const [statement] = call.statements;
      if (call.binding === "CATALOG") calls.push(statement?.sql ?? "");
      if (statement?.sql.startsWith("UPDATE clients") === true) await released;
      return next();
    });
    const context = createExecutionContext();
    expect((await push(env, tenant, 1, context)).status).toBe(201);
    expect(calls.at(-1)).toMatch(/^UPDATE clients SET import_jobs/);
    calls.length = 0;
    for (let id = 2; id <= 6; id += 1) {
      expect((await push(env, tenant, id, context)).status).toBe(201);
    }
    expect(calls).toEqual([]);
    release();
    // In a burst the notes of the others wait.
    await pass(WRITE_STEP_MS);
    await waitOnExecutionContext(context);
    expect((await jobsOf(tenant))[0]).toBe(6);
  });

  test("is a 201 where its note fails", async () => {
    const log = quietConsole();
    const [tenant, isolate] = [await newTenant(), new Isolate()];
    isolate.failure = new Error("D1_ERROR: no such column: import_jobs: SQLITE_ERROR");
    const answers = [
      await pushWith(isolate.env, tenant, [record(1)]),
      await pushWith(isolate.env, tenant, [record(2)]),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(isolate.counts).toEqual([1, 2]);
    expect(log).toHaveBeenCalledTimes(2);
    isolate.failure = undefined;
    await pushWith(isolate.env, tenant, [record(3)]);
    expect((await jobsOf(tenant))[0]).toBe(3);
    vi.restoreAllMocks();
  });
});
