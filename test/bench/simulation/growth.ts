/**
 * How shards fill up over months: tables are made now and then and grow at rates of their own;
 * the sweep measures the shards; the Worker's own rule chooses those of a new table.
 */
import { rememberShards, shardsForNewTable } from "../../../src/warehouse/shard-room.ts";
import { SimulationRandom } from "./random.ts";
import { environment } from "./shards.ts";

/** What a run is like. */
export interface Growth {
  readonly seed: number;
  readonly shards: number;
  readonly days: number;
  readonly tablesPerDay: number;
  /** GB that a table gets in a day, in the mean: most get little, some get much. */
  readonly gbPerTableAndDay: number;
  readonly shardGbMax: number;
}

/** What came of it. */
export interface Grown {
  readonly tables: number;
  /** Tables that could not be made, since all shards were full. */
  readonly refusedTables: number;
  readonly fullShards: number;
  /** Tables that were put on a shard that was full as it had been measured last. */
  readonly wronglyPlaced: number;
  /** Days until the first shard took no new table, and until the first had 10 GB. */
  readonly firstFullDay: number | undefined;
  readonly firstEndDay: number | undefined;
  readonly largestGb: number;
  readonly storedGb: number;
}

/** D1's own limit, in GB (d1/platform/limits). */
const DATABASE_GB_MAX = 10;
const SWEEPS_PER_DAY = 144;
const BYTES = 1e9;

/** Runs it, a sweep at a time. */
export function grow(growth: Growth): Grown {
  return new Run(growth).run();
}

class Run {
  readonly #growth: Growth;
  readonly #random: SimulationRandom;
  readonly #env: Env;
  readonly #gb: number[];
  #measured: readonly number[] = [];
  readonly #tables: { readonly shards: readonly number[]; readonly gbPerSweep: number }[] = [];
  #refused = 0;
  #wrong = 0;

  constructor(growth: Growth) {
    this.#growth = growth;
    this.#random = new SimulationRandom(growth.seed);
    this.#env = environment(growth.shards, growth.shardGbMax);
    this.#gb = Array.from({ length: growth.shards }, () => 0);
  }

  run(): Grown {
    const { days, shardGbMax } = this.#growth;
    let firstFullDay: number | undefined;
    let firstEndDay: number | undefined;
    for (let sweep = 0; sweep < days * SWEEPS_PER_DAY; sweep += 1) {
      this.#measure();
      this.#makeTables();
      this.#fill();
      const largest = Math.max(...this.#gb);
      if (largest >= shardGbMax) firstFullDay ??= sweep / SWEEPS_PER_DAY;
      if (largest >= DATABASE_GB_MAX) firstEndDay ??= sweep / SWEEPS_PER_DAY;
    }
    return {
      ...{ tables: this.#tables.length, refusedTables: this.#refused },
      ...{ wronglyPlaced: this.#wrong, firstFullDay, firstEndDay },
      fullShards: this.#gb.filter((gb) => gb >= shardGbMax).length,
      largestGb: Math.max(...this.#gb),
      storedGb: this.#gb.reduce((sum, gb) => sum + gb, 0),
    };
  }

  #measure(): void {
    this.#measured = [...this.#gb];
    const sizes = this.#gb.map((gb, shard) => ({ shard, bytes: gb * BYTES, measured_at: 0 }));
    rememberShards(this.#env, sizes);
  }

  #makeTables(): void {
    const { tablesPerDay, gbPerTableAndDay, shardGbMax } = this.#growth;
    if (this.#random.next() >= tablesPerDay / SWEEPS_PER_DAY) return;
    const shards = shardsForNewTable(this.#env);
    if (shards.length === 0) this.#refused += 1;
    if (shards.some((shard) => (this.#measured[shard] ?? 0) >= shardGbMax)) this.#wrong += 1;
    if (shards.length === 0) return;
    const gbPerSweep = this.#random.exponential(gbPerTableAndDay / SWEEPS_PER_DAY);
    this.#tables.push({ shards, gbPerSweep });
  }

  /** Rows that a database of 10 GB does not take are refused. */
  #fill(): void {
    for (const { shards, gbPerSweep } of this.#tables) {
      for (const shard of shards) {
        const gb = (this.#gb[shard] ?? 0) + gbPerSweep / shards.length;
        this.#gb[shard] = Math.min(DATABASE_GB_MAX, gb);
      }
    }
  }
}
