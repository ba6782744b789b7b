import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { formatTick } from "../../../src/console/picture/format.ts";
import { positionOf, scaleOf } from "../../../src/console/picture/scale.ts";

const finite = fc.double({ min: -1e300, max: 1e300, noNaN: true });
const ends = fc.tuple(
  fc.oneof(finite, fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer()),
  fc.oneof(finite, fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer()),
);

describe("scaleOf", () => {
  test.each([
    [0, 10, [0, 2, 4, 6, 8, 10]],
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [3, 97, [0, 20, 40, 60, 80, 100]],
    [-120, 380, [-200, -100, 0, 100, 200, 300, 400]],
    [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [5, 5, [0, 1, 2, 3, 4, 5]],
    [-5, -5, [-5, -4, -3, -2, -1, 0]],
    [1000, 1010, [1000, 1002, 1004, 1006, 1008, 1010]],
    [0.1, 0.7, [0, 0.2, 0.4, 0.6, 0.8]],
  ])("from %d to %d", (min, max, ticks) => {
    expect(scaleOf(min, max, 6).ticks).toEqual(ticks);
  });

  it("has steps of a clock for times", () => {
    expect(scaleOf(0, 7_000, 6, "time").ticks).toEqual([0, 1_800, 3_600, 5_400, 7_200]);
    expect(scaleOf(0, 900_000, 6, "time").step).toBe(172_800);
  });

  it("takes in all values with a few ticks, 0 among them where it is crossed", () => {
    fc.assert(
      fc.property(ends, fc.integer({ min: 2, max: 10 }), ([a, b], ticksMax) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const { from, to, step, ticks, greatest } = scaleOf(min, max, ticksMax);
        const slack = 1e-6 * step;
        expect(from).toBeLessThanOrEqual(min + slack);
        expect(to).toBeGreaterThanOrEqual(max - slack);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThanOrEqual(Math.max(ticksMax, 2) + 1);
        expect(new Set(ticks).size).toBe(ticks.length);
        expect(greatest).toBe(Math.max(...ticks.map(Math.abs)));
        if (min < 0 && max > 0) expect(ticks).toContain(0);
        expect(ticks.some((tick) => Object.is(tick, -0))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it("has steps of 1, 2 or 5 times a power of 10, and texts that differ", () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(max - min > Math.max(Math.abs(min), Math.abs(max)) * 1e-3);
        const scale = scaleOf(min, max, 6);
        expect(scale.step.toExponential()).toMatch(/^[125]e/);
        const texts = scale.ticks.map((tick) => formatTick(tick, scale, "number"));
        expect(new Set(texts).size).toBe(texts.length);
        expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(12);
      }),
    );
  });
});

describe("positionOf", () => {
  it("is between the ends, in the order of the values", () => {
    const scale = scaleOf(-7, 93, 6);
    expect([scale.from, 0, scale.to].map((value) => positionOf(value, scale, 300, 0))).toEqual([
      300, 250, 0,
    ]);
    fc.assert(
      fc.property(ends, ([a, b]) => {
        const own = scaleOf(Math.min(a, b), Math.max(a, b), 6);
        for (const value of [a, b]) {
          const y = positionOf(value, own, 300, 0);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(300);
        }
      }),
    );
  });
});
