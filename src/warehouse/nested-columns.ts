/**
 * What the nested values of a request add to the catalogue: columns of the root table, and
 * subtables with columns of their own, by the names under which nested.ts unrolls the rows.
 */
import { Refusal } from "../http/errors.ts";
import { isObject, type Json, type JsonObject } from "../json/exact.ts";
import { ColumnNotes } from "./column-notes.ts";
import { TYPE_BITS, typeBit } from "./columns.ts";
import { SUBTABLE_NAME_LENGTH_MAX, SUBTABLES_MAX } from "./limits.ts";
import { levelColumn, ROW_KEY_COLUMN, SEPARATOR, sourceKeyColumn, VALUE_COLUMN } from "./nested.ts";
import type { TableRecord } from "./table-cache.ts";
import type { TableNames } from "./table-names.ts";
import type { Undo } from "./undo.ts";

/** A subtable of which a request has rows. */
export class SubtableDraft {
  readonly name: string;
  /** The columns of the root's keys, and those of the levels that its first array is at. */
  readonly keyNames: readonly string[];
  /** The index of the request's first point for it. */
  readonly firstRecord: number;
  readonly columns: ColumnNotes;
  /** As the catalogue has it; undefined while it is new. */
  record: TableRecord | undefined;
  /** Levels whose columns are noted, and the point whose keys are. */
  levels = 0;
  notedRecord = -1;

  constructor(
    { name, keyNames }: { readonly name: string; readonly keyNames: readonly string[] },
    record: number,
    known: TableRecord | undefined,
    undo: Undo,
  ) {
    this.name = name;
    this.keyNames = keyNames;
    this.firstRecord = record;
    this.record = known;
    this.columns = new ColumnNotes(name, known?.columns ?? new Map(), undo);
  }
}

/** What identifies a table's rows, for its subtables. */
export interface RootDraft {
  readonly name: string;
  readonly sortedKeyNames: readonly string[];
}

/** The point whose fields are looked at. */
interface Current {
  readonly data: JsonObject;
  readonly timestamps: ReadonlySet<string>;
  readonly record: number;
}

/** Where a value's fields stand: in the rows of which table, below how many arrays. */
interface Place {
  readonly tableName: string;
  readonly columns: ColumnNotes;
  readonly level: number;
}

/** Notes the points of one table of a request. */
export class NestedColumns {
  readonly #root: RootDraft;
  readonly #columns: ColumnNotes;
  readonly #known: ReadonlyMap<string, TableRecord>;
  readonly #names: TableNames;
  readonly #undo: Undo;
  readonly #subtables = new Map<string, SubtableDraft>();
  readonly #place: Place;

  /**
   * @param columns of the root table.
   * @param known the subtables that the catalogue has of it.
   * @param undo takes back what a refused record noted.
   */
  constructor(
    root: RootDraft,
    columns: ColumnNotes,
    known: ReadonlyMap<string, TableRecord>,
    names: TableNames,
    undo: Undo,
  ) {
    this.#undo = undo;
    this.#root = root;
    this.#columns = columns;
    this.#known = known;
    this.#names = names;
    this.#place = { tableName: root.name, columns, level: 0 };
  }

  /** The subtables of which the request has rows. */
  get subtables(): Iterable<SubtableDraft> {
    return this.#subtables.values();
  }

  /**
   * Notes the columns and subtables of a point, whose depth is checked already. Types of values
   * that another place of the record hides (nested.ts) are noted like all others.
   *
   * @throws Refusal column_name_too_long, columns_too_many, subtable_name_too_long,
   * subtables_too_many or subtable_name_taken.
   */
  note(data: JsonObject, timestamps: ReadonlySet<string>, record: number): void {
    const point = { data, timestamps, record };
    if (this.#root.sortedKeyNames.length === 0) {
      this.#columns.note(ROW_KEY_COLUMN, TYPE_BITS.string, record);
    }
    for (const name of Object.keys(data)) {
      const value = data[name] ?? null;
      const isTimestamp = timestamps.has(name);
      this.#noteField(this.#place, name, value, point, isTimestamp);
    }
  }

