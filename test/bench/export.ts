/**
 * `npm run bench -- export`: how fast tables are exported, beside `sqlite3 -csv … | zip` on the
 * same rows in the same run, and in how much memory. One machine, local D1 and R2: nothing here
 * says how fast production is.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { pushPoint, tableId } from "./export-client.ts";
import { measureSize, runExport, type SizeResult } from "./export-measure.ts";
import { missingPrograms } from "./export-pipeline.ts";
import { type OrderColumns, ORDER_COLUMNS } from "./export-orders.ts";
import { exportHeading, exportReadings, sizeText } from "./export-report.ts";
import {
  buildPlain,
  type BuiltTable,
  checkDisk,
  fillShard,
  findShardFile,
  firstOrder,
} from "./export-tables.ts";
import { dropOrders, fillOrders } from "./postgres-orders.ts";
import { profileWhile } from "./profile.ts";
import type { Reading } from "./readings.ts";
import { profilesText } from "./report.ts";
import type { RunningWorker } from "./workers.ts";

const TABLE = "orders";
const ROUNDS = 3;
/** Tables of more rows than this are exported once: their runs are long enough to even out. */
const ROUNDS_ROWS_MAX = 1_000_000;

/** Runs the benchmark. Sets the exit code to 2 where a program is missing that it needs. */
export async function benchExports(bench: Bench): Promise<Reading[] | undefined> {
  const { options, say } = bench;
  const missing = missingPrograms();
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`);
    process.exitCode = 2;
    return undefined;
  }
  checkDisk(bench.folder, Math.max(...options.exportRows));
  if (options.profile !== "") {
    await profileExport(bench);
    return undefined;
  }
  const cluster = await bench.postgres();
  say(`\n${exportHeading()}`);
  const sizes: SizeResult[] = [];
  for (const rows of options.exportRows) {
    const table = await buildTable(bench, rows, ORDER_COLUMNS);
    if (cluster !== undefined) await fillOrders(cluster, table.plainFile, ORDER_COLUMNS);
    const worker = await startAgain(bench, table);
    const rounds = rows > ROUNDS_ROWS_MAX ? 1 : ROUNDS;
    const result = await measureSize(table, worker, rounds, cluster);
    if (cluster !== undefined) dropOrders(cluster);
    rmSync(table.folder, { recursive: true, force: true, maxRetries: 3 });
    say(sizeText(result));
    sizes.push(result);
  }
  return exportReadings(sizes);
}

/** The table, made by the service and filled behind its back; no Worker runs afterwards. */
export async function buildTable(
  bench: Bench,
  rows: number,
  columns: OrderColumns,
): Promise<BuiltTable> {
  const startedAt = performance.now();
  const folder = join(bench.folder, `export-${rows}`);
  const stateFolder = join(folder, "state");
  const plainFile = join(folder, "plain.sqlite");
  mkdirSync(stateFolder, { recursive: true });
  buildPlain(plainFile, rows, columns);
  const worker = await bench.start({ folder: stateFolder, isPrepared: false });
  await pushPoint(worker.port, TABLE, firstOrder(plainFile, columns));
  const id = await tableId(worker.port, TABLE);
  await worker.close();
  const shardFile = findShardFile(stateFolder);
  fillShard(shardFile, plainFile, id, columns);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  bench.say(`\nbuilt ${rows.toLocaleString("en")} rows in ${seconds} s`);
  return { id, rows, folder, stateFolder, plainFile, shardFile };
}

/** Starts Headgate on a table: a fresh process, whose peak memory is that of this table. */
export async function startAgain(
  bench: Bench,
  table: BuiltTable,
  inspectorPort?: number,
): Promise<RunningWorker> {
  const { stateFolder: folder } = table;
  const worker = await bench.start({ folder, isPrepared: true, inspectorPort });
  await tableId(worker.port, TABLE);
  return worker;
}

async function profileExport(bench: Bench): Promise<void> {
  const { options, say } = bench;
  const table = await buildTable(bench, options.exportRows[0] ?? 0, ORDER_COLUMNS);
  const inspectorPort = await bench.freePort();
  const worker = await startAgain(bench, table, inspectorPort);
  let elapsedMs = 0;
  const profiles = await profileWhile(inspectorPort, options.profile, async () => {
    ({ elapsedMs } = await runExport(worker, table));
  });
  say(profilesText(profiles));
  say(`\n${elapsedMs.toFixed(0)} ms from the request to Completed`);
}
