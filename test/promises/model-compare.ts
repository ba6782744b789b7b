/** Comparisons of what the Worker answers with what the model says; a difference fails the test. */
import { expect } from "vitest";
import type { Expected } from "./model-requests.ts";
import type { Answer } from "./model-session.ts";

/** Both are equal in all parts. */
export function same(actual: unknown, meant: unknown): void {
  expect(actual).toEqual(meant);
}

/** The first one has the members of the second one. */
export function has(actual: unknown, meant: object): void {
  expect(actual).toMatchObject(meant);
}

/** The JSON of an answer that must have this status. */
export function jsonOf<T>(answer: Answer, status = 200): T {
  expect(answer).toMatchObject({ status });
  return JSON.parse(answer.text) as T;
}

/** An answer of an import is what the model says. */
export function sameAnswer(
  answer: Answer,
  { body, isReplay, members, status: meant }: Expected,
): void {
  const { status, text } = answer;
  expect({ status, text }).toMatchObject({ status: meant });
  expect(answer.isReplay).toBe(isReplay ?? false);
  if (body === "") expect(text).toBe("");
  else if (body !== undefined) expect(JSON.parse(text)).toEqual(body);
  if (members !== undefined) expect(JSON.parse(text)).toMatchObject(members);
}
