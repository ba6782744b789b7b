/**
 * The figures of exports as text, and what is aimed at.
 */
import type { ExportFigures, SizeResult } from "./export-measure.ts";
import type { Reading } from "./readings.ts";

/** Headgate's rows a second with the largest table, as a multiple of the pipeline's. */
const SPEED_MIN = 1.5;
/** How much more memory the largest table may take than the smallest, in MiB. */
const MORE_MEMORY_MIB_MAX = 64;
/** What a row of the largest table may cost in time, as a multiple of one at a million rows. */
const ROW_COST_MAX = 1.2;
/** Below this many rows the fixed cost of an export counts. */
const ROW_COST_ROWS_MIN = 1_000_000;

const MIB = 1024 * 1024;
const COLUMNS = ["", "seconds", "rows/s", "CPU us/row", "zip MB"];
const WIDTHS = [26, 10, 12, 12, 10];

/** What is told and judged of these sizes, which rise. */
export function exportReadings(results: readonly SizeResult[]): Reading[] {
  const largest = results.at(-1);
  const speeds = results.flatMap((result): Reading[] => {
    const { rows, share, shareRange, cpuShare, postgresShare } = result;
    const sizes = `export of ${grouped(rows)} rows`;
    const aim = result === largest ? { atLeast: SPEED_MIN } : undefined;
    const copy = postgresShare && {
      ...{ id: `${sizes} / postgres`, text: `${sizes}, of PostgreSQL COPY | zip` },
      ...{ value: postgresShare.share, unit: "times" as const },
      ...{ range: postgresShare.shareRange, byCpu: postgresShare.cpuShare },
    };
    return [
      {
        ...{ id: `${sizes} / sqlite3`, text: `${sizes}, of sqlite3 -csv | zip` },
        ...{ value: share, unit: "times", range: shareRange, byCpu: cpuShare, aim },
      },
      ...(copy === undefined ? [] : [copy]),
    ];
  });
  return [...speeds, ...memoryReading(results), ...rowCostReading(results)];
}

function memoryReading(results: readonly SizeResult[]): Reading[] {
  const [first, last] = [results[0], results.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const [few, many] = [first.memory.exportBytes, last.memory.exportBytes];
  if (few === undefined || many === undefined) return [];
  const text = `more memory of workerd with ${grouped(last.rows)} rows`;
  const aim = { atMost: MORE_MEMORY_MIB_MAX * MIB };
  return [{ id: "export / more memory", text, value: many - few, unit: "bytes", aim }];
}

function rowCostReading(results: readonly SizeResult[]): Reading[] {
  const [first, ...others] = results.filter(({ rows }) => rows >= ROW_COST_ROWS_MIN);
  const last = others.at(-1);
  if (first === undefined || last === undefined) return [];
  const value = first.headgate.rowsPerSecond / last.headgate.rowsPerSecond;
  const text = `time a row with ${grouped(last.rows)} beside ${grouped(first.rows)} rows`;
  const [few, many] = [first.headgate.cpuMicrosPerRow, last.headgate.cpuMicrosPerRow];
  const byCpu = few === undefined || many === undefined ? undefined : many / few;
  const aim = { atMost: ROW_COST_MAX };
  return [{ id: "export / row cost", text, value, unit: "times", byCpu, aim }];
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
    ...(result.postgres ? [figuresText("PostgreSQL COPY | zip", result.postgres)] : []),
    `Headgate's share of the plain pipeline's rows/s: ${percent(result.share)} (${range})${byCpu}`,
    `peak memory: fresh ${mebibytes(memory.idleBytes)}, after one export ` +
      `${mebibytes(memory.exportBytes)}, after all and a download ${mebibytes(memory.endBytes)}`,
    `download ${(result.downloadMs / 1000).toFixed(2)} s; CRC and text checked`,
  ].join("\n");
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
