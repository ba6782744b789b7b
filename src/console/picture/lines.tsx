/** `LinePicture`: values over time, a line for each series; cohorts over their periods, too. */
import type { FC } from "hono/jsx";
import { Canvas } from "./axes.tsx";
import type { SeriesData } from "./data.ts";
import { markerPath } from "./markers.ts";
import { type DrawnSeries, type Frame, frameOf, middleOf, type Plot, plotOf } from "./plot.ts";
import type { PictureOptions } from "./options.ts";
import { positionOf, round } from "./scale.ts";
import { NoData } from "./caption.tsx";
import { SeriesFigure } from "./frame.tsx";
import { summaryOf } from "./summary.ts";

export interface SeriesPictureProps extends PictureOptions {
  readonly data: SeriesData;
  /** Said under the picture, as why it is not another one. */
  readonly note?: string | undefined;
}

/** Lines. Without any value: a sentence. */
export const LinePicture: FC<SeriesPictureProps> = ({ data, note, ...options }) => {
  const plot = plotOf(data, options);
  if (plot === undefined) return <NoData {...options} />;
  const summary = summaryOf("Line chart", plot);
  const { id, title } = options;
  return (
    <SeriesFigure {...options} data={data} plot={plot} note={note} what="line">
      {(["wide", "compact"] as const).map((size) => {
        const frame = frameOf(plot, size, "lines");
        return (
          <Canvas id={id} title={title} summary={summary} frame={frame}>
            {plot.series.map((series) => (
              <Line series={series} frame={frame} plot={plot} />
            ))}
          </Canvas>
        );
      })}
    </SeriesFigure>
  );
};

const Line: FC<{
  readonly series: DrawnSeries;
  readonly frame: Frame;
  readonly plot: Plot;
}> = ({ series, frame, plot }) => {
  const spots = spotsOf(series, frame);
  const runs = runsOf(spots);
  const marked = markedSpots(runs, series.style, plot.series.length, frame);
  return (
    <g class={`picture-s${series.style}`}>
      <path class="picture-line" d={linePath(runs, frame)} />
      <path
        class="picture-marker"
        d={marked.map(({ x, y }) => markerPath(series.style, x, y)).join("")}
      />
    </g>
  );
};

/** A value's place in the picture. */
interface Spot {
  readonly index: number;
  /** In bands (plot.ts). */
  readonly place: number;
  readonly x: number;
  readonly y: number;
}

function spotsOf({ values }: DrawnSeries, frame: Frame): readonly Spot[] {
  const { scale, bottom, top } = frame;
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const x = round(middleOf(index, frame));
    const place = frame.places[index] ?? 0;
    return [{ index, place, x, y: positionOf(value, scale, bottom, top) }];
  });
}

/** Beyond so many usual steps to the next value, a line has a gap; months differ by a tenth. */
const GAP_STEPS = 1.5;

/**
 * The parts of a line without gaps. A step is what is usual in the series itself: where it has
 * months among the days of others, it is a line all the same.
 */
function runsOf(spots: readonly Spot[]): readonly (readonly Spot[])[] {
  const steps = spots.slice(1).map(({ place }, at) => place - (spots[at]?.place ?? 0));
  const usual = steps.toSorted((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? 1;
  const runs: Spot[][] = [];
  for (const spot of spots) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (before !== undefined && spot.place - before.place <= usual * GAP_STEPS) run?.push(spot);
    else runs.push([spot]);
  }
  return runs;
}

function linePath(runs: readonly (readonly Spot[])[], frame: Frame): string {
  return runs
    .map((run) =>
      thinned(run, frame)
        .map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${x} ${y}`)
        .join(""),
    )
    .join("");
}

/** Where there are more values than pixels, each column of so many pixels keeps two of them. */
const COLUMN_PX = 2;

/**
 * The points of a line: where there are more values than pixels, the least and the greatest of
 * each column, in their order. The line looks the same, and the picture's size is bounded.
 */
function thinned(run: readonly Spot[], { band }: Frame): readonly Spot[] {
  if (band >= 1) return run;
  const kept: Spot[] = [];
  let [low, high]: (Spot | undefined)[] = [];
  const flush = (): void => {
    if (low === undefined || high === undefined) return;
    if (low === high) kept.push(low);
    else kept.push(...(low.index < high.index ? [low, high] : [high, low]));
    [low, high] = [undefined, undefined];
  };
  for (const spot of run) {
    if (low !== undefined && columnOf(low) !== columnOf(spot)) flush();
    if (low === undefined || spot.y < low.y) low = spot;
    if (high === undefined || spot.y > high.y) high = spot;
  }
  flush();
  return kept;
}

function columnOf({ x }: Spot): number {
  return Math.floor(x / COLUMN_PX);
}

/** Pixels between markers where all values have one, and where only some have. */
const MARKERS_APART_PX = { wide: [14, 90], compact: [11, 70] } as const;

/**
 * The values that have a marker: all where there is room; else, where lines are to be told
 * apart, some, others on each of them so that markers do not hide each other. A value alone
 * between gaps always has one.
 */
function markedSpots(
  runs: readonly (readonly Spot[])[],
  style: number,
  count: number,
  { size, band }: Frame,
): readonly Spot[] {
  const [least, some] = MARKERS_APART_PX[size];
  const every = band >= least ? 1 : Math.ceil(some / band);
  const offset = Math.floor(((style - 1) / count) * every);
  return runs.flatMap((run) => {
    if (run.length === 1 || every === 1) return run;
    // A value of a coarser series may stand on none of the chosen places.
    const isSparse = (run[1]?.place ?? 0) - (run[0]?.place ?? 0) >= least / band;
    if (isSparse) return run;
    return count === 1 ? [] : run.filter(({ index }) => index % every === offset);
  });
}
