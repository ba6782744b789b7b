import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CallLimit, forEachParallel } from "../../src/warehouse/parallel.ts";

/** Operations that end when the scheduler says so; keeps the most that were under way. */
class Gauge {
  underWay = 0;
  most = 0;
  readonly #scheduler: fc.Scheduler;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
  }

  async call(label: string, failure?: Error): Promise<void> {
    this.underWay += 1;
    this.most = Math.max(this.most, this.underWay);
    await this.#scheduler.schedule(Promise.resolve(), label);
    this.underWay -= 1;
    if (failure !== undefined) throw failure;
  }
}

const items = fc.integer({ min: 0, max: 20 });
const atOnce = fc.integer({ min: 1, max: 6 });

describe("forEachParallel", () => {
  test("runs each item once, never more than allowed at a time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), items, atOnce, async (scheduler, count, most) => {
        const gauge = new Gauge(scheduler);
        const seen: number[] = [];
        const list = Array.from({ length: count }, (_, index) => index);
        const all = forEachParallel(list, most, async (item) => {
          seen.push(item);
          await gauge.call(`item ${item}`);
        });
        await scheduler.waitFor(all);
        expect(seen).toEqual(list);
        expect(gauge.most).toBe(Math.min(most, count));
      }),
    );
  });

  test("after a failure begins nothing more, waits for what is under way, and throws the first", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), atOnce, async (scheduler, most) => {
        const gauge = new Gauge(scheduler);
        const failures: Error[] = [];
        let begun = 0;
        const all = forEachParallel(Array.from({ length: 30 }), most, async () => {
          begun += 1;
          const failure = new Error(`failure ${begun}`);
          await gauge.call("item", failure).catch((error: Error) => {
            failures.push(error);
            throw error;
          });
        });
        const outcome = scheduler.waitFor(all.catch((error: unknown) => error));
        expect(await outcome).toBe(failures[0]);
        expect(begun).toBe(most);
        expect(gauge.underWay).toBe(0);
      }),
    );
  });

  test("any value is an item", async () => {
    const seen: unknown[] = [];
    await forEachParallel([undefined, null, 0, undefined], 2, async (item) => {
      seen.push(item);
    });
    expect(seen).toEqual([undefined, null, 0, undefined]);
  });
});

describe("CallLimit", () => {
  test("lets so many calls through, in their order, whoever makes them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), items, atOnce, async (scheduler, count, most) => {
        const gauge = new Gauge(scheduler);
        const limit = new CallLimit(most);
        const begun: number[] = [];
        const calls = Array.from({ length: count }, (_, index) =>
          limit.run(async () => {
            begun.push(index);
            // A call that fails gives its place back, too.
            await gauge.call(`call ${index}`, index % 3 === 0 ? new Error("no") : undefined);
            return index;
          }),
        );
        const settled = await scheduler.waitFor(Promise.allSettled(calls));
        expect(begun).toEqual(calls.map((_, index) => index));
        expect(gauge.most).toBe(Math.min(most, count));
        expect(settled.map((result) => result.status)).toEqual(
          calls.map((_, index) => (index % 3 === 0 ? "rejected" : "fulfilled")),
        );
        // All places are free again.
        expect(await limit.run(async () => "free")).toBe("free");
      }),
    );
  });
});
