/**
 * Pushes that meet faults in special ways: rows of several chunks, neighbours in one commit, faults
 * that take their time, and a store that lies, which the checks must see.
 */
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { COMMIT_DEADLINE_MS } from "../../src/warehouse/limits.ts";
import { slotOf } from "../../src/warehouse/slots.ts";
import { type Fault, FAULTS, FaultyWorld, forEveryCall, stubError } from "../support/faults.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { newTenant, storedRows, type Tenant } from "../support/tenant.ts";
import { pushWith } from "../support/worker.ts";
import { type PushCase, PUSH_CASES, sendPush } from "./push-cases.ts";
import { expectNoHalf, expectNothingHeld } from "./push-checks.ts";
import { cycle, type FaultCase } from "./push-cycle.ts";
import type { StoredState } from "./stored-state.ts";

beforeEach(() => {
  quietConsole();
  vi.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function caseOf(name: string): PushCase {
  const found = PUSH_CASES.find((push) => push.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}

const once = (fault: Fault, codes: FaultCase["codes"] = []): FaultCase => ({
  fault,
  mode: "once",
  codes,
  isAfter: true,
});

/** Of the rows of a key range that make two bound parameters (PARAMETER_BYTES_MAX). */
const TEXT = "x".repeat(390_000);

describe("rows of several chunks in a key range", () => {
  const known = caseOf("one point, everything known");
  const push: PushCase = {
    ...known,
    push: {
      path: () => "/v2/import/push",
      body: ({ clientId }) =>
        JSON.stringify(
          Array.from({ length: 10 }, (_, id) => ({
            client_id: clientId,
            action: "upsert",
            table_name: "t",
            sequence: 5,
            key_names: ["id"],
            data: { id, text: TEXT },
          })),
        ),
    },
  };
  it.each([once(FAULTS.lostAfter), once(FAULTS.timeoutAfter, ["unavailable"])])(
    "$fault.name",
    async (faultCase) => {
      expect(await cycle(push, faultCase)).toBeGreaterThan(4);
    },
  );
});

const point = (id: number): Record<string, unknown> => ({
  table_name: "t",
  sequence: 1,
  key_names: ["id"],
  data: { id },
});

describe("neighbours in one commit", () => {
  // Of one key range, so that they wait in one queue.
  const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((id) => slotOf(`A${id}`) < 128);
  it.each([FAULTS.lostAfter, FAULTS.timeoutAfter, FAULTS.overloaded])(
    "$name: each that was acknowledged is stored",
    async (fault) => {
      await forEveryCall({
        fault,
        mode: "onwards",
        arrange: async (env) => {
          const tenant = await newTenant();
          expect((await pushWith(env, tenant, [point(0)])).status).toBe(201);
          return tenant;
        },
        act: (env, tenant) => Promise.all(ids.map((id) => pushWith(env, tenant, [point(id)]))),
        check: async (answers, tenant, world) => {
          const keys = new Set((await storedRows(tenant, "t")).map(({ key }) => key));
          for (const [index, { status }] of answers.entries()) {
            if (status === 201) expect(keys).toContain(`A${ids[index]}`);
            else expect(status).toBe(503);
          }
          expectNothingHeld(world, false);
          const again = await pushWith(world.env, tenant, ids.map(point));
          expect(again.status).toBe(201);
          expect(await storedRows(tenant, "t")).toHaveLength(ids.length + 1);
        },
      });
    },
  );
});

describe("the time of a request", () => {
  /** How long a try takes until it fails, in ms. */
  const TRY_MS = 6_000;
  const pass = (): void => {
    vi.setSystemTime(Date.now() + TRY_MS);
  };
  const lostLate: Fault = {
    name: "lost late",
    isRetried: true,
    meet: async () => {
      pass();
      throw stubError("Network connection lost.", { retryable: true });
    },
  };
  const arrange = async (): Promise<Tenant> => {
    vi.useFakeTimers({ toFake: ["Date"] });
    return newTenant();
  };
  const push = caseOf("a new table in two shards");

  it("ends the attempts, wherever they fail", async () => {
    await forEveryCall({
      fault: lostLate,
      mode: "alike",
      arrange,
      act: async (env, tenant) => {
        const begin = Date.now();
        const { status } = await sendPush(env, tenant, push.push);
        return { status, ms: Date.now() - begin };
      },
      check: ({ status, ms }, _, world) => {
        expect([201, 503]).toContain(status);
        // Both key ranges' tries pass time on the one clock, and the notes are never repeated.
        expect(ms).toBeLessThan(2 * (COMMIT_DEADLINE_MS + TRY_MS));
        expect(Math.max(0, ...world.attempts().values())).toBeLessThanOrEqual(3);
      },
    });
  });

  test("is one for all calls of it: each is lost twice, and comes late", async () => {
    const tries = new Map<string, number>();
    const everyTwice: Fault = {
      ...lostLate,
      name: "each lost twice",
      meet: async (call, next) => {
        const name = JSON.stringify([call.binding, call.method, call.statements, call.target]);
        const count = (tries.get(name) ?? 0) + 1;
        tries.set(name, count);
        return count > 2 ? next() : lostLate.meet(call, next);
      },
    };
    const world = new FaultyWorld(everyTwice, 1, "onwards");
    const tenant = await arrange();
    const begin = Date.now();
    const answer = await world.during((env) => sendPush(env, tenant, push.push));
    expect(answer.status).toBe(503);
    expect(Date.now() - begin).toBeLessThan(2 * (COMMIT_DEADLINE_MS + TRY_MS));
  });
});

describe("the checks see", () => {
  it("a write that is not made and answered as if it were", async () => {
    const push = caseOf("one point, everything known");
    await expect(cycle(push, once(FAULTS.liar))).rejects.toThrow(/^liar \(once\) at call 1 /);
    const batch = caseOf("an append-only batch");
    await expect(cycle(batch, once(FAULTS.liar))).rejects.toThrow(/^liar \(once\) at call 1 /);
  });

  it("half a key range, a row of no request, and a row without its columns", () => {
    const row = (id: number, shard = 0): StoredState["rows"][number] => {
      const data = `{"id":${id}}`;
      return { table: "t", shard, text: `t A${id} 5 0 ${data}`, data };
    };
    const table = { keyNames: '["id"]', parent: null, version: "0", columns: ['"id" 1'] };
    const nothing: StoredState = { tables: {}, rows: [] };
    const wanted: StoredState = { tables: { t: table }, rows: [row(1), row(2), row(3, 1)] };
    const seen = (now: StoredState) => () => {
      expectNoHalf(nothing, now, wanted);
    };
    expect(seen(wanted)).not.toThrow();
    expect(seen({ ...wanted, rows: [row(1), row(2)] })).not.toThrow();
    expect(seen({ ...wanted, rows: [row(1)] })).toThrow("deeply equal");
    expect(seen({ ...wanted, rows: [row(4)] })).toThrow("deeply equal");
    expect(seen({ ...wanted, tables: { t: { ...table, columns: [] } } })).toThrow("object");
    expect(seen({ ...wanted, tables: { u: table } })).toThrow("ArrayContaining");
  });
});
