/** A picture in words, for those who do not see it: what it shows, and its extremes. */
import type { PictureNumber } from "./data.ts";
import { formatNumber } from "./format.ts";
import type { DrawnSeries, Plot } from "./plot.ts";
import { shortened } from "./ticks.ts";

/** Characters of a name in a summary or a legend; the whole is in the table. */
export const NAME_CHARACTERS_MAX = 40;

/**
 * `Line chart of 2 series, Jan 2019 to Dec 2019 (12 values each at most). Revenue: lowest 10 (Feb
 * 2019), highest 90 (Dec 2019), last 90 (Dec 2019).`
 */
export function summaryOf(what: string, plot: Plot): string {
  const { labels, nameOf, series, left } = plot;
  const [first = "", last = ""] = [labels[0], labels.at(-1)].map((label) => nameOf(label ?? ""));
  const span = labels.length === 1 ? first : `${first} to ${last}, ${labels.length} in all`;
  const count = `${series.length} ${left > 0 ? `of ${series.length + left} ` : ""}series`;
  return [`${what} of ${count}: ${span}.`, ...series.map((each) => ofSeries(each, plot))].join(" ");
}

/** Marks that turn the direction of the text after them, which a summary cannot isolate. */
const DIRECTIONS = /[\u202A-\u202E\u2066-\u2069]/g;

interface Extreme {
  readonly index: number;
  readonly value: number;
  readonly exact: PictureNumber;
}

function ofSeries({ name, values, exact, format }: DrawnSeries, { labels, nameOf }: Plot): string {
  let low: Extreme | undefined;
  let high: Extreme | undefined;
  let last: Extreme | undefined;
  for (const [index, value] of values.entries()) {
    const own = exact[index];
    if (value === undefined || own === undefined) continue;
    last = { index, value, exact: own };
    if (low === undefined || value < low.value) low = last;
    if (high === undefined || value > high.value) high = last;
  }
  if (low === undefined || high === undefined || last === undefined) return "";
  const at = (extreme: Extreme): string =>
    `${formatNumber(extreme.exact, format)} (${nameOf(labels[extreme.index] ?? "")})`;
  const shown = shortened(name.replaceAll(DIRECTIONS, ""), NAME_CHARACTERS_MAX);
  if (low.value === high.value) return `${shown}: ${at(last)}.`;
  return `${shown}: lowest ${at(low)}, highest ${at(high)}, last ${at(last)}.`;
}
