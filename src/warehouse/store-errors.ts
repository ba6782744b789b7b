/**
 * What the store's failures mean, and what may be tried again (platform.md 4;
 * d1/observability/debug-d1, r2/api/error-codes, durable-objects/best-practices/error-handling).
 */
import { Refusal } from "../http/errors.ts";
import { currentOrigin, logError, type LogOrigin, messageOf } from "../log.ts";
import { pause } from "../pause.ts";
import { COMMIT_DEADLINE_MS } from "./limits.ts";

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
  // R2, with the code at the message's end (r2/api/error-codes): internal error, unavailable.
  ["(10001)", "retry"],
  ["(10043)", "retry"],
];

/** Kinds of D1 errors that name our own defect, or input that should have been refused. */
const DATA_ERRORS = /D1_TYPE_ERROR|SQLITE_(?:CONSTRAINT|ERROR|TOOBIG|AUTH)|malformed JSON/;

/** A database at its 10 GB (d1/observability/debug-d1), and SQLite's own words for it. */
const FULL = /Exceeded maximum DB size|SQLITE_FULL|database or disk is full/;

const TOO_MUCH = /exceeded (?:timeout|its memory limit|its CPU time limit)/;

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
  return error instanceof Error && DATA_ERRORS.test(error.message) && !isFull(error);
}

/** Whether a database has no room for what was to be written. Nothing was. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && FULL.test(error.message);
}

/** Whether the store gave a statement up as too long or too large: smaller ones may pass. */
export function isTooMuch(error: unknown): boolean {
  return error instanceof Error && TOO_MUCH.test(error.message);
}

/** SQLite's words for a text above D1's limit of 2,000,000 bytes: SQLITE_TOOBIG. */
const TOO_BIG = /TOOBIG|too big/i;

/** Whether what a statement gave, or made on the way, was longer than a text may be. */
export function isTooBig(error: unknown): boolean {
  return error instanceof Error && TOO_BIG.test(error.message);
}

function flag(error: Error, name: string): boolean {
  return Reflect.get(error, name) === true;
}

/** First pause at most, the longest one, and the most attempts; pauses double, full jitter. */
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
      const pauseMs = Math.random() * Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      const isLast = attempt === ATTEMPTS_MAX || Date.now() + pauseMs > deadline;
      if (isLast || failureKind(error) !== "retry") throw error;
      await pause(pauseMs);
    }
  }
}

/** When a call of the store first failed for a request, in ms since 1970. */
const firstFailures = new WeakMap<LogOrigin, number>();

/**
 * Until when the calls of a request are repeated: each for the time of a commit, and all of them
 * together no longer than that from the first failure on. A request makes up to ten calls one
 * after the other, and its client waits for the last.
 */
function retryDeadline(origin: LogOrigin | undefined): number {
  const failedAt = origin === undefined ? undefined : firstFailures.get(origin);
  return (failedAt ?? Date.now()) + COMMIT_DEADLINE_MS;
}

async function noting<T>(origin: LogOrigin | undefined, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (origin !== undefined && !firstFailures.has(origin)) firstFailures.set(origin, Date.now());
    throw error;
  }
}

/**
 * Runs an idempotent call of the store with retries, for a request that is to be answered.
 *
 * @throws Refusal overloaded or unavailable where the store does not answer; an error of the
 * data, which is a defect of ours, as it is.
 */
export async function fromStore<T>(operation: () => Promise<T>): Promise<T> {
  const origin = currentOrigin();
  try {
    return await withRetries(retryDeadline(origin), () => noting(origin, operation));
  } catch (error) {
    if (isDataError(error)) throw error;
    throw refusalOf(error);
  }
}

/**
 * What a surface answers to anything thrown: a failure of the store in the terms of the error
 * table, anything else as it is.
 */
export function asRefusal(error: Error): Error {
  if (error instanceof Refusal) return error;
  return failureKind(error) !== "failed" || isFull(error) ? refusalOf(error) : error;
}

function refusalOf(error: unknown): Refusal {
  logError("store_failed", { message: messageOf(error) });
  return new Refusal(failureKind(error) === "overloaded" ? "overloaded" : "unavailable");
}
