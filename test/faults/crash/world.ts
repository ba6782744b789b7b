/** The tables that the writers share. */
import { CLIENT_ID, IMPORT_TOKEN } from "../../e2e/constants.ts";
import { Appends } from "./appends.ts";
import type { Random } from "../../support/random.ts";
import { nextSequence } from "./marks.ts";
import type { Model } from "./model.ts";
import { type KeyedWrite, Register } from "./register.ts";
import type { Wire } from "./wire.ts";

/** Headers of the demo client's imports. */
export const JSON_HEADERS = {
  Authorization: `Bearer ${IMPORT_TOKEN}`,
  "Content-Type": "application/json",
  Accept: "application/json",
} as const;

/** Keys of a table: so few that writers meet. */
const KEYS = 300;

/** Most rows of one table in one request. */
const WRITES_MAX = 25;

/** New tables of one round, and the requests that use one before the next is made. */
const FRESH_TABLES_MAX = 3;
const FRESH_USES = 8;

/** Rounds after which append-only tables are new ones: they only grow. */
const APPEND_ROUNDS = 4;

/** What all writers write to. */
export class World {
  readonly random: Random;
  readonly wire: Wire;
  readonly models = new Map<string, Model>();
  round = 0;
  readonly #used = new Map<string, number>();
  #fresh = { count: 0, uses: 0, name: "" };

  constructor(random: Random, wire: Wire) {
    this.random = random;
    this.wire = wire;
  }

  /** The next round begins. */
  beginRound(): void {
    this.round += 1;
    this.#fresh = { count: 0, uses: 0, name: "" };
  }

  /** A table with a key. */
  register(table: string, isLarge = false): Register {
    return this.#model(table, Register, () => new Register(table, isLarge));
  }

  /** An append-only table of these rounds. */
  appends(name: string, isOnce: boolean): Appends {
    const table = `${name}_${Math.floor(this.round / APPEND_ROUNDS)}`;
    return this.#model(table, Appends, () => new Appends(table, isOnce));
  }

  /** A table that is new, or was so a moment ago. */
  fresh(): Register {
    const fresh = this.#fresh;
    if (fresh.name === "" || (fresh.uses >= FRESH_USES && fresh.count < FRESH_TABLES_MAX)) {
      fresh.count += 1;
      fresh.uses = 0;
      fresh.name = `fresh_${this.round}_${fresh.count}`;
    }
    fresh.uses += 1;
    return this.register(fresh.name);
  }

  /** Tables that were written to in this round or are so in every one. */
  inUse(): Model[] {
    return [...this.models.values()].filter(({ table }) => this.#used.get(table) === this.round);
  }

  /** Some new writes to a table. */
  writes(version = 0): KeyedWrite[] {
    const count = 1 + this.random.below(WRITES_MAX);
    return Array.from({ length: count }, () => ({
      id: `k${this.random.below(KEYS)}`,
      sequence: nextSequence(),
      version,
    }));
  }

  #model<T extends Model>(table: string, kind: new (...args: never[]) => T, make: () => T): T {
    this.#used.set(table, this.round);
    const known = this.models.get(table);
    if (known instanceof kind) return known;
    const made = make();
    this.models.set(table, made);
    return made;
  }
}

/** A record of a Stitch push. */
export function pushRecord(register: Register, write: KeyedWrite, more = ""): string {
  return (
    `{"client_id":${CLIENT_ID},"table_name":"${register.table}","action":"upsert",` +
    `"sequence":${write.sequence},"table_version":${write.version},"key_names":["id"],` +
    `"data":${register.dataOf(write, more)}}`
  );
}
