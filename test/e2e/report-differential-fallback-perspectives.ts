/** Perspectives without PostgreSQL. */
import {
  type Decimal,
  decimal,
  HUNDRED,
  minus,
  plus,
  quotient,
  times,
  ZERO,
} from "./report-differential-decimal.ts";
import type { Perspective } from "./report-differential-definitions.ts";
import type { Maybe } from "./report-differential-fallback-groups.ts";

/** All periods in a perspective; what comes before the first shown is only looked back to. */
export function inPerspective(
  values: readonly Decimal[],
  periods: readonly string[],
  start: number,
  unit: string,
  { perspective = "standard", window = 1 }: Perspective,
): readonly Maybe[] {
  const first = values.slice(start).find(({ units }) => units !== 0n);
  const shownSum = (at: number): Decimal => values.slice(start, at + 1).reduce(plus, ZERO);
  const percent = (value: Decimal, of: Maybe): Maybe => of && quotient(times(value, HUNDRED), of);
  return values.map((value, at) => {
    const isYear = perspective.endsWith("year");
    const earlier = isYear ? values[yearBefore(periods, at, unit)] : values[at - 1];
    switch (perspective) {
      case "standard":
        return value;
      case "cumulative":
        return shownSum(at);
      case "percent_of_first":
        return percent(value, first);
      case "rolling_average": {
        const last = values.slice(Math.max(0, at + 1 - window), at + 1);
        return quotient(last.reduce(plus, ZERO), decimal(String(window)));
      }
      default: {
        const change = earlier && minus(value, earlier);
        return perspective.startsWith("percent") ? change && percent(change, earlier) : change;
      }
    }
  });
}

/** Of a period the same in the year before; of a week the one 52 weeks before. */
function yearBefore(periods: readonly string[], at: number, unit: string): number {
  if (unit === "week" || unit === "sunday") return at - 52;
  const period = periods[at] ?? "";
  return periods.indexOf(String(Number(period.slice(0, 4)) - 1) + period.slice(4));
}
