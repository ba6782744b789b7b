/**
 * A small model of the store: what wire.md 1.5, 2.9, 3.3 and 7 and docs/native-import.md say of
 * tables, rows and columns, with a Map. Written from them alone; nothing of src is used.
 */
import type { Expected } from "./model-requests.ts";
import { type Fields, keyValue, fieldOf, typeOf, typeOfColumn } from "./model-values.ts";

/** A stored row; without sequence it loses to any record that has one. */
export interface ModelRow {
  readonly sequence: bigint | undefined;
  readonly version: bigint;
  readonly fields: Fields;
}

/** What is written: as a row, and whether its texts are timestamps by the sender's schema. */
export interface Write extends ModelRow {
  readonly timestamps?: readonly string[];
}

/** What a write did. */
export type Effect = "inserted" | "replaced" | "stale";

/** A table. Its set of key names is fixed by its first write; without names it is append-only. */
export class ModelTable {
  readonly keyNames: readonly string[];
  readonly rows = new Map<string, ModelRow>();
  readonly #columns = new Map<string, Set<string>>();
  #current = 0n;
  #appended = 0;

  constructor(keyNames: readonly string[]) {
    this.keyNames = keyNames;
  }

  /** Stores a row, or drops it as outdated. */
  write({ sequence, version, fields, timestamps = [] }: Write): Effect {
    this.noteColumns(fields, timestamps);
    const key = this.keyOf(fields);
    const stored = this.rows.get(key);
    const isLate = sequence !== undefined && sequence <= (stored?.sequence ?? -1n);
    if (isLate) return "stale";
    // A write without sequence always replaces and keeps the highest one (wire.md 7).
    this.rows.set(key, { sequence: sequence ?? stored?.sequence, version, fields });
    return stored === undefined ? "inserted" : "replaced";
  }

  /** The row of some fields: one of its own in an append-only table. */
  keyOf(fields: Fields): string {
    if (this.keyNames.length === 0) return `#${(this.#appended += 1)}`;
    const names = [...this.keyNames].sort();
    return names.map((name) => keyValue(fieldOf(fields, name) ?? "")).join();
  }

  /** Makes a version current: rows of lower ones go. */
  activate(version: bigint): void {
    if (version < this.#current) return;
    this.#current = version;
    for (const [key, row] of this.rows) if (row.version < version) this.rows.delete(key);
  }

  /** Every accepted record makes its fields known as columns, also one that is dropped. */
  noteColumns(fields: Fields, timestamps: readonly string[] = []): void {
    for (const [name, json] of fields) {
      const seen = this.#columns.get(name) ?? new Set();
      this.#columns.set(name, seen);
      const type = typeOf(json, timestamps.includes(name));
      if (type !== undefined) seen.add(type);
    }
  }

  /** Names and types in the order of their first appearance. */
  get columns(): { name: string; type: string }[] {
    return [...this.#columns].map(([name, seen]) => ({ name, type: typeOfColumn(seen) }));
  }

  /** A table that can be written to without changing this one. */
  copy(): ModelTable {
    const copy = new ModelTable(this.keyNames);
    for (const [key, row] of this.rows) copy.rows.set(key, row);
    copy.#current = this.#current;
    copy.#appended = this.#appended;
    return copy;
  }
}

/** Whether two lists of key names are one set. */
export function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return [...new Set(a)].sort().join() === [...new Set(b)].sort().join();
}

/** What is wrong with the key of a record. */
export type KeyFault = "key_missing" | "key_null" | "key_not_scalar" | "key_too_long";

/** The first fault of a record's key, in the order of the names. */
export function keyFaults(
  names: readonly string[],
  fields: Fields,
  lengthMax: number,
): { readonly name: string; readonly fault: KeyFault }[] {
  return names.flatMap((name) => {
    const fault = keyFault(fieldOf(fields, name), lengthMax);
    return fault === undefined ? [] : [{ name, fault }];
  });
}

function keyFault(json: string | undefined, lengthMax: number): KeyFault | undefined {
  if (json === undefined) return "key_missing";
  if (json === "null") return "key_null";
  if (/^[[{]/.test(json)) return "key_not_scalar";
  const isLong = json.startsWith('"') && [...String(JSON.parse(json))].length > lengthMax;
  return isLong ? "key_too_long" : undefined;
}

/** The tables of one integration, by name; all its tokens write to them (wire.md 1.4). */
export class ModelIntegration {
  readonly tables = new Map<string, ModelTable>();
  /** Of the native import: what an Idempotency-Key stood for, and what it was answered. */
  readonly repeats = new Map<string, { readonly request: string; readonly answer: Expected }>();
  readonly client: number;

  /** @param client the index of its client. */
  constructor(client: number) {
    this.client = client;
  }

  /** The table of a name, which a first write makes. */
  tableFor(name: string, keyNames: readonly string[]): ModelTable {
    const table = this.tables.get(name) ?? new ModelTable([...new Set(keyNames)]);
    this.tables.set(name, table);
    return table;
  }
}
