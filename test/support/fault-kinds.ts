/** The kinds of faults of a binding's call, with the messages of platform.md 4. */
import type { TappedCall } from "./tap.ts";

/** What makes a call fail, or not. */
export interface Fault {
  /** For the names of tests. */
  readonly name: string;
  /** Whether the code may repeat a call that fails so. */
  readonly isRetried: boolean;
  /** Makes the call with `next` or not, and throws or not. */
  readonly meet: <T>(call: TappedCall, next: () => Promise<T>) => Promise<T>;
  /** Calls that it cannot meet are not counted; without this, it can meet every call. */
  readonly meets?: (call: TappedCall) => boolean;
}

/** The kinds of bindings that calls go to. */
export type BindingKind = "d1" | "r2" | "object" | "workflow" | "rate";

/** The kind of binding that a call goes to. */
export function kindOf({ binding }: Pick<TappedCall, "binding">): BindingKind {
  if (binding === "FILES") return "r2";
  if (binding === "TABLE_RANGE") return "object";
  if (binding === "EXPORT_JOB") return "workflow";
  return binding.endsWith("_RATE") ? "rate" : "d1";
}

/** An error of an object's stub, with the flags that the runtime sets. */
export function stubError(message: string, flags: Readonly<Record<string, boolean>>): Error {
  return Object.assign(new Error(message), flags);
}

type ErrorOf = Readonly<Record<BindingKind, () => Error>>;

const error = (message: string) => (): Error => new Error(message);

const LOST: ErrorOf = {
  d1: error("D1_ERROR: Network connection lost."),
  r2: error("put: We encountered an internal error. Please try again. (10001)"),
  object: () => stubError("Network connection lost.", { retryable: true }),
  workflow: error("Network connection lost."),
  rate: error("Network connection lost."),
};

const RESET: ErrorOf = {
  ...LOST,
  d1: error("D1_ERROR: Internal error in D1 DB storage caused object to be reset."),
  r2: error("put: The service is temporarily unavailable. (10043)"),
  object: () =>
    stubError("The Durable Object's code has been updated, and it was reset.", { retryable: true }),
};

const OVERLOADED: ErrorOf = {
  d1: error("D1_ERROR: D1 DB is overloaded. Requests queued for too long."),
  r2: error("put: Reduce your concurrent request rate for the same object. (10058)"),
  // Both flags at once: an overloaded object must not be tried again whatever else is said.
  object: () =>
    stubError("Durable Object is overloaded. Too many requests queued.", {
      overloaded: true,
      retryable: true,
    }),
  workflow: error("Workflow engine is overloaded."),
  rate: error("Rate limiter is overloaded."),
};

const TIMEOUT: ErrorOf = {
  d1: error("D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset."),
  r2: error("put: Access denied. (10012)"),
  object: () => stubError("internal error", { remote: true }),
  workflow: error("internal error"),
  rate: error("internal error"),
};

const DEFECT: ErrorOf = {
  ...TIMEOUT,
  d1: error("D1_ERROR: no such column: nothing: SQLITE_ERROR"),
};

const UPLOAD_GONE: ErrorOf = {
  ...TIMEOUT,
  r2: error("uploadPart: The specified multipart upload does not exist. (10024)"),
};

function before(name: string, errors: ErrorOf, isRetried: boolean): Fault {
  const meet = async (call: TappedCall): Promise<never> => {
    throw errors[kindOf(call)]();
  };
  return { name, isRetried, meet };
}

function after(name: string, errors: ErrorOf, isRetried: boolean): Fault {
  const meet = async <T>(call: TappedCall, next: () => Promise<T>): Promise<T> => {
    await next();
    throw errors[kindOf(call)]();
  };
  return { name, isRetried, meet };
}

/** How long a slow call takes more, in ms: others get ahead of it, and a test hardly waits. */
const SLOW_MS = 10;

const slow: Fault = {
  name: "slow",
  isRetried: false,
  meet: async (_, next) => {
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    return next();
  },
};

/** What a binding answers to a call that it did not make. */
function success({ binding, method, statements }: TappedCall): unknown {
  if (kindOf({ binding }) === "object") return {};
  if (kindOf({ binding }) !== "d1") return undefined;
  const one = { success: true, results: [], meta: { changes: 1, last_row_id: 1 } };
  if (method === "batch") return statements.map(() => one);
  return method === "first" ? null : one;
}

/** Whether a call writes rows: to an object or a shard. */
function writesRows({ binding, statements }: TappedCall): boolean {
  if (binding === "TABLE_RANGE") return true;
  const isWrite = statements.some(({ sql }) => /^\s*(?:INSERT|UPDATE|DELETE|WITH)/i.test(sql));
  return binding.startsWith("SHARD_") && isWrite;
}

/** The faults, by name. */
export const FAULTS = {
  /** The connection is lost before the call is made. */
  lostBefore: before("lost before", LOST, true),
  /** The call is made, and its answer is lost. */
  lostAfter: after("lost after", LOST, true),
  /** The store or the object starts anew, before the call is made. */
  resetBefore: before("reset before", RESET, true),
  /** The call is made, and the store or the object starts anew. */
  resetAfter: after("reset after", RESET, true),
  /** The store says that it has too much to do, before the call is made. */
  overloaded: before("overloaded", OVERLOADED, false),
  /** The store gives up; repeating is no help. */
  timeoutBefore: before("timeout before", TIMEOUT, false),
  /** The store gives up although the call was made; repeating is no help. */
  timeoutAfter: after("timeout after", TIMEOUT, false),
  /** A defect of ours, says D1. */
  defect: before("defect", DEFECT, false),
  /** R2 knows the upload no more. */
  uploadGone: before("upload gone", UPLOAD_GONE, false),
  /** The call takes longer. */
  slow,
  /** A write of rows is not made and answered as if it were: what no check may let pass. */
  liar: {
    name: "liar",
    isRetried: false,
    meets: writesRows,
    // The tap is told what the call answers.
    meet: async <T>(call: TappedCall) => success(call) as T,
  },
} as const satisfies Record<string, Fault>;
