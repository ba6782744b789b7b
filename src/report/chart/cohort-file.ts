/** The values of cohorts as a chart shows them, and as a file has them (wire.md 4.4). */
import { csvHeader, csvRecord } from "../../csv.ts";
import { type Json, numberFromText, stringifyExact } from "../../json/exact.ts";
import { type Amount, amountText, divide } from "../math/amount.ts";
import type { Chart } from "../definition/cohort.ts";
import type { CohortCells } from "./cohort-cells.ts";
import type { ReportOptions } from "../options.ts";
import { applyPerspective } from "../math/perspective.ts";
import { whole } from "../math/whole.ts";

/** A cohort with what is shown of it. */
export interface CohortRow {
  readonly name: string;
  /** By periods since the beginning, those that have begun; undefined where there is no value. */
  readonly values: readonly (Amount | undefined)[];
}

const ZERO = whole(0);

/**
 * A cohort in the chart's perspective. A period without rows is 0. What a division by 0 would
 * give is no value: an average without members, a part of what is 0 throughout.
 *
 * @param members of the cohort.
 * @param begun periods that have begun: no others are shown.
 */
export function rowOf(
  { perspective, interval }: Pick<Chart, "perspective" | "interval">,
  name: string,
  cells: CohortCells | undefined,
  members: Amount,
  begun: number,
): CohortRow {
  const plain = Array.from({ length: begun }, (_, since) => cells?.values[since] ?? ZERO);
  const isPerMember = perspective.endsWith("per_member");
  const values = applyPerspective(plain, {
    perspective: OVER_TIME[perspective],
    interval,
    labels: [],
  });
  if (!isPerMember) return { name, values };
  return { name, values: values.map((value) => value && divide(value, members)) };
}

/** What a chart's perspective is over time; an average per member is one of its results. */
const OVER_TIME = {
  standard: "standard",
  average_per_member: "standard",
  cumulative: "cumulative",
  cumulative_average_per_member: "cumulative",
  percent_of_first: "percent_of_first",
} as const;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Dec 2014`, `Q4 2014`, `2014`, and a week by its first day, `2014-12-01`. */
export function nameOf(firstDay: string, interval: Chart["interval"]): string {
  const [year = "", month = ""] = firstDay.split("-");
  const index = Number(month) - 1;
  switch (interval) {
    case "week":
      return firstDay;
    case "month":
      return `${MONTHS[index] ?? ""} ${year}`;
    case "quarter":
      return `Q${Math.floor(index / 3) + 1} ${year}`;
    case "year":
      return year;
  }
}

const UNITS = { week: "Week", month: "Month", quarter: "Quarter", year: "Year" } as const;

/** The file: one line or series for each cohort, one field or point for each period. */
export function cohortFile(
  chart: Pick<Chart, "interval" | "name" | "periods" | "perspective" | "show_first">,
  rows: readonly CohortRow[],
  { format, hasHeader }: ReportOptions,
): string {
  const { interval, periods, perspective, show_first: showFirst = true } = chart;
  const start = perspective === "percent_of_first" && !showFirst ? 1 : 0;
  const names = Array.from({ length: periods }, (_, since) => `${UNITS[interval]} ${since + 1}`);
  if (format === "csv") {
    const header = hasHeader ? csvHeader(["Cohort", ...names.slice(start)]) : "";
    const lines = rows.map(({ name, values }) => {
      const fields = names.map((_, since) => numberOf(values[since]));
      return csvRecord([name, ...fields.slice(start)]);
    });
    return header + lines.join("");
  }
  const series = rows.map(({ name, values }) => ({
    name,
    data: values
      .map((value, since): Json => [names[since] ?? "", numberOf(value) ?? 0])
      .slice(start),
  }));
  return stringifyExact({ chart: { name: chart.name, type: "cohort", interval }, series });
}

function numberOf(value: Amount | undefined): Json {
  return value === undefined ? null : numberFromText(amountText(value));
}
