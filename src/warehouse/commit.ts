/** From encoded rows to Durable Objects: the part of an import that may be half done. */
import type { AppendRows } from "./append-rows.ts";
import { freeChunks } from "./chunks.ts";
import { commitCounted, Counter } from "./commit-counted.ts";
import { type DraftTable, type RangePart, sentKeysOf } from "./draft-table.ts";
import { PARALLEL_CALLS_MAX } from "./limits.ts";
import { CallLimit, forEachParallel } from "./parallel.ts";
import {
  type CallContext,
  callRange,
  check,
  checkCommit,
  commitMessage,
  messages,
} from "./range-calls.ts";
import { type KeyRange, shardsOf } from "./slots.ts";
import type { RangeActivation } from "./table-range.ts";
import { raiseVersion, type TableRecord } from "./tables.ts";
import type { Once, Tally } from "./tally.ts";

/**
 * Writes what the drafts hold, tables side by side, the steps of a table in their order.
 *
 * @throws Refusal overloaded, unavailable or internal, when a part may be written.
 */
export function commitTables(env: Env, drafts: readonly DraftTable[]): Promise<void> {
  return commitAll(env, drafts);
}

/**
 * What {@link commitTables} does, and how the rows of the drafts fared, which must keep the keys.
 *
 * @param once makes each part take effect at most once.
 * @throws Refusal as {@link commitTables}.
 */
export async function commitTablesCounted(
  env: Env,
  drafts: readonly DraftTable[],
  once?: Once,
): Promise<Tally> {
  const counter = new Counter(once);
  await commitAll(env, drafts, counter);
  return counter.tally;
}

interface CommitContext extends CallContext {
  readonly counter: Counter | undefined;
}

async function commitAll(
  env: Env,
  drafts: readonly DraftTable[],
  counter?: Counter,
): Promise<void> {
  // One limit for all tables and their ranges together: the invocation has it, not the table.
  const context = { env, calls: new CallLimit(PARALLEL_CALLS_MAX), counter };
  const [first, ...others] = drafts;
  // The warm small push: no list to walk, no promise more than the commit itself.
  if (first !== undefined && others.length === 0) return commitTable(context, first);
  await forEachParallel(drafts, PARALLEL_CALLS_MAX, (draft) => commitTable(context, draft));
}

async function commitTable(context: CommitContext, draft: DraftTable): Promise<void> {
  const { table, appended } = draft;
  if (appended !== undefined) return appendRows(context, draft, appended);
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
  context: CommitContext,
  draft: DraftTable,
  appended: AppendRows,
): Promise<void> {
  const { table } = draft;
  const effective: boolean[] = [];
  for (const version of appended.switches) {
    effective.push(await activateVersion(context, table, version));
  }
  const chunks = appended.chunks(effective);
  const { counter } = context;
  // A repeat has other keys: only the mark, which lives in one range, knows the rows.
  const range = appended.rangeOf(counter?.onceId);
  const part = { range, run: draft.runOf(range), chunks };
  if (counter === undefined) {
    if (chunks.length > 0) await commitPart(context, table, part);
    return;
  }
  const { rows } = appended;
  const counted = { ...part, rows, inserted: rows, keys: [] };
  await commitCounted({ ...context, counter }, table, counted);
}

async function commitPart(
  context: CommitContext,
  table: TableRecord,
  part: RangePart,
): Promise<void> {
  const { counter } = context;
  const { range, run, chunks } = part;
  if (counter !== undefined) {
    const keys = sentKeysOf(part);
    const counted = { range, run, chunks, rows: keys.rows, inserted: 0, keys: keys.finish() };
    return commitCounted({ ...context, counter }, table, counted);
  }
  for (const some of messages(chunks)) {
    const message = commitMessage(table, part, some);
    const result = await callRange(context, table, range, (stub) => stub.commit(message));
    freeChunks(some);
    checkCommit(context, table, result);
  }
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
    // The first one: it was there before any split, so that switches of a shard meet one object.
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
