import { afterEach, describe, expect, test, vi } from "vitest";
import { Refusal } from "../../src/http/errors.ts";
import { withLogOrigin } from "../../src/log.ts";
import { COMMIT_DEADLINE_MS } from "../../src/warehouse/limits.ts";
import {
  type FailureKind,
  failureKind,
  fromStore,
  isDataError,
  withRetries,
} from "../../src/warehouse/store-errors.ts";
import { quietConsole } from "../support/quiet-console.ts";

/** The table of platform.md 4, with messages as D1 words them. */
const ROWS: readonly [message: string, kind: FailureKind, isData: boolean][] = [
  ["D1_ERROR: Network connection lost.", "retry", false],
  [
    "D1_ERROR: Internal error while starting up D1 DB storage caused object to be reset.",
    "retry",
    false,
  ],
  ["D1_ERROR: Internal error in D1 DB storage caused object to be reset.", "retry", false],
  ["D1_ERROR: D1 DB reset because its code was updated.", "retry", false],
  ["D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.", "retry", false],
  ["D1_ERROR: Can't read from request stream because client disconnected.", "retry", false],
  ["D1_ERROR: D1 DB is overloaded. Requests queued for too long.", "overloaded", false],
  ["D1_ERROR: D1 DB is overloaded. Too many requests queued.", "overloaded", false],
  [
    "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
    "failed",
    false,
  ],
  ["D1_ERROR: D1 DB exceeded its memory limit and was reset.", "failed", false],
  ["D1_ERROR: D1 DB exceeded its CPU time limit and was reset.", "failed", false],
  ["D1_ERROR: Your account has exceeded D1's free tier daily row read limit.", "overloaded", false],
  [
    "D1_ERROR: Your account has exceeded D1's free tier daily row write limit.",
    "overloaded",
    false,
  ],
  ["D1_TYPE_ERROR: Type 'bigint' not supported for value '1'", "failed", true],
  ["D1_ERROR: UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT", "failed", true],
  ['D1_ERROR: near "DO": syntax error at offset 7: SQLITE_ERROR', "failed", true],
  ["D1_ERROR: string or blob too big: SQLITE_TOOBIG", "failed", true],
  ["D1_ERROR: not authorized: SQLITE_AUTH", "failed", true],
  ["D1_ERROR: malformed JSON: SQLITE_ERROR", "failed", true],
  ["D1_ERROR: Exceeded maximum DB size", "failed", false],
  ["D1_ERROR: Exceeded maximum DB size.: SQLITE_ERROR", "failed", false],
  ["D1_ERROR: database or disk is full: SQLITE_FULL", "failed", false],
  ["something that nobody has seen yet", "failed", false],
];

afterEach(() => {
  vi.restoreAllMocks();
});

describe("what a failure means", () => {
  test.each(ROWS)("%s", (message, kind, isData) => {
    expect(failureKind(new Error(message))).toBe(kind);
    expect(isDataError(new Error(message))).toBe(isData);
  });

  test("the flags of a broken stub", () => {
    expect(failureKind(Object.assign(new Error("x"), { retryable: true }))).toBe("retry");
    expect(failureKind(Object.assign(new Error("x"), { overloaded: true }))).toBe("overloaded");
    const both = Object.assign(new Error("x"), { overloaded: true, retryable: true });
    expect(failureKind(both)).toBe("overloaded");
    expect(failureKind(Object.assign(new Error("x"), { remote: true }))).toBe("failed");
  });

  test("what is no error is no reason to try again", () => {
    expect(failureKind("Network connection lost")).toBe("failed");
    expect(failureKind(undefined)).toBe("failed");
    expect(isDataError("SQLITE_ERROR")).toBe(false);
  });
});

/** Fails so often, then succeeds; and how often it was called. */
function failing(
  times: number,
  message = "Network connection lost",
): (() => Promise<string>) & { calls: number } {
  const operation = Object.assign(
    async (): Promise<string> => {
      operation.calls += 1;
      if (operation.calls <= times) throw new Error(`${message} ${operation.calls}`);
      return "done";
    },
    { calls: 0 },
  );
  return operation;
}

const later = (): number => Date.now() + 60_000;

/** Records the pauses, and makes none. */
function withoutPauses(): number[] {
  const pauses: number[] = [];
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms: number) => {
    pauses.push(ms);
    queueMicrotask(run);
    return 0;
  }) as unknown as typeof setTimeout);
  return pauses;
}

describe("trying again", () => {
  test.each(ROWS)("only where it may help: %s", async (message, kind) => {
    withoutPauses();
    const operation = failing(1, message);
    const outcome = await withRetries(later(), operation).catch((error: Error) => error.message);
    expect(outcome).toBe(kind === "retry" ? "done" : `${message} 1`);
    expect(operation.calls).toBe(kind === "retry" ? 2 : 1);
  });

  test("four times at most, with pauses that double; the last failure is thrown", async () => {
    const pauses = withoutPauses();
    vi.spyOn(Math, "random").mockReturnValue(1);
    const operation = failing(9);
    await expect(withRetries(later(), operation)).rejects.toThrow("Network connection lost 4");
    expect(pauses).toEqual([50, 100, 200]);
  });

  test("pauses have full jitter", async () => {
    const pauses = withoutPauses();
    vi.spyOn(Math, "random").mockReturnValue(0);
    await withRetries(later(), failing(3));
    expect(pauses).toEqual([0, 0, 0]);
  });

  test("not beyond the deadline", async () => {
    withoutPauses();
    vi.spyOn(Math, "random").mockReturnValue(1);
    const operation = failing(9);
    await expect(withRetries(Date.now() + 20, operation)).rejects.toThrow("lost 1");
    expect(operation.calls).toBe(1);
  });
});

describe("for a request", () => {
  test.each(ROWS)("%s", async (message, kind, isData) => {
    withoutPauses();
    quietConsole();
    const error: unknown = await fromStore(failing(9, message)).catch((thrown: unknown) => thrown);
    if (isData) expect(error).toMatchObject({ message: `${message} 1` });
    else {
      expect(error).toBeInstanceOf(Refusal);
      expect(error).toMatchObject({ code: kind === "overloaded" ? "overloaded" : "unavailable" });
    }
  });

  test("a failure that passes is not seen", async () => {
    expect(await fromStore(failing(2))).toBe("done");
  });

  test("all its calls together are repeated no longer than one commit may take", async () => {
    withoutPauses();
    quietConsole();
    const clock = vi.spyOn(Date, "now").mockReturnValue(0);
    const calls = (): Promise<string> => fromStore(failing(1));
    await withLogOrigin({ id: "1", credentials: [] }, async () => {
      expect(await calls()).toBe("done");
      clock.mockReturnValue(COMMIT_DEADLINE_MS - 100);
      expect(await calls()).toBe("done");
      clock.mockReturnValue(COMMIT_DEADLINE_MS);
      await expect(calls()).rejects.toThrow("unavailable");
    });
    // Another request has time of its own.
    await withLogOrigin({ id: "2", credentials: [] }, async () => {
      expect(await calls()).toBe("done");
    });
  });
});
