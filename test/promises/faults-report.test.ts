/**
 * Figures and cohort charts with a fault at each call: the right numbers or a clear refusal,
 * never a wrong or a partial number; and no more attempts than may be made (platform.md 4).
 */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { create, newShop, RANGE, revenue, type Shop } from "../report/shop.ts";
import {
  type Fault,
  FAULTS,
  type FaultMode,
  forEveryCall,
  type SeenCall,
} from "../support/faults.ts";
import { testEnv } from "../support/env.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { callWorker } from "../support/worker.ts";

/** Most times that one call is made for one answer: platform.md 4 has "a few". */
const ATTEMPTS_MAX = 4;
/** Longer than any answer of these tables takes with its pauses, in ms. */
const ANSWER_MS_MAX = 10_000;

interface Report {
  readonly path: string;
  readonly text: string;
}

let shop: Shop;
const reports: Record<string, Report> = {};

async function export_(env: Env, path: string): Promise<Response> {
  return callWorker(env, path, { headers: { "X-RJM-API-Key": shop.exportKey } });
}

async function add(name: string, kind: "figure" | "chart", definition: object): Promise<void> {
  const id = await create(shop, kind, definition);
  const path = `/0.1/${kind}/${id}/export?format=csv&includeColumnHeaders=1`;
  const answer = await export_(testEnv, path);
  expect(answer.status).toBe(200);
  reports[name] = { path, text: await answer.text() };
}

beforeAll(async () => {
  shop = await newShop();
  const metrics = [revenue(shop), revenue(shop, { label: "Middle", operation: "median" })];
  await add("figure", "figure", { metrics, range: RANGE, interval: "month", group_by: ["sku"] });
  const cohorts = { range: { from: "2019-01-01", to: "2019-03-31" } };
  await add("chart", "chart", {
    metric: revenue(shop),
    cohort_date: { first_event_of: "customer" },
    cohorts,
    periods: 4,
  });
});
/** For tests of dozens of runs, on a busy machine. */
const RUNS_MS = { timeout: 300_000 };

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Got {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
  readonly ms: number;
}

async function got(env: Env, path: string): Promise<Got> {
  const begun = Date.now();
  const answer = await export_(env, path);
  const text = await answer.text();
  const { status, headers } = answer;
  return { status, text, retryAfter: headers.get("retry-after"), ms: Date.now() - begun };
}

/** The attempts of the calls that a fault met, by what they ask. */
function attemptsOf(calls: readonly SeenCall[]): number {
  const counts = new Map<string, number>();
  for (const { identity } of calls) counts.set(identity, (counts.get(identity) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

async function cycle(name: string, fault: Fault, mode: FaultMode = "once"): Promise<number> {
  const { path, text } = reports[name] ?? { path: "", text: "" };
  const statuses = new Set<number>();
  const calls = await forEveryCall<undefined, Got>({
    fault,
    mode,
    arrange: async () => undefined,
    act: (env) => got(env, path),
    check: (answer, _, { met }) => {
      statuses.add(answer.status);
      expect(answer.ms).toBeLessThan(ANSWER_MS_MAX);
      expect(attemptsOf(met)).toBeLessThanOrEqual(fault.isRetried ? ATTEMPTS_MAX : 1);
      const isOfScan = met.some(({ binding }) => binding.startsWith("SHARD_"));
      // One lost connection in hundreds of statements costs nothing.
      if (isOfScan && fault.isRetried && mode === "once") expect(answer.status).toBe(200);
      // Where each attempt fails there were as many as may be.
      if (isOfScan && fault.isRetried && mode === "alike") {
        expect(attemptsOf(met)).toBe(ATTEMPTS_MAX);
        expect(answer.status).toBe(503);
      }
      if (answer.status === 200) expect(answer.text).toBe(text);
      else {
        expect([500, 503, 429]).toContain(answer.status);
        if (answer.status !== 500) expect(answer.retryAfter).not.toBeNull();
        expect(JSON.parse(answer.text)).toMatchObject({ code: answer.status });
      }
    },
  });
  // The last run meets no fault.
  expect(statuses).toContain(200);
  return calls;
}

const { lostBefore, lostAfter, overloaded, timeoutBefore, defect, slow } = FAULTS;

const CASES: readonly (readonly [name: string, fault: Fault, mode: FaultMode])[] = [
  ["figure", lostBefore, "once"],
  ["figure", lostAfter, "once"],
  ["figure", overloaded, "once"],
  ["figure", timeoutBefore, "once"],
  ["figure", slow, "once"],
  ["figure", timeoutBefore, "alike"],
  ["chart", lostBefore, "once"],
  ["chart", timeoutBefore, "once"],
  ["chart", defect, "once"],
  ["chart", lostBefore, "alike"],
  ["chart", overloaded, "alike"],
];

describe("a call fails", () => {
  test.each(CASES.map(([name, fault, mode]) => [name, fault.name, mode, fault] as const))(
    "of a %s: %s, %s",
    RUNS_MS,
    async (name, _, mode, fault) => {
      expect(await cycle(name, fault, mode)).toBeGreaterThan(6);
    },
  );

  /** A shard whose rows are not there, and which says that all is well. */
  const liar: Fault = {
    name: "liar",
    isRetried: false,
    meets: ({ binding, method }) => binding === "SHARD_1" && method === "raw",
    meet: async <T>() => [[0, "", 0]] as T,
  };

  test.each(["figure", "chart"])("a shard that lies to a %s is caught", async (name) => {
    await expect(cycle(name, liar)).rejects.toThrow("liar (once) at call 1");
  });
});
