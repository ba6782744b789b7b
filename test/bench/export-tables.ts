/**
 * Builds the tables that are exported: the service makes the table, SQLite fills it while no
 * Worker has its file open.
 */
import { statfsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { keyText } from "../../src/warehouse/keys.ts";
import { databasesWith } from "../support/state-folder.ts";
import {
  ADD_CUSTOMERS,
  CREATE_ORDERS,
  FILL_ORDERS,
  type OrderColumns,
  orderJson,
  ORDER_KEY,
} from "./export-orders.ts";

/** A table to export, and the same rows as plain ones. */
export interface BuiltTable {
  /** Its id in the service. */
  id: number;
  rows: number;
  /** For all files of the table; those below have their place in it. */
  folder: string;
  /** Where the runtime keeps its files. */
  stateFolder: string;
  /** The database with a column for each field. */
  plainFile: string;
  /** The database of the shard. */
  shardFile: string;
}

/** All databases, two zip files and what the runtime keeps, in bytes a row; generous. */
const DISK_BYTES_PER_ROW = 900;

/** Throws where the disk of `folder` has too little room for so many rows. */
export function checkDisk(folder: string, rows: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const needed = rows * DISK_BYTES_PER_ROW;
  if (bavail * bsize >= needed) return;
  const text = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Error(`${folder} has ${text(bavail * bsize)} free; ${text(needed)} are needed.`);
}

/** Makes the database of plain rows that `sqlite3` reads. */
export function buildPlain(file: string, rows: number, columns: OrderColumns): void {
  const database = new DatabaseSync(file);
  try {
    withoutSafety(database);
    database.exec(CREATE_ORDERS);
    database.prepare(FILL_ORDERS).run(rows);
    if (columns.includes("customer_id")) database.exec(ADD_CUSTOMERS);
  } finally {
    database.close();
  }
}

/** The JSON of the first order of a database of plain rows. */
export function firstOrder(file: string, columns: OrderColumns): string {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return textOf(database, `SELECT ${orderJson(columns)} AS text FROM orders WHERE id = 1`);
  } finally {
    database.close();
  }
}

/** The shard's database below the state folder of a Worker that has been stopped. */
export function findShardFile(stateFolder: string): string {
  const [file] = databasesWith(stateFolder, "rows");
  if (file === undefined) throw new Error(`No database with the table rows below ${stateFolder}.`);
  return file;
}

/**
 * Adds the orders of a database of plain rows to a table that has the first of them already.
 * Throws where the service has stored that one in another form than this does.
 */
export function fillShard(
  shardFile: string,
  plainFile: string,
  tableId: number,
  columns: OrderColumns,
): void {
  const json = orderJson(columns);
  const database = new DatabaseSync(shardFile);
  try {
    withoutSafety(database);
    database.prepare("ATTACH ?1 AS plain").run(plainFile);
    checkFirst(database, tableId, json);
    checkKeys(database);
    database
      .prepare(
        `INSERT INTO rows (table_id, key, sequence, version, data)
         SELECT ?1, ${ORDER_KEY}, 1, (SELECT version FROM rows WHERE table_id = ?1), ${json}
         FROM plain.orders WHERE id > 1 ORDER BY id`,
      )
      .run(tableId);
    database.exec("DETACH plain; PRAGMA journal_mode = WAL");
  } finally {
    database.close();
  }
}

/** A crash only costs the run, so nothing needs to reach the disk. */
export function withoutSafety(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = DELETE");
  database.exec("PRAGMA journal_mode = OFF");
  database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536");
}

function checkFirst(database: DatabaseSync, tableId: number, json: string): void {
  const stored = database
    .prepare("SELECT key || ' ' || data AS text FROM rows WHERE table_id = ?1")
    .all(tableId)
    .map(({ text }) => text);
  const first = `SELECT ${ORDER_KEY} || ' ' || ${json} AS text FROM plain.orders WHERE id = 1`;
  const expected = textOf(database, first);
  if (stored.length === 1 && stored[0] === expected) return;
  throw new Error(`The service stored ${stored.join("\n")}\ninstead of ${expected}`);
}

/** Keys out of their canonical form would come out in another order than the ids. */
function checkKeys(database: DatabaseSync): void {
  const keys = database.prepare(
    `SELECT id, ${ORDER_KEY} AS key FROM plain.orders
     WHERE id IN (1, 9, 10, 99, 100, 12345, 1000000, 10000000)`,
  );
  for (const { id, key } of keys.all()) {
    const expected = keyText(["id"], { id: Number(id) }, 255, 0);
    if (key !== expected)
      throw new Error(`The key of ${String(id)} is ${expected}, not ${String(key)}.`);
  }
}

function textOf(database: DatabaseSync, query: string): string {
  return String(database.prepare(query).get()?.["text"]);
}
