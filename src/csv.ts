/**
 * The CSV of exports, figures and charts (wire.md 4.2): RFC 4180 with comma and CRLF, quotes
 * only where the text needs them.
 *
 * | value | field |
 * |---|---|
 * | null, absent | nothing |
 * | `""` | `""`, so that it differs from null |
 * | string | as it is; {@link safeCsvField} marks what a spreadsheet would take for a formula |
 * | number | its source text, digit for digit |
 * | boolean | `true`, `false` |
 * | object, array | compact JSON |
 *
 * A record of one field that is null is an empty line, as the table demands, although many
 * readers skip empty lines or read them as a record without fields.
 *
 * The functions return strings and the caller encodes them as UTF-8, which turns a lone
 * surrogate into U+FFFD; inside objects and arrays it is the JSON escape `\ud800`.
 *
 * 2.2-2.6 million rows of 8 fields (93 bytes) a second, the encoding included (Node 26).
 */
import { Buffer } from "./buffer.ts";
import { isNumber, numberText, stringifyExact } from "./json/exact.ts";
import type { Json, JsonObject } from "./json/exact.ts";

/** RFC 4180, section 2: fields with these characters are quoted. */
const NEEDS_QUOTES = /[",\r\n]/;

/** U+FEFF as the first character of a file would be read as a byte order mark, and dropped. */
const BYTE_ORDER_MARK = "\uFEFF";

/** One field: `null` → nothing, `""` → `""`, `a "b"` → `"a ""b"""`, `[1,2]` → `"[1,2]"`. */
export function csvField(value: Json | undefined): string {
  if (typeof value === "string") return value === "" ? '""' : quoteWhereNeeded(value);
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return String(value);
  if (isNumber(value)) return numberText(value);
  return quoteWhereNeeded(stringifyExact(value));
}

/** Writes one field: {@link csvField}, or {@link safeCsvField}. */
export type FieldWriter = (value: Json | undefined) => string;

/**
 * What spreadsheets take for the beginning of a formula: OWASP's list (CSV Injection), with the
 * full-width forms of the four signs.
 */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/**
 * The bytes with which such a text begins as a JSON string, after its quote: TAB, CR and LF have
 * a backslash there, the full-width forms three bytes. Others that begin so are taken along.
 */
export const FORMULA_BYTES: ReadonlySet<number> = new Set(Buffer.from("=+-@\\\uFF1D"));

/**
 * One field that no spreadsheet takes for a formula: a string that begins with `=`, `+`, `-`,
 * `@`, their full-width forms, TAB, CR or LF gets a `'` before it, `=1+1` → `'=1+1`. A column's
 * name is a string, too.
 * Numbers, booleans, objects and arrays are as in {@link csvField}: a number is no formula, and
 * JSON begins with a bracket.
 */
export function safeCsvField(value: Json | undefined): string {
  return csvField(typeof value === "string" && FORMULA.test(value) ? `'${value}` : value);
}

/** One record with its CRLF: `["a", null, 1]` → `a,,1\r\n`. */
export function csvRecord(values: readonly (Json | undefined)[]): string {
  return `${values.map(csvField).join(",")}\r\n`;
}

/**
 * The header row with its CRLF: the column names, in the order given. It is the start of the
 * file, so a first name that starts with U+FEFF is quoted: the file has no byte order mark.
 */
export function csvHeader(columns: readonly string[], field: FieldWriter = csvField): string {
  const fields = columns.map((name) => field(name));
  // Where the name was quoted already, it does not begin so.
  if (fields[0]?.startsWith(BYTE_ORDER_MARK) === true) fields[0] = quote(fields[0]);
  return `${fields.join(",")}\r\n`;
}

/**
 * One row of a table with its CRLF: for each column the member of `data` (as parseExact gives
 * it) of that name, nothing where `data` has no such member of its own. Members that are no
 * column are left out.
 */
export function csvRow(columns: readonly string[], data: JsonObject): string {
  let row = "";
  let separator = "";
  for (const column of columns) {
    row += separator;
    if (Object.hasOwn(data, column)) row += csvField(data[column]);
    separator = ",";
  }
  return `${row}\r\n`;
}

/**
 * The row as {@link csvRow} writes it, with fields of {@link safeCsvField}. A loop of its own:
 * one loop that is given either field takes twice as long for both.
 */
export function safeCsvRow(columns: readonly string[], data: JsonObject): string {
  let row = "";
  let separator = "";
  for (const column of columns) {
    row += separator;
    if (Object.hasOwn(data, column)) row += safeCsvField(data[column]);
    separator = ",";
  }
  return `${row}\r\n`;
}

function quoteWhereNeeded(text: string): string {
  return NEEDS_QUOTES.test(text) ? quote(text) : text;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
