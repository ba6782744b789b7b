/**
 * The figures of exports as text, and what is aimed at.
 */
import type { ExportFigures, SizeResult } from "./export-measure.ts";

/** A figure that is aimed at. */
export interface ExportTarget {
  text: string;
  reached: number;
  /** The same by CPU time, which other programs on the machine disturb less; not judged. */
  reachedByCpu: number | undefined;
  isMet: boolean;
}

/** Headgate's rows a second as a share of the pipeline's. */
const SHARE_MIN = 1;
/** How much more memory the largest table may take than the smallest, in MiB. */
const MORE_MEMORY_MIB_MAX = 64;
/** What a row of the largest table may cost in time, as a multiple of one at a million rows. */
const ROW_COST_MAX = 1.2;
/** Below this many rows the fixed cost of an export counts. */
const ROW_COST_ROWS_MIN = 1_000_000;

const MIB = 1024 * 1024;
const COLUMNS = ["", "seconds", "rows/s", "CPU us/row", "zip MB"];
const WIDTHS = [26, 10, 12, 12, 10];

/** The targets that can be judged by these sizes, which rise. */
export function exportTargets(results: readonly SizeResult[]): ExportTarget[] {
  const speeds = results.map(({ rows, share, cpuShare }) => ({
    text: `${grouped(rows)} rows: at least ${SHARE_MIN} times the pipeline's rows/s`,
    reached: share,
    reachedByCpu: cpuShare,
    isMet: share >= SHARE_MIN,
  }));
  return [...speeds, ...memoryTarget(results), ...rowCostTarget(results)];
}

function memoryTarget(results: readonly SizeResult[]): ExportTarget[] {
  const [first, last] = [results[0], results.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const [few, many] = [first.memory.exportBytes, last.memory.exportBytes];
  if (few === undefined || many === undefined) return [];
  const more = (many - few) / MIB;
  const sizes = `${grouped(last.rows)} rows than with ${grouped(first.rows)}`;
  const text = `at most ${MORE_MEMORY_MIB_MAX} MiB more memory with ${sizes}`;
  return [{ text, reached: more, reachedByCpu: undefined, isMet: more <= MORE_MEMORY_MIB_MAX }];
}

function rowCostTarget(results: readonly SizeResult[]): ExportTarget[] {
  const [first, ...others] = results.filter(({ rows }) => rows >= ROW_COST_ROWS_MIN);
  const last = others.at(-1);
  if (first === undefined || last === undefined) return [];
  const ratio = first.headgate.rowsPerSecond / last.headgate.rowsPerSecond;
  const sizes = `${grouped(last.rows)} as with ${grouped(first.rows)} rows`;
  const text = `at most ${ROW_COST_MAX} times the time a row with ${sizes}`;
  const [few, many] = [first.headgate.cpuMicrosPerRow, last.headgate.cpuMicrosPerRow];
  const reachedByCpu = few === undefined || many === undefined ? undefined : many / few;
  return [{ text, reached: ratio, reachedByCpu, isMet: ratio <= ROW_COST_MAX }];
}

/** The heading of the tables of sizes. */
export function exportHeading(): string {
  return [
    "Seconds from the request to Completed; the pipeline is `sqlite3 -csv -header … | zip`.",
    "Memory is the peak of workerd, which also holds SQLite's page cache, the bucket and the",
    "engine of Workflows. The fresh process has had one small request.",
    "",
    row(COLUMNS),
  ].join("\n");
}

/** One size: a row for each contestant, then memory and shares. */
export function sizeText(result: SizeResult): string {
  const { memory, shareRange, cpuShare } = result;
  const range = `${percent(shareRange[0])} to ${percent(shareRange[1])}`;
  const byCpu = cpuShare === undefined ? "" : `, by CPU time ${percent(cpuShare)}`;
  return [
    `\n${grouped(result.rows)} rows (rounds: ${result.rounds})`,
    figuresText("Headgate", result.headgate),
    figuresText("pipeline, plain table", result.plain),
    figuresText("pipeline, JSON rows", result.json),
    `Headgate's share of the plain pipeline's rows/s: ${percent(result.share)} (${range})${byCpu}`,
    `peak memory: fresh ${mebibytes(memory.idleBytes)}, after one export ` +
      `${mebibytes(memory.exportBytes)}, after all and a download ${mebibytes(memory.endBytes)}`,
    `download ${(result.downloadMs / 1000).toFixed(2)} s; CRC and text checked`,
  ].join("\n");
}

/** A line for each target. */
export function targetsText(targets: readonly ExportTarget[]): string {
  return targets
    .map(({ text, reached, reachedByCpu, isMet }) => {
      const byCpu = reachedByCpu === undefined ? "" : ` (by CPU time ${reachedByCpu.toFixed(2)})`;
      return `${isMet ? "met   " : "MISSED"} ${text}: ${reached.toFixed(2)}${byCpu}`;
    })
    .join("\n");
}

function figuresText(name: string, figures: ExportFigures): string {
  return row([
    name,
    (figures.elapsedMs / 1000).toFixed(2),
    grouped(Math.round(figures.rowsPerSecond)),
    figures.cpuMicrosPerRow?.toFixed(2) ?? "",
    (figures.zipBytes / 1e6).toFixed(1),
  ]);
}

function row(cells: string[]): string {
  const padded = cells.map((cell, at) => {
    const width = WIDTHS[at] ?? 0;
    return at === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
  return padded.join("").trimEnd();
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? "unknown" : `${(bytes / MIB).toFixed(0)} MiB`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function grouped(value: number): string {
  return value.toLocaleString("en");
}
