/** From encoded rows to Durable Objects: the part of an import that may be half done. */
import { type ErrorCode, Refusal } from "../http/errors.ts";
import { logError } from "../log.ts";
import type { AppendRows } from "./append-rows.ts";
import type { Chunk } from "./chunks.ts";
import type { CommitError, CommitResult } from "./commit-queue.ts";
import type { DraftTable, RangePart } from "./draft-table.ts";
import { MESSAGE_BYTES_MAX, PARALLEL_CALLS_MAX } from "./limits.ts";
import { CallLimit, forEachParallel } from "./parallel.ts";
import { type KeyRange, shardsOf } from "./slots.ts";
import { fromStore } from "./store-errors.ts";
import type { ActivationResult, RangeActivation, TableRange } from "./table-range.ts";
import { raiseVersion, type TableRecord } from "./tables.ts";

/**
 * Writes what the drafts hold, tables side by side, the steps of a table in their order.
 *
 * @throws Refusal overloaded, unavailable or internal, when a part may be written.
 */
export async function commitTables(env: Env, drafts: readonly DraftTable[]): Promise<void> {
  // One limit for all tables and their ranges together: the invocation has it, not the table.
  const calls = new CallLimit(PARALLEL_CALLS_MAX);
  const [first, ...others] = drafts;
  // The warm small push: no list to walk, no promise more than the commit itself.
  if (first !== undefined && others.length === 0) return commitTable({ env, calls }, first);
  await forEachParallel(drafts, PARALLEL_CALLS_MAX, (draft) => commitTable({ env, calls }, draft));
}

/** What every call of one request needs. */
interface CallContext {
  readonly env: Env;
  readonly calls: CallLimit;
}

async function commitTable(context: CallContext, draft: DraftTable): Promise<void> {
  const { table, appended } = draft;
  if (appended !== undefined) return appendRows(context, table, appended);
  for (const { parts, activate } of draft.finish()) {
    const [only, ...others] = parts;
    if (only !== undefined && others.length === 0) await commitPart(context, table, only);
    else {
      await forEachParallel(parts, PARALLEL_CALLS_MAX, (part) => commitPart(context, table, part));
    }
    if (activate !== undefined) await activateVersion(context, table, activate);
  }
}

/** The switches first, then all rows in one commit: see {@link AppendRows}. */
async function appendRows(
  context: CallContext,
  table: TableRecord,
  appended: AppendRows,
): Promise<void> {
  const effective: boolean[] = [];
  for (const version of appended.switches) {
    effective.push(await activateVersion(context, table, version));
  }
  const chunks = appended.chunks(effective);
  if (chunks.length > 0) await commitPart(context, table, { range: appended.range, chunks });
}

async function commitPart(
  context: CallContext,
  table: TableRecord,
  { range, chunks }: RangePart,
): Promise<void> {
  for (const some of messages(chunks)) {
    const message = { tableId: table.id, shard: range.shard, chunks: some };
    check(await callRange(context, table, range, (stub) => stub.commit(message)));
  }
}

/** Chunks in their order, as many together as one call takes. */
function messages(chunks: readonly Chunk[]): Chunk[][] {
  const found: Chunk[][] = [];
  let bytes = Infinity;
  for (const chunk of chunks) {
    if (bytes + chunk.bytes > MESSAGE_BYTES_MAX) {
      found.push([]);
      bytes = 0;
    }
    found.at(-1)?.push(chunk);
    bytes += chunk.bytes;
  }
  return found;
}

/** Switches to a version; false where it changes nothing, because a higher one is current. */
async function activateVersion(
  context: CallContext,
  table: TableRecord,
  version: string,
): Promise<boolean> {
  const { env, calls } = context;
  if (!(await calls.run(() => raiseVersion(env, table.id, version)))) return false;
  for (const shard of shardsOf(table.ranges)) {
    const range = table.ranges.find((candidate) => candidate.shard === shard);
    if (range !== undefined) await activateOnShard(context, table, range, version);
  }
  return true;
}

async function activateOnShard(
  context: CallContext,
  table: TableRecord,
  range: KeyRange,
  version: string,
): Promise<void> {
  let after: string | undefined = "";
  while (after !== undefined) {
    const message: RangeActivation = { tableId: table.id, shard: range.shard, version, after };
    const result = await callRange(context, table, range, (stub) => stub.activate(message));
    check(result);
    after = result.next;
  }
}

/**
 * Calls the object of a range. A call that broke on its way is repeated on a new stub, since
 * the old one stays broken: every message may be repeated.
 */
function callRange(
  { env, calls }: CallContext,
  table: TableRecord,
  range: KeyRange,
  call: (stub: DurableObjectStub<TableRange>) => Promise<ActivationResult>,
): Promise<ActivationResult> {
  const name = `${table.id}:${range.start}`;
  return fromStore(() => calls.run(() => call(env.TABLE_RANGE.getByName(name))));
}

const REFUSALS = {
  overloaded: "overloaded",
  unavailable: "unavailable",
  failed: "internal",
} as const satisfies Record<CommitError, ErrorCode>;

function check(result: CommitResult): void {
  if (result.error === undefined) return;
  const message = result.message ?? result.error;
  logError("commit_failed", { message });
  throw new Refusal(REFUSALS[result.error]);
}
