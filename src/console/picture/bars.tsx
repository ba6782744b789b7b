/** `BarPicture`: values as bars, those of several series side by side. */
import type { FC } from "hono/jsx";
import { Canvas } from "./axes.tsx";
import type { SeriesData } from "./data.ts";
import { NoData } from "./caption.tsx";
import { SeriesFigure } from "./frame.tsx";
import { hatchOf } from "./hatches.tsx";
import { LinePicture, type SeriesPictureProps } from "./lines.tsx";
import { type DrawnSeries, type Frame, frameOf, middleOf, type Plot, plotOf } from "./plot.ts";
import { Rows } from "./rows.tsx";
import { positionOf, round } from "./scale.ts";
import { summaryOf } from "./summary.ts";

/** Bars over time that a picture has at most: on a phone, each is half a pixel wide then. */
export const PERIOD_BARS_MAX = 600;

/** Groups and bars that a picture has at most: it is about two pages high then. */
export const GROUPS_MAX = 50;
export const GROUP_BARS_MAX = 150;

/**
 * Bars: upright over time, lying for groups. With more than {@link PERIOD_BARS_MAX}, periods are
 * drawn as lines; of more than {@link GROUPS_MAX} groups the first are drawn. Both is said.
 * Without any value: a sentence.
 */
export const BarPicture: FC<SeriesPictureProps> = ({ data, note, ...options }) => {
  const plot = plotOf(data, options);
  if (plot === undefined) return <NoData {...options} />;
  const { labels, series } = plot;
  if (!plot.isDated) {
    const labelsMax = Math.min(GROUPS_MAX, Math.floor(GROUP_BARS_MAX / series.length));
    if (labels.length <= labelsMax) {
      return <Bars {...options} data={data} plot={plot} note={note} />;
    }
    const first = plotOf(cut(data, new Set(labels.slice(0, labelsMax))), options);
    const why = `The first ${labelsMax} of ${labels.length} groups are drawn; the table has all.`;
    return <Bars {...options} data={data} plot={first ?? plot} note={why} />;
  }
  if (labels.length * series.length <= PERIOD_BARS_MAX) {
    return <Bars {...options} data={data} plot={plot} note={note} />;
  }
  const why = `There are too many periods for bars: ${labels.length}. They are drawn as lines.`;
  return <LinePicture {...options} data={data} note={why} />;
};

/** The points of some labels. */
function cut({ chart, series }: SeriesData, labels: ReadonlySet<string>): SeriesData {
  const some = series.map(({ name, data }) => ({
    name,
    data: data.filter(([label]) => labels.has(label)),
  }));
  return { chart, series: some };
}

const Bars: FC<SeriesPictureProps & { readonly plot: Plot }> = ({
  data,
  plot,
  note,
  ...options
}) => {
  const summary = summaryOf("Bar chart", plot);
  const { id, title } = options;
  return (
    <SeriesFigure {...options} data={data} plot={plot} note={note} what="bar">
      {(["wide", "compact"] as const).map((size) => {
        if (!plot.isDated) {
          return <Rows id={id} title={title} summary={summary} size={size} plot={plot} />;
        }
        const frame = frameOf(plot, size, "bars");
        return (
          <Canvas id={id} title={title} summary={summary} frame={frame}>
            {plot.series.map((series, index) => (
              <path
                class={`picture-bar picture-s${series.style}`}
                fill={hatchOf(id, series.style)}
                d={barsPath(series, index, plot, frame)}
              />
            ))}
          </Canvas>
        );
      })}
    </SeriesFigure>
  );
};

/** The part of a label's place that its bars take; the rest is the gap to the next. */
const FILLED = 0.8;
/** A bar is no wider, so that two bars are not two walls. */
const BAR_PX_MAX = 56;

/** All bars of a series as one path. A value of 0 is a line on the axis. */
function barsPath(series: DrawnSeries, index: number, { series: all }: Plot, frame: Frame): string {
  const { scale, top, bottom, band } = frame;
  const width = Math.min(BAR_PX_MAX, (band * FILLED) / all.length);
  const zero = positionOf(0, scale, bottom, top);
  const gap = width > 6 ? 1 : 0;
  return series.values
    .map((value, at) => {
      if (value === undefined) return "";
      const x = middleOf(at, frame) + (index - all.length / 2) * width;
      const y = positionOf(value, scale, bottom, top);
      // Hundredths: bars of a year of days are thinner than a pixel.
      return `M${hundredths(x)} ${zero}V${y}h${hundredths(width - gap)}V${round(zero)}z`;
    })
    .join("");
}

function hundredths(coordinate: number): number {
  return Math.round(coordinate * 100) / 100;
}
