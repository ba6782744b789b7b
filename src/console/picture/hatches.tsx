/** How the bars of several series are told apart without colours: six hatches. */
import type { FC } from "hono/jsx";
import type { DrawnSeries } from "./plot.ts";

/** In squares of 8: nothing, two diagonals, dots, lines, a grid. */
const HATCHES = [
  "",
  "M-2 2L2-2M0 8L8 0M6 10L10 6",
  "M2 1h2v2h-2zM6 5h2v2h-2z",
  "M-2 6L2 10M0 0L8 8M6-2L10 2",
  "M0 2H8M0 6H8",
  "M0 2H8M2 0V8",
] as const;

/** The fill of a style's bars. */
export function hatchOf(id: string, style: number): string {
  return `url(#${id}-hatch-${style})`;
}

/** The hatches of a picture's series, for all of its sizes and its legend. */
export const Hatches: FC<{
  readonly id: string;
  readonly series: readonly DrawnSeries[];
}> = ({ id, series }) => (
  <svg
    xmlns="http://www.w3.org/2000/svg"
    class="picture-hatches"
    width="0"
    height="0"
    aria-hidden="true"
  >
    <defs>
      {series.map(({ style }) => (
        <pattern
          id={`${id}-hatch-${style}`}
          class={`picture-s${style}`}
          width="8"
          height="8"
          patternUnits="userSpaceOnUse"
        >
          <rect class="picture-hatch-ground" width="8" height="8" />
          <path class="picture-hatch" d={HATCHES[(style - 1) % HATCHES.length]} />
        </pattern>
      ))}
    </defs>
  </svg>
);
