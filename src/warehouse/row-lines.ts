/**
 * Pages of rows for exports, in a form that goes through D1 cheaply.
 *
 * D1's answer is JSON text, in which each quote of a row gets a backslash, and one character
 * beyond Latin-1 doubles all copies of the page on its way: to make, send and parse that text
 * took 2.0 of the 2.9 µs that a row of 190 bytes cost until its bytes were in the Worker.
 * Hexadecimal digits need no escapes and are ASCII, whatever the rows hold: although they are
 * twice as many they take 0.5 µs (by CPU time).
 */
import { type PageRequest, type Readable, readPage } from "./rows.ts";
import { isTooBig } from "./store-errors.ts";

/** Some rows of a table in the order of their keys. */
export interface LinesPage {
  readonly rows: number;
  /** The last key, or "" where there is no row. */
  readonly lastKey: string;
  /** The keys, apart by \n: neither keys nor data, both compact JSON, have line ends. */
  readonly keys: string;
  /** The data of the rows as JSON text, apart by \n; of a hex page, its UTF-8 in hex (`7B7D`). */
  readonly data: string;
  readonly isHex: boolean;
}

/**
 * A row of more bytes than this many times its share of a page ends the attempt. Their sizes come
 * from the heads of the rows, for which the row value in the condition is needed (see STEP_END in
 * rows.ts): of rows that are suddenly large nothing is read, and never more than some pages.
 */
const SHARES_OF_ROW_MAX = 16;

/**
 * The sizes are not added up first, as readPage does it: that is a second walk over the rows,
 * which took 0.2 µs a row by CPU time, and D1 counts each row as read twice.
 */
const SELECT_HEX = `SELECT count(*), coalesce(group_concat(key, char(10)), ''),
  CASE WHEN count(*) = 0 THEN ''
    WHEN count(data) = count(*) AND octet_length(group_concat(data, char(10))) <= ?4
    THEN hex(group_concat(data, char(10))) END
FROM (
  SELECT table_id, key, CASE WHEN octet_length(data) <= ?5 THEN data END AS data
  FROM rows WHERE (table_id, key) > (?1, ?2) ORDER BY table_id, key LIMIT ?3
) WHERE +table_id = ?1`;

/**
 * The next rows after a key as a hex page: `rowsMax` of them, fewer only at the end of the table.
 * Undefined where their data have more than `bytesMax` bytes together, or one of them is large:
 * then {@link readTextPage} cuts.
 *
 * @param after a key, or "" for the start.
 * @param bytesMax at most half of what D1 allows one text (2,000,000).
 */
export async function readHexPage(
  database: Readable,
  page: PageRequest,
): Promise<LinesPage | undefined> {
  const { tableId, after, rowsMax, bytesMax } = page;
  const rowBytesMax = Math.ceil((SHARES_OF_ROW_MAX * bytesMax) / rowsMax);
  const statement = database
    .prepare(SELECT_HEX)
    .bind(tableId, after, rowsMax, bytesMax, rowBytesMax);
  try {
    const [row] = await statement.raw<[number, string, string | null]>();
    if (row === undefined) throw new Error("an aggregate gave no row");
    const [rows, keys, data] = row;
    if (data === null) return undefined;
    return { rows, lastKey: keys.slice(keys.lastIndexOf("\n") + 1), keys, data, isHex: true };
  } catch (error) {
    if (isTooBig(error)) return undefined;
    throw error;
  }
}

/** The page of {@link readPage}, whose rows may be of any size, with keys and data apart. */
export async function readTextPage(database: Readable, page: PageRequest): Promise<LinesPage> {
  const { rows, lastKey, lines } = await readPage(database, page);
  const all = lines.split("\n");
  const keys: string[] = [];
  const data: string[] = [];
  for (let at = 0; at < 2 * rows; at += 2) {
    keys.push(all[at] ?? "");
    data.push(all[at + 1] ?? "");
  }
  return { rows, lastKey, keys: keys.join("\n"), data: data.join("\n"), isHex: false };
}
