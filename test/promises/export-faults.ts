/** Faults of exports beyond those of all operations: the process dies, or is too slow. */
import type { MemoryBucket } from "../support/bucket.ts";
import { type Fault, FAULTS } from "../support/faults.ts";
import type { Engine } from "./engine.ts";

const never = (): Promise<never> => new Promise(() => undefined);

/** The process of the job dies at a call, or as soon as that is done; another one goes on. */
export function crash(engine: Engine, when: "before" | "after"): Fault {
  return {
    name: `the process dies ${when}`,
    isRetried: true,
    meet: async (_, next) => {
      if (when === "after") await next();
      engine.crash();
      return never();
    },
  };
}

/** A fault that holds a call until it is let go. */
export interface Stall extends Fault {
  readonly release: () => void;
}

/**
 * The engine gives the step up while a call is on its way, and the call is made later, between
 * those of the next attempts or after them all; what follows it in its attempt then runs, too.
 *
 * @param calls how many others are made meanwhile; it is let go at the end at the latest.
 */
export function stall(engine: Engine, calls: number): Stall {
  let left = 0;
  let release = (): void => undefined;
  return {
    name: `stalled while ${calls} others are made`,
    isRetried: true,
    release: () => release(),
    meets: () => {
      left -= 1;
      if (left === 0) release();
      return true;
    },
    meet: async (_, next) => {
      left = calls;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      engine.timeOut();
      await released;
      return next();
    },
  };
}

/** R2 says that it completed the upload, which it did not: what no check may let pass. */
export const liar: Fault = {
  name: "liar",
  isRetried: false,
  meets: ({ method }) => method === "complete",
  meet: async <T>() => undefined as T,
};

/** R2 keeps other bytes than it was given: what no check may let pass. */
export function corruption({ uploads }: MemoryBucket): Fault {
  return {
    name: "corruption",
    isRetried: false,
    meets: ({ method }) => method === "uploadPart",
    meet: async (_, next) => {
      const answer = await next();
      for (const parts of uploads.values()) for (const { bytes } of parts.values()) bytes.fill(0);
      return answer;
    },
  };
}

/** What a request or a step meets: each fails a call in its own way. */
export const { lostBefore, lostAfter, resetBefore, overloaded, timeoutAfter, slow } = FAULTS;
