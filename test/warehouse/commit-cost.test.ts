import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CommitCost } from "../../src/warehouse/commit-cost.ts";

/** A database whose commits cost so much each and so much for each byte. */
interface Line {
  readonly fixedMs: number;
  readonly msPerMb: number;
}

const timeOf = ({ fixedMs, msPerMb }: Line, bytes: number): number =>
  fixedMs + (msPerMb * bytes) / 1e6;

function learned(line: Line, sizes: readonly number[], noise: readonly number[] = [0]): CommitCost {
  const cost = new CommitCost();
  sizes.forEach((bytes, index) => {
    cost.learn(bytes, timeOf(line, bytes) * (1 + (noise[index % noise.length] ?? 0)));
  });
  return cost;
}

const lines = fc.record({
  fixedMs: fc.integer({ min: 1, max: 1_000 }),
  msPerMb: fc.integer({ min: 10, max: 5_000 }),
});

describe("what a commit takes", () => {
  test("is learned from commits of different sizes, on fast and on slow databases", () => {
    const largest = fc.integer({ min: 200_000, max: 8_000_000 });
    fc.assert(
      fc.property(
        lines,
        largest,
        fc.double({ min: 0.25, max: 1, noNaN: true }),
        (line, max, at) => {
          // Evenly over all sizes, in an order that is not theirs.
          const sizes = Array.from({ length: 150 }, (_, index) => max * ((index * 0.618) % 1));
          const expected = learned(line, sizes, [-0.1, 0.05, 0.1, -0.05, 0]).expectMs(max * at);
          const error = Math.abs(expected - timeOf(line, max * at));
          expect(error).toBeLessThan(0.4 * timeOf(line, max / 2) + 5);
        },
      ),
    );
  });

  test("is known after a few commits where all have the same size", () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 300, max: 500_000 }), (line, bytes) => {
        const cost = learned(
          line,
          Array.from({ length: 40 }, () => bytes),
        );
        const real = timeOf(line, bytes);
        expect(cost.expectMs(bytes) / real).toBeGreaterThan(0.8);
        expect(cost.expectMs(bytes) / real).toBeLessThan(1.25);
      }),
    );
  });

  test("a byte's part is not forgotten while all commits have the same size", () => {
    const line = { fixedMs: 50, msPerMb: 500 };
    const sizes = Array.from({ length: 50 }, (_, index) => 20_000 + (index % 10) * 40_000);
    const cost = learned(line, [...sizes, ...Array.from({ length: 2_000 }, () => 200_000)]);
    expect(cost.expectMs(600_000)).toBeGreaterThan(0.8 * timeOf(line, 600_000));
  });

  test("one that waited for a retry changes it by less than a few of its like", () => {
    const cost = learned({ fixedMs: 30, msPerMb: 50 }, [300, 30_000, 300, 80_000, 300, 300]);
    cost.learn(300, 15_000);
    expect(cost.expectMs(300)).toBeLessThan(90);
  });

  test("a database that becomes ten times slower is known as that after twenty commits", () => {
    const cost = learned({ fixedMs: 30, msPerMb: 50 }, [300, 30_000, 300, 80_000, 300, 300]);
    for (let count = 0; count < 20; count += 1) cost.learn(300, 300);
    expect(cost.expectMs(300)).toBeGreaterThan(200);
  });

  test("is never negative, and more bytes never take less", () => {
    const commits = fc.array(fc.tuple(fc.integer({ min: 0, max: 3e7 }), fc.nat(20_000)));
    fc.assert(
      fc.property(commits, fc.nat(3e7), fc.nat(3e7), (some, one, more) => {
        const cost = new CommitCost();
        for (const [bytes, ms] of some) cost.learn(bytes, ms);
        expect(cost.expectMs(one)).toBeGreaterThanOrEqual(0);
        expect(cost.expectMs(one + more)).toBeGreaterThanOrEqual(cost.expectMs(one));
        expect(cost.expectMs(one, 2)).toBeGreaterThanOrEqual(cost.expectMs(one));
      }),
    );
  });
});
