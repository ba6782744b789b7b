import { Refusal } from "../http/errors.ts";
import { depthOf, type Json, type JsonObject } from "../json/exact.ts";
import { AppendRows } from "./append-rows.ts";
import { type Chunk, ChunkBuilder, chunkMember } from "./chunks.ts";
import { ColumnNotes } from "./column-notes.ts";
import { TYPE_BITS, typeBit } from "./columns.ts";
import type { DataPoint } from "./data-point.ts";
import { keyNamesDiffer, keyText, sameKeyNames, sortedKeyNames } from "./keys.ts";
import { RECORD_DEPTH_MAX } from "./limits.ts";
import { NestedColumns, type SubtableDraft } from "./nested-columns.ts";
import type { NewColumns, NewTable } from "./new-tables.ts";
import { SentKeys } from "./sent-keys.ts";
import {
  endOf,
  type KeyRange,
  rangeIndexOf,
  slotOf,
  type SlotRun,
  unsplitRanges,
} from "./slots.ts";
import type { TableNames } from "./table-names.ts";
import type { TableRecord } from "./tables.ts";
import { Undo } from "./undo.ts";

/** Rows of one key range between two version switches. */
export interface RangePart {
  readonly range: KeyRange;
  /** See {@link DraftTable.runOf}. */
  readonly run: SlotRun | undefined;
  readonly chunks: readonly Chunk[];
  /** The keys of the rows, where they are counted. */
  readonly keys?: SentKeys;
}

/** The keys of a part whose plan was opened to be counted. */
export function sentKeysOf({ keys }: RangePart): SentKeys {
  if (keys === undefined) throw new Error("the plan was not opened to be counted");
  return keys;
}

/** What happens to a table, in order: rows are written, then perhaps a version is switched to. */
export interface Step {
  readonly parts: readonly RangePart[];
  readonly activate: string | undefined;
}

/** What the drafts of one plan share. */
export interface DraftContext {
  /** Where nested values are columns and subtables. */
  readonly names?: TableNames | undefined;
  /** Whether it is counted what the rows replace. */
  readonly isCounted?: boolean;
  /**
   * Whether rows are put together by the ranges that the table was created with: so that a repeat
   * after a split makes the same parts, and that a request to many tables makes few calls.
   */
  readonly isUnsplit?: boolean;
  /** Takes back what a refused record changed. */
  readonly undo: Undo;
}

/** The rows of one range since the last version switch. */
interface RangeRows {
  readonly builder: ChunkBuilder;
  readonly keys: SentKeys | undefined;
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
  readonly #steps: Step[] = [];
  #record: TableRecord | undefined;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #notes: ColumnNotes;
  /** Of an integration whose nested values are columns and subtables. */
  readonly #nested: NestedColumns | undefined;
  readonly #isCounted: boolean;
  readonly #isUnsplit: boolean;
  #rows: readonly RangeRows[];
  /** The list of key names that was last found right: records of a request often share it. */
  #lastKeyNames: readonly string[] | undefined;
  /** The rows of an append-only table; all others have steps. */
  readonly appended: AppendRows | undefined;

  private constructor(
    table: { name: string; keyNames: readonly string[]; ranges: readonly KeyRange[] },
    record: TableRecord | undefined,
    firstRecord: number,
    { names, isCounted = false, isUnsplit = false, undo }: DraftContext,
  ) {
    this.name = table.name;
    this.keyNames = table.keyNames;
    this.sortedKeyNames = record?.sortedKeyNames ?? sortedKeyNames(table.keyNames);
    this.ranges = isUnsplit ? unsplitRanges(table.ranges) : table.ranges;
    this.firstRecord = firstRecord;
    this.#record = record;
    this.#columns = record?.columns ?? new Map();
    this.#notes = new ColumnNotes(this.name, this.#columns, undo);
    if (names !== undefined) {
      const known = record?.subtables ?? new Map<string, TableRecord>();
      this.#nested = new NestedColumns(this, this.#notes, known, names, undo);
    }
    this.#isCounted = isCounted;
    this.#isUnsplit = isUnsplit;
    this.#rows = this.#newRows();
    this.appended = this.sortedKeyNames.length === 0 ? new AppendRows(this.ranges) : undefined;
  }

