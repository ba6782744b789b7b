/**
 * Pushes of all kinds, with a fault at each call that they make: what was acknowledged is there,
 * what failed can be sent again, and no half is visible but whole key ranges (P1, P3, P7).
 */
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { FAULTS } from "../support/faults.ts";
import { quietConsole } from "../support/quiet-console.ts";
import { PUSH_CASES } from "./push-cases.ts";
import { cycle, type FaultCase } from "./push-cycle.ts";

const LOST_ONCE: FaultCase = { fault: FAULTS.lostAfter, mode: "once", codes: [], isAfter: true };

const FAULT_CASES: readonly FaultCase[] = [
  LOST_ONCE,
  { fault: FAULTS.lostAfter, mode: "alike", codes: ["unavailable"], isAfter: true },
  { fault: FAULTS.overloaded, mode: "onwards", codes: ["overloaded"], isAfter: false },
  { fault: FAULTS.timeoutAfter, mode: "once", codes: ["unavailable"], isAfter: true },
];

/** Those whose place is not so much the kind of the push. */
const MORE_FAULTS: readonly FaultCase[] = [
  { fault: FAULTS.lostBefore, mode: "once", codes: [], isAfter: false },
  { fault: FAULTS.lostBefore, mode: "onwards", codes: ["unavailable"], isAfter: false },
  { fault: FAULTS.resetBefore, mode: "once", codes: [], isAfter: false },
  { fault: FAULTS.resetAfter, mode: "once", codes: [], isAfter: true },
  { fault: FAULTS.overloaded, mode: "once", codes: ["overloaded"], isAfter: false },
  { fault: FAULTS.timeoutBefore, mode: "alike", codes: ["unavailable"], isAfter: false },
  { fault: FAULTS.defect, mode: "once", codes: ["internal", "unavailable"], isAfter: false },
  { fault: FAULTS.slow, mode: "onwards", codes: [], isAfter: false },
];

beforeEach(() => {
  quietConsole();
  // Pauses between attempts are a random share of some time.
  vi.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The kinds whose calls are not those of another one: they meet every fault. */
const UNLIKE = new Set([
  "one point, everything known",
  "new columns and types",
  "a batch with keys and a version",
  "an append-only batch",
  "native rows appended with an Idempotency-Key",
]);

/** The kinds of few calls whose way to the store is their own: they meet two faults more. */
const SMALL = new Set([
  "switch_view",
  "transit",
  "RJMetrics v2",
  "RJMetrics v1",
  "native NDJSON with a bad record",
]);

const SMALL_FAULTS: readonly FaultCase[] = [
  { fault: FAULTS.lostBefore, mode: "once", codes: [], isAfter: false },
  { fault: FAULTS.overloaded, mode: "once", codes: ["overloaded"], isAfter: false },
];

function faultCasesOf(name: string): FaultCase[] {
  const cases = FAULT_CASES.filter(({ mode }) => UNLIKE.has(name) || mode === "once");
  return SMALL.has(name) ? [...cases, ...SMALL_FAULTS] : cases;
}

test("every kind that a list names is there", () => {
  const names = new Set(PUSH_CASES.map(({ name }) => name));
  expect([...UNLIKE, ...SMALL].filter((name) => !names.has(name))).toEqual([]);
});

describe.each(PUSH_CASES)("$name", (push) => {
  const cases = faultCasesOf(push.name);
  it.each(cases)("$fault.name ($mode)", async (faultCase) => {
    const calls = await cycle(push, faultCase);
    expect(calls).toBeGreaterThan(1);
    if (push.calls !== undefined) expect(calls).toBe(push.calls);
  });
});

describe.each(PUSH_CASES.filter(({ name }) => name === "rows, activate_version, rows"))(
  "$name",
  (push) => {
    it.each(MORE_FAULTS)("$fault.name ($mode)", async (faultCase) => {
      expect(await cycle(push, faultCase)).toBeGreaterThan(1);
    });
  },
);
