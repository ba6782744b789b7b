/** Histories of a register that is made up: right ones, and ones of stores with a known defect. */
import { History, NO_ROW, NO_SEQUENCE, NO_WRITE } from "./history.ts";
import { Random } from "../support/random.ts";

/** What a store does wrong. */
export type Defect =
  | "none"
  /** An equal sequence replaces. */
  | "equal replaces"
  /** The last write wins, whatever its sequence. */
  | "no guard"
  /** Sequences are compared as doubles. */
  | "doubles"
  /** One acknowledged write in ten is not stored. */
  | "loses"
  /** One read in ten sees an old state. */
  | "stale reads"
  /** One refused request in two is stored. */
  | "stores refused"
  /** The sequence is replaced, and the value is not, one time in ten. */
  | "tears";

/** Which sequences the writes of a history have. */
export type Sequences = "given" | "none" | "mixed";

interface Row {
  readonly sequence: bigint;
  readonly write: number;
}

interface Write extends Row {
  readonly key: number;
}

interface Client {
  readonly request: number;
  readonly writes: readonly Write[];
  /** Keys to read. */
  readonly keys: readonly number[];
  readonly outcome: "ok" | "failed" | "unknown";
  isApplied: boolean;
}

const KEYS = 4;
const CLIENTS = 5;
const INT64_MAX = 9_223_372_036_854_775_807n;

/** Near the end of int64, where neighbours are one double. */
const sequenceOf = (random: Random): bigint => INT64_MAX - BigInt(random.below(30));

/** A history of so many steps, and at its end a read of all keys. */
export function simulate(
  seed: number,
  steps: number,
  sequences: Sequences,
  defect: Defect = "none",
): History {
  const run = new Simulation(seed, sequences, defect);
  for (let step = 0; step < steps; step += 1) run.step();
  run.finish();
  return run.history;
}

class Simulation {
  readonly history = new History();
  readonly #random: Random;
  readonly #sequences: Sequences;
  readonly #defect: Defect;
  readonly #rows = new Map<number, Row[]>();
  readonly #clients: (Client | undefined)[] = Array.from({ length: CLIENTS }, () => undefined);
  /** Writes of unknown outcome that have no effect yet. */
  readonly #late: (readonly Write[])[] = [];

  constructor(seed: number, sequences: Sequences, defect: Defect) {
    this.#random = new Random(seed);
    this.#sequences = sequences;
    this.#defect = defect;
  }

  step(): void {
    const random = this.#random;
    const place = random.below(CLIENTS);
    const client = this.#clients[place];
    if (client === undefined) this.#clients[place] = this.#begin();
    else if (!client.isApplied && random.chance(0.5)) this.#apply(client);
    else if (client.isApplied) this.#end(place, client);
    if (this.#late.length > 0 && random.chance(0.1)) this.#store(this.#late.pop() ?? []);
  }

  finish(): void {
    for (const [place, client] of this.#clients.entries()) {
      if (client === undefined) continue;
      if (!client.isApplied) this.#apply(client);
      this.#end(place, client);
    }
    const request = this.history.begin();
    for (let key = 0; key < KEYS; key += 1) this.#read(request, key);
    this.history.end(request, "ok");
  }

  #begin(): Client {
    const random = this.#random;
    const request = this.history.begin();
    const keys = Array.from({ length: 1 + random.below(3) }, () => random.below(KEYS));
    if (random.chance(0.4)) return { request, writes: [], keys, outcome: "ok", isApplied: false };
    const writes = keys.map((key): Write => {
      const isGiven =
        this.#sequences === "mixed" ? random.chance(0.5) : this.#sequences === "given";
      const sequence = isGiven ? sequenceOf(random) : NO_SEQUENCE;
      return { key, sequence, write: this.history.write(request, key, sequence) };
    });
    const outcome = random.chance(0.2) ? random.pick(["failed", "unknown"] as const) : "ok";
    return { request, writes, keys: [], outcome, isApplied: false };
  }

  #apply(client: Client): void {
    client.isApplied = true;
    for (const key of client.keys) this.#read(client.request, key);
    if (client.outcome === "unknown" && this.#random.chance(0.6)) this.#late.push(client.writes);
    else if (client.outcome !== "failed" || this.#has("stores refused", 0.5)) {
      this.#store(client.writes);
    }
  }

  #end(place: number, client: Client): void {
    this.history.end(client.request, client.outcome);
    this.#clients[place] = undefined;
  }

  #store(writes: readonly Write[]): void {
    for (const write of writes) {
      if (this.#has("loses", 0.1)) continue;
      const versions = this.#rows.get(write.key) ?? [];
      const old = versions.at(-1);
      const row = this.#stored(old, write);
      if (row !== old) this.#rows.set(write.key, [...versions, row]);
    }
  }

  #stored(old: Row | undefined, { sequence, write }: Write): Row {
    if (old === undefined) return { sequence, write };
    if (sequence === NO_SEQUENCE) return { sequence: old.sequence, write };
    if (!this.#replaces(sequence, old.sequence)) return old;
    return { sequence, write: this.#has("tears", 0.1) ? old.write : write };
  }

  #replaces(next: bigint, old: bigint): boolean {
    if (this.#defect === "no guard") return true;
    if (this.#defect === "doubles") return Number(next) > Number(old);
    return this.#defect === "equal replaces" ? next >= old : next > old;
  }

  #read(request: number, key: number): void {
    const versions = this.#rows.get(key) ?? [];
    const age = this.#has("stale reads", 0.1) ? 2 : 1;
    const row = versions.at(-age);
    this.history.read(request, key, row?.sequence ?? NO_ROW, row?.write ?? NO_WRITE);
  }

  #has(defect: Defect, share: number): boolean {
    return this.#defect === defect && this.#random.chance(share);
  }
}
