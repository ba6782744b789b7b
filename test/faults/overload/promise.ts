/** What promise P7 says of a trial. */
import type { Trial } from "./trial.ts";

/** How many times the unloaded p99 that of accepted requests may be. */
const P99_FACTOR_MAX = 5;

/** Within how many ms a refusal comes. */
const REFUSAL_MS_MAX = 1_000;

/** The same on a machine that is busy, in times what a request takes that needs nothing at all. */
const REFUSAL_FACTOR_MAX = 5;

/** By how much the memory of the last quarter may be above that of the second: noise. */
const MEMORY_FACTOR_MAX = 1.25;

/** How many times as slow as before the service may be right after, on a machine that is busy. */
const AFTER_FACTOR_MAX = 2;

/** The least share of refusals that shows that there was an overload. */
const REFUSED_SHARE_MIN = 0.2;

/** A part of the promise that was broken. */
export interface Breach {
  readonly words: string;
  /**
   * Whether it is a matter of time or memory, which a machine with other work takes more of: in
   * one trial it may be the machine's doing. The others are the service's in any.
   */
  readonly isMeasured: boolean;
}

/**
 * What of the promise a trial has broken; empty where it was kept.
 *
 * @param isBusy whether others use the machine: then what refusals take, which wait for nothing,
 * is taken off the latency of the accepted requests, for those wait for the machine as long; and
 * refusals may take longer where requests that need nothing do.
 */
export function breaches(trial: Trial, isBusy = false): Breach[] {
  const measured = measuredBreaches(trial, isBusy).map((words) => ({ words, isMeasured: true }));
  const exact = exactBreaches(trial).map((words) => ({ words, isMeasured: false }));
  return [...measured, ...exact];
}

/** The words of those conditions that do not hold. */
function broken(conditions: readonly (readonly [isKept: boolean, words: string])[]): string[] {
  return conditions.flatMap(([isKept, words]) => (isKept ? [] : [words]));
}

function exactBreaches({ unloaded, overload, after, lost }: Trial): string[] {
  const { badRetryAfter } = overload;
  const others = [...unloaded.others, ...overload.others, ...after.others];
  return broken([
    [badRetryAfter === 0, `${badRetryAfter} refusals had no Retry-After of 1`],
    [others.length === 0, `other answers: ${[...new Set(others)].join(", ")}`],
    [lost === 0, `${lost} acknowledged points are lost`],
  ]);
}

function measuredBreaches(trial: Trial, isBusy: boolean): string[] {
  const { unloaded, overload, after, memoryMb } = trial;
  const machineMs = isBusy ? overload.refusedP99Ms : 0;
  const factor = (overload.p99Ms - machineMs) / unloaded.p99Ms;
  const share = overload.refused / (overload.accepted + overload.refused);
  const { refusedMaxMs } = overload;
  const refusalMsMax = Math.max(REFUSAL_MS_MAX, isBusy ? REFUSAL_FACTOR_MAX * trial.probeMaxMs : 0);
  const [, second = 0, , last = 0] = memoryMb;
  const afterFactor = after.p50Ms / unloaded.p50Ms;
  return broken([
    [factor <= P99_FACTOR_MAX, `the p99 of accepted requests is ${factor.toFixed(1)} times`],
    [share >= REFUSED_SHARE_MIN, `only ${(share * 100).toFixed(0)} % were refused`],
    [refusedMaxMs <= refusalMsMax, `a refusal took ${refusedMaxMs.toFixed(0)} ms`],
    [unloaded.refused === 0, `${unloaded.refused} refusals without load`],
    [!(last > second * MEMORY_FACTOR_MAX), `memory grew from ${second} to ${last} MB`],
    [afterFactor <= AFTER_FACTOR_MAX, `afterwards it is ${afterFactor.toFixed(1)} times as slow`],
  ]);
}
