/** Statements that count what rows replace, and write them at most once (migrations/shard/0002). */
import { type Chunk, chunkText } from "./chunks.ts";
import { changesOf, UPSERT, upsertWhere } from "./rows.ts";
import { addTallies, NO_ROWS, type Tally } from "./tally.ts";

/** What is to be counted of a request's rows. Stays readable one release back. */
export interface Counting {
  readonly rows: number;
  /** Of them, rows whose keys are new for certain. */
  readonly inserted: number;
  /** The keys of all others, each once (sent-keys.ts). */
  readonly keys: readonly Chunk[];
  /** Names the rows in every repeat of their request, where they may take effect only once. */
  readonly mark?: string;
}

/** Statements for one request's rows, and what their results say. */
export interface CountedStatements {
  readonly statements: readonly D1PreparedStatement[];
  /** @param results of these statements. */
  readonly read: (results: readonly D1Result[]) => { tally: Tally; changes: number };
}

/**
 * Each key once: it has a row or not, and the row gives way or not, by the guard of the upsert
 * (rows.ts). ?1 is a JSON array of `<sequence> <key>`.
 */
const LOOK_UP = `SELECT count(*) - count(rows.key) AS inserted,
  count(CASE WHEN sent.sequence > rows.sequence OR (sent.sequence = -1 AND rows.key IS NOT NULL)
    THEN 1 END) AS replaced
FROM (
  SELECT CAST(value AS INTEGER) AS sequence, substr(value, instr(value, ' ') + 1) AS key
  FROM json_each(?1)
) AS sent
LEFT JOIN rows ON rows.table_id = ?2 AND rows.key = sent.key`;

/** Only for the first attempt of all: it alone is in the table then. */
const MARK = `INSERT INTO applied_requests (id, attempt, inserted, replaced, stale, applied_at)
SELECT ?3, ?4, ?6 + inserted, replaced, ?5 - ?6 - inserted - replaced, ?7 FROM (${LOOK_UP})
WHERE true
ON CONFLICT (id) DO UPDATE SET
  inserted = applied_requests.inserted + excluded.inserted,
  replaced = applied_requests.replaced + excluded.replaced,
  stale = applied_requests.stale + excluded.stale
WHERE applied_requests.attempt = excluded.attempt`;

const UPSERT_ONCE = upsertWhere(
  "EXISTS (SELECT 1 FROM applied_requests WHERE id = ?3 AND attempt = ?4)",
);

const SELECT_MARK = "SELECT inserted, replaced, stale FROM applied_requests WHERE id = ?1";

/** The keys as bound parameters: JSON arrays. */
const arrays = (keys: readonly Chunk[]): string[] => keys.map((chunk) => `[${chunkText(chunk)}]`);

/**
 * Reads how the rows of these keys would fare: one statement for each run of keys.
 *
 * @param keys as in {@link Counting}.
 */
export function lookUps(
  database: Pick<D1Database, "prepare">,
  tableId: number,
  keys: readonly Chunk[],
): D1PreparedStatement[] {
  const lookUp = database.prepare(LOOK_UP);
  return arrays(keys).map((array) => lookUp.bind(array, tableId));
}

/** What {@link lookUps} found, as a tally of so many rows. */
export function tallyOfLookUps(
  results: readonly D1Result[],
  { rows, inserted }: Pick<Counting, "rows" | "inserted">,
): Tally {
  const found = results.map((result) => firstRow<Pick<Tally, "inserted" | "replaced">>(result));
  const sum = found
    .map((row) => ({ ...NO_ROWS, ...row }))
    .reduce(addTallies, { ...NO_ROWS, inserted });
  return { ...sum, stale: rows - sum.inserted - sum.replaced };
}

/**
 * The statements that write rows and count them, for one transaction. All keys are looked up
 * before the first row is written: a key can be in several parameters.
 *
 * With a mark, an attempt takes effect where no other has: the rows are written only by the
 * attempt that the mark names. Call it for each try anew, so that a try whose answer was lost is
 * another attempt, and the next one finds what it has left.
 *
 * @param parameters JSON objects of members (chunks.ts).
 */
export function countedStatements(
  database: D1Database,
  tableId: number,
  parameters: readonly string[],
  counting: Counting,
): CountedStatements {
  if (counting.mark !== undefined) {
    return onceStatements(database, tableId, parameters, { ...counting, mark: counting.mark });
  }
  const looks = lookUps(database, tableId, counting.keys);
  const upsert = database.prepare(UPSERT);
  return {
    statements: [...looks, ...parameters.map((json) => upsert.bind(json, tableId))],
    read: (results) => ({
      tally: tallyOfLookUps(results.slice(0, looks.length), counting),
      changes: changesOf(results.slice(looks.length)),
    }),
  };
}

function onceStatements(
  database: D1Database,
  tableId: number,
  parameters: readonly string[],
  counting: Counting & { readonly mark: string },
): CountedStatements {
  const { mark, rows, inserted } = counting;
  const attempt = crypto.randomUUID();
  const insert = database.prepare(MARK);
  const upsert = database.prepare(UPSERT_ONCE);
  const keys = counting.keys.length === 0 ? ["[]"] : arrays(counting.keys);
  const marks = keys.map((array, index) => {
    // The numbers that are known count once, with the first keys.
    const known = index === 0 ? [rows, inserted] : [0, 0];
    return insert.bind(array, tableId, mark, attempt, ...known, Date.now());
  });
  const upserts = parameters.map((json) => upsert.bind(json, tableId, mark, attempt));
  const select = database.prepare(SELECT_MARK).bind(mark);
  return {
    statements: [...marks, ...upserts, select],
    read: (results) => ({
      tally: firstRow<Tally>(results.at(-1)),
      changes: changesOf(results.slice(marks.length, -1)),
    }),
  };
}

function firstRow<T>(result: D1Result | undefined): T {
  const row = result?.results[0];
  if (row === undefined) throw new Error("a count gave no row");
  return row as T;
}
