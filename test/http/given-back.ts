/** What tests of bodies and admissions look at. */
import { expect } from "vitest";
import { Admission } from "../../src/http/admission.ts";
import { type ErrorCode, Refusal } from "../../src/http/errors.ts";
import { IN_FLIGHT_BYTES_MAX } from "../../src/http/limits.ts";

/** With what a piece of work is refused; undefined where it is not. */
export function refusalCode(work: () => unknown): ErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return undefined;
}

/** Fails unless nothing is counted as under way: only then do these two fit together. */
export function expectAllGivenBack(): void {
  const first = new Admission();
  const second = new Admission();
  try {
    first.take(1);
    expect(refusalCode(() => second.take(IN_FLIGHT_BYTES_MAX - 1))).toBeUndefined();
  } finally {
    first.release();
    second.release();
  }
}
