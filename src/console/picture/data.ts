/**
 * What pictures are drawn from: the data of a report (wire.md 4.4), read with every digit.
 *
 *     {"item":[{"value":58.40}]}
 *     {"chart":{"type":"chart"},"series":[{"name":"Revenue","data":[["2019-01-01",58.40]]}]}
 */
import {
  isNumber,
  isObject,
  type Json,
  type JsonObject,
  numberText,
  parseExact,
  type RawNumber,
} from "../../json/exact.ts";

/** A number as JSON has it: plain where a double keeps it, raw where it does not. */
export type PictureNumber = number | RawNumber;

/** A label (a date, a group or `Month 1`) and its value. */
export type Point = readonly [label: string, value: PictureNumber];

/** A line, a group of bars, a column of a table, or a cohort. */
export interface Series {
  readonly name: string;
  readonly data: readonly Point[];
}

/** The data of a scalar. */
export interface ScalarData {
  readonly item: readonly { readonly value: PictureNumber }[];
}

/** The data of any other report; `chart.type` is "cohort" for a cohort chart. */
export interface SeriesData {
  readonly chart: JsonObject;
  readonly series: readonly Series[];
}

export type ReportData = ScalarData | SeriesData;

/** Whether the data are those of a scalar. */
export function isScalar(data: ReportData): data is ScalarData {
  return "item" in data;
}

/**
 * Reads the text of a report's data.
 *
 * @throws Error where it has another shape, which is a defect: this service wrote it.
 */
export function readReportData(text: string): ReportData {
  const value = parseExact(text);
  if (!isObject(value)) throw new Error("the data of a report are no object");
  if (Object.hasOwn(value, "item")) {
    return { item: listOf(value["item"]).map((item) => ({ value: valueOf(item) })) };
  }
  const { chart, series } = value;
  if (!isObject(chart)) throw new Error("the data of a report have no chart");
  return { chart, series: listOf(series).map(seriesOf) };
}

function listOf(value: Json | undefined): readonly Json[] {
  if (!Array.isArray(value)) throw new Error("the data of a report lack a list");
  return value;
}

function valueOf(item: Json): PictureNumber {
  const value = isObject(item) ? item["value"] : undefined;
  if (!isNumber(value)) throw new Error("an item has no number");
  return value;
}

function seriesOf(value: Json): Series {
  if (!isObject(value)) throw new Error("a series is no object");
  const { name, data } = value;
  if (typeof name !== "string") throw new Error("a series has no name");
  return { name, data: listOf(data).map(pointOf) };
}

function pointOf(value: Json): Point {
  const [label, number] = listOf(value);
  if (typeof label !== "string" || !isNumber(number)) throw new Error("a point has no number");
  return [label, number];
}

/** Beyond it, a value is drawn at the edge: the differences of larger doubles are infinite. */
const DRAWN_MAX = 1e300;

/** A number as it is drawn: near enough for a picture, never for a table. */
export function drawn(value: PictureNumber): number {
  const number = Number(numberText(value));
  return Math.max(-DRAWN_MAX, Math.min(DRAWN_MAX, number));
}

/**
 * The labels of all series in one order: dates ascending, others as they first appear. A series
 * need not have all of them: a metric may have a longer interval, a cohort fewer periods.
 */
export function labelsOf(series: readonly Series[], isDated: boolean): readonly string[] {
  const labels = new Set<string>();
  for (const { data } of series) for (const [label] of data) labels.add(label);
  // Dates of one report have one length, so that they sort as texts.
  return isDated ? [...labels].sort() : [...labels];
}
