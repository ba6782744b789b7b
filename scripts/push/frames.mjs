/**
 * Cuts a stream of bytes into records, with the byte offset behind each one and the line it
 * starts on. Memory is bounded by a piece of the stream and one record.
 */
import { Buffer, isUtf8 } from "node:buffer";
import { FileError } from "./errors.mjs";

/** What one request may hold, in bytes of JSON: the limit of the service. */
export const RECORD_BYTES_MAX = 20_000_000;

/**
 * A record as it stands in the file.
 * @typedef {object} Frame
 * @property {string} text what the splitter makes of its bytes
 * @property {number} line where it starts, from 1
 * @property {number} end offset of the byte behind it and its separator, in the bytes unpacked
 * @property {number} nextLine the line of that byte
 */

/**
 * Finds the ends of records. It remembers how far it has looked, so that no byte of a record is
 * looked at twice however the stream is cut.
 * @typedef {object} Splitter
 * @property {number} line the line that it has come to, from 1
 * @property {(bytes: Buffer, from: number) => number} endOf index behind the record that begins
 *   at `from` and its separator, or -1 where the bytes end before it does
 * @property {(bytes: Buffer) => string | undefined} textOf the text of a record that endOf has
 *   found; undefined where there is none, as in an empty line
 * @property {(bytes: Buffer) => string | undefined} lastOf the same for the rest at the end of
 *   the stream; throws a FileError where a record is not complete
 */

/**
 * The records of a stream, those of one piece of it together.
 * @param {AsyncIterable<Buffer>} pieces
 * @param {Splitter} splitter
 * @param {number} [offset] of the first byte of the pieces, if it is not the first of the file
 * @returns {AsyncGenerator<Frame[]>}
 */
export async function* framesOf(pieces, splitter, offset = 0) {
  let start = offset;
  let line = splitter.line;
  let isBegun = offset > 0;
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  for await (const piece of offset === 0 ? firstAtLeast(MARK.length, pieces) : pieces) {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    if (!isBegun) {
      isBegun = true;
      const mark = markLength(bytes);
      bytes = bytes.subarray(mark);
      start += mark;
    }
    const frames = [];
    let from = 0;
    let end = splitter.endOf(bytes, 0);
    for (; end !== -1; end = splitter.endOf(bytes, from)) {
      const text = splitter.textOf(checked(bytes.subarray(from, end), line));
      const nextLine = splitter.line;
      if (text !== undefined) frames.push({ text, line, end: start + end, nextLine });
      from = end;
      line = nextLine;
    }
    rest = bytes.subarray(from);
    start += from;
    if (rest.length > RECORD_BYTES_MAX) throw tooLarge(line);
    if (frames.length > 0) yield frames;
  }
  const text = splitter.lastOf(checked(rest, line));
  if (text !== undefined) yield [{ text, line, end: start + rest.length, nextLine: splitter.line }];
}

/** The byte order mark of UTF-8, which is no part of the first record. */
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The pieces, of which the first has as many bytes as asked for, if there are as many.
 * @param {number} length
 * @param {AsyncIterable<Buffer>} pieces
 */
async function* firstAtLeast(length, pieces) {
  /** @type {Buffer} */
  let first = Buffer.alloc(0);
  let isComplete = false;
  for await (const piece of pieces) {
    if (isComplete) {
      yield piece;
    } else {
      first = Buffer.concat([first, piece]);
      isComplete = first.length >= length;
      if (isComplete) yield first;
    }
  }
  if (!isComplete && first.length > 0) yield first;
}

/** @param {Buffer} bytes the beginning of a file */
function markLength(bytes) {
  const first = bytes.toString("hex", 0, 2);
  if (first === "fffe" || first === "feff") {
    throw new FileError("the file is UTF-16; convert it to UTF-8 first", 1);
  }
  return bytes.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
}

/**
 * @param {Buffer} bytes
 * @param {number} line
 */
function checked(bytes, line) {
  if (bytes.length > RECORD_BYTES_MAX) throw tooLarge(line);
  if (!isUtf8(bytes)) throw new FileError("bytes that are not UTF-8", line);
  return bytes;
}

/** @param {number} line */
function tooLarge(line) {
  const limit = RECORD_BYTES_MAX.toLocaleString("en");
  return new FileError(
    `the record that begins here has more than ${limit} bytes; is a quote or bracket open?`,
    line,
  );
}

const LF = 0x0a;

/**
 * Lines of text: NDJSON.
 * @implements {Splitter}
 */
export class LineSplitter {
  /** @param {number} [line] */
  constructor(line = 1) {
    this.line = line;
    this.scanned = 0;
  }

  /**
   * @param {Buffer} bytes
   * @param {number} from
   */
  endOf(bytes, from) {
    const found = bytes.indexOf(LF, from + this.scanned);
    this.scanned = found === -1 ? bytes.length - from : 0;
    if (found === -1) return -1;
    this.line += 1;
    return found + 1;
  }

  /** @param {Buffer} bytes */
  textOf(bytes) {
    const text = bytes.toString().trim();
    return text === "" ? undefined : text;
  }

  /** @param {Buffer} bytes */
  lastOf(bytes) {
    return this.textOf(bytes);
  }
}
