/** What is around a drawn picture: caption, legend, notes, and the table with all values. */
import type { FC, PropsWithChildren } from "hono/jsx";
import { Caption } from "./caption.tsx";
import { DataTable } from "./data-table.tsx";
import type { SeriesData } from "./data.ts";
import { Hatches, hatchOf } from "./hatches.tsx";
import { markerPath } from "./markers.ts";
import type { PictureOptions } from "./options.ts";
import type { DrawnSeries, Plot } from "./plot.ts";
import { NAME_CHARACTERS_MAX } from "./summary.ts";
import { shortened } from "./ticks.ts";

export interface SeriesFigureProps extends PropsWithChildren, PictureOptions {
  readonly data: SeriesData;
  readonly plot: Plot;
  readonly what: "line" | "bar";
  readonly note?: string | undefined;
}

/** A picture of series with all that belongs to it. */
export const SeriesFigure: FC<SeriesFigureProps> = ({
  data,
  plot,
  what,
  note,
  children,
  ...options
}) => {
  const { left, series } = plot;
  return (
    <figure class="picture" id={options.id}>
      <Caption {...options} />
      {what === "bar" ? <Hatches id={options.id} series={series} /> : null}
      {series.length + left > 1 ? <Legend id={options.id} series={series} what={what} /> : null}
      <div class="picture-canvas">{children}</div>
      {left > 0 ? (
        <p class="picture-note">
          The {series.length} largest by their sums are drawn, and {left} more in the table.
        </p>
      ) : null}
      {note === undefined ? null : <p class="picture-note">{note}</p>}
      <details class="picture-values">
        <summary>All values as a table</summary>
        <DataTable {...options} id={`${options.id}-values`} data={data} isInside />
      </details>
    </figure>
  );
};

const Legend: FC<{
  readonly id: string;
  readonly series: readonly DrawnSeries[];
  readonly what: "line" | "bar";
}> = ({ id, series, what }) => (
  <ul class="picture-legend" aria-label="Series">
    {series.map(({ name, style }) => {
      const text = shortened(name === "" ? "(empty)" : name, NAME_CHARACTERS_MAX);
      return (
        <li class="picture-legend-item" title={text === name ? undefined : name}>
          <svg
            xmlns="http://www.w3.org/2000/svg"
            class={`picture-key picture-s${style}`}
            viewBox="0 0 34 14"
            width="34"
            height="14"
            aria-hidden="true"
          >
            {what === "line" ? (
              <>
                <path class="picture-line" d="M1 7H33" />
                <path class="picture-marker" d={markerPath(style, 17, 7)} />
              </>
            ) : (
              <path class="picture-bar" d="M6 1H28V13H6Z" fill={hatchOf(id, style)} />
            )}
          </svg>
          <bdi>{text}</bdi>
        </li>
      );
    })}
  </ul>
);
