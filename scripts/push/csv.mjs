/**
 * CSV as RFC 4180 has it: quoted fields with separators, quotes and line ends in them; rows end
 * with LF or CRLF. What is not so is an error with its line, never a guess.
 *
 * The rows are cut on bytes, since a load goes on at a byte of the file, and since only here an
 * empty field and a quoted empty text can be told apart.
 */
import { FileError } from "./errors.mjs";

/** @typedef {import("./frames.mjs").Splitter} Splitter */

const LF = 0x0a;
const QUOTE = 0x22;

/** Where in a row the next byte stands. */
const AT_FIELD = 0;
const IN_FIELD = 1;
const IN_QUOTES = 2;
const BEHIND_QUOTES = 3;

/**
 * Rows of CSV.
 * @implements {Splitter}
 */
export class CsvSplitter {
  /**
   * @param {string} delimiter one ASCII character
   * @param {number} [line]
   */
  constructor(delimiter, line = 1) {
    this.line = line;
    this.delimiter = delimiter.charCodeAt(0);
    this.scanned = 0;
    this.state = AT_FIELD;
  }

  /**
   * @param {Buffer} bytes
   * @param {number} from
   */
  endOf(bytes, from) {
    const { delimiter } = this;
    let state = this.state;
    for (let at = from + this.scanned; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === LF) this.line += 1;
      if (state === IN_QUOTES) {
        if (byte === QUOTE) state = BEHIND_QUOTES;
      } else if (byte === LF) {
        this.state = AT_FIELD;
        this.scanned = 0;
        return at + 1;
      } else if (byte === delimiter) {
        state = AT_FIELD;
      } else if (byte === QUOTE && state !== IN_FIELD) {
        state = IN_QUOTES;
      } else {
        state = IN_FIELD;
      }
    }
    this.state = state;
    this.scanned = bytes.length - from;
    return -1;
  }

  /** @param {Buffer} bytes */
  textOf(bytes) {
    const text = bytes.toString();
    const end = text.endsWith("\r\n") ? -2 : text.endsWith("\n") ? -1 : text.length;
    return text.slice(0, end) || undefined;
  }

  /** @param {Buffer} bytes */
  lastOf(bytes) {
    if (this.state === IN_QUOTES) {
      throw new FileError("a quote is open at the end of the file", this.line);
    }
    const text = bytes.toString();
    return (text.endsWith("\r") ? text.slice(0, -1) : text) || undefined;
  }
}

/**
 * The fields of one row. An empty field is null, a quoted empty one is "".
 * @param {string} row without its line end
 * @param {string} delimiter
 * @param {number} line for errors
 * @returns {(string | null)[]}
 */
export function fieldsOf(row, delimiter, line) {
  if (!row.includes('"')) return row.split(delimiter).map((text) => plain(text, line));
  const fields = [];
  let at = 0;
  while (at <= row.length) {
    if (row[at] === '"') {
      const close = closingQuote(row, at);
      const next = row[close + 1];
      if (next !== undefined && next !== delimiter) {
        throw new FileError(`text behind the closing quote of field ${fields.length + 1}`, line);
      }
      fields.push(row.slice(at + 1, close).replaceAll('""', '"'));
      at = close + 2;
    } else {
      const found = row.indexOf(delimiter, at);
      const end = found === -1 ? row.length : found;
      fields.push(plain(row.slice(at, end), line));
      at = end + 1;
    }
  }
  return fields;
}

/**
 * The index of the quote that closes the one at `open`. The splitter has seen that there is one.
 * @param {string} row
 * @param {number} open
 */
function closingQuote(row, open) {
  let at = row.indexOf('"', open + 1);
  while (row[at + 1] === '"') at = row.indexOf('"', at + 2);
  return at;
}

/**
 * @param {string} text of a field without quotes
 * @param {number} line
 */
function plain(text, line) {
  if (text.includes("\r")) {
    throw new FileError("a carriage return outside quotes; lines end with LF or CRLF", line);
  }
  return text === "" ? null : text;
}

/**
 * The names of the columns, of the first row.
 * @param {(string | null)[]} fields
 * @param {number} line
 * @returns {string[]}
 */
export function columnsOf(fields, line) {
  const names = fields.map((name, index) => {
    if (name) return name;
    throw new FileError(`the header has no name for column ${index + 1}`, line);
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new FileError(`the header names ${JSON.stringify(twice)} twice`, line);
  }
  return names;
}
