/**
 * What is measured: sizes of bodies, kinds of keys, and the targets.
 */
import type { Shape } from "./bodies.ts";
import type { ContestantName } from "./contestants.ts";

/** A share of another contestant's request rate, and so of its points a second. */
export interface Target {
  against: Exclude<ContestantName, "headgate">;
  share: number;
}

/** What is aimed at with bodies of a size: new keys, exact numbers, an empty table. */
interface Aims {
  shares: Target[];
  /** Most p99 as a multiple of p50. */
  tailMax?: number;
}

/** One kind of load. */
export interface Case {
  title: string;
  shape: Omit<Shape, "table">;
  concurrency: number;
  /** New keys; stored keys with higher sequences; stored keys with a sequence that loses. */
  keys: "fresh" | "updates" | "stale";
  /** Whether the table holds the million rows; else it is the case's own. */
  onStoredRows: boolean;
  aims: Aims;
  /** Whether the aims are for this case; the others show where its figures come from. */
  isJudged: boolean;
}

/** The connections that push bodies of a size. */
export const CONCURRENCY = { 1: 64, 100: 16, 10_000: 1 } as const;

const AIMS: Record<Points, Aims> = {
  1: { shares: [{ against: "empty", share: 0.6 }], tailMax: 4 },
  100: {
    shares: [
      { against: "empty", share: 0.55 },
      { against: "postgres", share: 1 },
    ],
  },
  10_000: {
    shares: [
      { against: "sqlite", share: 0.7 },
      { against: "postgres", share: 1.5 },
    ],
  },
};

/** Points in a body. */
export type Points = keyof typeof CONCURRENCY;

const KEYS_TEXT = { fresh: "new keys", updates: "updates", stale: "stale points" };

type Variant = Pick<Case, "keys" | "onStoredRows"> & Partial<Case["shape"]>;

/** Which cases to run. */
export interface Selection {
  /** Only the cases that the targets are about. */
  quick: boolean;
  /** Only the cases whose title contains this text. */
  only: string;
}

/** The cases in the order in which they run: those on the stored rows come last. */
export function selectCases({ quick, only }: Selection): Case[] {
  const cases = [...casesOnEmptyTable(quick), ...casesOnStoredRows(quick)];
  return cases.filter((one) => one.title.includes(only));
}

function casesOnEmptyTable(quick: boolean): Case[] {
  const fresh = { keys: "fresh", onStoredRows: false } as const;
  const updates = { keys: "updates", onStoredRows: false } as const;
  const cases = [makeCase(1, fresh), makeCase(100, fresh), makeCase(10_000, fresh)];
  if (quick) return cases;
  return [
    ...cases,
    makeCase(100, { ...fresh, numbers: "plain" }),
    makeCase(10_000, { ...fresh, numbers: "plain" }),
    makeCase(1, updates),
    makeCase(100, updates),
    makeCase(10_000, updates),
  ];
}

function casesOnStoredRows(quick: boolean): Case[] {
  const fresh = { keys: "fresh", onStoredRows: true } as const;
  const updates = { keys: "updates", onStoredRows: true } as const;
  const cases = [makeCase(1, updates), makeCase(100, updates), makeCase(10_000, updates)];
  if (quick) return cases;
  const stale = makeCase(10_000, { keys: "stale", onStoredRows: true });
  return [makeCase(1, fresh), makeCase(100, fresh), makeCase(10_000, fresh), ...cases, stale];
}

function makeCase(points: Points, variant: Variant): Case {
  const { keys, onStoredRows, numbers = "exact" } = variant;
  const parts = [
    points === 1 ? "1 point" : `${points.toLocaleString("en")} points`,
    KEYS_TEXT[keys],
    onStoredRows ? "stored rows" : keys === "fresh" ? "empty table" : "10,000 rows",
    ...(numbers === "plain" ? ["plain numbers"] : []),
  ];
  const concurrency = CONCURRENCY[points];
  const shape = { points, numbers, encoding: "json" } as const;
  const title = `${parts.join(", ")} @${concurrency}`;
  const isJudged = keys === "fresh" && !onStoredRows && numbers === "exact";
  return { title, shape, concurrency, keys, onStoredRows, aims: AIMS[points], isJudged };
}
