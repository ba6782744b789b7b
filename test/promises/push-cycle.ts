/** A push that is run with a fault at each of its calls, and what is checked each time. */
import { expect } from "vitest";
import type { ErrorCode } from "../../src/http/errors.ts";
import { type Fault, type FaultMode, type FaultyWorld, forEveryCall } from "../support/faults.ts";
import type { PushCase } from "./push-cases.ts";
import {
  type Arranged,
  arranged,
  type Expected,
  expectedOf,
  expectFailure,
  expectFewAttempts,
  expectNoHalf,
  expectNothingHeld,
  pushed,
  type Seen,
} from "./push-checks.ts";
import { type StoredState, storedState } from "./stored-state.ts";

/** A fault, when it comes, and what a push may answer that meets it. */
export interface FaultCase {
  readonly fault: Fault;
  readonly mode: FaultMode;
  /** None where the push must get over it. */
  readonly codes: readonly ErrorCode[];
  /** Whether the call was made that failed. */
  readonly isAfter: boolean;
}

/**
 * Runs a push with the fault at each of its calls, and again without it where it failed.
 *
 * @returns how many calls there were.
 */
export async function cycle(push: PushCase, faultCase: FaultCase): Promise<number> {
  const { fault, mode } = faultCase;
  const expected = await expectedOf(push);
  return forEveryCall<Arranged, Seen>({
    fault,
    mode,
    arrange: (env) => arranged(push, env),
    act: (env, { tenant }) => pushed(push, env, tenant),
    check: (seen, made, world) => checked(push, faultCase, { seen, made, world, expected }),
  });
}

interface Run {
  readonly seen: Seen;
  readonly made: Arranged;
  readonly world: FaultyWorld;
  readonly expected: Expected;
}

async function checked(push: PushCase, faultCase: FaultCase, run: Run): Promise<void> {
  const { seen, made, world, expected } = run;
  const now = await storedState(made.tenant);
  expectFewAttempts(world, faultCase.fault.isRetried);
  expectNothingHeld(world);
  if (seen.status < 300) {
    expect(seen.status).toBe(push.status);
    expect(now).toEqual(expected.state);
    if (push.isCounted === true) expect(seen.text).toBe(expected.text);
    return;
  }
  expectFailure(seen, push.surface, faultCase.codes);
  expectNoHalf(made.before, now, expected.state);
  const again = await pushed(push, world.env, made.tenant);
  expect(again.status, again.text).toBe(push.status);
  if (push.isCounted === true) expect(again.text).toBe(expected.text);
  const end = await storedState(made.tenant);
  if (push.isAdding === true && faultCase.isAfter) expectAdded(end, expected.state, now);
  else expect(end).toEqual(expected.state);
}

/** What was added by the answer that was lost is there once more: whole, or not at all. */
function expectAdded(end: StoredState, wanted: StoredState, half: StoredState): void {
  expect(end.tables).toEqual(wanted.tables);
  const isAppended = ({ text }: { text: string }): boolean => text.split(" ")[1] === "+";
  const keyed = (state: StoredState): string[] =>
    state.rows.filter((row) => !isAppended(row)).map(({ text }) => text);
  expect(keyed(end)).toEqual(keyed(wanted));
  const added = wanted.rows.filter(isAppended);
  const twice = half.rows.some(isAppended) ? [...added, ...added] : added;
  expect(end.rows.filter(isAppended).map(({ text }) => text)).toEqual(
    twice.map(({ text }) => text).toSorted(),
  );
}
