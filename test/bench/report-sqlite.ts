/**
 * The contestant of the report benchmark: a program that asks `node:sqlite` the same of the same
 * file. A process of its own, so that its CPU time is its own.
 */
import { DatabaseSync } from "node:sqlite";

/** What it is asked. */
export interface SqliteQuestion {
  sql: string;
  tableId: number;
}

/** What it answers: the cells by their keys, and what they took. */
export interface SqliteAnswer {
  cells: [key: string, value: number][];
  elapsedMs: number;
  cpuMs: number;
}

/** A fresh cursor for each question; what is cached is the system's pages and SQLite's own. */
function answer(database: DatabaseSync, { sql, tableId }: SqliteQuestion): SqliteAnswer {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const rows = database.prepare(sql).all(tableId);
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cells = rows.map(({ k, v }): [string, number] => [String(k), Number(v)]);
  return { cells, elapsedMs, cpuMs: (user + system) / 1000 };
}

if (import.meta.main) {
  const database = new DatabaseSync(process.argv[2] ?? "", { readOnly: true });
  process.on("message", (question: SqliteQuestion) => {
    try {
      process.send?.({ result: answer(database, question) });
    } catch (error) {
      process.send?.({ error: String(error) });
    }
  });
}
