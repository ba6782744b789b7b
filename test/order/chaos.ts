/** What happens to the objects of tables in workerd meanwhile: faults, evictions and splits. */
import { evictDurableObject } from "cloudflare:test";
import { rangesFromText } from "../../src/warehouse/slots.ts";
import { testEnv } from "../support/env.ts";
import { replaced, type Tap, tapEnv, tapRange } from "../support/tap.ts";
import type { Random } from "../support/random.ts";

/** What has happened. */
export interface ChaosCounts {
  evictions: number;
  faultsBefore: number;
  faultsAfter: number;
}

/** Messages of D1 after which a call is tried again, and after which it is not (store-errors.ts). */
const MESSAGES = ["D1_ERROR: Network connection lost.", "D1_ERROR: internal error"];

/** A range that gets more requests than this is split: ten in the window of ten seconds. */
const SPLIT_REQUESTS_PER_S = "1";

/** Lets so many calls fail, before or after they are made. */
export function faultyTap(random: Random, share: number, counts: ChaosCounts): Tap {
  return async (_call, next) => {
    if (!random.chance(share)) return next();
    const error = new Error(random.pick(MESSAGES));
    if (random.chance(0.5)) {
      counts.faultsBefore += 1;
      throw error;
    }
    await next();
    counts.faultsAfter += 1;
    throw error;
  };
}

/** The starts of a table's ranges, as the catalogue has them. */
export async function rangeStarts(tableId: number): Promise<number[]> {
  const ranges = await testEnv.CATALOG.prepare("SELECT ranges FROM tables WHERE id = ?1")
    .bind(tableId)
    .first<string>("ranges");
  return rangesFromText(ranges ?? "[]").map(({ start }) => start);
}

/** Changes the bindings of an object. */
export type TapOwn = (own: Env) => Env;

/**
 * Evicts an object of a table. The next one has faults and splits early, most times.
 *
 * @param tapOwn changes its bindings besides.
 */
export async function disturb(
  random: Random,
  tableId: number,
  counts: ChaosCounts,
  tapOwn: TapOwn = (own) => own,
): Promise<void> {
  const name = `${tableId}:${random.pick(await rangeStarts(tableId))}`;
  counts.evictions += 1;
  if (random.chance(0.2)) {
    await evictDurableObject(testEnv.TABLE_RANGE.getByName(name)).catch(() => undefined);
    return;
  }
  const tap = faultyTap(random, 0.05, counts);
  await tapRange(testEnv, name, tap, (own) => ({
    ...tapEnv(tapOwn(own), tap),
    SPLIT_REQUESTS_PER_S,
  }));
}

/**
 * The upsert without its guard: of rows with sequences the last one wins, and one without never
 * replaces.
 */
function unguardedSql(sql: string): string {
  return sql
    .replace("max(excluded.sequence, rows.sequence)", "excluded.sequence")
    .replace(/WHERE excluded\.sequence > rows\.sequence.*$/, "WHERE excluded.sequence <> -1");
}

/** Bindings of an object whose upserts have lost their guard. */
export function unguarded(own: Env): Env {
  const entries = Object.entries(own).map(([name, binding]): [string, unknown] => {
    if (!/^SHARD_\d+$/.test(name)) return [name, binding];
    const database = binding as D1Database;
    const prepare = (sql: unknown): unknown => database.prepare(unguardedSql(String(sql)));
    return [name, replaced(database, { prepare })];
  });
  return Object.fromEntries(entries) as unknown as Env;
}
