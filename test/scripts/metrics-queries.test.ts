/**
 * The queries of docs/operations.md against points as the service writes them: each column has
 * what its name says. They run in SQLite, with what Analytics Engine has beyond it taken out.
 */
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Call } from "../../src/http/calls/call.ts";
import { noteExportPoint, noteImportPoint } from "../../src/http/calls/metrics.ts";
import { writeCommitPoint } from "../../src/warehouse/commit-metrics.ts";
import { blocksOf } from "./docs-blocks.ts";

const BLOBS = ["blob1", "blob2", "blob3", "blob4"];
const DOUBLES = ["double1", "double2", "double3", "double4", "double5", "double6"];

/** For how many points each stands. */
const SAMPLE = 10;

function importOf(facts: Partial<Call>): Call {
  return Object.assign(new Call(), { clientId: 7, table: "orders", bytes: 900, ...facts });
}

/** What the service writes; no two numbers of a kind are equal. */
function pointsOf(): AnalyticsEngineDataPoint[] {
  const points: AnalyticsEngineDataPoint[] = [];
  const METRICS: AnalyticsEngineDataset = {
    writeDataPoint: (point) => void (point && points.push(point)),
  };
  // The points need nothing else of it.
  const env = { METRICS } as Env;
  noteImportPoint(env, importOf({ surface: "push", recordCount: 100 }), 21);
  noteImportPoint(env, importOf({ surface: "native", recordCount: 50, acceptedCount: 45 }), 22);
  noteImportPoint(env, importOf({ surface: "batch", recordCount: 3, code: "key_missing" }), 23);
  noteImportPoint(env, importOf({ surface: "validate", recordCount: 1_000 }), 24);
  noteImportPoint(env, importOf({ surface: "native", recordCount: 2_000, isDryRun: true }), 25);
  noteImportPoint(env, importOf({ surface: "rjmetrics", recordCount: 4_000, isSandbox: true }), 26);
  const rest = { requests: 2, bytes: 800, ms: 31, waitingBytes: 600 };
  writeCommitPoint(env, { tableId: 3, outcome: "ok", changes: 75, rows: 100, ...rest });
  writeCommitPoint(env, { tableId: 4, outcome: "unavailable", changes: 0, rows: 60, ...rest });
  noteExportPoint(env, { clientId: 7, status: "Completed", rows: 11, bytes: 12, ms: 13 });
  noteExportPoint(env, { clientId: 7, status: "Error", rows: 0, bytes: 0, ms: 14 });
  return points;
}

/** Points may hold bytes; ours are texts. */
function textOf(blob: unknown): string {
  return typeof blob === "string" ? blob : "";
}

function dataset(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  const columns = ["index1", ...BLOBS, ...DOUBLES, "_sample_interval", "timestamp"];
  database.exec(`CREATE TABLE headgate (${columns.join(", ")})`);
  const insert = database.prepare(
    `INSERT INTO headgate VALUES (${columns.map(() => "?").join(", ")})`,
  );
  for (const { indexes = [], blobs = [], doubles = [] } of pointsOf()) {
    // What a point does not have is empty, or 0.
    const texts = BLOBS.map((_, index) => textOf(blobs[index]));
    const numbers = DOUBLES.map((_, index) => doubles[index] ?? 0);
    insert.run(textOf(indexes[0]), ...texts, ...numbers, SAMPLE, 1);
  }
  return database;
}

/** Times are all one here, and of equal values any quantile is the highest. */
function sqlite(query: string): string {
  return query
    .replaceAll(/now\(\) - INTERVAL '\d+' [A-Z]+/g, "0")
    .replaceAll(/toStartOf[A-Za-z]+\(timestamp\)/g, "timestamp")
    .replaceAll(/quantileExactWeighted\([\d.]+\)\((double\d), _sample_interval\)/g, "max($1)");
}

const queries = blocksOf("docs/operations.md").flatMap(({ text }) =>
  [...text.matchAll(/<<'SQL'\n([^]*?)\nSQL$/gm)].map(([, query]) => query ?? ""),
);

function answersOf(column: string): Record<string, unknown>[][] {
  const database = dataset();
  return queries
    .filter((query) => new RegExp(`AS ${column}\\b`).test(query))
    .map((query) =>
      database
        .prepare(sqlite(query))
        .all()
        .map((row) => ({ ...row })),
    );
}

test("points accepted are those that are stored", () => {
  expect(answersOf("accepted")).toEqual([
    [{ hour: 1, client: "7", accepted: 1_450, requests: 30 }],
  ]);
});

test("the share of stale rows is of those that commits sent", () => {
  expect(answersOf("stale")).toEqual([
    [{ table_id: "3", sent: 1_000, stale: 250, stale_share: 0.25 }],
  ]);
});

test("records that were refused, and those that were left out", () => {
  const [rows = [], ...others] = answersOf("records");
  expect(others).toEqual([]);
  const common = { client: "7", requests: 10 };
  expect(new Set(rows)).toEqual(
    new Set([
      { surface: "batch", code: "key_missing", ...common, records: 30 },
      { surface: "native", code: "ok", ...common, records: 50 },
    ]),
  );
});

test("latency and queue of the commits", () => {
  const of = { p99_ms: 31, waiting_bytes_max: 600 };
  const [times, tables = []] = answersOf("p99_ms");
  expect(times).toEqual([{ at: 1, commits: 20, requests_each: 2, p50_ms: 31, ...of }]);
  expect(new Set(tables)).toEqual(
    new Set([
      { table_id: "3", commits: 10, ...of },
      { table_id: "4", commits: 10, ...of },
    ]),
  );
});

test("rows exported, and exports that failed", () => {
  const [rows = []] = answersOf("row_count");
  const common = { day: 1, client: "7", exports: 10 };
  expect(new Set(rows)).toEqual(
    new Set([
      { ...common, status: "Completed", row_count: 110, bytes: 120, ms_max: 13 },
      { ...common, status: "Error", row_count: 0, bytes: 0, ms_max: 14 },
    ]),
  );
});

test("no query is left out here", () => {
  expect(queries).toHaveLength(6);
});
