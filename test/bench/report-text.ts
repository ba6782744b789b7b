/** The figures of the report benchmark as text, and what is aimed at. */
import type { QuestionFigures, QuestionResult } from "./report-measure.ts";

/** Headgate's time as a multiple of bare SQLite's. */
export const RATIO_MAX = 2;

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
  const { title, rows, cells, ratioRange, cpuRatio } = result;
  const byCpu = cpuRatio === undefined ? "" : `, by CPU time ${cpuRatio.toFixed(2)}`;
  const range = ratioRange.map((ratio) => ratio.toFixed(2)).join(" to ");
  const word = isMet(result) ? "met" : "MISSED";
  return [
    `\n${title} (${rows.toLocaleString("en")} rows, ${cells} cells)`,
    figuresText("Headgate", result.headgate),
    figuresText("node:sqlite", result.sqlite),
    `${result.ratio.toFixed(2)} times (${range})${byCpu}; at most ${RATIO_MAX}: ${word}`,
  ].join("\n");
}

/** Whether a question was answered as fast as is aimed at. */
export function isMet({ ratio }: QuestionResult): boolean {
  return ratio <= RATIO_MAX;
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