  /** A draft of a table that exists. */
  static of(
    record: TableRecord,
    firstRecord: number,
    context: DraftContext = { undo: new Undo() },
  ): DraftTable {
    return new DraftTable(record, record, firstRecord, context);
  }

  /** A draft of a table that its first point creates. */
  static create(point: DataPoint, ranges: readonly KeyRange[], context: DraftContext): DraftTable {
    const table = { name: point.table, keyNames: [...new Set(point.keyNames)], ranges };
    return new DraftTable(table, undefined, point.record, context);
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

  /** The table and its subtables that are not in the catalogue. */
  newTables(): NewTable[] {
    const { name, keyNames, ranges } = this;
    const tables: NewTable[] = this.isNew ? [{ name, keyNames, ranges }] : [];
    for (const subtable of this.newSubtables()) {
      tables.push({ name: subtable.name, keyNames: subtable.keyNames, ranges, parent: name });
    }
    return tables;
  }

  /** The subtables that are not in the catalogue. */
  newSubtables(): SubtableDraft[] {
    return this.#subtables().filter(({ record }) => record === undefined);
  }

  /** What is new about the columns; only when all tables are there. */
  newColumns(): NewColumns[] {
    const found: NewColumns[] = [];
    if (this.#notes.added.size > 0) found.push({ table: this.table, bits: this.#notes.added });
    for (const { record, columns } of this.#subtables()) {
      if (record === undefined) throw new Error("the subtable is not created yet");
      if (columns.added.size > 0) {
        found.push({ table: record, bits: columns.added, root: this.table });
      }
    }
    return found;
  }

  /** Ties the draft to the table that was created for it, and to the subtables of that. */
  becomes(record: TableRecord): void {
    this.#record = record;
    for (const subtable of this.#subtables()) {
      subtable.record = record.subtables?.get(subtable.name);
    }
  }

  #subtables(): SubtableDraft[] {
    return this.#nested === undefined ? [] : [...this.#nested.subtables];
  }

  /** Adds a point; see ImportPlan.upsert for its refusals. */
  upsert(point: DataPoint): void {
    const { record, data } = point;
    this.#checkKeyNames(point);
    const key = keyText(this.sortedKeyNames, data, point.keyLengthMax, record);
    const timestamps = point.timestampFields ?? NO_FIELDS;
    if (this.#nested === undefined) this.#noteColumns(data, timestamps, record);
    else {
      checkDepth(data, record);
      this.#nested.note(data, timestamps, record);
    }
    if (this.appended !== undefined) {
      this.appended.add(point);
      return;
    }
    const member = chunkMember(point.sequence, point.version, key, JSON.stringify(data));
    const rows = this.#rows[this.#rangeOf(key)];
    rows?.builder.add(member, record, key);
    rows?.keys?.add(key, point.sequence);
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

  /**
   * The slots of a range as this request knows the table; undefined where ranges are put together
   * as they were before any split, which says nothing of their load.
   */
  runOf({ start }: KeyRange): SlotRun | undefined {
    return this.#isUnsplit ? undefined : { start, end: endOf(this.ranges, start) };
  }

  #newRows(): RangeRows[] {
    return this.ranges.map(() => ({
      builder: new ChunkBuilder(),
      keys: this.#isCounted ? new SentKeys() : undefined,
    }));
  }

  #takeParts(): RangePart[] {
    const rows = this.#rows;
    this.#rows = this.#newRows();
    return this.ranges
      .map((range, index) => {
        const { builder, keys } = rows[index] ?? {};
        const chunks = builder?.finish() ?? [];
        const part = { range, run: this.runOf(range), chunks };
        return keys === undefined ? part : { ...part, keys };
      })
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
      // The record itself is the first level.
      if (bit === TYPE_BITS.json) checkDepth(value, record, RECORD_DEPTH_MAX - 1);
      const known = this.#columns.get(name);
      if (known !== undefined && (bit & ~known) === 0) continue;
      this.#notes.add(name, bit, known === undefined, record);
    }
  }
}

/** @param levels that the value may have at most. */
function checkDepth(value: Json, record: number, levels: number = RECORD_DEPTH_MAX): void {
  if (depthOf(value, levels) > levels) {
    throw new Refusal("record_too_deep", { LIMIT: RECORD_DEPTH_MAX }, record);
  }
}
