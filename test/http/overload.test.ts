import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Door, DOOR_MEMORY_MS, type DoorOutcome, Doors } from "../../src/http/overload.ts";

function enterMany(door: Door, count: number, now: number): number {
  let entered = 0;
  for (let index = 0; index < count; index += 1) if (door.enter(now)) entered += 1;
  return entered;
}

describe("the door of an integration", () => {
  test("has no limit while no commit is refused", () => {
    const door = new Door();
    expect(enterMany(door, 10_000, 0)).toBe(10_000);
  });

  test("closes by degrees while commits are refused, and never wholly", () => {
    const door = new Door();
    enterMany(door, 100, 0);
    for (let now = 0; now < 20_000; now += 100) {
      while (door.underWay > 0) door.leave("refused", now);
      enterMany(door, 100, now);
    }
    expect(door.underWay).toBe(1);
  });

  test("refusals of requests that were let in before do not count again", () => {
    const door = new Door();
    enterMany(door, 100, 0);
    for (let count = 0; count < 50; count += 1) door.leave("refused", 10);
    // The limit is 80 once, and 50 are under way.
    expect(enterMany(door, 100, 20)).toBe(30);
  });

  test("takes what is committed: it settles where commits begin to be refused", () => {
    const door = new Door();
    const capacity = 20;
    let committed = 0;
    let refused = 0;
    for (let now = 0; now < 60_000; now += 100) {
      enterMany(door, 60, now);
      const taken = Math.min(capacity, door.underWay);
      committed += taken;
      refused += door.underWay - taken;
      for (let count = 0; count < taken; count += 1) door.leave("done", now + 99);
      while (door.underWay > 0) door.leave("refused", now + 99);
    }
    // Of 600 rounds: most of what could be committed, and little that was read in vain.
    expect(committed).toBeGreaterThan(0.85 * capacity * 600);
    expect(refused).toBeLessThan(0.1 * committed);
  });

  test("opens again a moment after the last refusal", () => {
    const door = new Door();
    enterMany(door, 10, 0);
    for (let count = 0; count < 10; count += 1) door.leave("refused", 0);
    expect(enterMany(door, 100, DOOR_MEMORY_MS)).toBeLessThan(10);
    expect(enterMany(door, 100, DOOR_MEMORY_MS + 1)).toBe(100);
  });

  test("lets a request in that is alone, whatever was before", () => {
    const outcomes = fc.constantFrom<DoorOutcome>("done", "refused", "other");
    const steps = fc.array(fc.tuple(fc.option(outcomes, { nil: undefined }), fc.nat(500)));
    fc.assert(
      fc.property(steps, (some) => {
        const door = new Door();
        let now = 0;
        let underWay = 0;
        for (const [outcome, ms] of some) {
          now += ms;
          if (outcome === undefined) {
            const isAlone = underWay === 0;
            const isIn = door.enter(now);
            if (isAlone) expect(isIn).toBe(true);
            if (isIn) underWay += 1;
          } else if (underWay > 0) {
            door.leave(outcome, now);
            underWay -= 1;
          }
          expect(door.underWay).toBe(underWay);
        }
      }),
    );
  });
});

describe("the doors of an isolate", () => {
  test("refusals of one do not close another", () => {
    const doors = new Doors();
    for (let count = 0; count < 10; count += 1) doors.enter("1:", 0);
    for (let count = 0; count < 9; count += 1) doors.leave("1:", "refused", 0);
    for (let count = 0; count < 10; count += 1) doors.enter("1:", 1);
    expect(doors.enter("1:", 1)).toBe(false);
    for (let count = 0; count < 100; count += 1) expect(doors.enter("2:", 1)).toBe(true);
  });

  test("keep nothing of those that have no requests and no refusals", () => {
    const doors = new Doors();
    for (let id = 0; id < 1_000; id += 1) {
      doors.enter(`${id}:`, id);
      doors.leave(`${id}:`, "done", id);
    }
    expect(doors.size).toBe(0);
  });

  test("forget whom they refused, in time", () => {
    const doors = new Doors();
    for (let id = 0; id < 5_000; id += 1) {
      const now = id * 100;
      doors.enter(`${id}:`, now);
      doors.leave(`${id}:`, "refused", now);
    }
    expect(doors.size).toBeLessThanOrEqual(1_000);
  });
});
