/**
 * What Headgate is compared with itself in: Transit with JSON, stale points with fresh ones, 1,000
 * tables with one.
 */
import type { Shape } from "./bodies.ts";
import { CONCURRENCY, type Points } from "./cases.ts";
import type { Contestant, Load } from "./contestants.ts";
import type { Pair, Side } from "./pairs.ts";

/** Tables that take requests in turn. */
const TABLES = 1_000;
/** Bounds how long making them may take. */
const TABLES_MS_MAX = 120_000;
/** Most time of Transit as a multiple of that of JSON. */
const TRANSIT_TIME_MAX = 1.6;
/** Speed with much stored as a share of that with nothing: within 15 %. */
export const GROWN_SHARE_MIN = 0.85;

type Kind = Pick<Load, "keys"> & Partial<Omit<Shape, "points">> & { points: Points };

/** A load with bodies of a size. */
export function loadOf(kind: Kind): Side["load"] {
  const { points, keys, ...more } = kind;
  const shape: Shape = { points, table: "self", numbers: "exact", encoding: "json", ...more };
  return { shape, concurrency: CONCURRENCY[points], keys };
}

/** The pairs of one Worker; those of many tables need {@link makeTables}. */
export function selfPairs(contestant: Contestant): Pair[] {
  const fresh = (points: Points, more: Partial<Omit<Shape, "points">> = {}): Side => {
    return { contestant, load: loadOf({ points, keys: "fresh", ...more }) };
  };
  const stale = (points: Points): Side => {
    return { contestant, load: loadOf({ points, keys: "stale", table: "self_stale" }) };
  };
  const transit: Pair = {
    title: "Transit beside JSON, 10,000 points, time",
    mine: fresh(10_000, { encoding: "transit", table: "self_transit" }),
    other: fresh(10_000),
    compare: "time",
    aim: { atMost: TRANSIT_TIME_MAX },
  };
  const stalePairs = ([100, 10_000] as const).map((points): Pair => {
    const title = `stale beside fresh, ${points.toLocaleString("en")} points, time`;
    const [mine, other] = [stale(points), fresh(points)];
    return { title, mine, other, compare: "time", aim: { below: 1 } };
  });
  const tablePairs = ([1, 100, 10_000] as const).map((points): Pair => {
    const size = points === 1 ? "1 point" : `${points.toLocaleString("en")} points`;
    const title = `1,000 tables beside 1, ${size}, speed`;
    const mine = fresh(points, { tables: TABLES, table: "self_many" });
    return {
      ...{ title, mine, other: fresh(points), compare: "speed" },
      aim: { atLeast: GROWN_SHARE_MIN },
    };
  });
  return [transit, ...stalePairs, ...tablePairs];
}

/** Makes the 1,000 tables; returns how long that took, in ms. Throws where it took too long. */
export async function makeTables(contestant: Contestant): Promise<number> {
  const load = loadOf({ points: 1, keys: "fresh", table: "self_many", tables: TABLES });
  const bounds = { requestsMax: TABLES, windowMs: TABLES_MS_MAX, concurrency: 16 };
  const { requests, elapsedMs } = await contestant.run({ ...load, ...bounds });
  if (requests < TABLES) throw new Error(`Only ${requests} of ${TABLES} tables were made.`);
  return elapsedMs;
}
