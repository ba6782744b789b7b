/**
 * The tables that an isolate remembers. What a record says never becomes wrong: key names are
 * fixed, columns are only added, a slot keeps its shard. So the cache needs no expiry. When a key
 * range was split, rows by an older record are still right, but the object that was to have less
 * work says so, and the record is forgotten.
 */
import { RECORD_AGE_MIN_MS } from "./limits.ts";
import type { KeyRange } from "./slots.ts";

/** One set of tables: an integration of a client. */
export interface Integration {
  readonly clientId: number;
  readonly integrationId: number;
  /** Whether nested values are columns and subtables (nested.ts); else they are JSON. */
  readonly nested?: boolean;
}

/** A table that exists. */
export interface TableRecord {
  readonly id: number;
  readonly name: string;
  /** In the order of the first write; empty for an append-only table. */
  readonly keyNames: readonly string[];
  readonly sortedKeyNames: readonly string[];
  readonly ranges: readonly KeyRange[];
  /** Name to bits of the types recorded (warehouse/columns.ts), in order of appearance. */
  readonly columns: Map<string, number>;
  /** Of a subtable: the id of the table in whose rows its rows are. */
  readonly parentId?: number;
  /** Of a table whose nested values are subtables: those that exist, by their names. */
  readonly subtables?: Map<string, TableRecord>;
}

/** Bytes, about, of tables and columns that one isolate remembers, of the 128 MB that it has. */
const CACHE_BYTES_MAX = 20_000_000;

/** Bytes of an entry besides its names: objects, map entries and what a text has at least. */
const ENTRY_BYTES = 100;

/** The tables that one isolate knows, oldest first. */
export class TableCache {
  readonly #records = new Map<string, TableRecord>();
  /** What each of these records was counted with, its key in the cache and when it came, in ms. */
  readonly #counted = new Map<TableRecord, { bytes: number; key: string; at: number }>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number = CACHE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get({ integrationId }: Integration, name: string): TableRecord | undefined {
    return this.#records.get(`${integrationId}/${name}`);
  }

  set({ integrationId }: Integration, record: TableRecord): void {
    const key = `${integrationId}/${record.name}`;
    this.#remove(key);
    this.#records.set(key, record);
    this.#count(record, { bytes: bytesOf(record), key, at: Date.now() });
    this.#makeRoom(key);
  }

  /**
   * Forgets a record whose ranges are not the newest; not one that took its place since it was
   * looked up, nor one that is younger than RECORD_AGE_MIN_MS.
   */
  forget(record: TableRecord): void {
    const counted = this.#counted.get(record);
    if (counted === undefined || Date.now() - counted.at < RECORD_AGE_MIN_MS) return;
    this.#remove(counted.key);
  }

  /**
   * Adds recorded types to a record without losing the count of what is remembered: the record
   * may have been dropped, or another one have taken its place, since it was looked up.
   *
   * @param counted the record that is remembered: of a subtable, its root's.
   */
  addColumns(
    record: TableRecord,
    bits: ReadonlyMap<string, number>,
    counted: TableRecord = record,
  ): void {
    let added = 0;
    for (const [name, more] of bits) {
      const known = record.columns.get(name);
      if (known === undefined) added += nameBytes(name);
      record.columns.set(name, (known ?? 0) | more);
    }
    const before = this.#counted.get(counted);
    if (before === undefined) return;
    this.#count(counted, { ...before, bytes: before.bytes + added });
    this.#makeRoom();
  }

  /** Forgets the oldest records; one that was just set stays, however large it is. */
  #makeRoom(keep?: string): void {
    for (const oldest of this.#records.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === keep) break;
      this.#remove(oldest);
    }
  }

  #count(record: TableRecord, now: { bytes: number; key: string; at: number }): void {
    this.#bytes += now.bytes - (this.#counted.get(record)?.bytes ?? 0);
    this.#counted.set(record, now);
  }

  #remove(key: string): void {
    const record = this.#records.get(key);
    if (record === undefined) return;
    this.#bytes -= this.#counted.get(record)?.bytes ?? 0;
    this.#counted.delete(record);
    this.#records.delete(key);
  }
}

const nameBytes = (name: string): number => ENTRY_BYTES + 2 * name.length;

function bytesOf(record: TableRecord): number {
  const names = [record.name, ...record.keyNames, ...record.sortedKeyNames];
  let bytes = ENTRY_BYTES;
  for (const name of names) bytes += nameBytes(name);
  for (const name of record.columns.keys()) bytes += nameBytes(name);
  for (const subtable of record.subtables?.values() ?? []) bytes += bytesOf(subtable);
  return bytes;
}

const caches = new WeakMap<Env, TableCache>();

/** The cache of an isolate: there is one `env` in each. */
export function cacheOf(env: Env): TableCache {
  const known = caches.get(env);
  if (known !== undefined) return known;
  const cache = new TableCache();
  caches.set(env, cache);
  return cache;
}
