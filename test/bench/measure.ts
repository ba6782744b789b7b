/**
 * Rounds of load on the contestants in turn, and their medians.
 */
import { median, quantile } from "../support/quantile.ts";
import type { Case } from "./cases.ts";
import type { Contestant, ContestantName, Load, Measured } from "./contestants.ts";
import type { Reading } from "./readings.ts";

/** One contestant's figures in one case: medians over the rounds. */
export interface Figures {
  requestsPerSecond: number;
  pointsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** CPU time of the contestant's process; undefined where the system does not tell it. */
  cpuMsPerRequest: number | undefined;
  /** Share of one core that the load generator took: near 1, it is what was measured. */
  clientLoad: number;
  /** Headgate's request rate as a share of this contestant's, round by round. */
  headgateShare: number | undefined;
  /** The lowest and the highest share of a round. */
  shareRange: [number, number] | undefined;
  /**
   * The same share told by CPU time: this contestant's CPU time for a request as a share of
   * Headgate's. Steadier than rates where other programs use the machine; waiting is not in it.
   */
  headgateCpuShare: number | undefined;
  requests: number;
}

/** A case's figures. */
export interface CaseResult {
  title: string;
  points: number;
  bodyBytes: number;
  rounds: number;
  contestants: Partial<Record<ContestantName, Figures>>;
  /** Headgate's shares, and its p99 as a multiple of its p50. */
  readings: Reading[];
}

/** How long a case may take. */
export interface Bounds {
  rounds: number;
  windowMs: number;
  /** No further round starts after this instant of `performance.now()`. */
  stopAt: number;
}

/** Rows that a case of updates finds in a table of its own. */
const SMALL_TABLE_ROWS = 10_000;
/** Bounds the preparation of a small table. */
const PREPARE_MS_MAX = 10_000;

/** Contestants that the case's targets are not about get this share of the window. */
const ASIDE_SHARE = 1 / 3;

/** Runs one case: a warm-up of each contestant, then rounds A B C A B C …. */
export async function measureCase(
  one: Case,
  contestants: Contestant[],
  table: string,
  bounds: Bounds,
): Promise<CaseResult> {
  const { keys, concurrency } = one;
  const targets = one.aims.shares;
  const shape = { ...one.shape, table };
  const loadOf = ({ name }: Contestant): Load => {
    const isAside = name !== "headgate" && !targets.some(({ against }) => against === name);
    const windowMs = bounds.windowMs * (isAside ? ASIDE_SHARE : 1);
    return { shape, concurrency, keys, windowMs, mayBeOverloaded: true };
  };
  for (const contestant of contestants) {
    if (keys !== "fresh" && contestant.storedRows(table) === 0) {
      await contestant.fill(table, SMALL_TABLE_ROWS, PREPARE_MS_MAX);
    }
    // The first request makes the table and its columns known.
    const load = loadOf(contestant);
    await contestant.run({ ...load, concurrency: 1, requestsMax: 1 });
    await contestant.run({ ...load, windowMs: load.windowMs / 2 });
  }
  const rounds: Round[] = [];
  while (rounds.length < bounds.rounds) {
    if (rounds.length > 0 && performance.now() > bounds.stopAt) break;
    const round: Round = new Map();
    for (const contestant of contestants) {
      round.set(contestant.name, await contestant.run(loadOf(contestant)));
    }
    rounds.push(round);
  }
  return summarize(one, rounds);
}

type Round = Map<ContestantName, Measured>;

function summarize(one: Case, rounds: Round[]): CaseResult {
  const contestants: CaseResult["contestants"] = {};
  let bodyBytes = 0;
  for (const name of rounds[0]?.keys() ?? []) {
    const results = rounds.flatMap((round) => round.get(name) ?? []);
    const shares = { rates: sharesOf(name, rounds, rate), cpu: sharesOf(name, rounds, perCpuMs) };
    contestants[name] = figures(one, results, shares);
    bodyBytes = (results[0]?.bytes ?? 0) / (results[0]?.requests ?? 1);
  }
  const points = one.shape.points;
  const overloaded = rounds.reduce(
    (sum, round) => sum + (round.get("headgate")?.overloaded ?? 0),
    0,
  );
  const readings = [
    ...shareReadings(one, contestants),
    ...tailReading(one, rounds),
    ...overloadReading(one, overloaded),
  ];
  return { title: one.title, points, bodyBytes, rounds: rounds.length, contestants, readings };
}

