/** Deleting many rows in small statements: a database does nothing else while one runs. */

/**
 * Rows that one statement deletes: 50 to 100 ms among a million rows on a busy machine where each
 * is on a page of its own, for which imports wait.
 */
export const DELETE_STEP_ROWS = 1_000;

/**
 * Deletes rows in statements of DELETE_STEP_ROWS, until a statement finds fewer.
 *
 * @param max rows in all.
 * @param statement deletes at most so many rows.
 * @returns how many were deleted.
 * @throws what D1 throws.
 */
export async function deleteInSteps(
  max: number,
  statement: (rows: number) => D1PreparedStatement,
): Promise<number> {
  let deleted = 0;
  while (deleted < max) {
    const rows = Math.min(DELETE_STEP_ROWS, max - deleted);
    // Changes of indexes are not counted.
    const { meta } = await statement(rows).run();
    deleted += meta.changes;
    if (meta.changes < rows) break;
  }
  return deleted;
}
