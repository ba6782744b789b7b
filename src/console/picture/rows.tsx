/** Bars from left to right, a row for each group: names have room there, also on a phone. */
import type { FC } from "hono/jsx";
import { formatNumber, formatTick } from "./format.ts";
import { hatchOf } from "./hatches.tsx";
import { MARGIN_PX, type Plot, scaleIn, type Size } from "./plot.ts";
import { positionOf, round } from "./scale.ts";
import { type SvgProps, Svg } from "./svg.tsx";
import { CHARACTER_PX, shortened } from "./ticks.ts";

const WIDTHS = {
  wide: { width: 880, nameCharactersMax: 28 },
  compact: { width: 390, nameCharactersMax: 15 },
} as const;

/** The height of a bar, alone in its row and with others. */
const BAR_PX = { alone: 18, several: 11 } as const;
/** Between two rows. */
const GAP_PX = 9;
/** The axis over the rows. */
const AXIS_PX = 24;

/** Where the parts of the picture are. */
interface Box {
  readonly size: Size;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly row: number;
  readonly bar: number;
  readonly nameCharactersMax: number;
}

function boxOf({ labels, series }: Plot, size: Size, amounts: readonly string[]): Box {
  const { width, nameCharactersMax } = WIDTHS[size];
  const longest = Math.max(...labels.map((label) => [...nameOf(label)].length));
  const left = Math.min(longest, nameCharactersMax) * CHARACTER_PX + MARGIN_PX;
  const bar = series.length === 1 ? BAR_PX.alone : BAR_PX.several;
  const row = series.length * bar + GAP_PX;
  // Amounts are written after the ends of bars; half of a tick's text is right of the last one.
  const room = Math.max(3, ...amounts.map((text) => text.length)) * CHARACTER_PX;
  const right = width - MARGIN_PX - room;
  const height = AXIS_PX + labels.length * row + 4;
  return { size, width, height, left, right, row, bar, nameCharactersMax };
}

function nameOf(label: string): string {
  return label === "" ? "(empty)" : label;
}

/** One size of the picture. The amounts are written where there is one series. */
export const Rows: FC<
  Pick<SvgProps, "id" | "title" | "summary" | "size"> & { readonly plot: Plot }
> = ({ plot, ...props }) => {
  const { labels, series } = plot;
  const [only] = series;
  const amounts =
    only === undefined || series.length > 1
      ? []
      : only.exact.map((value) => (value === undefined ? "" : formatNumber(value, only.format)));
  const box = boxOf(plot, props.size, amounts);
  return (
    <Svg {...props} width={box.width} height={box.height}>
      <Axis plot={plot} box={box} />
      {labels.map((label, index) => {
        const text = shortened(nameOf(label), box.nameCharactersMax);
        const y = round(AXIS_PX + index * box.row + (box.row - GAP_PX) / 2 + 4.5);
        return (
          <text class="picture-label" x={box.left - 8} y={y} text-anchor="end">
            {text === nameOf(label) ? null : <title>{label}</title>}
            {text}
          </text>
        );
      })}
      {series.map(({ style, values }, at) => (
        <path
          class={`picture-bar picture-s${style}`}
          fill={hatchOf(props.id, style)}
          d={barsPath(values, at, plot, box)}
        />
      ))}
      {amounts.map((text, index) => (
        <Amount text={text} value={only?.values[index] ?? 0} index={index} plot={plot} box={box} />
      ))}
    </Svg>
  );
};

interface PartProps {
  readonly plot: Plot;
  readonly box: Box;
}

const Axis: FC<PartProps> = ({ plot, box }) => {
  const { left, right, height, size } = box;
  const scale = scaleIn(plot, size, "bars");
  const texts = scale.ticks.map((tick) => formatTick(tick, scale, plot.format));
  const widest = Math.max(...texts.map((text) => text.length)) * CHARACTER_PX + GAP_PX;
  const apart = (right - left) / (scale.ticks.length - 1);
  const every = Math.ceil(widest / apart);
  const zero = scale.ticks.indexOf(0);
  return (
    <g>
      {scale.ticks.map((tick, index) => {
        const x = positionOf(tick, scale, left, right);
        return (
          <>
            <path
              class={tick === 0 ? "picture-zero" : "picture-grid"}
              d={`M${x} ${AXIS_PX - 4}V${height}`}
            />
            {(index - zero) % every === 0 ? (
              <text class="picture-label" x={x} y={14} text-anchor="middle">
                {texts[index]}
              </text>
            ) : null}
          </>
        );
      })}
    </g>
  );
};

const Amount: FC<
  PartProps & { readonly text: string; readonly value: number; readonly index: number }
> = ({ text, value, index, plot, box }) => {
  const scale = scaleIn(plot, box.size, "bars");
  // A negative bar's end is at its left, where the name may be: its amount is right of the axis.
  const x = positionOf(Math.max(0, value), scale, box.left, box.right) + 6;
  const y = round(AXIS_PX + index * box.row + box.bar / 2 + 4.5);
  return (
    <text class="picture-label picture-amount" x={round(x)} y={y}>
      {text}
    </text>
  );
};

function barsPath(
  values: readonly (number | undefined)[],
  at: number,
  plot: Plot,
  { size, left, right, row, bar }: Box,
): string {
  const scale = scaleIn(plot, size, "bars");
  const zero = positionOf(0, scale, left, right);
  return values
    .map((value, index) => {
      if (value === undefined) return "";
      const y = AXIS_PX + index * row + at * bar;
      return `M${zero} ${y}H${positionOf(value, scale, left, right)}v${bar - 1}H${zero}z`;
    })
    .join("");
}