const OTHERS = { empty: "the empty Worker", sqlite: "node:sqlite", postgres: "PostgreSQL" };

function shareReadings(one: Case, contestants: CaseResult["contestants"]): Reading[] {
  return (["empty", "sqlite", "postgres"] as const).flatMap((name) => {
    const figures = contestants[name];
    if (figures?.headgateShare === undefined) return [];
    const { headgateShare: value, shareRange: range, headgateCpuShare: byCpu } = figures;
    const target = one.aims.shares.find(({ against }) => against === name);
    const aim = target && one.isJudged ? { atLeast: target.share } : undefined;
    const text = `${one.title}, of ${OTHERS[name]}`;
    return { id: `${one.title} / ${name}`, text, value, unit: "share" as const, range, byCpu, aim };
  });
}

/** Only where there were any: such requests are in no rate and no latency. */
function overloadReading({ title }: Case, value: number): Reading[] {
  const text = `${title}, requests that Headgate answered with 503`;
  return value === 0 ? [] : [{ id: `${title} / 503`, text, value, unit: "count" }];
}

function tailReading({ title, aims, isJudged }: Case, rounds: Round[]): Reading[] {
  if (aims.tailMax === undefined) return [];
  const tails = rounds.flatMap((round) => {
    const { latenciesMs = [] } = round.get("headgate") ?? {};
    return quantile(latenciesMs, 0.99) / quantile(latenciesMs, 0.5);
  });
  const text = `${title}, p99 as a multiple of p50`;
  const range = rangeOf(tails);
  const aim = isJudged ? { atMost: aims.tailMax } : undefined;
  return [{ id: `${title} / tail`, text, value: median(tails), unit: "times", range, aim }];
}

/** The lowest and the highest of some values. */
export function rangeOf(values: number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

interface Shares {
  rates: number[];
  cpu: number[];
}

function figures(one: Case, results: Measured[], shares: Shares): Figures {
  const requestsPerSecond = median(results.map(rate));
  const { rates, cpu } = shares;
  return {
    requestsPerSecond,
    pointsPerSecond: requestsPerSecond * one.shape.points,
    p50Ms: median(results.map((result) => quantile(result.latenciesMs, 0.5))),
    p99Ms: median(results.map((result) => quantile(result.latenciesMs, 0.99))),
    cpuMsPerRequest: medianOf(results.map(perCpuMs).map((perMs) => perMs && 1 / perMs)),
    clientLoad: median(results.map((result) => result.clientCpuMs / result.elapsedMs)),
    headgateShare: medianOf(rates),
    shareRange: rates.length === 0 ? undefined : rangeOf(rates),
    headgateCpuShare: medianOf(cpu),
    requests: results.reduce((sum, result) => sum + result.requests, 0),
  };
}

/** Compared within a round, since the machine's other work changes from round to round. */
function sharesOf(
  name: ContestantName,
  rounds: Round[],
  speed: (result: Measured) => number | undefined,
): number[] {
  if (name === "headgate") return [];
  return rounds.flatMap((round) => {
    const [headgate, other] = [round.get("headgate"), round.get(name)];
    const ours = headgate && speed(headgate);
    const theirs = other && speed(other);
    return ours === undefined || theirs === undefined ? [] : ours / theirs;
  });
}

/** Requests a second. */
export function rate(result: Measured): number {
  return (result.requests * 1000) / result.elapsedMs;
}

/** Requests for a ms of CPU time; undefined where that was too short to be told. */
export function perCpuMs(result: Measured): number | undefined {
  return result.serverCpuMs ? result.requests / result.serverCpuMs : undefined;
}

/** The middle of the known values. */
export function medianOf(values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}
