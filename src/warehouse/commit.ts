/** From encoded rows to Durable Objects: the part of an import that may be half done. */
import { type ErrorCode, Refusal } from "../http/errors.ts";
import type { CommitError, CommitResult } from "./commit-queue.ts";
import type { DraftTable, RangePart } from "./draft-table.ts";
import { COMMIT_DEADLINE_MS, PARALLEL_CALLS_MAX } from "./limits.ts";
import { forEachParallel } from "./parallel.ts";
import { type KeyRange, shardsOf } from "./slots.ts";
import { failureKind, withRetries } from "./store-errors.ts";
import type { ActivationResult, RangeActivation, TableRange } from "./table-range.ts";
import { raiseVersion, type TableRecord } from "./tables.ts";

/**
 * Writes what the drafts hold, tables side by side, the steps of a table in their order.
 *
 * @throws Refusal overloaded, unavailable or internal, when a part may be written.
 */
export async function commitTables(env: Env, drafts: readonly DraftTable[]): Promise<void> {
  const [first, ...others] = drafts;
  // The warm small push: no list to walk, no promise more than the commit itself.
  if (first !== undefined && others.length === 0) return commitTable(env, first);
  await forEachParallel(drafts, PARALLEL_CALLS_MAX, (draft) => commitTable(env, draft));
}

async function commitTable(env: Env, draft: DraftTable): Promise<void> {
  const { table } = draft;
  for (const { parts, activate } of draft.finish()) {
    const [only, ...others] = parts;
    if (only !== undefined && others.length === 0) await commitPart(env, table, only);
    else await forEachParallel(parts, PARALLEL_CALLS_MAX, (part) => commitPart(env, table, part));
    if (activate !== undefined) await activateVersion(env, table, activate);
  }
}

async function commitPart(env: Env, table: TableRecord, part: RangePart): Promise<void> {
  const { range, chunks } = part;
  const message = { tableId: table.id, shard: range.shard, chunks };
  check(await callRange(env, table, range, (stub) => stub.commit(message)));
}

async function activateVersion(env: Env, table: TableRecord, version: string): Promise<void> {
  if (!(await raiseVersion(env, table.id, version))) return;
  for (const shard of shardsOf(table.ranges)) {
    const range = table.ranges.find((candidate) => candidate.shard === shard);
    if (range !== undefined) await activateOnShard(env, table, range, version);
  }
}

async function activateOnShard(
  env: Env,
  table: TableRecord,
  range: KeyRange,
  version: string,
): Promise<void> {
  let after: string | undefined = "";
  while (after !== undefined) {
    const message: RangeActivation = { tableId: table.id, shard: range.shard, version, after };
    const result = await callRange(env, table, range, (stub) => stub.activate(message));
    check(result);
    after = result.next;
  }
}

/**
 * Calls the object of a range. A call that broke on its way is repeated on a new stub, since
 * the old one stays broken: every message may be repeated.
 */
async function callRange(
  env: Env,
  table: TableRecord,
  range: KeyRange,
  call: (stub: DurableObjectStub<TableRange>) => Promise<ActivationResult>,
): Promise<ActivationResult> {
  const name = `${table.id}:${range.start}`;
  const deadline = Date.now() + COMMIT_DEADLINE_MS;
  try {
    return await withRetries(deadline, () => call(env.TABLE_RANGE.getByName(name)));
  } catch (error) {
    logFailure(error instanceof Error ? error.message : String(error), table.id);
    throw new Refusal(failureKind(error) === "overloaded" ? "overloaded" : "unavailable");
  }
}

const REFUSALS = {
  overloaded: "overloaded",
  unavailable: "unavailable",
  failed: "internal",
} as const satisfies Record<CommitError, ErrorCode>;

function check(result: CommitResult): void {
  if (result.error === undefined) return;
  logFailure(result.message ?? result.error);
  throw new Refusal(REFUSALS[result.error]);
}

function logFailure(message: string, tableId?: number): void {
  console.error(JSON.stringify({ level: "error", event: "commit_failed", tableId, message }));
}
