/** Reads the CSV of files and answers strictly, by RFC 4180. */

/** A cell; null where nothing stands, which an empty text in quotes is not. */
export type Cell = string | null;

/**
 * The records of a text. Throws where it is no CSV, its last record among them.
 *
 * @param lineEnd the end of each record; any other is an error.
 */
export function readCsv(csv: string, lineEnd: "\r\n" | "\n"): Cell[][] {
  const records: Cell[][] = [];
  let record: Cell[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/gy;
  while (cell.lastIndex < csv.length) {
    const at = cell.lastIndex;
    const match = cell.exec(csv);
    if (match === null) throw new Error(`no CSV at ${at}: ${csv.slice(at, at + 200)}`);
    const [, quoted, bare = "", end] = match;
    record.push(quoted?.replaceAll('""', '"') ?? (bare === "" ? null : bare));
    if (end === ",") continue;
    if (end !== lineEnd) throw new Error(`a record ends otherwise: ${JSON.stringify(match[0])}`);
    records.push(record);
    record = [];
  }
  return records;
}
