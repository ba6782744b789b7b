import { Refusal } from "../http/errors.ts";
import { depthOf, type Json, type JsonObject } from "../json/exact.ts";
import { AppendRows } from "./append-rows.ts";
import { type Chunk, ChunkBuilder, chunkMember } from "./chunks.ts";
import { TYPE_BITS, typeBit } from "./columns.ts";
import type { DataPoint } from "./data-point.ts";
import { keyNamesDiffer, keyText, sameKeyNames, sortedKeyNames } from "./keys.ts";
import { COLUMN_NAME_LENGTH_MAX, RECORD_DEPTH_MAX, TABLE_COLUMNS_MAX } from "./limits.ts";
import { type KeyRange, rangeIndexOf, slotOf } from "./slots.ts";
import type { TableRecord } from "./tables.ts";

/** Rows of one key range between two version switches. */
export interface RangePart {
  readonly range: KeyRange;
  readonly chunks: readonly Chunk[];
}

/** What happens to a table, in order: rows are written, then perhaps a version is switched to. */
export interface Step {
  readonly parts: readonly RangePart[];
  readonly activate: string | undefined;
}

const NO_FIELDS: ReadonlySet<string> = new Set();

/** One table's share of an import: its rows, encoded, and what is new about it. */
export class DraftTable {
  readonly name: string;
  readonly keyNames: readonly string[];
  readonly sortedKeyNames: readonly string[];
  readonly ranges: readonly KeyRange[];
  /** The index of the request's first point for this table. */
  readonly firstRecord: number;
  /** Types of columns that the catalogue does not have yet. */
  readonly newColumns = new Map<string, number>();
  readonly #steps: Step[] = [];
  #record: TableRecord | undefined;
  #columns: ReadonlyMap<string, number>;
  #builders: ChunkBuilder[];
  /** The list of key names that was last found right: records of a request often share it. */
  #lastKeyNames: readonly string[] | undefined;
  #newColumnNames = 0;
  /** The rows of an append-only table; all others have steps. */
  readonly appended: AppendRows | undefined;

  private constructor(
    table: { name: string; keyNames: readonly string[]; ranges: readonly KeyRange[] },
    record: TableRecord | undefined,
    firstRecord: number,
  ) {
    this.name = table.name;
    this.keyNames = table.keyNames;
    this.sortedKeyNames = record?.sortedKeyNames ?? sortedKeyNames(table.keyNames);
    this.ranges = table.ranges;
    this.firstRecord = firstRecord;
    this.#record = record;
    this.#columns = record?.columns ?? new Map();
    this.#builders = this.#newBuilders();
    this.appended = this.sortedKeyNames.length === 0 ? new AppendRows(this.ranges) : undefined;
  }

  /** A draft of a table that exists. */
  static of(record: TableRecord, firstRecord: number): DraftTable {
    return new DraftTable(record, record, firstRecord);
  }

  /** A draft of a table that its first point creates. */
  static create(point: DataPoint, ranges: readonly KeyRange[]): DraftTable {
    const keyNames = [...new Set(point.keyNames)];
    return new DraftTable({ name: point.table, keyNames, ranges }, undefined, point.record);
  }

  /** Whether the table has points but is not in the catalogue. */
  get isNew(): boolean {
    return this.#record === undefined;
  }

  /** The table as the catalogue has it; only after {@link becomes} where it was new. */
  get table(): TableRecord {
    if (this.#record === undefined) throw new Error("the table is not created yet");
    return this.#record;
  }

  /** Ties the draft to the table that was created for it. */
  becomes(record: TableRecord): void {
    this.#record = record;
  }

  /** Adds a point; see ImportPlan.upsert for its refusals. */
  upsert(point: DataPoint): void {
    const { record, data } = point;
    this.#checkKeyNames(point);
    const key = keyText(this.sortedKeyNames, data, point.keyLengthMax, record);
    this.#noteColumns(data, point.timestampFields ?? NO_FIELDS, record);
    if (this.appended !== undefined) {
      this.appended.add(point);
      return;
    }
    const member = chunkMember(point.sequence, point.version, key, JSON.stringify(data));
    this.#builders[this.#rangeOf(key)]?.add(member, record);
  }

  /** Ends a step with a switch to a version. */
  activate(version: string): void {
    if (this.appended === undefined) {
      this.#steps.push({ parts: this.#takeParts(), activate: version });
    } else this.appended.switches.push(version);
  }

  /** The steps of a table with keys, complete. Nothing may be added afterwards. */
  finish(): readonly Step[] {
    const parts = this.#takeParts();
    if (parts.length > 0) this.#steps.push({ parts, activate: undefined });
    return this.#steps;
  }

  #newBuilders(): ChunkBuilder[] {
    return this.ranges.map(() => new ChunkBuilder());
  }

  #takeParts(): RangePart[] {
    const builders = this.#builders;
    this.#builders = this.#newBuilders();
    return this.ranges
      .map((range, index) => ({ range, chunks: builders[index]?.finish() ?? [] }))
      .filter(({ chunks }) => chunks.length > 0);
  }

  #rangeOf(key: string): number {
    return this.ranges.length === 1 ? 0 : rangeIndexOf(this.ranges, slotOf(key));
  }

  #checkKeyNames({ keyNames, record }: DataPoint): void {
    const last = this.#lastKeyNames;
    if (last !== undefined && (keyNames === last || sameKeyNames(keyNames, last))) return;
    if (!sameKeyNames(sortedKeyNames(keyNames), this.sortedKeyNames)) {
      throw keyNamesDiffer(this, record);
    }
    this.#lastKeyNames = keyNames;
  }

  #noteColumns(data: JsonObject, timestamps: ReadonlySet<string>, record: number): void {
    for (const name of Object.keys(data)) {
      const value = data[name] ?? null;
      const bit = typeBit(value, timestamps.has(name));
      if (bit === TYPE_BITS.json) checkDepth(value, record);
      const known = this.#columns.get(name);
      if (known !== undefined && (bit & ~known) === 0) continue;
      this.#noteNewColumn(name, bit, known === undefined, record);
    }
  }

  #noteNewColumn(name: string, bit: number, isNew: boolean, record: number): void {
    const noted = this.newColumns.get(name);
    if (noted === undefined && isNew) this.#countColumn(name, record);
    if (noted === undefined || (bit & ~noted) !== 0) {
      this.newColumns.set(name, (noted ?? 0) | bit);
    }
  }

  #countColumn(name: string, record: number): void {
    if (name.length > COLUMN_NAME_LENGTH_MAX) {
      throw new Refusal("column_name_too_long", { LIMIT: COLUMN_NAME_LENGTH_MAX }, record);
    }
    this.#newColumnNames += 1;
    if (this.#columns.size + this.#newColumnNames > TABLE_COLUMNS_MAX) {
      const params = { TABLE: this.name, LIMIT: TABLE_COLUMNS_MAX };
      throw new Refusal("columns_too_many", params, record);
    }
  }
}

function checkDepth(value: Json, record: number): void {
  // The record itself is the first level.
  if (depthOf(value, RECORD_DEPTH_MAX - 1) > RECORD_DEPTH_MAX - 1) {
    throw new Refusal("record_too_deep", { LIMIT: RECORD_DEPTH_MAX }, record);
  }
}
