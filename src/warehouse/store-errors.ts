/**
 * What the store's failures mean, and what may be tried again (platform.md 4;
 * d1/observability/debug-d1, durable-objects/best-practices/error-handling).
 */

/** `retry`: may be repeated if idempotent; `overloaded`: back off; `failed`: repeating is no help. */
export type FailureKind = "retry" | "overloaded" | "failed";

/** Looked up in this order: the first that the message contains decides. */
const MESSAGES: readonly (readonly [part: string, kind: FailureKind])[] = [
  ["exceeded timeout", "failed"],
  ["exceeded its memory limit", "failed"],
  ["exceeded its CPU time limit", "failed"],
  ["free tier daily row", "overloaded"],
  ["D1 DB is overloaded", "overloaded"],
  ["Network connection lost", "retry"],
  ["storage caused object to be reset", "retry"],
  ["reset because its code was updated", "retry"],
  ["Cannot resolve D1 DB due to transient issue on remote node", "retry"],
  ["Can't read from request stream because client disconnected", "retry"],
];

/** Kinds of D1 errors that name our own defect, or input that should have been refused. */
const DATA_ERRORS = /D1_TYPE_ERROR|SQLITE_(?:CONSTRAINT|ERROR|TOOBIG|AUTH)|malformed JSON/;

/** What a failure of D1 or of a Durable Object stub means. */
export function failureKind(error: unknown): FailureKind {
  if (!(error instanceof Error)) return "failed";
  if (flag(error, "overloaded")) return "overloaded";
  if (flag(error, "retryable")) return "retry";
  const row = MESSAGES.find(([part]) => error.message.includes(part));
  return row?.[1] ?? "failed";
}

/** Whether the failure comes from the data of a statement, not from the state of the store. */
export function isDataError(error: unknown): boolean {
  return error instanceof Error && DATA_ERRORS.test(error.message);
}

function flag(error: Error, name: string): boolean {
  return Reflect.get(error, name) === true;
}

/** First pause, the longest one, and the most attempts; pauses double, with full jitter. */
const FIRST_PAUSE_MS = 50;
const PAUSE_MS_MAX = 2_000;
const ATTEMPTS_MAX = 4;

/**
 * Runs an idempotent operation again while its failures are of kind `retry`, at most four
 * times and not beyond the deadline. Rethrows the last failure, after which the operation may
 * or may not have taken effect.
 *
 * @param deadline instant in ms since 1970.
 */
export async function withRetries<T>(deadline: number, operation: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      const pause = Math.random() * Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** attempt);
      const isLast = attempt === ATTEMPTS_MAX || Date.now() + pause > deadline;
      if (isLast || failureKind(error) !== "retry") throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
