/** Points whose data names their write, and what a row read back says of it. */
import { type History, NO_SEQUENCE, NO_WRITE } from "./history.ts";

/** How the rows of a table are ordered: by given sequences, by the store, or by both. */
export type TableKind = "given" | "none" | "mixed";

/** A table of the test; its keys are the integers from 0. */
export interface OrderTable {
  readonly name: string;
  readonly kind: TableKind;
  /** The number in the history of its key 0. */
  readonly firstKey: number;
  readonly keys: number;
}

/** One point of a push. */
export interface Point {
  readonly table: OrderTable;
  readonly id: number;
  /** The write of the history that it is. */
  readonly write: number;
  readonly sequence: bigint;
  /** What is sent instead of the sequence, which must be refused. */
  readonly badSequence?: string;
}

/** Characters of the longest filling. */
const FILLING_LENGTH_MAX = 120;

/** Text of a length that follows from the write, so that a row mixed of two writes shows. */
export function fillingOf(write: number): string {
  const mixed = Math.imul(write + 1, 2_654_435_761) >>> 0;
  return `${mixed.toString(36)}-`.repeat(20).slice(0, mixed % FILLING_LENGTH_MAX);
}

/** The data of a point as JSON text. */
export function dataText(id: number, write: number, sequence: bigint): string {
  return `{"id":${id},"w":${write},"s":${sequence},"t":"${fillingOf(write)}"}`;
}

/** `{"sequence":"5","data":{…}}`, as the admin API writes rows. */
const ROW = /\{"sequence":(?:null|"(\d+)"),"data":(\{"id":(\d+),"w":(\d+),[^{}]*\})\}/g;

/** A row of a table as it was read. */
export interface SeenRow {
  readonly id: number;
  readonly sequence: bigint;
  /** {@link NO_WRITE} where the data is no write's. */
  readonly write: number;
  /** The data, where it is no write's. */
  readonly note?: string;
}

/**
 * The rows in an answer of the admin API.
 *
 * @throws Error where a row has another form: nothing else is written to these tables.
 */
export function rowsOfAnswer(history: History, answer: string): SeenRow[] {
  const rows: SeenRow[] = [];
  let end = answer.indexOf("[") + 1;
  for (const found of answer.matchAll(ROW)) {
    const [text, sequence, data = "", id, write] = found;
    if (found.index > end + 1) break;
    end = found.index + text.length;
    rows.push(seenRow(history, Number(id), sequence, Number(write), data));
  }
  if (!answer.startsWith('],"next":', end)) {
    throw new Error(`not a page of rows: ${answer.slice(end, end + 300)}`);
  }
  return rows;
}

/** A row, its data compared with the text that its write has sent. */
function seenRow(
  history: History,
  id: number,
  sequenceText: string | undefined,
  write: number,
  data: string,
): SeenRow {
  const sequence = sequenceText === undefined ? NO_SEQUENCE : BigInt(sequenceText);
  const isSent =
    write < history.counts.writes && data === dataText(id, write, history.sequenceOfWrite(write));
  return isSent ? { id, sequence, write } : { id, sequence, write: NO_WRITE, note: data };
}
