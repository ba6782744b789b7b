/**
 * What is measured: sizes of bodies, kinds of keys, and the targets.
 */
import type { Shape } from "./bodies.ts";

/** A share of another contestant's request rate that Headgate should reach. */
export interface Target {
  against: "empty" | "sqlite";
  share: number;
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
  target?: Target;
}

/** The connections that push bodies of a size. */
const CONCURRENCY = { 1: 64, 100: 16, 10_000: 1 } as const;

const TARGETS: Record<Points, Target> = {
  1: { against: "empty", share: 0.5 },
  100: { against: "empty", share: 0.4 },
  10_000: { against: "sqlite", share: 0.5 },
};

/** Points in a body. */
export type Points = keyof typeof CONCURRENCY;

const KEYS_TEXT = { fresh: "new keys", updates: "updates", stale: "stale points" };

type Variant = Pick<Case, "keys" | "onStoredRows"> & Partial<Case["shape"]>;

/** Which cases to run. */
export interface Selection {
  /** Only the cases that the targets are about. */
  quick: boolean;
  transit: boolean;
  /** Only the cases whose title contains this text. */
  only: string;
}

/** The cases in the order in which they run: those on the stored rows come last. */
export function selectCases({ quick, transit, only }: Selection): Case[] {
  const cases = [...casesOnEmptyTable(quick, transit), ...casesOnStoredRows(quick)];
  return cases.filter((one) => one.title.includes(only));
}

function casesOnEmptyTable(quick: boolean, transit: boolean): Case[] {
  const fresh = { keys: "fresh", onStoredRows: false } as const;
  const updates = { keys: "updates", onStoredRows: false } as const;
  const cases = [makeCase(1, fresh), makeCase(100, fresh), makeCase(10_000, fresh)];
  if (transit) cases.push(makeCase(10_000, { ...fresh, encoding: "transit" }));
  if (quick) return cases;
  return [
    ...cases,
    makeCase(100, { ...fresh, numbers: "plain" }),
    makeCase(10_000, { ...fresh, numbers: "plain" }),
    makeCase(1, updates),
    makeCase(100, updates),
    makeCase(10_000, updates),
    makeCase(10_000, { keys: "stale", onStoredRows: false }),
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
  const { keys, onStoredRows, numbers = "exact", encoding = "json" } = variant;
  const parts = [
    points === 1 ? "1 point" : `${points.toLocaleString("en")} points`,
    KEYS_TEXT[keys],
    onStoredRows ? "stored rows" : keys === "fresh" ? "empty table" : "10,000 rows",
    ...(numbers === "plain" ? ["plain numbers"] : []),
    ...(encoding === "transit" ? ["Transit"] : []),
  ];
  const concurrency = CONCURRENCY[points];
  const shape = { points, numbers, encoding };
  const title = `${parts.join(", ")} @${concurrency}`;
  return { title, shape, concurrency, keys, onStoredRows, target: TARGETS[points] };
}
