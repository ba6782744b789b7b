/**
 * Promise P2 in workerd: concurrent pushes over all import surfaces from several isolates, while
 * ranges are split, objects evicted, and calls of D1 fail before or after they took effect.
 * `ORDER_SEED=…` repeats the choices of a run; how the requests meet is the machine's.
 */
import { beforeEach, describe, expect, test } from "vitest";
import { quietConsole } from "../support/quiet-console.ts";
import { newTenant } from "../support/tenant.ts";
import { unguarded } from "./chaos.ts";
import type { ViolationKind } from "./check.ts";
import { type Broken, World } from "./world.ts";

const given = process.env["ORDER_SEED"] ?? "";
const seed = given === "" ? Date.now() % 1_000_000 : Number(given);

/** Mostly waiting: a busy machine takes several times as long as an idle one. */
const TEST_MS_MAX = 120_000;

const print = console.log.bind(console);

beforeEach(() => {
  // Splits are logged, and the faults, as they should be.
  quietConsole("log");
  quietConsole();
});

test(
  "the highest sequence stays, and of rows without one the last",
  async () => {
    const world = new World(await newTenant(), seed);
    const { violations, count } = await world.run(60);
    const splits = await world.splits();
    const { history, driver, chaos } = world;
    const figures = { ...history.counts, ...driver.counts, ...chaos, splits };
    print(`ORDER_SEED=${seed} ${JSON.stringify(figures)}`);
    expect(violations, `ORDER_SEED=${seed}, ${count} violations`).toEqual([]);
    // What was to happen has happened.
    expect(splits).toBeGreaterThan(0);
    expect(chaos.evictions).toBeGreaterThan(10);
    expect(chaos.faultsBefore).toBeGreaterThan(0);
    expect(chaos.faultsAfter).toBeGreaterThan(0);
    expect(driver.counts.failed).toBeGreaterThan(0);
    expect(driver.bySurface.size).toBe(7);
  },
  TEST_MS_MAX,
);

describe("what breaks the promise is found", () => {
  async function kindsOf(broken: Broken): Promise<ViolationKind[]> {
    const world = new World(await newTenant(), seed, broken);
    const { byKind } = await world.run(12);
    return [...byKind.keys()];
  }

  test(
    "upserts without their guard",
    async () => {
      const kinds = await kindsOf({ tapOwn: unguarded });
      expect(kinds).toEqual(expect.arrayContaining(["lost", "overtaken"]));
    },
    TEST_MS_MAX,
  );

  test(
    "an acknowledgement before the commit, which is lost one time in ten",
    async () => {
      let calls = 0;
      const kinds = await kindsOf({
        callTap: (call, next) => {
          calls += 1;
          const isLost = call.method === "commit" && calls % 10 === 0;
          return isLost ? Promise.resolve({} as Awaited<ReturnType<typeof next>>) : next();
        },
      });
      expect(kinds).toContain("lost");
    },
    TEST_MS_MAX,
  );
});
