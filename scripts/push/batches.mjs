/**
 * The records of a file in batches. The cut depends on nothing but the file and the options, so
 * that a load that goes on sends the same batches as the one that stopped.
 */
import { columnsOf, CsvSplitter, fieldsOf } from "./csv.mjs";
import { objectText, recordWriter } from "./columns.mjs";
import { FileError, RecordError } from "./errors.mjs";
import { framesOf, LineSplitter, RECORD_BYTES_MAX } from "./frames.mjs";
import { JsonArraySplitter } from "./json-array.mjs";

/**
 * A record that was not sent, or not taken.
 * @typedef {object} Rejection
 * @property {number} index in the file, from 0
 * @property {number} line from 1
 * @property {string} code
 * @property {string} [field]
 * @property {string} reason
 * @property {string} record JSON: the record as it was to be sent; a text where it has no form
 */

/**
 * Where in the file a batch ends, and with it what is done when it is stored.
 * @typedef {object} Mark
 * @property {number} offset in the bytes unpacked
 * @property {number} line that the next record starts on, or an empty one before it
 * @property {number} index of the next record, from 0
 * @property {string[] | null} columns of CSV
 */

/**
 * @typedef {object} Batch
 * @property {number} offset where it begins, in the bytes unpacked
 * @property {string[]} records JSON objects on one line each
 * @property {number} bytes of the records as NDJSON
 * @property {number[]} lines of the records
 * @property {number[]} indexes of the records in the file
 * @property {Rejection[]} rejections of records that cannot be sent
 * @property {Mark} mark where it ends
 */

/**
 * How records are read.
 * @typedef {object} Reading
 * @property {"csv" | "ndjson" | "json"} form
 * @property {string} delimiter
 * @property {(column: string) => string} typeOf
 * @property {(columns: string[]) => void} checkColumns
 * @property {string} empty
 * @property {boolean} isSkipping whether a record that cannot be sent is left out
 * @property {number} batchRows
 * @property {number} batchBytes
 */

/** @type {Mark} */
export const BEGINNING = { offset: 0, line: 1, index: 0, columns: null };

/**
 * @param {AsyncIterable<Buffer>} pieces from `from.offset` on
 * @param {Reading} reading
 * @param {Mark} from
 * @returns {AsyncGenerator<Batch>}
 */
export async function* batchesOf(pieces, reading, from) {
  const state = { ...from };
  let write = writerOf(reading, from.columns);
  let batch = emptyBatch(state);
  for await (const frames of framesOf(pieces, splitterOf(reading, from), from.offset)) {
    for (const frame of frames) {
      if (write === undefined) {
        state.columns = headerOf(frame, reading);
        write = writerOf(reading, state.columns);
      } else {
        const record = recordOf(frame, state.index, write, reading.isSkipping);
        if (isFull(batch, record, reading)) {
          yield batch;
          batch = emptyBatch(state);
        }
        append(batch, record, state.index, frame.line);
        state.index += 1;
      }
      state.offset = frame.end;
      state.line = frame.nextLine;
      batch.mark = { ...state };
    }
  }
  if (write === undefined) throw new FileError("there is no header row", 1);
  if (rowsOf(batch) > 0) yield batch;
}

/**
 * How many records of the file a batch stands for.
 * @param {Batch} batch
 */
export function rowsOf(batch) {
  return batch.records.length + batch.rejections.length;
}

/**
 * @param {Mark} mark
 * @returns {Batch}
 */
function emptyBatch(mark) {
  const { offset } = mark;
  const lists = { records: [], lines: [], indexes: [], rejections: [] };
  return { offset, bytes: 0, ...lists, mark: { ...mark } };
}

/**
 * @param {Reading} reading
 * @param {Mark} from
 * @returns {import("./frames.mjs").Splitter}
 */
function splitterOf({ form, delimiter }, from) {
  if (form === "csv") return new CsvSplitter(delimiter, from.line);
  if (form === "ndjson") return new LineSplitter(from.line);
  return new JsonArraySplitter(from.line, from.offset > 0);
}

/**
 * What makes a frame the text of a JSON object; undefined for CSV before its header.
 * @param {Reading} reading
 * @param {string[] | null} columns
 * @returns {((frame: import("./frames.mjs").Frame) => string) | undefined}
 */
function writerOf({ form, delimiter, typeOf, empty }, columns) {
  if (form !== "csv") return (frame) => objectText(frame.text);
  if (columns === null) return undefined;
  const write = recordWriter(columns, typeOf, empty);
  return (frame) => write(fieldsOf(frame.text, delimiter, frame.line));
}

/**
 * @param {import("./frames.mjs").Frame} frame
 * @param {Reading} reading
 */
function headerOf(frame, reading) {
  const columns = columnsOf(fieldsOf(frame.text, reading.delimiter, frame.line), frame.line);
  reading.checkColumns(columns);
  return columns;
}

/**
 * The text of a record, or why it cannot be sent.
 * @param {import("./frames.mjs").Frame} frame
 * @param {number} index
 * @param {(frame: import("./frames.mjs").Frame) => string} write
 * @param {boolean} isSkipping
 * @returns {string | Rejection}
 */
function recordOf(frame, index, write, isSkipping) {
  const { line } = frame;
  try {
    const record = write(frame);
    if (record.length <= RECORD_BYTES_MAX) return record;
    throw new RecordError("record_size", "the record is too large for a request");
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const { code, field, message: reason } = error;
    const place = field === undefined ? "" : `column ${JSON.stringify(field)}: `;
    if (!isSkipping) throw new FileError(`${place}${reason}`, line);
    const record = JSON.stringify(frame.text);
    return { index, line, code, ...(field === undefined ? {} : { field }), reason, record };
  }
}

/**
 * @param {Batch} batch
 * @param {string | Rejection} record
 * @param {Reading} reading
 */
function isFull(batch, record, { batchRows, batchBytes }) {
  const rows = rowsOf(batch);
  if (rows >= batchRows) return true;
  return rows > 0 && batch.bytes + bytesOf(record) > batchBytes;
}

/**
 * @param {Batch} batch
 * @param {string | Rejection} record
 * @param {number} index
 * @param {number} line
 */
function append(batch, record, index, line) {
  batch.bytes += bytesOf(record);
  if (typeof record === "string") {
    batch.records.push(record);
    batch.lines.push(line);
    batch.indexes.push(index);
  } else {
    batch.rejections.push(record);
  }
}

/** @param {string | Rejection} record and the line end behind it */
function bytesOf(record) {
  return Buffer.byteLength(typeof record === "string" ? record : record.record) + 1;
}
