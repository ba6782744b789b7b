/** What is drawn of series: the chosen ones with their points, on axes of one size. */
import { drawn, labelsOf, type PictureNumber, type Series, type SeriesData } from "./data.ts";
import { formatTick, type NumberFormat } from "./format.ts";
import { commonFormat, formatOf, type PictureOptions } from "./options.ts";
import { scaleOf, type Scale } from "./scale.ts";
import {
  areDates,
  CHARACTER_PX,
  dateNamer,
  instantOf,
  labelTicks,
  type LabelTick,
} from "./ticks.ts";

/** Series that are told apart by colour with pattern or marker. */
export const SERIES_MAX = 12;

/** A series that is drawn. */
export interface DrawnSeries {
  readonly name: string;
  /** 1 to {@link SERIES_MAX}: its colour and pattern. */
  readonly style: number;
  readonly format: NumberFormat;
  /** By the index of the label; undefined where it has none. */
  readonly values: readonly (number | undefined)[];
  readonly exact: readonly (PictureNumber | undefined)[];
}

/** Series that are ready to be drawn. */
export interface Plot {
  readonly labels: readonly string[];
  /** A label as a reader wants it: `Jan 2019`. */
  readonly nameOf: (label: string) => string;
  readonly isDated: boolean;
  readonly series: readonly DrawnSeries[];
  /** Series that are in the table only. */
  readonly left: number;
  readonly format: NumberFormat;
  readonly min: number;
  readonly max: number;
}

/**
 * The series that are drawn: the first {@link SERIES_MAX} by the sum of their values, in their
 * own order. Undefined where there is no point at all.
 */
export function plotOf({ series }: SeriesData, options: PictureOptions): Plot | undefined {
  const isDated = areDates(series.flatMap(({ data }) => data.map(([label]) => label)));
  const labels = labelsOf(series, isDated);
  if (labels.length === 0) return undefined;
  const places = new Map(labels.map((label, index) => [label, index]));
  const chosen = largest(series);
  const all = chosen.map(({ name, data }, index): DrawnSeries => {
    const exact: (PictureNumber | undefined)[] = labels.map(() => undefined);
    for (const [label, value] of data) exact[places.get(label) ?? 0] = value;
    const values = exact.map((value) => (value === undefined ? undefined : drawn(value)));
    return { name, style: index + 1, format: formatOf(name, options), values, exact };
  });
  let [min, max] = [Infinity, -Infinity];
  for (const { values } of all) {
    for (const value of values) {
      if (value === undefined) continue;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  const names = all.map(({ name }) => name);
  const format = commonFormat(names, options);
  const left = series.length - chosen.length;
  return { labels, nameOf: dateNamer(labels), isDated, series: all, left, format, min, max };
}

function largest(series: readonly Series[]): readonly Series[] {
  const filled = series.filter(({ data }) => data.length > 0);
  if (filled.length <= SERIES_MAX) return filled;
  const total = ({ data }: Series): number =>
    data.reduce((sum, [, value]) => sum + drawn(value) / 1e4, 0);
  const totals = new Map(filled.map((each) => [each, total(each)]));
  const sorted = filled.toSorted((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
  const kept = new Set(sorted.slice(0, SERIES_MAX));
  return filled.filter((each) => kept.has(each));
}

/** The two sizes of a picture; the page shows the one that fits (assets/picture.css). */
export type Size = "wide" | "compact";

/** A picture's box and axes in the units of its viewBox, which are pixels of its usual size. */
export interface Frame {
  readonly size: Size;
  readonly width: number;
  readonly height: number;
  /** The edges of the plot. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** The room from one label's place to the next; of periods, to the nearest next. */
  readonly band: number;
  /** Of each label, in bands from the first one. */
  readonly places: readonly number[];
  readonly scale: Scale;
  readonly format: NumberFormat;
  readonly labelTicks: readonly LabelTick[];
}

const BOXES = {
  wide: { width: 880, height: 350, ticksMax: 6 },
  compact: { width: 390, height: 300, ticksMax: 5 },
} as const;

/** Under the plot: one line of labels, and a second one. */
const LABELS_PX = 28;
const UNDER_PX = 16;
/** Above and right of the plot: half a label. */
export const MARGIN_PX = 14;

/**
 * The frame of a plot.
 *
 * @param of bars, each label has a place of one width, and the axis has 0; of lines, dates are
 * as far from each other as in time.
 */
export function frameOf(plot: Plot, size: Size, of: "lines" | "bars"): Frame {
  const { width, height } = BOXES[size];
  const scale = scaleIn(plot, size, of);
  const texts = scale.ticks.map((tick) => formatTick(tick, scale, plot.format));
  const left = Math.max(...texts.map((text) => text.length)) * CHARACTER_PX + MARGIN_PX;
  const right = width - MARGIN_PX;
  const places =
    of === "lines" && plot.isDated ? timesOf(plot.labels) : plot.labels.map((_, i) => i);
  const band = (right - left) / ((places.at(-1) ?? 0) + 1);
  const ticks = labelTicks(plot.labels, places, band);
  const hasUnder = ticks.some(({ under }) => under !== undefined);
  return {
    size,
    width,
    height,
    left,
    right,
    top: MARGIN_PX,
    bottom: height - LABELS_PX - (hasUnder ? UNDER_PX : 0),
    band,
    places,
    scale,
    format: plot.format,
    labelTicks: ticks,
  };
}

/** The axis of a plot's values. */
export function scaleIn({ min, max, format }: Plot, size: Size, of: "lines" | "bars"): Scale {
  const { ticksMax } = BOXES[size];
  if (of === "lines") return scaleOf(min, max, ticksMax, format);
  return scaleOf(Math.min(0, min), Math.max(0, max), ticksMax, format);
}

/** Dates as multiples of the shortest time between two of them, from the first one. */
function timesOf(labels: readonly string[]): readonly number[] {
  const times = labels.map(instantOf);
  const [first = 0] = times;
  let shortest = Infinity;
  for (const [index, time] of times.entries()) {
    if (index > 0) shortest = Math.min(shortest, time - (times[index - 1] ?? 0));
  }
  return times.map((time) => (time - first) / shortest || 0);
}

/** The middle of a label's place, in the frame's units. */
export function middleOf(index: number, { left, band, places }: Frame): number {
  return left + ((places[index] ?? 0) + 0.5) * band;
}
