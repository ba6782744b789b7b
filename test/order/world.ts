/** Tables of one client in workerd, pushed to and read from several isolates. */
import type { Tap } from "../support/tap.ts";
import { tapEnv } from "../support/tap.ts";
import type { Tenant } from "../support/tenant.ts";
import { callWorker, otherIsolate, tableId } from "../support/worker.ts";
import { type ChaosCounts, disturb, faultyTap, rangeStarts, type TapOwn } from "./chaos.ts";
import { checkHistory, type Findings } from "./check.ts";
import { Driver, type Send, tablesOf } from "./driver.ts";
import { History } from "./history.ts";
import type { OrderTable } from "./points.ts";
import { Random } from "../support/random.ts";

/** Few hot keys and many keys, of each kind. */
const TABLES = tablesOf([
  ["hot", "given", 5],
  ["many", "given", 600],
  ["hot_last", "none", 5],
  ["many_last", "none", 300],
  ["hot_mixed", "mixed", 5],
]);

/** As vitest.config.ts binds them. */
const SHARDS = 2;

/** Requests under way at a time. */
const LANES = 10;

/** Shares of the requests: reads, those after an eviction, those of an isolate that is new. */
const READ_SHARE = 0.35;
const DISTURBED_SHARE = 0.1;
const NEW_ISOLATE_SHARE = 0.03;

/** Share of the calls of objects that fail. */
const CALL_FAULT_SHARE = 0.01;

/** How the world is broken, for the tests of the test. */
export interface Broken {
  /** What is done to the bindings of objects. */
  readonly tapOwn?: TapOwn;
  /** What is done to the calls of objects. */
  readonly callTap?: Tap;
}

/** Runs pushes and reads, and checks their history. */
export class World {
  readonly history = new History();
  readonly chaos: ChaosCounts = { evictions: 0, faultsBefore: 0, faultsAfter: 0 };
  readonly driver: Driver;
  readonly #random: Random;
  readonly #tenant: Tenant;
  readonly #broken: Broken;

  constructor(tenant: Tenant, seed: number, broken: Broken = {}) {
    this.#tenant = tenant;
    this.#broken = broken;
    this.#random = new Random(seed);
    this.driver = new Driver({
      history: this.history,
      random: this.#random,
      pusher: tenant,
      adminToken: "test-admin-token",
      tables: TABLES,
      shards: SHARDS,
      pointsMax: 400,
      badShare: 0.03,
      runName: `order-${seed}`,
    });
  }

  /**
   * So many requests in each lane, to the first so many tables; then all keys are read. What was
   * found is that of all runs so far.
   */
  async run(requests: number, tableCount: number = TABLES.length): Promise<Findings> {
    const send = this.#through(otherIsolate());
    for (const table of TABLES) {
      // The first request may be one that is to be refused.
      while (!(await this.#exists(table.name))) await this.driver.push(send, [table]);
      for (let i = 0; i < SHARDS; i += 1) await this.#disturb(table);
    }
    const tables = TABLES.slice(0, tableCount);
    await Promise.all(Array.from({ length: LANES }, () => this.#lane(requests, tables)));
    const last = this.#through(otherIsolate());
    for (const table of TABLES) await this.driver.readAll(last, table);
    return checkHistory(this.history, (key) => this.driver.nameOf(key));
  }

  /** How often ranges were split. */
  async splits(): Promise<number> {
    let splits = 0;
    for (const { name } of TABLES) {
      const starts = await rangeStarts(await tableId(this.#tenant, name));
      splits += starts.length - SHARDS;
    }
    return splits;
  }

  async #lane(requests: number, tables: readonly OrderTable[]): Promise<void> {
    const random = this.#random;
    let send = this.#through(this.#newIsolate());
    for (let i = 0; i < requests; i += 1) {
      const table = random.pick(tables);
      if (random.chance(NEW_ISOLATE_SHARE)) send = this.#through(this.#newIsolate());
      if (random.chance(DISTURBED_SHARE)) await this.#disturb(table);
      if (random.chance(READ_SHARE)) await this.driver.read(send, table);
      else await this.driver.push(send, tables);
    }
  }

  async #disturb({ name }: OrderTable): Promise<void> {
    const id = await tableId(this.#tenant, name);
    await disturb(this.#random, id, this.chaos, this.#broken.tapOwn);
  }

  #through(isolate: Env): Send {
    return async ({ method, path, headers, body }) => {
      const init = { method, headers, ...(method === "POST" ? { body } : {}) };
      const response = await callWorker(isolate, path, init);
      return { status: response.status, text: await response.text() };
    };
  }

  /** It knows no table yet, and keeps what it learns, however ranges are split. */
  #newIsolate(): Env {
    const { callTap } = this.#broken;
    const tap = callTap ?? faultyTap(this.#random, CALL_FAULT_SHARE, this.chaos);
    return tapEnv(otherIsolate(), (call, next) =>
      call.binding === "TABLE_RANGE" ? tap(call, next) : next(),
    );
  }

  async #exists(name: string): Promise<boolean> {
    return (await tableId(this.#tenant, name).catch(() => undefined)) !== undefined;
  }
}
