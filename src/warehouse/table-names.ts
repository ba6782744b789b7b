/**
 * The names of one request's tables and subtables: they share one list, so a name is either a
 * table that is written to, or a subtable of one table.
 */
import { Refusal } from "../http/errors.ts";
import type { TableRecord } from "./table-cache.ts";
import type { Undo } from "./undo.ts";

/** See the module's comment. */
export class TableNames {
  readonly #existing: ReadonlyMap<string, TableRecord>;
  readonly #undo: Undo;
  readonly #tables = new Set<string>();
  /** New subtables, and the tables that they belong to. */
  readonly #subtables = new Map<string, string>();

  /**
   * @param existing tables and subtables that the catalogue has, as far as they are known.
   * @param undo takes back what a refused record noted.
   */
  constructor(existing: ReadonlyMap<string, TableRecord>, undo: Undo) {
    this.#existing = existing;
    this.#undo = undo;
  }

  /**
   * Checks that a name may be a table's.
   *
   * @throws Refusal table_is_subtable.
   */
  checkTable(name: string, record: number): void {
    if (this.#existing.get(name)?.parentId !== undefined || this.#subtables.has(name)) {
      throw tableIsSubtable(name, record);
    }
  }

  /**
   * Notes a table that exists or that a record creates.
   *
   * @throws Refusal table_is_subtable.
   */
  useTable(name: string, record: number): void {
    this.checkTable(name, record);
    if (this.#tables.has(name)) return;
    this.#tables.add(name);
    this.#undo.add(() => this.#tables.delete(name));
  }

  /**
   * Notes a subtable that its table is not known to have yet.
   *
   * @throws Refusal subtable_name_taken.
   */
  claimSubtable(name: string, root: string, record: number): void {
    const existing = this.#existing.get(name);
    const isTheirs = existing !== undefined && existing.parentId !== this.#idOf(root);
    const owner = this.#subtables.get(name) ?? root;
    if (isTheirs || this.#tables.has(name) || owner !== root) {
      throw subtableNameTaken(name, root, record);
    }
    if (this.#subtables.has(name)) return;
    this.#subtables.set(name, root);
    this.#undo.add(() => this.#subtables.delete(name));
  }

  /** 0, which is no id, where the table is new. */
  #idOf(table: string): number {
    return this.#existing.get(table)?.id ?? 0;
  }
}

/** The refusal of a record that writes to a subtable as if it were a table. */
export function tableIsSubtable(name: string, record: number): Refusal {
  return new Refusal("table_is_subtable", { TABLE: name }, record);
}

/** The refusal of a record with an array whose subtable cannot have its name. */
export function subtableNameTaken(name: string, root: string, record: number): Refusal {
  return new Refusal("subtable_name_taken", { TABLE: root, SUBTABLE: name }, record);
}
