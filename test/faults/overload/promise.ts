/** What promise P7 says of a trial. */
import type { Trial } from "./trial.ts";

/** How many times the unloaded p99 that of accepted requests may be. */
const P99_FACTOR_MAX = 5;

/** Within how many ms a refusal comes. */
const REFUSAL_MS_MAX = 1_000;

/** By how much the memory of the last quarter may be above that of the second: noise. */
const MEMORY_FACTOR_MAX = 1.25;

/** How many times as slow as before the service may be right after, on a machine that is busy. */
const AFTER_FACTOR_MAX = 2;

/** The least share of refusals that shows that there was an overload. */
const REFUSED_SHARE_MIN = 0.2;

/**
 * What of the promise a trial has broken, in words; empty where it was kept.
 *
 * @param isBusy whether others use the machine: then what refusals take, which wait for nothing,
 * is taken off the latency of the accepted requests, for those wait for the machine as long.
 */
export function breaches(trial: Trial, isBusy = false): string[] {
  const { unloaded, overload, after, memoryMb, lost } = trial;
  const found: string[] = [];
  const expect = (isKept: boolean, words: string): void => {
    if (!isKept) found.push(words);
  };
  const machineMs = isBusy ? overload.refusedP99Ms : 0;
  const factor = (overload.p99Ms - machineMs) / unloaded.p99Ms;
  expect(factor <= P99_FACTOR_MAX, `the p99 of accepted requests is ${factor.toFixed(1)} times`);
  const share = overload.refused / (overload.accepted + overload.refused);
  expect(share >= REFUSED_SHARE_MIN, `only ${(share * 100).toFixed(0)} % were refused`);
  const { refusedMaxMs, badRetryAfter } = overload;
  expect(refusedMaxMs <= REFUSAL_MS_MAX, `a refusal took ${refusedMaxMs.toFixed(0)} ms`);
  expect(badRetryAfter === 0, `${badRetryAfter} refusals had no Retry-After of 1`);
  const others = [...unloaded.others, ...overload.others, ...after.others];
  expect(others.length === 0, `other answers: ${[...new Set(others)].join(", ")}`);
  expect(unloaded.refused === 0, `${unloaded.refused} refusals without load`);
  const [, second = 0, , last = 0] = memoryMb;
  expect(!(last > second * MEMORY_FACTOR_MAX), `memory grew from ${second} to ${last} MB`);
  expect(lost === 0, `${lost} acknowledged points are lost`);
  const afterFactor = after.p50Ms / unloaded.p50Ms;
  expect(
    afterFactor <= AFTER_FACTOR_MAX,
    `afterwards it is ${afterFactor.toFixed(1)} times as slow`,
  );
  return found;
}
