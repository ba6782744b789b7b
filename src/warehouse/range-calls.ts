/** Calls of the objects in front of the key ranges, for one request. */
import { type ErrorCode, Refusal } from "../http/errors.ts";
import { logError } from "../log.ts";
import type { Chunk } from "./chunks.ts";
import type { CommitError, CommitResult } from "./commit-queue.ts";
import { MESSAGE_BYTES_MAX } from "./limits.ts";
import type { CallLimit } from "./parallel.ts";
import type { KeyRange, SlotRun } from "./slots.ts";
import { fromStore } from "./store-errors.ts";
import { cacheOf } from "./table-cache.ts";
import type { RangeCommit, TableRange } from "./table-range.ts";
import type { TableRecord } from "./tables.ts";

/** What every call of one request needs. */
export interface CallContext {
  readonly env: Env;
  readonly calls: CallLimit;
}

/**
 * Calls the object of a range. A call that broke on its way is repeated on a new stub, since
 * the old one stays broken: every message may be repeated.
 *
 * @throws Refusal overloaded or unavailable.
 */
export function callRange<T>(
  { env, calls }: CallContext,
  table: TableRecord,
  range: KeyRange,
  call: (stub: DurableObjectStub<TableRange>) => Promise<T>,
): Promise<T> {
  const name = rangeName(table, range);
  return fromStore(() => calls.run(() => call(env.TABLE_RANGE.getByName(name))));
}

/** The message that commits some rows of a range; `run` is absent from what says nothing of load. */
export function commitMessage(
  table: TableRecord,
  { range, run }: { readonly range: KeyRange; readonly run: SlotRun | undefined },
  chunks: readonly Chunk[],
): RangeCommit {
  const message = { tableId: table.id, shard: range.shard, chunks };
  return run === undefined ? message : { ...message, run };
}

/** What a range's object is called, and what it is called in the marks of repeats. */
export function rangeName(table: TableRecord, range: KeyRange): string {
  return `${table.id}:${range.start}`;
}

/**
 * Takes note of a commit's result: a table whose range was split since is read again by the next
 * request.
 *
 * @throws Refusal as {@link check}.
 */
export function checkCommit({ env }: CallContext, table: TableRecord, result: CommitResult): void {
  if (result.isStale === true) cacheOf(env).forget(table);
  check(result);
}

const REFUSALS = {
  overloaded: "overloaded",
  unavailable: "unavailable",
  failed: "internal",
} as const satisfies Record<CommitError, ErrorCode>;

/** @throws Refusal overloaded, unavailable, shards_full or internal where the object says so. */
export function check(result: CommitResult): void {
  if (result.error === undefined) return;
  const message = result.message ?? result.error;
  logError(result.isFull === true ? "shard_full" : "commit_failed", { message });
  throw new Refusal(result.isFull === true ? "shards_full" : REFUSALS[result.error]);
}

/**
 * Chunks in their order, as many together as one call takes.
 *
 * @param firstBytes that the first call has besides its chunks.
 */
export function messages(chunks: readonly Chunk[], firstBytes = 0): Chunk[][] {
  const found: Chunk[][] = [];
  let bytes = firstBytes;
  for (const chunk of chunks) {
    if (found.length === 0 || bytes + chunk.bytes > MESSAGE_BYTES_MAX) {
      if (found.length > 0) bytes = 0;
      found.push([]);
    }
    found.at(-1)?.push(chunk);
    bytes += chunk.bytes;
  }
  return found;
}
