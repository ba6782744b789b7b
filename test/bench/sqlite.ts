/**
 * The contestant without HTTP, Workers and D1: a program that parses bodies as exactly as
 * Headgate does and upserts their points with `node:sqlite`, one prepared statement per point and
 * one transaction per body. A process of its own, like the load generator.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  type Json,
  integerText,
  isObject,
  parseExact,
  stringifyExact,
} from "../../src/json/exact.ts";
import { KeySource, PushBody } from "./bodies.ts";
import type { LoadWindow, WindowResult } from "./load.ts";

/**
 * As workerd opens the SQLite files of D1: it sets WAL and nothing else, and is compiled with
 * DEFAULT_WAL_SYNCHRONOUS=2 (FULL: each commit is synced), DEFAULT_CACHE_SIZE=-2000 (KiB) and
 * DEFAULT_WAL_AUTOCHECKPOINT=1000 (pages).
 */
const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  PRAGMA cache_size = -2000; PRAGMA wal_autocheckpoint = 1000;`;

const UPSERT = `INSERT INTO rows (table_id, key, sequence, version, data) VALUES (?, ?, ?, 0, ?)
  ON CONFLICT (table_id, key) DO UPDATE SET
    sequence = excluded.sequence, version = excluded.version, data = excluded.data
  WHERE excluded.sequence > rows.sequence`;

const utf8 = new TextDecoder();

/** The database and what it knows of tables. */
class BareWarehouse {
  private readonly database: DatabaseSync;
  private readonly upsert: StatementSync;
  private readonly tableIds = new Map<string, number>();

  constructor(file: string) {
    this.database = new DatabaseSync(file);
    this.database.exec(PRAGMAS);
    const schema = join(import.meta.dirname, "../../migrations/shard/0001_start.sql");
    this.database.exec(readFileSync(schema, "utf8"));
    this.upsert = this.database.prepare(UPSERT);
  }

  /** Parses one body and stores its points in one transaction. */
  store(body: Uint8Array): void {
    const records = parseExact(utf8.decode(body));
    if (!Array.isArray(records)) throw new Error("The body is no array.");
    this.database.exec("BEGIN IMMEDIATE");
    for (const record of records) this.storeRecord(record);
    this.database.exec("COMMIT");
  }

  private storeRecord(record: Json): void {
    if (!isObject(record) || !isObject(record["data"])) throw new Error("A record is no object.");
    const { data, key_names: keyNames, table_name: table } = record;
    const sequence = integerText(record["sequence"]);
    if (sequence === undefined || typeof table !== "string" || !Array.isArray(keyNames)) {
      throw new Error("A record has no sequence, table or keys.");
    }
    const key = stringifyExact(
      keyNames.map((name) => (typeof name === "string" ? data[name] : null) ?? null),
    );
    this.upsert.run(this.tableId(table), key, BigInt(sequence), stringifyExact(data));
  }

  private tableId(table: string): number {
    const known = this.tableIds.get(table);
    if (known !== undefined) return known;
    this.tableIds.set(table, this.tableIds.size + 1);
    return this.tableIds.size;
  }
}

/** Stores bodies one after the other; making them is not counted. */
function runWindow(warehouse: BareWarehouse, window: LoadWindow): WindowResult {
  const source = new KeySource(window.keys, window.sequence, window.stale);
  // It reads no Transit: beside a Transit case it gets the same points as JSON.
  const body = new PushBody({ ...window.shape, encoding: "json" });
  const latenciesMs: number[] = [];
  const cpuBefore = process.cpuUsage();
  let elapsedMs = 0;
  while (elapsedMs < window.windowMs && latenciesMs.length < window.requestsMax) {
    body.fill(source);
    const startedAt = performance.now();
    warehouse.store(body.bytes);
    const latencyMs = performance.now() - startedAt;
    elapsedMs += latencyMs;
    latenciesMs.push(latencyMs);
  }
  const cpu = process.cpuUsage(cpuBefore);
  return {
    requests: latenciesMs.length,
    elapsedMs,
    latenciesMs,
    bytes: latenciesMs.length * body.bytes.length,
    clientCpuMs: (cpu.user + cpu.system) / 1000,
    keysUsed: source.used,
  };
}

if (import.meta.main) {
  const warehouse = new BareWarehouse(process.argv[2] ?? ":memory:");
  process.on("message", (window: LoadWindow) => {
    try {
      process.send?.({ result: runWindow(warehouse, window) });
    } catch (error) {
      process.send?.({ error: String(error) });
    }
  });
}