  #noteMembers(place: Place, prefix: string, object: JsonObject, point: Current): void {
    for (const member of Object.keys(object)) {
      this.#noteField(place, prefix + member, object[member] ?? null, point, false);
    }
  }

  #noteField(place: Place, name: string, value: Json, point: Current, isTimestamp: boolean): void {
    if (Array.isArray(value)) {
      if (value.length > 0) this.#noteArray(place, name, value, point);
    } else if (isObject(value)) this.#noteMembers(place, name + SEPARATOR, value, point);
    else place.columns.note(name, typeBit(value, isTimestamp), point.record);
  }

  #noteArray({ tableName, level }: Place, path: string, elements: Json[], point: Current): void {
    const subtable = this.#subtable(tableName + SEPARATOR + path, level, point);
    const { columns } = subtable;
    const place = { tableName: subtable.name, columns, level: level + 1 };
    for (const element of elements) {
      if (isObject(element)) this.#noteMembers(place, "", element, point);
      else columns.note(VALUE_COLUMN, typeBit(element, false), point.record);
    }
  }

  /** The draft of a subtable, with the columns that say where its rows are from. */
  #subtable(name: string, level: number, point: Current): SubtableDraft {
    const subtable = this.#subtables.get(name) ?? this.#begin(name, level, point.record);
    if (subtable.notedRecord !== point.record) {
      subtable.notedRecord = point.record;
      this.#noteSourceKeys(subtable.columns, point);
    }
    if (subtable.levels <= level) this.#noteLevels(subtable, level, point.record);
    return subtable;
  }

  #noteLevels(subtable: SubtableDraft, level: number, record: number): void {
    const { levels } = subtable;
    this.#undo.add(() => {
      subtable.levels = levels;
    });
    for (; subtable.levels <= level; subtable.levels += 1) {
      subtable.columns.note(levelColumn(subtable.levels), TYPE_BITS.integer, record);
    }
  }

  #noteSourceKeys(columns: ColumnNotes, { data, timestamps, record }: Current): void {
    const { sortedKeyNames } = this.#root;
    if (sortedKeyNames.length === 0) {
      columns.note(sourceKeyColumn(ROW_KEY_COLUMN), TYPE_BITS.string, record);
    }
    for (const name of sortedKeyNames) {
      columns.note(
        sourceKeyColumn(name),
        typeBit(data[name] ?? null, timestamps.has(name)),
        record,
      );
    }
  }

  #begin(name: string, level: number, record: number): SubtableDraft {
    const known = this.#known.get(name);
    if (known === undefined) this.#checkNew(name, record);
    const sources = this.#root.sortedKeyNames.length === 0 ? [ROW_KEY_COLUMN] : undefined;
    const keyNames = [
      ...(sources ?? this.#root.sortedKeyNames).map(sourceKeyColumn),
      ...Array.from({ length: level + 1 }, (_, index) => levelColumn(index)),
    ];
    const subtable = new SubtableDraft({ name, keyNames }, record, known, this.#undo);
    this.#subtables.set(name, subtable);
    this.#undo.add(() => this.#subtables.delete(name));
    return subtable;
  }

  #checkNew(name: string, record: number): void {
    if (name.length > SUBTABLE_NAME_LENGTH_MAX) {
      const params = { LIMIT: SUBTABLE_NAME_LENGTH_MAX };
      throw new Refusal("subtable_name_too_long", params, record);
    }
    let count = this.#known.size + 1;
    for (const { record: found } of this.#subtables.values()) if (found === undefined) count += 1;
    if (count > SUBTABLES_MAX) {
      const params = { TABLE: this.#root.name, LIMIT: SUBTABLES_MAX };
      throw new Refusal("subtables_too_many", params, record);
    }
    this.#names.claimSubtable(name, this.#root.name, record);
  }
}
