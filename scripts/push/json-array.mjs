/** The elements of one JSON array, cut out of a stream without holding it. */
import { FileError } from "./errors.mjs";

/** @typedef {import("./frames.mjs").Splitter} Splitter */

const LF = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** Where the array stands. */
const BEFORE = 0;
const FIRST = 1;
const LATER = 2;
const CLOSED = 3;

/**
 * Elements of an array. The array itself is checked here, what stands between its commas is for
 * JSON.parse.
 * @implements {Splitter}
 */
export class JsonArraySplitter {
  /**
   * @param {number} [line]
   * @param {boolean} [isBegun] whether the stream begins behind the comma of an element
   */
  constructor(line = 1, isBegun = false) {
    this.line = line;
    this.place = isBegun ? LATER : BEFORE;
    this.scanned = 0;
    this.depth = isBegun ? 1 : 0;
    this.isText = false;
    this.isEscaped = false;
  }

  /**
   * @param {Buffer} bytes
   * @param {number} from
   */
  endOf(bytes, from) {
    for (let at = from + this.scanned; at < bytes.length; at++) {
      if (this.isEnd(bytes[at] ?? 0)) {
        this.scanned = 0;
        return at + 1;
      }
    }
    this.scanned = bytes.length - from;
    return -1;
  }

  /**
   * Whether a byte opens or closes the array, or ends an element of it.
   * @param {number} byte
   */
  isEnd(byte) {
    if (byte === LF) this.line += 1;
    if (this.isEscaped) {
      this.isEscaped = false;
    } else if (this.isText) {
      if (byte === QUOTE) this.isText = false;
      else if (byte === BACKSLASH) this.isEscaped = true;
    } else if (byte === QUOTE) {
      this.isText = true;
    } else if (OPEN.has(byte)) {
      this.depth += 1;
      return this.depth === 1;
    } else if (CLOSE.has(byte)) {
      this.depth -= 1;
      return this.depth <= 0;
    } else if (byte === COMMA) {
      return this.depth <= 1;
    }
    return false;
  }

  /** @param {Buffer} bytes */
  textOf(bytes) {
    const text = bytes.subarray(0, -1).toString().trim();
    const separator = bytes.toString("latin1", bytes.length - 1);
    if (this.place === BEFORE) {
      if (text !== "" || separator !== "[") throw this.error("the file is not a JSON array");
      this.place = FIRST;
      return undefined;
    }
    if (this.place === CLOSED) throw this.behind();
    const isEmpty = text === "" && this.place === FIRST && separator === "]";
    this.place = separator === "," ? LATER : CLOSED;
    if (isEmpty) return undefined;
    if (text === "") throw this.error("an element of the array is missing");
    if (separator === "}") throw this.error("a } without its {");
    return text;
  }

  /** @param {Buffer} bytes */
  lastOf(bytes) {
    const isBlank = bytes.toString().trim() === "";
    if (this.place === BEFORE) throw this.error("the file is not a JSON array");
    if (this.place !== CLOSED) throw this.error("the array is not closed at the end of the file");
    if (!isBlank) throw this.behind();
    return undefined;
  }

  behind() {
    return this.error("text behind the end of the array");
  }

  /** @param {string} reason */
  error(reason) {
    return new FileError(reason, this.line);
  }
}
