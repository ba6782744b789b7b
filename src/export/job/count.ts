/** Counting a table before it is exported: how far the export is, and whether it may be made. */
import { countStep, type Readable } from "../../warehouse/rows.ts";
import { COUNT_ROWS_MAX, COUNT_STEP_ROWS } from "../limits.ts";

/**
 * How many rows there are in these databases together.
 *
 * @param rowsMax counting stops soon after so many.
 * @returns the count; at least `rowsMax` and one more where it stopped.
 */
export async function countRows(
  databases: readonly Readable[],
  tableId: number,
  rowsMax: number = COUNT_ROWS_MAX,
): Promise<number> {
  let sum = 0;
  for (const database of databases) {
    for (let after = ""; sum <= rowsMax;) {
      const step = { tableId, after, rowsMax: COUNT_STEP_ROWS };
      const { rows, lastKey } = await countStep(database, step);
      sum += rows;
      if (rows < COUNT_STEP_ROWS) break;
      after = lastKey;
    }
  }
  return sum;
}

const NOTE = "UPDATE tables SET counted_rows = ?2, counted_at = ?3 WHERE id = ?1";

/** Notes a table's count, by which exports that cannot be made are refused at once. */
export async function noteCount(env: Env, tableId: number, rows: number): Promise<void> {
  await env.CATALOG.prepare(NOTE).bind(tableId, rows, Date.now()).run();
}
