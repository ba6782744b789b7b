/** The periods of reports: which there are in a span of time, in a time zone. */
import { type Interval, labelOf, startOf, stepFrom, type WeekStart } from "./intervals.ts";
import { zoneOf } from "./zones.ts";

export { type Interval, INTERVALS, type WeekStart } from "./intervals.ts";
export { isMovingRange, resolveRange } from "./ranges.ts";
export { DAY_MS } from "./zones.ts";

/** Instants in ms since 1970: from, and before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Most periods that are made: those of the largest report, and a year of hours before it. */
const PERIODS_MAX = 20_000;

/**
 * The whole periods that a span touches, without a gap: the first may begin before it and the
 * last end after it. A day has 23 or 25 hours where clocks are changed. An hour that is shown
 * twice is one period of two hours, as in date_trunc of PostgreSQL on local times; one that is
 * never shown is none. Where clocks are put back to a time before the running period began, what
 * they show again still belongs to it.
 *
 * @param interval with `none` the span is the one period.
 * @returns the starts of the periods and the end of the last, and for each its first local day,
 *   `YYYY-MM-DD`, or hour, `YYYY-MM-DDTHH:00:00`.
 * @throws RangeError where there are far more than a report can have.
 */
export function periodsOf(
  { from, to }: Span,
  interval: Interval,
  timeZone: string,
  weekStart: WeekStart,
): { bounds: number[]; labels: string[] } {
  const zone = zoneOf(timeZone);
  if (interval === "none") {
    return { bounds: [from, to], labels: [labelOf(zone.localOf(from), interval)] };
  }
  let local = startOf(zone.localOf(from), interval, weekStart);
  let start = zone.instantOf(local);
  const [bounds, labels] = [[start], new Array<string>()];
  while (start < to) {
    const next = stepFrom(local, interval, 1);
    const end = zone.instantOf(next);
    if (end <= from) {
      // Clocks put back after the end of a period show its time again.
      bounds[0] = end;
    } else if (end > start) {
      labels.push(labelOf(local, interval));
      bounds.push(end);
    }
    [local, start] = [next, end];
    if (labels.length > PERIODS_MAX) throw new RangeError("too many periods");
  }
  return { bounds, labels };
}
