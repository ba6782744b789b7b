/** The simulation of docs/scale.md: its parts, and its queue beside the real one. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { CommitQueue } from "../../src/warehouse/commit-queue.ts";
import { SLOTS } from "../../src/warehouse/slots.ts";
import { EventHeap } from "../bench/simulation/event-heap.ts";
import { type Group, GroupCommit, type Member } from "../bench/simulation/group-commit.ts";
import { grow } from "../bench/simulation/growth.ts";
import { Histogram } from "../bench/simulation/histogram.ts";
import { spreadPoints } from "../bench/simulation/objects.ts";
import type { Parameters } from "../bench/simulation/parameters.ts";
import { Choice, SimulationRandom, zipfWeights } from "../bench/simulation/random.ts";
import { shardsOfNewTables } from "../bench/simulation/shards.ts";
import { simulate } from "../bench/simulation/simulation.ts";

const PARAMETERS: Parameters = {
  ...{ seed: 1, seconds: 6, warmUpSeconds: 2 },
  load: { kind: "open", requestsPerS: 500 },
  ...{ points: 3, hasFixedPoints: false, pointBytes: 250 },
  ...{ tables: 5, zipfExponent: 1, tablesPerClient: 2, shards: 3, isolates: 4 },
  worker: { perRequestMs: 0.5, perPointMs: 0.01 },
  object: { perRequestMs: 0.5, perPointMs: 0.001 },
  shard: { perCommitMs: 2, perStatementMs: 1, perRowMs: 0.01 },
  ...{ catalogueReadMs: 1, catalogueWriteMs: 5, noteStepMs: 5_000, queueMsMax: 5_000 },
  ...{ objectRttMs: 5, databaseRttMs: 5, splitRequestsPerS: 300, isOneThread: false },
};

describe("event heap", () => {
  it("gives events by time, those of one time in their order", () => {
    const random = new SimulationRandom(7);
    const heap = new EventHeap();
    const put = Array.from({ length: 5_000 }, (_, subject) => ({ at: random.below(500), subject }));
    for (const { at, subject } of put) heap.push(at, 3, subject);
    const taken: typeof put = [];
    const event = { at: 0, kind: 0, subject: 0 };
    while (heap.pop(event)) {
      expect(event.kind).toBe(3);
      taken.push({ at: event.at, subject: event.subject });
    }
    expect(taken).toEqual(put.toSorted((a, b) => a.at - b.at || a.subject - b.subject));
    expect(heap.size).toBe(0);
  });
});

describe("random choices", () => {
  it("follow their weights", () => {
    const weights = zipfWeights(10, 1);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const choice = new Choice(weights);
    const random = new SimulationRandom(3);
    const met = weights.map(() => 0);
    const times = 100_000;
    for (let i = 0; i < times; i += 1) {
      const index = choice.next(random);
      met[index] = (met[index] ?? 0) + 1;
    }
    for (const [index, weight] of weights.entries()) {
      expect((met[index] ?? 0) / times).toBeCloseTo(weight / sum, 2);
    }
  });

  it("are exponential with the mean that is asked for", () => {
    const random = new SimulationRandom(5);
    let sum = 0;
    for (let i = 0; i < 50_000; i += 1) sum += random.exponential(4);
    expect(sum / 50_000).toBeCloseTo(4, 0);
  });
});

describe("histogram", () => {
  it("gives quantiles to within 2 %", () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 1_000; ms += 1) histogram.add(ms);
    expect(histogram.quantile(0.5)).toBeGreaterThan(490);
    expect(histogram.quantile(0.5)).toBeLessThan(511);
    expect(histogram.quantile(0.99)).toBeGreaterThan(980);
    expect(histogram.quantile(0.99)).toBeLessThan(1_012);
  });
});

describe("points of a request", () => {
  it("are spread over the ranges, none lost and none twice", () => {
    const ranges = [0, 16, 32, 128, 192].map((start) => ({ start, shard: 0 }));
    for (let points = 1; points < 300; points += 7) {
      for (const offset of [0, 0.3, 0.99]) {
        const rows = spreadPoints(ranges, points, SLOTS, offset);
        expect(rows.reduce((sum, own) => sum + own, 0)).toBe(points);
        expect(Math.min(...rows)).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe("simulation", () => {
  it("gives the same for the same seed, and something else for another", () => {
    const first = simulate(PARAMETERS);
    expect(simulate(PARAMETERS)).toEqual(first);
    expect(simulate({ ...PARAMETERS, seed: 2 })).not.toEqual(first);
  });

  it.each([
    ["with room", {}],
    ["past what the shards take", { shard: { ...PARAMETERS.shard, perCommitMs: 200 } }],
    ["past what the catalogue takes", { catalogueReadMs: 4_000, seconds: 25 }],
    ["past what a shard's queue takes", { queueMsMax: 5 }],
    ["past what objects take", { object: { perRequestMs: 50, perPointMs: 0 }, queueMsMax: 500 }],
    ["of connections that wait", { load: { kind: "closed", connections: 20, clientMs: 0.1 } }],
  ] as const)("ends every request once: %s", (_, change) => {
    const result = simulate({ ...PARAMETERS, ...change });
    const refused = result.refusedByObject + result.refusedByRange + result.refusedByShard;
    expect(result.arrived).toBeGreaterThan(1_000);
    expect(result.committed).toBeGreaterThan(0);
    expect(result.committed + refused + result.refusedByCatalogue).toBe(result.arrived);
  });

  it("splits hot ranges and no others", () => {
    const hot = { load: { kind: "open", requestsPerS: 1_500 }, tables: 1, points: 1 } as const;
    const calm = { ...hot, splitRequestsPerS: 2_000 };
    const splits = simulate({ ...PARAMETERS, ...hot, seconds: 25 });
    expect(splits.splits).toBeGreaterThanOrEqual(3);
    expect(splits.ranges).toBe(3 + splits.splits);
    expect(simulate({ ...PARAMETERS, ...calm, seconds: 25 }).ranges).toBe(3);
  });
});

describe("shards", () => {
  it("have new tables by the Worker's rule, eight each, and as many everywhere", () => {
    const tables = shardsOfNewTables(25, 100);
    expect(tables.every((shards) => new Set(shards).size === 8)).toBe(true);
    const count = Map.groupBy(tables.flat(), (shard) => shard);
    expect([...count.values()].every(({ length }) => length === 2)).toBe(true);
  });

  it("take no new tables once they are measured as full, and tell by refusing", () => {
    const growth = { seed: 1, days: 200, tablesPerDay: 1, gbPerTableAndDay: 0.05, shardGbMax: 8 };
    const grown = grow({ ...growth, shards: 10 });
    expect(grown.wronglyPlaced).toBe(0);
    expect(grown.fullShards).toBe(10);
    expect(grown.refusedTables).toBeGreaterThan(0);
    expect(grown.firstEndDay ?? 0).toBeGreaterThan(grown.firstFullDay ?? Infinity);
  });
});

/** A request that comes at an instant, in ms. */
interface Arrival {
  readonly at: number;
  readonly bytes: number;
}

