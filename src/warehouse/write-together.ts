/** What a key range's object writes in one transaction. */
import type { Write, Written } from "./commit-queue.ts";
import { type CountedStatements, countedStatements } from "./counting.ts";
import { changesOf, UPSERT, upsertRows } from "./rows.ts";

/**
 * Writes rows in one transaction, in their order, and counts where that is asked for. Rows that
 * nobody counts are the statements that they always were.
 */
export async function writeTogether(
  database: D1Database,
  tableId: number,
  writes: readonly Write[],
): Promise<Written> {
  const [first, ...others] = writes;
  if (first === undefined) return { changes: 0, tallies: [] };
  if (others.length === 0 && first.counting === undefined) {
    return { changes: await upsertRows(database, tableId, first.parameters), tallies: [] };
  }
  return writeCounted(database, tableId, writes);
}

async function writeCounted(
  database: D1Database,
  tableId: number,
  writes: readonly Write[],
): Promise<Written> {
  const upsert = database.prepare(UPSERT);
  const parts = writes.map(
    ({
      parameters,
      counting,
    }): Partial<CountedStatements> & Pick<CountedStatements, "statements"> =>
      counting === undefined
        ? { statements: parameters.map((json) => upsert.bind(json, tableId)) }
        : countedStatements(database, tableId, parameters, counting),
  );
  const results = await database.batch(parts.flatMap(({ statements }) => statements));
  let at = 0;
  let changes = 0;
  const tallies = [];
  for (const { statements, read } of parts) {
    const own = results.slice(at, at + statements.length);
    at += statements.length;
    const counted = read?.(own);
    changes += counted?.changes ?? changesOf(own);
    if (counted !== undefined) tallies.push(counted.tally);
  }
  return { changes, tallies };
}
