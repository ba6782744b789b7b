/** The records that were left out, one JSON object a line, in a file beside the loaded one. */
import { Buffer } from "node:buffer";
import { open, rm, truncate } from "node:fs/promises";
import { LoadError } from "./errors.mjs";

export class RejectedFile {
  /**
   * @param {string} path
   * @param {number} bytes that are kept of what is there: what the state knows of
   */
  constructor(path, bytes) {
    this.path = path;
    this.bytes = bytes;
  }

  /** Cuts off what an earlier load left, or one that was killed before its state was written. */
  async begin() {
    try {
      if (this.bytes === 0) await rm(this.path, { force: true });
      else await truncate(this.path, this.bytes);
    } catch (error) {
      throw notKept(error);
    }
  }

  /**
   * Adds records; they are on disk when it resolves.
   * @param {readonly import("./batches.mjs").Rejection[]} rejections
   */
  async add(rejections) {
    if (rejections.length === 0) return;
    const bytes = Buffer.from(rejections.map(lineOf).join(""));
    try {
      await this.#append(bytes);
    } catch (error) {
      throw notKept(error);
    }
    this.bytes += bytes.length;
  }

  /** @param {Buffer} bytes */
  async #append(bytes) {
    const file = await open(this.path, "a", 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

/** @param {unknown} error of the file system */
function notKept(error) {
  const { message } = /** @type {Error} */ (error);
  return new LoadError(`the rows that are left out cannot be kept: ${message}`);
}

/**
 * The record goes in as the text it is: its numbers keep their digits.
 * @param {import("./batches.mjs").Rejection} rejection
 */
function lineOf({ record, ...rest }) {
  return `${JSON.stringify(rest).slice(0, -1)},"record":${record}}\n`;
}

/**
 * The records of a batch that were left out, in the order of the file: those that could not be
 * sent, and those that the service named. Where it named fewer than it left out, the rest is
 * counted in `unnamed`.
 * @param {import("./batches.mjs").Batch} batch
 * @param {import("./send.mjs").Answer} answer
 */
export function rejectionsOf(batch, answer) {
  const named = answer.errors.flatMap(({ index, code = "", field, reason = "" }) => {
    const record = batch.records[index];
    if (record === undefined) return [];
    const place = { index: batch.indexes[index] ?? index, line: batch.lines[index] ?? 0 };
    return [{ ...place, code, ...(field === undefined ? {} : { field }), reason, record }];
  });
  const rejections = [...batch.rejections, ...named].sort((a, b) => a.index - b.index);
  return { rejections, unnamed: Math.max(0, answer.skipped - named.length) };
}
