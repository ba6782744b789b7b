/**
 * Promise P2 over HTTP, millions of operations: points pushed and rows read on many connections
 * over all import surfaces, against the built Worker in processes of its own, while ranges are
 * split, objects evicted and the whole service killed and started again.
 *
 *   npm run order -- --operations 3000000 --seed 1 --split 1
 *
 * An operation is one point that was sent or one row that was read. Ends with 1 where the
 * history is wrong.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ADMIN_TOKEN } from "../bench/workers.ts";
import { CLIENT_ID, IMPORT_TOKEN } from "../e2e/constants.ts";
import { Service } from "../faults/service.ts";
import { checkHistory } from "./check.ts";
import { Lane } from "./client.ts";
import { Driver, tablesOf } from "./driver.ts";
import { History } from "./history.ts";
import type { OrderTable } from "./points.ts";
import { Random } from "../support/random.ts";
import { rangeCounts } from "./ranges.ts";

const { values } = parseArgs({
  options: {
    /** Points and rows together, after which no request starts. */
    operations: { type: "string", default: "3000000" },
    /** Seconds after which no request starts either. */
    seconds: { type: "string", default: "1800" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    /** Requests per second of a range from which on it splits; 0 for never. */
    split: { type: "string", default: "2" },
    connections: { type: "string", default: "32" },
    /** Seconds from one SIGKILL to the next; 0 for none. */
    "kill-every": { type: "string", default: "45" },
  },
});

const operationsMax = Number(values.operations);
const msMax = Number(values.seconds) * 1000;
const seed = Number(values.seed);
const connections = Number(values.connections);
const killEveryMs = Number(values["kill-every"]) * 1000;

const SHARDS = 2;

/** Few hot keys and many keys, of each kind, twice: one half rests while the other is busy. */
const TABLES = tablesOf(
  ["a", "b"].flatMap((half) => [
    [`hot_${half}`, "given", 8] as const,
    [`many_${half}`, "given", 10_000] as const,
    [`hot_last_${half}`, "none", 8] as const,
    [`many_last_${half}`, "none", 3_000] as const,
    [`hot_mixed_${half}`, "mixed", 8] as const,
    [`many_mixed_${half}`, "mixed", 2_000] as const,
  ]),
);

/** An object is evicted when it had nothing to do for ten seconds. */
const REST_MS = 14_000;

/** Share of the requests that read. */
const READ_SHARE = 0.15;

/** How long after a begin the service is killed at the earliest. */
const KILL_PAUSE_MS_MAX = 2_000;

/** Points of the largest request. */
const POINTS_MAX = 1_500;

const REPORT_EVERY_MS = 20_000;

/** The service, which is killed now and then. */
class Target {
  kills = 0;
  readonly #service: Service;
  #ready: Promise<void> = Promise.resolve();

  constructor(service: Service) {
    this.#service = service;
  }

  async port(): Promise<number> {
    await this.#ready;
    return Number(new URL(this.#service.base).port);
  }

  /** Kills all its processes and starts it again, on what is on disk. */
  async restart(): Promise<void> {
    this.kills += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ready = promise;
    await this.#service.kill();
    await this.#service.start();
    resolve();
  }
}

class Run {
  readonly history = new History();
  readonly random = new Random(seed);
  readonly driver: Driver;
  readonly target: Target;
  readonly begun = Date.now();
  rests = 0;
  #isDone = false;

  constructor(target: Target) {
    this.target = target;
    this.driver = new Driver({
      history: this.history,
      random: this.random,
      pusher: { clientId: CLIENT_ID, token: IMPORT_TOKEN },
      adminToken: ADMIN_TOKEN,
      tables: TABLES,
      shards: SHARDS,
      pointsMax: POINTS_MAX,
      badShare: 0.01,
      runName: `order-${seed}`,
    });
  }

  get operations(): number {
    const { writes, reads } = this.history.counts;
    return writes + reads;
  }

  get elapsedMs(): number {
    return Date.now() - this.begun;
  }

  async drive(): Promise<void> {
    const first = new Lane(this.target);
    for (const table of TABLES) await this.driver.push(first.send, [table]);
    first.close();
    const others = [this.#kills(), this.#reports()];
    await Promise.all(Array.from({ length: connections }, () => this.#lane()));
    this.#isDone = true;
    await Promise.all(others);
  }

  /** Every key, after all is done. */
  async readAll(): Promise<void> {
    const lane = new Lane(this.target);
    for (const table of TABLES) await this.driver.readAll(lane.send, table);
    lane.close();
  }

  async #lane(): Promise<void> {
    const lane = new Lane(this.target);
    while (this.operations < operationsMax && this.elapsedMs < msMax) {
      const tables = this.#busyTables();
      if (this.random.chance(READ_SHARE)) {
        await this.driver.read(lane.send, this.random.pick(tables));
      } else await this.driver.push(lane.send, tables);
      lane.checkService();
    }
    lane.close();
  }

  /** One half of the tables, then the other one: the objects of the resting half are evicted. */
  #busyTables(): readonly OrderTable[] {
    const turn = Math.floor(this.elapsedMs / REST_MS);
    this.rests = turn;
    const half = TABLES.length / 2;
    return TABLES.slice((turn % 2) * half, ((turn % 2) + 1) * half);
  }

  async #kills(): Promise<void> {
    if (killEveryMs === 0) return;
    let next = killEveryMs;
    while (!this.#isDone) {
      await sleep(250);
      if (this.#isDone || this.elapsedMs < next) continue;
      await sleep(this.random.next() * KILL_PAUSE_MS_MAX);
      await this.target.restart();
      next = this.elapsedMs + killEveryMs;
    }
  }

  async #reports(): Promise<void> {
    let next = REPORT_EVERY_MS;
    while (!this.#isDone) {
      await sleep(250);
      if (this.elapsedMs < next) continue;
      next += REPORT_EVERY_MS;
      const seconds = Math.round(this.elapsedMs / 1000);
      console.log(`${seconds} s: ${this.operations} operations, ${this.target.kills} kills`);
    }
  }
}

const service = await Service.build({
  shards: SHARDS,
  variables: { SPLIT_REQUESTS_PER_S: values.split, LOG_REQUESTS: "none" },
});
try {
  console.log(`seed ${seed}`);
  await service.start();
  const run = new Run(new Target(service));
  await run.drive();
  await run.target.restart();
  const { operations } = run;
  await run.readAll();
  const elapsedMs = run.elapsedMs;
  await service.kill();
  const checkBegun = performance.now();
  const { violations, count, byKind } = checkHistory(run.history, (key) => run.driver.nameOf(key));
  const checkMs = Math.round(performance.now() - checkBegun);
  const { ok, failed, unknown, pages, repeats } = run.driver.counts;
  const { bySurface, failures } = run.driver;
  const ranges = rangeCounts(service.stateFolder);
  const splits = [...ranges.values()].reduce((sum, found) => sum + found - SHARDS, 0);
  console.log({
    ...run.history.counts,
    operations,
    seconds: Math.round(elapsedMs / 1000),
    pushes: { ok, failed, unknown, repeats, ...Object.fromEntries(bySurface) },
    answersWithRows: pages,
    splits,
    ranges: Object.fromEntries(ranges),
    kills: run.target.kills,
    rests: run.rests,
    checkMs,
    residentMb: Math.round(process.memoryUsage.rss() / 1e6),
    failures: Object.fromEntries(failures),
    violations: count,
    byKind: Object.fromEntries(byKind),
  });
  for (const { text } of violations) console.log(text);
  process.exitCode = count === 0 ? 0 : 1;
} finally {
  await service.remove();
}
