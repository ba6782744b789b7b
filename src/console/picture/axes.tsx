/** The drawing of a frame: the picture's element, its lines and its labels. */
import type { FC } from "hono/jsx";
import { formatTick } from "./format.ts";
import { type Frame, middleOf } from "./plot.ts";
import { positionOf, round } from "./scale.ts";
import { Svg, type SvgProps } from "./svg.tsx";

export interface CanvasProps extends Pick<SvgProps, "id" | "title" | "summary" | "children"> {
  readonly frame: Frame;
}

/** One size of a picture, with its axes under what is drawn on them. */
export const Canvas: FC<CanvasProps> = ({ frame, children, ...props }) => (
  <Svg {...props} size={frame.size} width={frame.width} height={frame.height}>
    <ValueAxis frame={frame} />
    <LabelAxis frame={frame} />
    {children}
  </Svg>
);

const ValueAxis: FC<{ readonly frame: Frame }> = ({ frame }) => {
  const { left, right, top, bottom, scale, format } = frame;
  return (
    <g>
      {scale.ticks.map((tick) => {
        const y = positionOf(tick, scale, bottom, top);
        return (
          <>
            <path
              class={tick === 0 ? "picture-zero" : "picture-grid"}
              d={`M${left} ${y}H${right}`}
            />
            <text class="picture-label" x={left - 7} y={round(y + 4.5)} text-anchor="end">
              {formatTick(tick, scale, format)}
            </text>
          </>
        );
      })}
    </g>
  );
};

const LabelAxis: FC<{ readonly frame: Frame }> = ({ frame }) => {
  const { bottom, labelTicks } = frame;
  const marks = labelTicks.map(({ index }) => `M${round(middleOf(index, frame))} ${bottom}v5`);
  return (
    <g>
      <path class="picture-grid" d={marks.join("")} />
      {labelTicks.map(({ index, text, under, whole }) => {
        const x = keptInside(middleOf(index, frame), under ?? text, frame);
        return (
          <text class="picture-label" x={x} y={bottom + 19} text-anchor="middle">
            {whole === undefined ? null : <title>{whole}</title>}
            {text}
            {under === undefined ? null : (
              <tspan class="picture-under" x={x} dy="16">
                {under}
              </tspan>
            )}
          </text>
        );
      })}
    </g>
  );
};

/** Half of a character of 13 px, on average. */
const HALF_CHARACTER_PX = 3.5;

/** Where the middle of a label is, so that its ends are in the picture. */
function keptInside(x: number, text: string, { width }: Frame): number {
  const half = [...text].length * HALF_CHARACTER_PX;
  return round(Math.max(half, Math.min(width - half, x)));
}
