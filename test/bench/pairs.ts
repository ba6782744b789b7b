/**
 * Headgate beside itself: two kinds of load in turn, such as Transit and JSON, of which only the
 * ratio is told.
 */
import { median } from "../support/quantile.ts";
import type { Contestant, Load } from "./contestants.ts";
import { type Bounds, medianOf, perCpuMs, rangeOf, rate } from "./measure.ts";
import type { Aim, Reading } from "./readings.ts";

/** A load on one Worker. */
export interface Side {
  contestant: Contestant;
  load: Omit<Load, "windowMs">;
}

/** Two loads with bodies of as many points, and what is aimed at. */
export interface Pair {
  title: string;
  mine: Side;
  other: Side;
  /**
   * `speed`: the rate of the first as a share of the second's. `time`: what the first takes as a
   * multiple of the second.
   */
  compare: "speed" | "time";
  aim: Aim;
}

/** Rows that a load of updates or stale points finds in a table that has none. */
const ROWS = 10_000;
const PREPARE_MS_MAX = 10_000;

/** Measures a pair: a warm-up of each, then rounds A B B A …. */
export async function measurePair(pair: Pair, bounds: Bounds): Promise<Reading> {
  const { windowMs } = bounds;
  for (const side of [pair.mine, pair.other]) await prepare(side, windowMs);
  const rates: number[] = [];
  const cpu: (number | undefined)[] = [];
  while (rates.length < bounds.rounds) {
    if (rates.length > 0 && performance.now() > bounds.stopAt) break;
    const run = ({ contestant, load }: Side) =>
      contestant.run({ ...load, windowMs, mayBeOverloaded: true });
    const isTurned = rates.length % 2 === 1;
    const early = await run(isTurned ? pair.other : pair.mine);
    const late = await run(isTurned ? pair.mine : pair.other);
    const [mine, other] = isTurned ? [late, early] : [early, late];
    rates.push(rate(mine) / rate(other));
    const [mineCpu, otherCpu] = [perCpuMs(mine), perCpuMs(other)];
    cpu.push(mineCpu && otherCpu && mineCpu / otherCpu);
  }
  return readingOf(pair, rates, medianOf(cpu));
}

async function prepare({ contestant, load }: Side, windowMs: number): Promise<void> {
  const { table } = load.shape;
  if (load.keys !== "fresh" && contestant.storedRows(table) === 0) {
    await contestant.fill(table, ROWS, PREPARE_MS_MAX);
  }
  await contestant.run({ ...load, concurrency: 1, requestsMax: 1, windowMs });
  await contestant.run({ ...load, windowMs: windowMs / 2, mayBeOverloaded: true });
}

function readingOf(pair: Pair, rates: number[], cpu: number | undefined): Reading {
  const { title, compare, aim } = pair;
  const isTime = compare === "time";
  const values = isTime ? rates.map((one) => 1 / one) : rates;
  return {
    id: title,
    text: title,
    value: median(values),
    unit: isTime ? "times" : "share",
    range: rangeOf(values),
    byCpu: cpu === undefined || !isTime ? cpu : 1 / cpu,
    aim,
  };
}
