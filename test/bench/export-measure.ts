/**
 * Exports of one table and the pipeline's runs on the same rows, in turn.
 */
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { memoryOf } from "../support/process-memory.ts";
import { median } from "../support/quantile.ts";
import { cpuMs } from "./cpu.ts";
import { downloadExport, exportTable, type FinishedExport } from "./export-client.ts";
import {
  contentHash,
  jsonQuery,
  PLAIN_QUERY,
  type PipelineRun,
  runCopy,
  runPipeline,
  testZip,
} from "./export-pipeline.ts";
import type { BuiltTable } from "./export-tables.ts";
import type { PostgresCluster } from "./postgres-cluster.ts";
import type { RunningWorker } from "./workers.ts";

/** The figures of one contestant at one size: medians over the rounds. */
export interface ExportFigures {
  elapsedMs: number;
  rowsPerSecond: number;
  /** CPU time of the contestant's processes; undefined where the system does not tell it. */
  cpuMicrosPerRow: number | undefined;
  zipBytes: number;
}

/** What was measured on a table of one size. */
export interface SizeResult {
  rows: number;
  rounds: number;
  headgate: ExportFigures;
  /** The pipeline on a plain table: what the target is about. */
  plain: ExportFigures;
  /** The pipeline on the JSON that Headgate stores: to compare, in one round. */
  json: ExportFigures;
  /** PostgreSQL's `COPY … CSV | zip`. */
  postgres: ExportFigures | undefined;
  /** Headgate's rows a second as a share of PostgreSQL's, the median of the rounds. */
  postgresShare: Pick<SizeResult, "share" | "shareRange" | "cpuShare"> | undefined;
  /** Headgate's rows a second as a share of the plain pipeline's, the median of the rounds. */
  share: number;
  /** The lowest and the highest share of a round. */
  shareRange: [number, number];
  /** The same by CPU time: the plain pipeline's as a share of Headgate's. */
  cpuShare: number | undefined;
  /** Peak resident memory of workerd, in bytes; undefined where the system does not tell it. */
  memory: PeakMemory;
  downloadMs: number;
}

/** Peaks of one process: each holds what came before it. */
export interface PeakMemory {
  /** Before the first export. */
  idleBytes: number | undefined;
  /** After the first export: what the target is about. */
  exportBytes: number | undefined;
  /** After all exports and a download. */
  endBytes: number | undefined;
}

/** One export with the CPU time that workerd took. */
interface ExportRun extends FinishedExport {
  cpuMs: number | undefined;
}

/** Measures the exports of a running Worker; closes it before the last runs of the pipeline. */
export async function measureSize(
  table: BuiltTable,
  worker: RunningWorker,
  rounds: number,
  cluster: PostgresCluster | undefined,
): Promise<SizeResult> {
  const zip = join(table.folder, "headgate.zip");
  const pipelineZip = join(table.folder, "pipeline.zip");
  const idleBytes = memoryOf(worker.pid)?.peakBytes;
  let exportBytes: number | undefined;
  const exports: ExportRun[] = [];
  const plain: PipelineRun[] = [];
  const copies: PipelineRun[] = [];
  const copyZip = join(table.folder, "copy.zip");
  const runs = [
    async () => {
      exports.push(await runExport(worker, table));
      exportBytes ??= memoryOf(worker.pid)?.peakBytes;
    },
    async () => {
      rmSync(pipelineZip, { force: true });
      plain.push(await runPipeline(table.plainFile, PLAIN_QUERY, pipelineZip));
    },
    async () => {
      if (cluster === undefined) return;
      rmSync(copyZip, { force: true });
      copies.push(await runCopy(cluster, copyZip));
    },
  ];
  for (let round = 0; round < rounds; round += 1) {
    for (const run of round % 2 === 0 ? runs : runs.toReversed()) await run();
  }
  const downloadMs = await downloadExport(worker.port, exports.at(-1)?.id ?? 0, zip);
  const endBytes = memoryOf(worker.pid)?.peakBytes;
  await worker.close();
  const zipBytes = await checkFiles(zip, pipelineZip);
  if (cluster !== undefined) await checkFiles(zip, copyZip);
  rmSync(pipelineZip, { force: true });
  const json = [await runPipeline(table.shardFile, jsonQuery(table.id), pipelineZip)];
  return {
    rows: table.rows,
    rounds,
    headgate: figuresOf(
      exports.map((run) => ({ ...run, bytes: zipBytes })),
      table.rows,
    ),
    plain: figuresOf(plain, table.rows),
    json: figuresOf(json, table.rows),
    postgres: cluster && figuresOf(copies, table.rows),
    postgresShare: cluster && sharesOf(exports, copies),
    ...sharesOf(exports, plain),
    memory: { idleBytes, exportBytes, endBytes },
    downloadMs,
  };
}

/** One export of the whole table, checked for its count of rows. */
export async function runExport(worker: RunningWorker, table: BuiltTable): Promise<ExportRun> {
  const before = cpuMs(worker.pid);
  const finished = await exportTable(worker.port, table.id).catch((cause: unknown) => {
    throw new Error(worker.errors.at(-1) ?? "The Worker logged no error.", { cause });
  });
  const after = cpuMs(worker.pid);
  if (finished.rows !== table.rows) {
    throw new Error(`The export has ${finished.rows} of ${table.rows} rows.`);
  }
  const used = before === undefined || after === undefined ? undefined : after - before;
  return { ...finished, cpuMs: used };
}

/** Both files must be whole and hold the same text; returns the size of the first. */
async function checkFiles(zip: string, pipelineZip: string): Promise<number> {
  await testZip(zip);
  const [mine, theirs] = [await contentHash(zip), await contentHash(pipelineZip)];
  if (mine !== theirs) throw new Error(`The export's text is not that of ${pipelineZip}.`);
  return statSync(zip).size;
}

function figuresOf(
  runs: { elapsedMs: number; cpuMs: number | undefined; bytes: number }[],
  rows: number,
): ExportFigures {
  const elapsedMs = median(runs.map((run) => run.elapsedMs));
  const cpu = runs.flatMap((run) => run.cpuMs ?? []);
  return {
    elapsedMs,
    rowsPerSecond: (rows / elapsedMs) * 1000,
    cpuMicrosPerRow: cpu.length === 0 ? undefined : (median(cpu) / rows) * 1000,
    zipBytes: runs[0]?.bytes ?? 0,
  };
}

function sharesOf(
  exports: ExportRun[],
  plain: PipelineRun[],
): Pick<SizeResult, "share" | "shareRange" | "cpuShare"> {
  const shares = exports.map((run, round) => (plain[round]?.elapsedMs ?? 0) / run.elapsedMs);
  const cpuShares = exports.flatMap((run, round) =>
    run.cpuMs === undefined ? [] : (plain[round]?.cpuMs ?? 0) / run.cpuMs,
  );
  return {
    share: median(shares),
    shareRange: [Math.min(...shares), Math.max(...shares)],
    cpuShare: cpuShares.length === 0 ? undefined : median(cpuShares),
  };
}
