/** All that is aimed at in one table: reached or missed, and how it was in the recorded run. */
import { aimText, isReached, type Reading, valueText } from "./readings.ts";
import type { RecordedPart, RecordedValue } from "./recorded.ts";

const COLUMNS = ["", "measured", "rounds", "by CPU", "to reach", "", "before", "change"];
const WIDTHS = [66, 10, 20, 9, 10, 10, 10, 0];

/** The table, with the readings that have no aim in a second part. */
export function summaryText(readings: readonly Reading[], before?: RecordedPart): string {
  const judged = readings.filter(({ aim }) => aim !== undefined);
  const told = readings.filter(({ aim }) => aim === undefined);
  const reached = judged.filter(isReached).length;
  const line = (reading: Reading) => readingRow(reading, before?.values[reading.id]);
  return [
    row(COLUMNS),
    ...judged.map(line),
    ...(told.length === 0 ? [] : ["", "without an aim", ...told.map(line)]),
    "",
    `${reached} of ${judged.length} targets reached`,
    before === undefined
      ? "No run is recorded yet: --record makes this one the first."
      : `before: ${before.date}, ${before.command}, on ${before.machine}`,
    "pp: percentage points. ~: the rounds of both runs overlap, so the change may be noise.",
  ].join("\n");
}

/** Readings on their own, while a run goes on. */
export function readingsText(readings: readonly Reading[]): string {
  return readings.map((reading) => readingRow(reading, undefined)).join("\n");
}

function readingRow(reading: Reading, before: RecordedValue | undefined): string {
  const { text, value, unit, range, byCpu, aim } = reading;
  return row([
    text,
    valueText(value, unit),
    range === undefined ? "" : range.map((end) => valueText(end, unit)).join(" to "),
    byCpu === undefined ? "" : valueText(byCpu, unit),
    aimText(reading),
    aim === undefined ? "" : isReached(reading) ? "reached" : "MISSED",
    before === undefined ? "" : valueText(before.value, before.unit),
    before === undefined ? "" : changeText(reading, before),
  ]);
}

/** In percentage points for ratios, else in percent of the value before. */
function changeText({ value, unit, range }: Reading, before: RecordedValue): string {
  const isRatio = unit === "share" || unit === "times";
  // Neither of two counts that are 0 is larger.
  const relative = value === before.value ? 0 : value / before.value - 1;
  const change = isRatio ? value - before.value : relative;
  const percent = `${change >= 0 ? "+" : ""}${(change * 100).toFixed(0)}`;
  const [low, high] = range ?? [value, value];
  const { low: lowBefore = before.value, high: highBefore = before.value } = before;
  const isNoise = low <= highBefore && lowBefore <= high;
  return `${isNoise ? "~" : ""}${percent} ${isRatio ? "pp" : "%"}`;
}

function row(cells: readonly string[]): string {
  const padded = cells.map((cell, at) => {
    const width = WIDTHS[at] ?? 0;
    return at === 0 ? cell.padEnd(width) : width === 0 ? `  ${cell}` : cell.padStart(width);
  });
  return padded.join("").trimEnd();
}
