/** How the rows of a request would fare, without writing them. */
import { lookUps, tallyOfLookUps } from "./counting.ts";
import { type DraftTable, type RangePart, sentKeysOf } from "./draft-table.ts";
import { PARALLEL_CALLS_MAX } from "./limits.ts";
import { CallLimit, forEachParallel } from "./parallel.ts";
import { messages } from "./range-calls.ts";
import { freshSession } from "./shards.ts";
import { fromStore } from "./store-errors.ts";
import { addTallies, NO_ROWS, type Tally } from "./tally.ts";

/**
 * The tally that a counted commit of the drafts would have now: one D1 call for each shard of
 * each table that exists, and more only with more keys than a call takes. Version switches are
 * left out: rows are looked up as they are.
 *
 * @throws Refusal overloaded or unavailable.
 */
export async function tallyTables(env: Env, drafts: readonly DraftTable[]): Promise<Tally> {
  const calls = new CallLimit(PARALLEL_CALLS_MAX);
  let tally = NO_ROWS;
  await forEachParallel(drafts, PARALLEL_CALLS_MAX, async (draft) => {
    const known = draft.appended;
    const parts = known === undefined ? draft.finish().flatMap((step) => step.parts) : [];
    if (known !== undefined) tally = addTallies(tally, { ...NO_ROWS, inserted: known.rows });
    for (const [shard, own] of Map.groupBy(parts, ({ range }) => range.shard)) {
      const more = draft.isNew
        ? tallyOfNew(own)
        : await calls.run(() => tallyOnShard(env, draft.table.id, shard, own));
      tally = addTallies(tally, more);
    }
  });
  return tally;
}

function tallyOfNew(parts: readonly RangePart[]): Tally {
  return parts
    .map((part) => sentKeysOf(part))
    .map(({ size, rows }) => ({ inserted: size, replaced: 0, stale: rows - size }))
    .reduce(addTallies, NO_ROWS);
}

async function tallyOnShard(
  env: Env,
  tableId: number,
  shard: number,
  parts: readonly RangePart[],
): Promise<Tally> {
  const session = freshSession(env, shard);
  const keys = parts.map((part) => sentKeysOf(part));
  const rows = keys.reduce((sum, part) => sum + part.rows, 0);
  const results: D1Result[] = [];
  for (const some of messages(keys.flatMap((part) => part.finish()))) {
    const statements = lookUps(session, tableId, some);
    results.push(...(await fromStore(() => session.batch(statements))));
  }
  return tallyOfLookUps(results, { rows, inserted: 0 });
}
