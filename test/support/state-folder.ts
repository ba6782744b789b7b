/** The databases in a state folder of the local runtime, read from their own files. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * The files of the databases that have a table, in the order of their paths: of D1 and of R2.
 * A service may use them meanwhile.
 *
 * @param folder the state folder, or one above it.
 */
export function databasesWith(folder: string, table: string): string[] {
  const files = globSync(join(folder, "**/{d1,r2}/*/*.sqlite")).toSorted();
  return files.filter((file) => hasTable(file, table));
}

/** Works on a database's file, which no service uses, and closes it. */
export function withDatabase<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function hasTable(file: string, table: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";
    return database.prepare(sql).get(table) !== undefined;
  } finally {
    database.close();
  }
}
