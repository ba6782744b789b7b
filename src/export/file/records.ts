/** From the rows of a page to CSV records: which of them, and which fields. */
import { type JsonObject, parseExact } from "../../json/exact.ts";
import { CsvRows, type CsvRowOptions } from "./csv-rows.ts";

/** What becomes of rows; the same for all parts of a file. */
export interface RecordRules extends CsvRowOptions {
  /** The columns, in their order. */
  readonly columns: readonly string[];
  /** Whether a record is wanted; all are, where this is not given. */
  readonly matches?: (record: JsonObject) => boolean;
  /**
   * The records that a row stands for, always in the same order; itself, where this is not
   * given (warehouse/nested.ts).
   */
  readonly unroll?: (row: { key: string; data: JsonObject }) => Iterable<JsonObject>;
}

/** Collects the CSV of rows. */
export class RecordWriter {
  readonly #rules: RecordRules;
  readonly #csv: CsvRows;
  /** Whether each row is one record, for which {@link addPlain} is there. */
  readonly isPlain: boolean;
  /** Records collected. */
  records = 0;

  constructor(rules: RecordRules) {
    this.#rules = rules;
    this.#csv = new CsvRows(rules.columns, rules);
    this.isPlain = rules.matches === undefined && rules.unroll === undefined;
  }

  /** Bytes collected. */
  get bytes(): number {
    return this.#csv.length;
  }

  /** The bytes collected, to be used before more is added. */
  take(): Uint8Array {
    this.records = 0;
    return this.#csv.take();
  }

  /** Adds the record of a row whose data begins at a place; returns the place of its line end. */
  addPlain(json: Uint8Array, from: number): number {
    this.records += 1;
    return this.#csv.addJson(json, from);
  }

  /**
   * Adds the wanted ones among the records of a row, one at each step, so that the caller can
   * stop between them. Gives how many of the row's records were looked at.
   *
   * @param skip records of the row that were looked at before.
   */
  *add(key: string, data: string, skip: number): Generator<number, void> {
    const { unroll, matches } = this.#rules;
    const parsed = parseExact(data) as JsonObject;
    let seen = 0;
    for (const record of unroll?.({ key, data: parsed }) ?? [parsed]) {
      seen += 1;
      if (seen <= skip || matches?.(record) === false) continue;
      this.#csv.addRecord(record);
      this.records += 1;
      yield seen;
    }
  }
}
