/** The bytes of the file: from disk or standard input, unpacked, from any offset on. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { ReadError, UsageError } from "./errors.mjs";

/** Bytes that are read at once. */
const PIECE_BYTES = 262_144;

/** How much of the beginning of a file tells it from another. */
const HEAD_BYTES = 65_536;

/**
 * What a file is known by when a load goes on.
 * @typedef {object} Identity
 * @property {number} size in bytes, as on disk
 * @property {number} mtime_ms
 * @property {string} head_sha256 of the first 65,536 bytes
 */

/**
 * @param {string} path
 * @returns {Promise<Identity>}
 */
export async function identityOf(path) {
  let file;
  try {
    file = await open(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be opened: ${/** @type {Error} */ (error).message}`);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new UsageError(`${path} is not a file; use - for standard input`);
    const head = Buffer.alloc(Math.min(HEAD_BYTES, stats.size));
    await file.read(head, 0, head.length, 0);
    const sha256 = createHash("sha256").update(head).digest("hex");
    return { size: stats.size, mtime_ms: stats.mtimeMs, head_sha256: sha256 };
  } finally {
    await file.close();
  }
}

/** The bytes of a load, unpacked. Read it once. */
export class Source {
  #packed = 0;
  #close = () => {};

  /**
   * @param {string | undefined} path undefined for standard input
   * @param {boolean} isGzip
   * @param {number} offset of the first byte that is wanted, in the bytes unpacked
   */
  constructor(path, isGzip, offset) {
    this.path = path;
    this.isGzip = isGzip;
    this.offset = offset;
  }

  /**
   * How far the file is read on disk when its unpacked bytes are read up to `end`: exact for a
   * plain file, ahead by what is buffered for a packed one.
   * @param {number} end
   */
  positionAt(end) {
    return this.isGzip ? this.#packed : end;
  }

  /** Ends {@link pieces}, which throws if it had more. */
  close() {
    this.#close();
  }

  /** @returns {AsyncGenerator<Buffer>} */
  async *pieces() {
    const start = this.isGzip ? 0 : this.offset;
    const { path } = this;
    const file =
      path === undefined
        ? process.stdin
        : createReadStream(path, { start, highWaterMark: PIECE_BYTES });
    this.#close = () => file.destroy();
    let skip = this.isGzip ? this.offset : 0;
    try {
      for await (const piece of this.isGzip ? this.#unpacked(file) : file) {
        if (skip < piece.length) yield piece.subarray(skip);
        skip = Math.max(0, skip - piece.length);
      }
    } catch (error) {
      throw new ReadError(`cannot be read: ${/** @type {Error} */ (error).message}`);
    }
  }

  /**
   * @param {import("node:stream").Readable} file
   * @returns {AsyncIterable<Buffer>}
   */
  #unpacked(file) {
    const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
    file.on("data", (piece) => (this.#packed += piece.length));
    return pipeline(file, gunzip, () => undefined);
  }
}
