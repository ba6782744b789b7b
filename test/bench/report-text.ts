/** The figures of the report benchmark as text, and what is aimed at. */
import type { Reading } from "./readings.ts";
import type { QuestionFigures, QuestionResult } from "./report-measure.ts";

/** Headgate's time as a multiple of bare SQLite's. */
const RATIO_MAX = 1.5;

const COLUMNS = ["", "ms", "rows/s", "CPU ms"];
const WIDTHS = [14, 10, 14, 10];

/** The heading of the table. */
export function questionHeading(): string {
  const about =
    "Headgate: from the request to the last byte; node:sqlite: the statement over the same file.";
  return `${about}\n\n${row(COLUMNS)}`;
}

/** One question: a row for each contestant, then the ratios. */
export function questionText(result: QuestionResult): string {
  const { title, rows, cells, ratio, ratioRange, cpuRatio } = result;
  const byCpu = cpuRatio === undefined ? "" : `, by CPU time ${cpuRatio.toFixed(2)}`;
  const range = ratioRange.map((end) => end.toFixed(2)).join(" to ");
  const word = ratio <= RATIO_MAX ? "reached" : "MISSED";
  return [
    `\n${title} (${rows.toLocaleString("en")} rows, ${cells} cells)`,
    figuresText("Headgate", result.headgate),
    figuresText("node:sqlite", result.sqlite),
    ...(result.postgres ? [figuresText("PostgreSQL", result.postgres)] : []),
    `${ratio.toFixed(2)} times (${range})${byCpu}; at most ${RATIO_MAX}: ${word}`,
  ].join("\n");
}

/** What is told and judged of a question. */
export function questionReadings(result: QuestionResult): Reading[] {
  const { title, rows, ratio, ratioRange, cpuRatio, postgresRatio } = result;
  const one = { unit: "times" as const };
  const name = `${title}, ${rows.toLocaleString("en")} rows, time`;
  const beside = { id: `report ${name} / postgres`, text: `${name} beside PostgreSQL` };
  return [
    {
      ...{ ...one, id: `report ${name} / sqlite`, text: `${name} beside node:sqlite` },
      ...{ value: ratio, range: ratioRange, byCpu: cpuRatio, aim: { atMost: RATIO_MAX } },
    },
    ...(postgresRatio === undefined ? [] : [{ ...one, ...beside, value: postgresRatio }]),
  ];
}

function figuresText(name: string, { elapsedMs, rowsPerSecond, cpuMs }: QuestionFigures): string {
  const perSecond = Math.round(rowsPerSecond).toLocaleString("en");
  return row([name, elapsedMs.toFixed(0), perSecond, cpuMs?.toFixed(0) ?? ""]);
}

function row(cells: readonly string[]): string {
  const padded = cells.map((cell, at) => {
    const width = WIDTHS[at] ?? 0;
    return at === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
  return padded.join("").trimEnd();
}
