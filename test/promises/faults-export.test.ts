/**
 * An export from the request to the download, with a fault at each call that it makes: it is
 * completed with every row, or it says that it failed and can be asked for again (promises P5
 * and P6). Nothing is left in the bucket.
 */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { quietConsole } from "../support/quiet-console.ts";
import { newTenant } from "../support/tenant.ts";
import { cycle, exportOnce, type Subject, tableOf } from "./export-cycle.ts";
import * as faults from "./export-faults.ts";
import { expectWhole } from "./export-world.ts";

let whole: Subject;

beforeAll(async () => {
  whole = await tableOf(await newTenant());
});
/** For tests of dozens of runs, on a busy machine. */
const RUNS_MS = { timeout: 300_000 };

beforeEach(() => {
  quietConsole();
});
afterEach(() => {
  vi.restoreAllMocks();
});

test("without a fault: several parts of two shards", async () => {
  const { world } = whole;
  await world.begin(world.base);
  await exportOnce(whole, world.base);
  await expectWhole(world, whole.lines);
  const parts = world.engine.attempts.filter(({ name }) => name.startsWith("part"));
  expect(parts.length).toBeGreaterThan(2);
});

test.each([faults.lostBefore, faults.lostAfter, faults.overloaded, faults.slow])(
  "a call fails or is late: $name",
  RUNS_MS,
  async (fault) => {
    expect(await cycle(whole, fault)).toBeGreaterThan(40);
  },
);

test("the process dies after a call", RUNS_MS, async () => {
  const fault = faults.crash(whole.world.engine, "after");
  expect(await cycle(whole, fault, { ofJob: true })).toBeGreaterThan(30);
});

test.each([4, 1_000])("a step is given up, and goes on after %d calls", RUNS_MS, async (calls) => {
  const fault = faults.stall(whole.world.engine, calls);
  expect(await cycle(whole, fault, { ofJob: true, release: fault.release })).toBeGreaterThan(30);
});

test("all calls fail from one on", RUNS_MS, async () => {
  expect(await cycle(whole, faults.lostAfter, { mode: "onwards", ofJob: true })).toBeGreaterThan(
    30,
  );
});

test("a bucket that lies is caught", async () => {
  await expect(cycle(whole, faults.liar)).rejects.toThrow("liar (once) at call 1");
  const corruption = faults.corruption(whole.world.bucket);
  await expect(cycle(whole, corruption)).rejects.toThrow("corruption (once) at call 1");
});
