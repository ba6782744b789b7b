/** One service for the files of a run: each test file starts its own, as they must not wait long. */
import { afterAll, beforeAll } from "vitest";
import { Target } from "./target.ts";

/** The service of this test file; there is one while its tests run. */
export function useTarget(): () => Target {
  let target: Target | undefined;
  beforeAll(async () => {
    target = await Target.start();
  });
  afterAll(async () => {
    await target?.remove();
  });
  return () => {
    if (target === undefined) throw new Error("the service runs in tests only");
    return target;
  };
}
