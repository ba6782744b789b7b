import { expect, test } from "vitest";
import { Failures } from "../src/failures.ts";

test("throws nothing where nothing failed", () => {
  expect(() => new Failures().throwFirst()).not.toThrow();
});

test("throws what failed first, whatever it is", () => {
  for (const first of [new Error("first"), "text", undefined, null]) {
    const failures = new Failures();
    failures.add(first);
    failures.add(new Error("second"));
    const thrown: unknown[] = [];
    try {
      failures.throwFirst();
    } catch (error) {
      thrown.push(error);
    }
    expect(thrown).toEqual([first]);
  }
});
