/**
 * What the service has stored, read from its databases' own files: whether a refused request
 * wrote anything.
 */
import { DatabaseSync } from "node:sqlite";
import { databasesWith } from "../support/state-folder.ts";

/**
 * What requests store. Left out is what the service notes of requests, refused ones too, and what
 * goes on after an answer: `rejections`, sessions, times of use, progress of exports, counts.
 */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  clients: [
    "SELECT count(*), total(length(name)), total(unicode(name)), group_concat(time_zone) FROM clients",
  ],
  integrations: ["SELECT count(*), total(length(name)), group_concat(nested) FROM integrations"],
  import_tokens: ["SELECT count(*), max(id) FROM import_tokens"],
  export_keys: [
    "SELECT count(*), max(id), total(length(name)), group_concat(allowed_ips) FROM export_keys",
  ],
  tables: [
    "SELECT count(*), max(id), total(current_version), total(length(key_names)) FROM tables",
  ],
  columns: ["SELECT count(*), max(id), total(types) FROM columns"],
  exports: ["SELECT count(*), max(id), total(length(definition)) FROM exports"],
  reports: ["SELECT count(*), max(id), max(updated_at), total(length(definition)) FROM reports"],
  idempotency_keys: ["SELECT count(*), max(hash) FROM idempotency_keys"],
  rows: [
    "SELECT count(*), total(sequence), total(version), total(length(data)), max(key) FROM rows",
  ],
  applied_requests: ["SELECT count(*), max(id) FROM applied_requests"],
};

interface Base {
  readonly database: DatabaseSync;
  readonly queries: readonly string[];
  version: unknown;
  digest: string;
}

/** The databases of a state folder. */
export class Written {
  readonly #folder: string;
  #bases: Base[] | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A text that changes when anything is stored, by what is stored and not by its order. */
  digest(): string {
    this.#bases ??= openAll(this.#folder);
    return this.#bases.map((base) => digestOf(base)).join("\n");
  }

  close(): void {
    for (const { database } of this.#bases ?? []) database.close();
    this.#bases = undefined;
  }
}

function openAll(folder: string): Base[] {
  const files = ["clients", "rows"].flatMap((table) => databasesWith(folder, table));
  if (files.length < 2) throw new Error(`${folder} has no databases but ${files.join(", ")}`);
  return files.map((file) => {
    const database = new DatabaseSync(file, { readOnly: true });
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name));
    const queries = tables.flatMap((table) => QUERIES[table] ?? []);
    return { database, queries, version: undefined, digest: "" };
  });
}

/** Nothing is read where nobody has written since the last time. */
function digestOf(base: Base): string {
  const version = base.database.prepare("PRAGMA data_version").get()?.["data_version"];
  if (version === base.version) return base.digest;
  base.version = version;
  base.digest = base.queries
    .map((query) => JSON.stringify(base.database.prepare(query).get()))
    .join("\n");
  return base.digest;
}
