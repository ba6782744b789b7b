/** What the statement of group commit takes in bare SQLite, on this machine. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { chunkMember, joinChunks } from "../../../src/warehouse/chunks.ts";
import { UPSERT } from "../../../src/warehouse/rows.ts";
import { median } from "../../support/quantile.ts";

/** As workerd opens the files of D1 (test/bench/sqlite.ts). */
const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  PRAGMA cache_size = -2000; PRAGMA wal_autocheckpoint = 1000;`;

/** Rows of the table that updates meet. */
const STORED_ROWS = 1_000_000;
const FILL_ROWS = 10_000;

/** A line through the times of commits of one row and of many, in ms. */
export interface CommitTimes {
  readonly perCommitMs: number;
  readonly perRowMs: number;
}

/** What was measured: medians. */
export interface SqliteTimes {
  readonly freshKeys: CommitTimes;
  readonly updatesOfAMillion: CommitTimes;
  /** Bytes of the file for a row of the table, once it has a million. */
  readonly fileBytesPerRow: number;
  /** Bytes of a row as it travels. */
  readonly rowBytes: number;
}

/** Measures in a file of its own, which is deleted afterwards. About 30 s. */
export function measureSqlite(): SqliteTimes {
  const folder = mkdtempSync(join(tmpdir(), "headgate-simulation-"));
  const database = new DatabaseSync(join(folder, "shard.sqlite"));
  try {
    database.exec(PRAGMAS);
    const schema = join(import.meta.dirname, "../../../migrations/shard/0001_start.sql");
    database.exec(readFileSync(schema, "utf8"));
    return measure(database);
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(database: DatabaseSync): SqliteTimes {
  const upsert = database.prepare(UPSERT);
  let next = 0;
  let sequence = 1;
  const fresh = (): number => next++;
  const freshKeys = times((rows) => write(upsert, rows, fresh, sequence++));
  const fills = Math.ceil((STORED_ROWS - next) / FILL_ROWS);
  for (let i = 0; i < fills; i += 1) write(upsert, FILL_ROWS, fresh, sequence++);
  const stored = (): number => (sequence * 1_000 + (next += 611_953)) % STORED_ROWS;
  const updatesOfAMillion = times((rows) => write(upsert, rows, stored, sequence++));
  const pages = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const rows = Number(database.prepare("SELECT count(*) AS rows FROM rows").get()?.["rows"]);
  const fileBytesPerRow = (pages("page_count") * pages("page_size")) / rows;
  return { freshKeys, updatesOfAMillion, fileBytesPerRow, rowBytes: member(0, 1).length };
}

/** The point of an order, as test/bench/bodies.ts has it: about 250 bytes. */
function member(id: number, sequence: number): string {
  const data = {
    ...{ id: 1_000_000_000 + id, status: "complete", customer: `customer-${id % 5_000}` },
    ...{ email: `someone-${id % 5_000}@example.com`, total: "58.40", currency: "EUR" },
    ...{ created_at: "2026-11-20T08:00:00Z", note: "deliver to the neighbours, please" },
  };
  return chunkMember(String(sequence), "0", `[${data.id}]`, JSON.stringify(data));
}

function write(upsert: StatementSync, rows: number, id: () => number, sequence: number): number {
  const members = Array.from({ length: rows }, () => member(id(), sequence)).join(",");
  const [parameter = ""] = joinChunks([{ members, bytes: members.length }]);
  const begin = performance.now();
  upsert.run(parameter, 1);
  return performance.now() - begin;
}

function times(commit: (rows: number) => number): CommitTimes {
  const many = 1_000;
  const one = median(Array.from({ length: 300 }, () => commit(1)));
  const all = median(Array.from({ length: 30 }, () => commit(many)));
  const perRowMs = Math.max(0, (all - one) / (many - 1));
  return { perCommitMs: Math.max(0, one - perRowMs), perRowMs };
}
