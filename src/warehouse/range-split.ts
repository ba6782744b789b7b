/** How a hot key range becomes two (docs/decisions/0011-ranges-split-by-themselves.md). */
import { logLine } from "../log.ts";
import { COMMIT_DEADLINE_MS, SPLIT_ATTEMPTS_MAX } from "./limits.ts";
import { endOf, rangesFromText, rangesToText, type SlotRun, splitRanges } from "./slots.ts";
import { withRetries } from "./store-errors.ts";

/** How an attempt ended: where the range ends now, and whether no other attempt can do more. */
export interface SplitResult {
  readonly end: number;
  readonly isLast: boolean;
}

const SELECT_RANGES = "SELECT ranges FROM tables WHERE id = ?1";

/** Whoever changed the ranges in between has won. */
const REPLACE_RANGES = "UPDATE tables SET ranges = ?3 WHERE id = ?1 AND ranges = ?2";

/**
 * Splits a range in its middle in the catalogue, unless it has been split already: then its
 * callers do not know it yet, and nothing is written. Repeating it is harmless, since a range that
 * is not as the caller says is left alone.
 *
 * @param run the range as its newest callers know it.
 * @throws what the catalogue throws.
 */
export async function splitRange(env: Env, tableId: number, run: SlotRun): Promise<SplitResult> {
  const deadline = Date.now() + COMMIT_DEADLINE_MS;
  const select = env.CATALOG.prepare(SELECT_RANGES).bind(tableId);
  for (let attempt = 1; attempt <= SPLIT_ATTEMPTS_MAX; attempt += 1) {
    const text = await withRetries(deadline, () => select.first<string>("ranges"));
    const ranges = text === null ? [] : rangesFromText(text);
    const end = endOf(ranges, run.start);
    if (text !== null && end < run.end) return { end, isLast: false };
    const split = splitRanges(ranges, run.start);
    if (text === null || split === undefined) return { end: run.end, isLast: true };
    const replace = env.CATALOG.prepare(REPLACE_RANGES).bind(tableId, text, rangesToText(split));
    const { meta } = await withRetries(deadline, () => replace.run());
    if (meta.changes === 0) continue;
    const middle = endOf(split, run.start);
    const facts = { table_id: tableId, start: run.start, middle, end, ranges: split.length };
    logLine("info", "range_split", facts);
    return { end: middle, isLast: false };
  }
  return { end: run.end, isLast: false };
}
