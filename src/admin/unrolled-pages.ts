/**
 * Pages of the records of a table whose integration loads nested values as columns and
 * subtables: the rows that it is read from are unrolled (warehouse/nested.ts), so a page can
 * end in the middle of a row, and many rows can give no record at all.
 */
import { Buffer } from "../buffer.ts";
import { type JsonObject, parseExact, stringifyExact } from "../json/exact.ts";
import { unroller } from "../warehouse/nested.ts";
import type { TableInfo } from "../warehouse/read-tables.ts";
import { shardsOf } from "../warehouse/slots.ts";
import { ROWS_BYTES_MAX, ROWS_LIMIT_MAX, UNROLLED_QUERIES_MAX } from "./limits.ts";
import { type RowCursor, type RowPage, selectNext, type StoredRow } from "./row-pages.ts";

/** How much a page may have and cost. */
export interface UnrolledLimits {
  /** Of keys and data of the rows in one query, and of the records of a page. */
  readonly bytesMax: number;
  readonly queriesMax: number;
}

const LIMITS: UnrolledLimits = { bytesMax: ROWS_BYTES_MAX, queriesMax: UNROLLED_QUERIES_MAX };

/**
 * Reads a page, shard after shard. A page that has read its share of rows ends with what it
 * has, which may be nothing: the table ends where `next` is undefined.
 *
 * @param after where the last page ended; its shard must be one of the table's.
 */
export async function readUnrolled(
  env: Env,
  table: TableInfo,
  after: RowCursor | undefined,
  rowsMax: number,
  limits: UnrolledLimits = LIMITS,
): Promise<RowPage> {
  const page = new UnrolledPage(table, rowsMax, limits.bytesMax);
  let queries = 0;
  for (const shard of shardsOf(table.ranges)) {
    if (shard < (after?.shard ?? 0)) continue;
    page.enter(shard === after?.shard ? after : { shard, key: "" });
    while (true) {
      if (queries === limits.queriesMax) return page.end();
      queries += 1;
      const { sourceTableId: id } = table;
      const rows = await selectNext(env, id, page.at, ROWS_LIMIT_MAX, limits.bytesMax);
      if (rows.length === 0) break;
      for (const row of rows) if (!page.addRow(row)) return page.end();
    }
  }
  return { rows: page.rows, next: undefined };
}

/** Collects records until the page is full. */
class UnrolledPage {
  readonly rows: StoredRow[] = [];
  readonly #unroll: ReturnType<typeof unroller>;
  readonly #rowsMax: number;
  readonly #bytesMax: number;
  #bytes = 0;
  #at: RowCursor = { shard: 0, key: "" };

  constructor(table: TableInfo, rowsMax: number, bytesMax: number) {
    this.#unroll = unroller(table);
    this.#rowsMax = rowsMax;
    this.#bytesMax = bytesMax;
  }

  /** How far the table is read. */
  get at(): RowCursor {
    return this.#at;
  }

  /** Goes on at another place. */
  enter(at: RowCursor): void {
    this.#at = at;
  }

  /** Adds the records of a row that are not read yet; false where they do not all fit. */
  addRow(row: StoredRow): boolean {
    const { shard, key, taken = 0 } = this.#at;
    // The row that the last page ended in may be gone.
    const skipped = row.key === key ? taken : 0;
    let index = 0;
    const data = parseExact(row.data) as JsonObject;
    for (const record of this.#unroll({ key: row.key, data })) {
      if (index >= skipped && !this.#add(row, stringifyExact(record))) {
        if (index > 0) this.#at = { shard, key: row.key, taken: index };
        return false;
      }
      index += 1;
    }
    this.#at = { shard, key: row.key };
    return true;
  }

  /** The page as it is, to be gone on with. */
  end(): RowPage {
    return { rows: this.rows, next: this.#at };
  }

  /** A page has one record at least, however large it is. */
  #add({ key, sequence }: StoredRow, data: string): boolean {
    const bytes = Buffer.byteLength(data);
    const isFull = this.rows.length === this.#rowsMax || this.#bytes + bytes > this.#bytesMax;
    if (isFull && this.rows.length > 0) return false;
    this.rows.push({ key, sequence, data });
    this.#bytes += bytes;
    return true;
  }
}
