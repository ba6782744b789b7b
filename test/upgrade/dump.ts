/** A database as SQL that builds it again, one statement a line, rows in the order of their keys. */
import type { DatabaseSync } from "node:sqlite";

/** Tables of the local runtime's own, which no release made. */
const IS_FOREIGN = /^(_cf_|sqlite_)/;

/** A table of a database and its columns in their order. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The tables that a release made, in the order in which it made them. */
export function tablesOf(database: DatabaseSync): TableShape[] {
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    .all();
  return tables
    .map(({ name }) => String(name))
    .filter((name) => !IS_FOREIGN.test(name))
    .map((name) => {
      const columns = database.prepare("SELECT name FROM pragma_table_info(?)").all(name);
      return { name, columns: columns.map((column) => String(column["name"])) };
    });
}

/** An expression for a column's SQL literal. quote() alone ends a text at its first NUL. */
function literalOf(column: string): string {
  return `CASE WHEN typeof(${column}) = 'text' AND instr(${column}, char(0)) > 0
    THEN 'CAST(X''' || hex(CAST(${column} AS BLOB)) || ''' AS TEXT)' ELSE quote(${column}) END`;
}

/** The rows of some columns of a table, each as the list of its SQL literals, sorted. */
export function rowsOf(database: DatabaseSync, { name, columns }: TableShape): string[] {
  const literals = columns.map((column) => literalOf(quoted(column))).join(" || ', ' || ");
  const rows = database.prepare(`SELECT ${literals} AS row FROM ${quoted(name)} ORDER BY 1`).all();
  return rows.map(({ row }) => String(row));
}

/** The statements that build the database again. */
export function dump(database: DatabaseSync): string {
  const tables = tablesOf(database);
  const schema = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    .all()
    .filter(({ name }) => !IS_FOREIGN.test(String(name)))
    .map(({ sql }) => `${String(sql)};`);
  const inserts = tables.flatMap((table) =>
    rowsOf(database, table).map((row) => {
      const columns = table.columns.map((column) => quoted(column)).join(", ");
      return `INSERT INTO ${quoted(table.name)} (${columns}) VALUES (${row});`;
    }),
  );
  return [...schema, ...inserts, ...sequences(database), ""].join("\n");
}

/** Numbers that AUTOINCREMENT must not give again, also those of rows that are gone. */
function sequences(database: DatabaseSync): string[] {
  const known = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'";
  if (database.prepare(known).get() === undefined) return [];
  const shape = { name: "sqlite_sequence", columns: ["name", "seq"] };
  const rows = rowsOf(database, shape).map(
    (row) => `INSERT INTO sqlite_sequence (name, seq) VALUES (${row});`,
  );
  return ["DELETE FROM sqlite_sequence;", ...rows];
}
