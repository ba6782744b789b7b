/** `HeatTable`: cohorts by their periods, shaded by value, each value printed. */
import type { FC } from "hono/jsx";
import { drawn, labelsOf, type Series, type SeriesData } from "./data.ts";
import { CohortHead, exactTitle } from "./data-table.tsx";
import { formatNumber, type NumberFormat } from "./format.ts";
import { Caption, NoData } from "./caption.tsx";
import { commonFormat, type PictureOptions } from "./options.ts";

/** Shades of values above 0, and as many of those below. */
export const SHADES = 6;

/** Twelve averages stand side by side. */
const DECIMALS_MAX = 2;

export interface HeatTableProps extends PictureOptions {
  readonly data: SeriesData;
}

/** A table that everyone can read: the shades only help to see where values are high. */
export const HeatTable: FC<HeatTableProps> = ({ data: { series }, ...options }) => {
  const labels = labelsOf(series, false);
  if (labels.length === 0) return <NoData {...options} />;
  const format = commonFormat(
    series.map(({ name }) => name),
    options,
  );
  const shading = shadingOf(series, labels);
  return (
    <figure class="picture" id={options.id}>
      <Caption {...options} />
      <ShadeKey shading={shading} format={format} />
      <div class="picture-scroll" role="group" aria-label={`${options.title}, table`} tabindex={0}>
        <table class="picture-table picture-heat">
          <caption class="picture-hidden">{options.title}</caption>
          <CohortHead labels={labels} />
          <tbody>
            {series.map((each) => (
              <HeatRow series={each} labels={labels} format={format} shading={shading} />
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
};

/** The values that have the deepest shades. */
interface Shading {
  /** 0 or more. */
  readonly high: number;
  /** 0 or less. */
  readonly low: number;
  /** Whether there are values beyond these. */
  readonly isCut: boolean;
}

/**
 * What the shades are reckoned from: the greatest value and the least one below 0. A first
 * period that is the same for all, as 100 %, tells nothing, and would leave the rest pale.
 */
function shadingOf(series: readonly Series[], labels: readonly string[]): Shading {
  const [first] = labels;
  const firsts = new Set<number>();
  let all: Ends = { high: 0, low: 0 };
  let later: Ends = { high: 0, low: 0 };
  for (const { data } of series) {
    for (const [label, value] of data) {
      const number = drawn(value);
      all = wider(all, number);
      if (label === first) firsts.add(number);
      else later = wider(later, number);
    }
  }
  const isSame = firsts.size <= 1 && (later.high > 0 || later.low < 0);
  if (!isSame) return { ...all, isCut: false };
  return { ...later, isCut: all.high > later.high || all.low < later.low };
}

type Ends = Pick<Shading, "high" | "low">;

function wider({ high, low }: Ends, value: number): Ends {
  return { high: Math.max(high, value), low: Math.min(low, value) };
}

/** `p1` to `p6` above 0, `n1` to `n6` below it, `0`. */
function shadeOf(value: number, { high, low }: Ends): string {
  if (value === 0) return "0";
  const end = value > 0 ? high : low;
  const part = end === 0 ? 1 : Math.min(1, value / end);
  return `${value > 0 ? "p" : "n"}${Math.max(1, Math.ceil(part * SHADES))}`;
}

const HeatRow: FC<{
  readonly series: Series;
  readonly labels: readonly string[];
  readonly format: NumberFormat;
  readonly shading: Shading;
}> = ({ series: { name, data }, labels, format, shading }) => {
  const values = new Map(data);
  return (
    <tr>
      <th scope="row">
        <bdi>{name === "" ? "(empty)" : name}</bdi>
      </th>
      {labels.map((label) => {
        const value = values.get(label);
        if (value === undefined) return <td></td>;
        return (
          <td
            class={`picture-shade-${shadeOf(drawn(value), shading)}`}
            title={exactTitle(value, format, DECIMALS_MAX)}
          >
            {formatNumber(value, format, DECIMALS_MAX)}
          </td>
        );
      })}
    </tr>
  );
};

/** What the shades mean: from the least to the greatest. */
const ShadeKey: FC<{ readonly shading: Shading; readonly format: NumberFormat }> = ({
  shading: { high, low, isCut },
  format,
}) => {
  // Three digits are enough for the ends of a key.
  const end = (value: number): string =>
    formatNumber(Number(value.toPrecision(3)), format === "currency" ? "number" : format);
  const steps = Array.from({ length: SHADES }, (_, index) => index + 1);
  const negative = low < 0 ? steps.toReversed().map((step) => `n${step}`) : [];
  const positive = high > 0 ? steps.map((step) => `p${step}`) : [];
  return (
    <p class="picture-shades">
      <span>{end(low)}</span>
      <span class="picture-shade-row" aria-hidden="true">
        {[...negative, "0", ...positive].map((shade) => (
          <span class={`picture-swatch picture-shade-${shade}`}></span>
        ))}
      </span>
      <span>
        {end(high)}
        {isCut ? " and beyond" : ""}
      </span>
    </p>
  );
};