/** How a request ended and when; times are whole ms, since the real queue reads a clock of those. */
type Ending = readonly [index: number, outcome: "committed" | "refused", at: number];

const commitMs = (bytes: number): number => 7 + Math.round(bytes / 50_000);

function arrivals(seed: number, count: number, meanMs: number, bytesMax: number): Arrival[] {
  const random = new SimulationRandom(seed);
  let at = 0;
  return Array.from({ length: count }, () => {
    at += Math.round(random.exponential(meanMs));
    return { at, bytes: 200 + random.below(bytesMax) };
  });
}

async function byTheRealQueue(trace: readonly Arrival[]): Promise<Ending[]> {
  vi.useFakeTimers({ now: 0 });
  const endings: Ending[] = [];
  const queue = new CommitQueue(async (writes) => {
    const bytes = writes.flatMap(({ parameters }) => parameters).join("").length;
    await new Promise((resolve) => setTimeout(resolve, commitMs(bytes)));
    return { changes: 0, tallies: [] };
  });
  for (const [index, { at, bytes }] of trace.entries()) {
    setTimeout(() => {
      const chunk = { members: "x".repeat(bytes), bytes, rows: 1 };
      void queue.commit([chunk]).then(({ error }) => {
        endings.push([index, error === undefined ? "committed" : "refused", Date.now()]);
      });
    }, at);
  }
  await vi.runAllTimersAsync();
  return endings;
}

function byTheModel(trace: readonly Arrival[]): Ending[] {
  const [ARRIVE, WRITTEN, RESUME] = [0, 1, 2];
  const events = new EventHeap();
  const queue = new GroupCommit();
  const endings: Ending[] = [];
  let group: Group | undefined;
  for (const [index, { at }] of trace.entries()) events.push(at, ARRIVE, index);
  const begin = (now: number): void => {
    group = queue.begin(now);
    // As the real parameter has them: braces, and commas between members.
    const bytes = group.bytes + group.members.length - 1 + 2;
    events.push(now + commitMs(bytes), WRITTEN, 0);
  };
  const event = { at: 0, kind: 0, subject: 0 };
  while (events.pop(event)) {
    const { at, kind, subject } = event;
    if (kind === ARRIVE) {
      const member: Member = { id: subject, rows: 1, bytes: trace[subject]?.bytes ?? 0 };
      if (!queue.offer(member, at)) endings.push([subject, "refused", at]);
      else if (!queue.isWriting) begin(at);
    } else if (kind === WRITTEN && group !== undefined) {
      const pauseMs = queue.end(group, at, true);
      for (const { id } of group.members) endings.push([id, "committed", at]);
      if (pauseMs > 0) events.push(at + pauseMs, RESUME, 0);
      else if (queue.resume()) begin(at);
    } else if (queue.resume()) begin(at);
  }
  return endings;
}

describe("group commit", () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    ["a lone client", arrivals(1, 200, 30, 1_000)],
    ["a crowd", arrivals(2, 3_000, 0.6, 1_000)],
    ["large bodies now and then", arrivals(3, 400, 9, 900_000)],
    ["more than there is time for", arrivals(4, 600, 1, 1_500_000)],
  ] as const)("is that of the real queue: %s", async (_, trace) => {
    const byIndex = (a: Ending, b: Ending): number => a[0] - b[0];
    const real = (await byTheRealQueue(trace)).toSorted(byIndex);
    const model = byTheModel(trace).toSorted(byIndex);
    expect(real).toHaveLength(trace.length);
    const same = model.filter((ending, index) => String(ending) === String(real[index])).length;
    // Events of one ms have no order that both would know: some few may change places.
    expect(same / trace.length).toBeGreaterThan(0.97);
  });
});
