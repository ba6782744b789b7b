/** The deployments that are simulated, from what was measured and what is assumed of production. */
import { type Measured, requestCost } from "./measured.ts";
import type { Parameters } from "./parameters.ts";

/**
 * What nobody can measure here (docs/scale.md has the sources): a commit of D1 in production "takes
 * several ms"; objects take about 500 requests in a second; calls stay on one continent; an isolate
 * gets about 50 requests in a second.
 */
const ASSUMED = {
  perCommitMs: 5,
  catalogueReadMs: 1,
  objectRequestMs: 2,
  objectRttMs: 5,
  databaseRttMs: 5,
  queueMsMax: 5_000,
  requestsPerIsolateAndS: 50,
};

/** Tables that a shard begins with, and most of all: 125 over eight shards are 1,000 ranges. */
const TABLES_PER_SHARD = 10;
const TABLES_MAX = 125;
const ISOLATES_MIN = 4;

/** As src/http/calls/write-times.ts has it. */
export const NOTE_STEP_MS = 5_000;

/** A deployment with so many shards under so many requests of one point in a second. */
export function scenario(measured: Measured, requestsPerS: number, shards: number): Parameters {
  const cpu = requestCost(measured, (run) => run.cpuMsPerRequest);
  const { perRowMs } = measured.sqlite.updatesOfAMillion;
  return {
    ...{ seed: 1, seconds: 60, warmUpSeconds: 20 },
    load: { kind: "open", requestsPerS },
    ...{ points: 1, hasFixedPoints: false, pointBytes: measured.sqlite.rowBytes },
    tables: Math.min(TABLES_MAX, shards * TABLES_PER_SHARD),
    ...{ zipfExponent: 0.5, tablesPerClient: 10, shards },
    isolates: Math.max(ISOLATES_MIN, Math.round(requestsPerS / ASSUMED.requestsPerIsolateAndS)),
    worker: {
      perRequestMs: cpu.perRequestMs,
      perPointMs: Math.max(0, cpu.perPointMs - measured.sqlite.freshKeys.perRowMs),
    },
    object: { perRequestMs: ASSUMED.objectRequestMs, perPointMs: 0.001 },
    shard: { perCommitMs: ASSUMED.perCommitMs, perStatementMs: 1, perRowMs },
    catalogueReadMs: ASSUMED.catalogueReadMs,
    catalogueWriteMs: ASSUMED.perCommitMs,
    noteStepMs: NOTE_STEP_MS,
    queueMsMax: ASSUMED.queueMsMax,
    ...{ objectRttMs: ASSUMED.objectRttMs, databaseRttMs: ASSUMED.databaseRttMs },
    splitRequestsPerS: 300,
    isOneThread: false,
  };
}

/** A row of a table of results. */
export interface Scenario {
  readonly title: string;
  readonly parameters: Parameters;
}

const RATES = [1_000, 10_000, 100_000];
const SHARDS = [1, 10, 100];

/** Each rate on each number of shards, with the catalogue out of the way. */
export function gridScenarios(measured: Measured): Scenario[] {
  return RATES.flatMap((rate) =>
    SHARDS.map((shards) => ({
      title: `${rate} requests/s, ${shards} shards`,
      parameters: withoutCatalogue(scenario(measured, rate, shards)),
    })),
  );
}

/** The same with all that isolates ask of the catalogue and write to it. */
export function catalogueScenarios(measured: Measured): Scenario[] {
  const isolatesOf = [0.2, 1, 4];
  return RATES.flatMap((rate) =>
    isolatesOf.map((factor) => {
      const base = scenario(measured, rate, 100);
      const isolates = Math.max(ISOLATES_MIN, Math.round(base.isolates * factor));
      return {
        title: `${rate} requests/s, ${isolates} isolates`,
        parameters: { ...base, isolates },
      };
    }),
  );
}

/** One thing changed at a time: 10,000 requests in a second on 100 shards. */
export function sensitivityScenarios(measured: Measured): Scenario[] {
  const base = withoutCatalogue(scenario(measured, 10_000, 100));
  const changed = (title: string, change: Partial<Parameters>): Scenario => ({
    title,
    parameters: { ...base, ...change },
  });
  const open = (requestsPerS: number): Partial<Parameters> => ({
    load: { kind: "open", requestsPerS },
  });
  return [
    changed("10,000 requests/s, 100 shards, 1 point", {}),
    ...[20, 50].map((ms) =>
      changed(`round trips ${ms} ms instead of 5`, { objectRttMs: ms, databaseRttMs: ms }),
    ),
    ...[2, 10].map((perCommitMs) =>
      changed(`a commit of D1 ${perCommitMs} ms instead of 5`, {
        shard: { ...base.shard, perCommitMs },
      }),
    ),
    changed("100 points, 1,000 requests/s", { points: 100, ...open(1_000) }),
    changed("1,000 points, 100 requests/s", { points: 1_000, ...open(100) }),
    changed("objects of 1,000 requests/s instead of 500", {
      object: { ...base.object, perRequestMs: 1 },
    }),
    changed("hot tables (Zipf 1.0 instead of 0.5)", { zipfExponent: 1 }),
    changed("one table only", { tables: 1 }),
  ];
}

/** One table of eight shards from cold: how its ranges split. */
export function splitScenario(measured: Measured): Scenario {
  const base = withoutCatalogue(scenario(measured, 10_000, 8));
  const parameters = { ...base, tables: 1, seconds: 60, warmUpSeconds: 45 };
  return { title: "one table, 8 shards, 10,000 requests/s", parameters };
}

/** Notes are left out, and look-ups cost nothing: to see what comes after the catalogue. */
export function withoutCatalogue(parameters: Parameters): Parameters {
  return { ...parameters, noteStepMs: 0, catalogueReadMs: 0 };
}
