/** What a service that was killed has left in its state folder. */
import { databasesWith, withDatabase } from "../support/state-folder.ts";

/** Looks at the files of the local runtime; nothing may use the folder meanwhile. */
export function leftovers(stateFolder: string): {
  /** The keys of all objects in the bucket. */
  readonly objects: string[];
  /** The keys of the files that exports name. */
  readonly named: string[];
  /** How many exports still name an upload. */
  readonly uploadsNoted: number;
} {
  const exports = select(stateFolder, "exports", "SELECT object_key, upload_id FROM exports");
  const objects = select(stateFolder, "_mf_objects", "SELECT key FROM _mf_objects");
  return {
    objects: objects.map((row) => String(row["key"])).toSorted(),
    named: exports.flatMap((row) => textsOf(row["object_key"])).toSorted(),
    uploadsNoted: exports.filter((row) => row["upload_id"] !== null).length,
  };
}

/** A text in a list, or none. */
function textsOf(value: unknown): string[] {
  return typeof value === "string" ? [value] : [];
}

/** The rows of a query in those databases of the folder that have a table. */
function select(folder: string, table: string, sql: string): Record<string, unknown>[] {
  return databasesWith(folder, table).flatMap((file) =>
    withDatabase(file, (database) => database.prepare(sql).all()),
  );
}
