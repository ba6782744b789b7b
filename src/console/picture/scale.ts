/** The axis of values: round ticks, and where a value is on it. */
import type { NumberFormat } from "./format.ts";

/** An axis: its ends are ticks. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** Ascending; multiples of the step. */
  readonly ticks: readonly number[];
  /** The size of its greatest tick. */
  readonly greatest: number;
}

/** Steps of an axis in seconds, up to a day: those of a clock. */
const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
];

/**
 * The axis of values from `min` to `max`, both finite. It has 0 where all values are on one
 * side of it and bars or areas begin there, or where 0 is near.
 *
 * @param ticksMax intervals wanted at most; there is at least one.
 */
export function scaleOf(
  min: number,
  max: number,
  ticksMax: number,
  format: NumberFormat = "number",
): Scale {
  const [low, high] = withZero(min, max);
  const least = (high - low) / ticksMax;
  let { mantissa, exponent } = niceStep(least, format);
  for (;;) {
    const step = product(mantissa, 1, exponent);
    const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
    if (last - first <= ticksMax || last - first <= 1) {
      const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
        product(mantissa, first + index, exponent),
      );
      const [from, to] = [ticks[0] ?? low, ticks.at(-1) ?? high];
      return { from, to, step, ticks, greatest: Math.max(Math.abs(from), Math.abs(to)) };
    }
    ({ mantissa, exponent } = niceStep(step * 1.01, format));
  }
}

/** How near 0 an end of the values must be for the axis to begin there, as a part of the span. */
const ZERO_IS_NEAR = 3;

/** What is nearer than this part of the values is one value: doubles have no ticks between. */
const SAME = 1e-9;
/** Smaller values are drawn as 0. */
const LEAST = 1e-250;

function withZero(min: number, max: number): readonly [low: number, high: number] {
  const size = Math.max(Math.abs(min), Math.abs(max));
  if (size < LEAST) return [0, 1];
  if (max - min < size * SAME) return min > 0 ? [0, max] : [min, 0];
  const span = max - min;
  if (min > 0 && min <= span * ZERO_IS_NEAR) return [0, max];
  if (max < 0 && -max <= span * ZERO_IS_NEAR) return [min, 0];
  return [min, max];
}

/** The least of 1, 2 and 5 times a power of 10 that is not below; on a clock, its steps. */
function niceStep(
  least: number,
  format: NumberFormat,
): { readonly mantissa: number; readonly exponent: number } {
  if (format === "time") {
    const clock = TIME_STEPS.find((step) => step >= least);
    if (clock !== undefined) return { mantissa: clock, exponent: 0 };
    const { mantissa, exponent } = niceStep(least / 86_400, "number");
    return { mantissa: mantissa * 86_400, exponent };
  }
  const power = Math.floor(Math.log10(least));
  for (const mantissa of [1, 2, 5]) {
    if (product(mantissa, 1, power) >= least * (1 - 1e-9)) return { mantissa, exponent: power };
  }
  return { mantissa: 1, exponent: power + 1 };
}

/** mantissa × times × 10^exponent by its decimal text: 3 × 0.1 is 0.3. Never -0. */
function product(mantissa: number, times: number, exponent: number): number {
  return Number(`${mantissa * times}e${exponent}`) || 0;
}

/** Where a value is between two ends, as coordinates with one decimal. */
export function positionOf(
  value: number,
  { from, to }: Pick<Scale, "from" | "to">,
  start: number,
  end: number,
): number {
  return round(start + ((value - from) / (to - from)) * (end - start));
}

/** A coordinate with one decimal: a tenth of a pixel is enough for anyone. */
export function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10;
}
