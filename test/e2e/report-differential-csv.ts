import type { Field } from "./report-differential-fallback-groups.ts";

const FIELD = /(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n|\n|$)/gy;

/**
 * Reads CSV. A field without quotes that is empty is null.
 *
 * @param lineEnd the end of each line; any other is an error.
 */
export function readCsv(text: string, lineEnd: string): Field[][] {
  const rows: Field[][] = [];
  let row: Field[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const start = FIELD.lastIndex;
    const match = FIELD.exec(text);
    if (match === null) throw new Error(`no CSV: ${text.slice(start, start + 200)}`);
    const [, quoted, plain = "", end] = match;
    row.push(quoted?.replaceAll('""', '"') ?? (plain === "" ? null : plain));
    if (end === ",") continue;
    if (end !== lineEnd) throw new Error(`a line ends otherwise: ${JSON.stringify(match[0])}`);
    rows.push(row);
    row = [];
  }
  return rows;
}
