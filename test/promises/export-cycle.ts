/** Exporting with a fault at each call, and what must hold after each. */
import { expect, vi } from "vitest";
import { type Fault, type FaultMode, forEveryCall } from "../support/faults.ts";
import { noise } from "../support/noise.ts";
import { pushRecords, type Tenant } from "../support/tenant.ts";
import { tableId } from "../support/worker.ts";
import { expectWhole, ExportWorld } from "./export-world.ts";

const IDS = Array.from({ length: 20 }, (_, id) => id);

/** Longest wait for jobs that nothing holds any more, in ms: machines are busy. */
const IDLE_MS_MAX = 30_000;

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Answers that say: ask again. The first is that of a store with too much to do. */
const AGAIN: readonly number[] = [429, 500, 503];

/** Asks until the answer is none of AGAIN: a program may always do that. */
async function asked(ask: () => Promise<Response>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    const body = new Uint8Array(await answer.arrayBuffer());
    const { status } = answer;
    if (status < 500 && status !== 429) return { status, body };
    expect(AGAIN).toContain(status);
    expect(JSON.parse(new TextDecoder().decode(body))).toMatchObject({ code: status });
    // A fault that goes on goes on for longer than anybody asks.
    if (attempt === 3) throw new Error("it is refused again and again");
  }
}

const idIn = ({ body }: Answer): number =>
  (JSON.parse(new TextDecoder().decode(body)) as { readonly id: number }).id;

/** What is exported, and what its file then has. */
export interface Subject {
  readonly world: ExportWorld;
  /** Before each run. */
  readonly prepare: () => Promise<void>;
  /** The path that starts the export. */
  readonly path: () => string;
  readonly lines: readonly string[];
}

/**
 * Asks for an export and downloads it; where it failed, asks for a copy of it.
 *
 * @returns the id of the export that was downloaded.
 */
export async function exportOnce({ world, path }: Subject, env: Env): Promise<number> {
  let from = path();
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const started = await asked(() => world.call(env, from, "POST"));
    expect([200, 201]).toContain(started.status);
    const id = idIn(started);
    await world.engine.idle();
    const file = await asked(() => world.call(env, `/export/${id}`));
    if (file.status === 200) return id;
    expect(file.status).toBe(404);
    from = `/export/${id}/copy`;
  }
  throw new Error("no attempt gave a file");
}

/** Whether an upload may be left: its id was lost with the answer, or before it was noted. */
function unknownUploads(signatures: readonly string[], fault: Fault): number {
  const isUnknown = signatures.some(
    (text) =>
      text.startsWith("FILES createMultipartUpload") ||
      (text.includes("SET status = 'Running'") && fault.name.startsWith("the process dies")),
  );
  return isUnknown ? 1 : 0;
}

/** Exports with the fault at each call; returns how many calls there are. */
export async function cycle(
  subject: Subject,
  fault: Fault,
  options: { mode?: FaultMode; ofJob?: boolean; release?: () => void } = {},
): Promise<number> {
  const { world, prepare, lines } = subject;
  const { mode = "once", ofJob = false } = options;
  return forEveryCall({
    fault,
    mode,
    base: world.base,
    arrange: async (env) => {
      await world.begin(env);
      await prepare();
    },
    act: async (env) => {
      const outcome = await exportOnce(subject, ofJob ? world.base : env).catch(
        (error: unknown) => error,
      );
      await world.engine.idle();
      return outcome;
    },
    check: async (outcome, _, { env, met }) => {
      // With a fault that goes on, nothing can be had; it is gone now.
      if (mode === "once") expect(outcome).toEqual(expect.any(Number));
      if (options.release !== undefined) {
        options.release();
        // The attempt that was given up goes on, though its job has ended.
        await world.engine.settled();
      }
      await vi.waitFor(() => expect(world.engine.isBusy).toBe(false), { timeout: IDLE_MS_MAX });
      await world.age();
      await world.sweep();
      const unknown = unknownUploads(
        met.map(({ signature }) => signature),
        fault,
      );
      await expectWhole(world, lines, mode === "once" ? unknown : 1);
      if (typeof outcome === "number") {
        // What was downloaded once is there, whatever came late.
        const file = await asked(() => world.call(world.base, `/export/${outcome}`));
        expect(file.status, "the export that was downloaded is gone").toBe(200);
        return;
      }
      await exportOnce(subject, env);
      await expectWhole(world, lines, 1);
    },
  });
}

/** A table with text that deflates badly, on two shards. */
export async function tableOf(tenant: Tenant): Promise<Subject> {
  const rows = IDS.map((id) => ({ id, text: noise(600) }));
  const records = rows.map((data) => ({ table_name: "t", sequence: 1, key_names: ["id"], data }));
  expect((await pushRecords(tenant, records)).status).toBe(201);
  const world = new ExportWorld(tenant);
  const id = await tableId(tenant, "t");
  return {
    world,
    prepare: async () => undefined,
    path: () => `/client/${tenant.clientId}/table/${id}/export`,
    lines: ["id,text", ...rows.map(({ id: key, text }) => `${key},${text}`).toSorted()],
  };
}
