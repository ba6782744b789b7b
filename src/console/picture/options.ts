/** How the data of a report are shown: what its definition says about it. */
import type { Chart } from "../../report/definition/cohort.ts";
import type { Figure } from "../../report/definition/figure.ts";
import type { NumberFormat } from "./format.ts";

/** What a picture is. */
export type PictureKind = "line" | "bar" | "table" | "scalar" | "heat";

/** What is said to a picture beside its data. */
export interface PictureOptions {
  /** Of the picture's ids, once in a page: `[A-Za-z][\w-]*`. */
  readonly id: string;
  readonly title: string;
  /** Of all values that `formats` does not name; "number" where it is absent. */
  readonly format?: NumberFormat | undefined;
  /** By the label of a metric or formula: for its own series and those of its groups. */
  readonly formats?: Readonly<Record<string, NumberFormat>> | undefined;
  /** What values are in, as text after the title: `EUR`. */
  readonly unit?: string | undefined;
  /** Of a scalar: the names of its items, in their order. */
  readonly labels?: readonly string[] | undefined;
}

/** The kind and the options of a picture, out of a definition. */
export type Shown = Pick<PictureOptions, "title" | "format" | "formats" | "labels"> & {
  readonly kind: PictureKind;
};

const LINES: ReadonlySet<string> = new Set(["line", "area", "scatter_plot"]);

/** How a figure is shown. Kinds of charts that have no picture of their own are bars. */
export function shownFigure(figure: Figure): Shown {
  const { name: title, type, chart_kind: chartKind = "line", metrics, formulas } = figure;
  const isPercent = (perspective = "standard"): boolean => perspective.startsWith("percent_");
  const shown = metrics.filter(({ hidden }) => hidden !== true);
  const formats: Record<string, NumberFormat> = {};
  for (const { label, perspective = figure.perspective } of shown) {
    formats[label] = isPercent(perspective) ? "points" : "number";
  }
  for (const { label, format } of formulas) formats[label] = format;
  const labels = [...shown, ...formulas].map(({ label }) => label);
  if (type !== "chart") return { kind: type, title, formats, labels };
  return { kind: LINES.has(chartKind) ? "line" : "bar", title, formats, labels };
}

/** How a cohort chart is shown: as a heat table, and as lines beside it. */
export function shownChart({ name: title, perspective }: Chart): Shown {
  return { kind: "heat", title, format: perspective === "percent_of_first" ? "points" : "number" };
}

/** The format of a series: of its metric or formula, whose label its name is or begins with. */
export function formatOf(
  name: string,
  { format = "number", formats = {} }: Pick<PictureOptions, "format" | "formats">,
): NumberFormat {
  if (Object.hasOwn(formats, name)) return formats[name] ?? format;
  const labels = Object.keys(formats);
  const [only] = labels;
  // A single metric is not named by its groups.
  if (only !== undefined && labels.length === 1) return formats[only] ?? format;
  const label = labels.find((each) => name.startsWith(`${each} - `));
  return label === undefined ? format : (formats[label] ?? format);
}

/** The format of an axis: the one that all have, else plain numbers. */
export function commonFormat(
  names: readonly string[],
  options: Pick<PictureOptions, "format" | "formats">,
): NumberFormat {
  const all = new Set(names.map((name) => formatOf(name, options)));
  const [first = "number"] = all;
  return all.size === 1 ? first : "number";
}
