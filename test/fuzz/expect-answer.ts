/** What tests of hostile inputs expect of an answer. */
import { expect } from "vitest";
import { judge } from "./oracle.ts";
import { type Input, shownInput } from "./request.ts";
import type { Target } from "./target.ts";

/**
 * Sends an input and expects its status and code, and that nothing was written where it is no
 * success.
 *
 * @param code a row of the error table, `ok`, or `http` where the runtime itself refuses.
 * @returns the text of the answer.
 */
export async function expectAnswer(
  target: Target,
  input: Input,
  status: number,
  code: string,
): Promise<string> {
  const before = target.written.digest();
  const outcome = await target.send(input);
  const { answer } = outcome;
  const { fault, code: found } = judge(input, outcome);
  const label = `${shownInput(input)}\n${answer?.text.slice(0, 300)}`;
  expect(fault, label).toBeUndefined();
  expect([answer?.status, found], label).toEqual([status, code]);
  if (status >= 400) expect(target.written.digest(), label).toBe(before);
  expect(target.takeErrors(), label).toEqual([]);
  return answer?.text ?? "";
}
