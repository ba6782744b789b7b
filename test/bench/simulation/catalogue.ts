/**
 * What isolates ask of the catalogue: tokens (trusted for 20 s, looked up again beside a request
 * after 10, src/http/credentials/import-tokens.ts), table records (after a split), and the notes
 * of imports (src/http/calls/import-jobs.ts). One database, so one thread.
 */
import { RECORD_AGE_MIN_MS } from "../../../src/warehouse/limits.ts";
import type { Random } from "../../support/random.ts";
import type { Parameters } from "./parameters.ts";
import type { Thread } from "./thread.ts";

/** As import-tokens.ts has them. */
const TOKEN_TRUST_MS = 20_000;
const TOKEN_REFRESH_MS = 10_000;

/** Where the catalogue did not answer: its queue was too long. */
export const OVERLOADED = -1;

/** What all isolates remember, and the calls they make. Instants in ms since the run began. */
export class Catalogue {
  readonly thread: Thread;
  reads = 0;
  writes = 0;
  refused = 0;
  readonly #parameters: Parameters;
  readonly #clients: number;
  /** When each token was looked up, since when that is known, and whether that is being renewed. */
  readonly #tokenAt: Float64Array;
  readonly #knownAt: Float64Array;
  readonly #isRefreshing: Uint8Array;
  readonly #noteAt: Float64Array;
  readonly #generation: Int16Array;
  readonly #recordAt: Float64Array;

  /** All isolates are warm: they know each token since some time, and each table as it began. */
  constructor(parameters: Parameters, thread: Thread, random: Random) {
    const { isolates, tables, tablesPerClient, noteStepMs } = parameters;
    this.thread = thread;
    this.#parameters = parameters;
    this.#clients = Math.ceil(tables / tablesPerClient);
    const pairs = isolates * this.#clients;
    this.#tokenAt = new Float64Array(pairs).map(() => -random.next() * TOKEN_REFRESH_MS);
    this.#knownAt = new Float64Array(pairs);
    this.#isRefreshing = new Uint8Array(pairs);
    this.#noteAt = new Float64Array(pairs).map(() => random.next() * noteStepMs);
    this.#generation = new Int16Array(isolates * tables);
    this.#recordAt = new Float64Array(isolates * tables).fill(-Infinity);
  }

  /**
   * Makes sure of a token; returns when the request may go on: now, where it is trusted, or
   * OVERLOADED.
   */
  token(isolate: number, client: number, now: number): number {
    const pair = isolate * this.#clients + client;
    const age = now - (this.#tokenAt[pair] ?? 0);
    // While a look-up that others wait for is under way, each request makes its own.
    const isKnown = (this.#knownAt[pair] ?? 0) <= now;
    if (isKnown && age < TOKEN_TRUST_MS) {
      if (age >= TOKEN_REFRESH_MS) this.#refresh(pair, now);
      return now;
    }
    const doneAt = this.read(now);
    if (doneAt === OVERLOADED) return doneAt;
    if (isKnown || doneAt < (this.#knownAt[pair] ?? 0)) this.#knownAt[pair] = doneAt;
    this.#tokenAt[pair] = now;
    this.#isRefreshing[pair] = 0;
    return doneAt;
  }

  /** Beside the request. Where it fails, there is no other before the token is not trusted. */
  #refresh(pair: number, now: number): void {
    if (this.#isRefreshing[pair] === 1) return;
    this.#isRefreshing[pair] = 1;
    if (this.read(now) === OVERLOADED) return;
    this.#tokenAt[pair] = now;
    this.#isRefreshing[pair] = 0;
  }

  /** The generation of a table that an isolate knows; -1 where it has to look it up. */
  generation(isolate: number, table: number): number {
    return this.#generation[isolate * this.#parameters.tables + table] ?? -1;
  }

  /** The isolate has looked a table up. */
  remember(isolate: number, table: number, generation: number, now: number): void {
    const place = isolate * this.#parameters.tables + table;
    this.#generation[place] = generation;
    this.#recordAt[place] = now;
  }

  /** The isolate was told that its record is stale. */
  forget(isolate: number, table: number, generation: number, now: number): void {
    const place = isolate * this.#parameters.tables + table;
    if (this.#generation[place] !== generation) return;
    if (now - (this.#recordAt[place] ?? 0) < RECORD_AGE_MIN_MS) return;
    this.#generation[place] = -1;
  }

  /** Notes an import, beside the request. */
  note(isolate: number, client: number, now: number): void {
    const { noteStepMs } = this.#parameters;
    const pair = isolate * this.#clients + client;
    if (noteStepMs === 0 || now < (this.#noteAt[pair] ?? 0)) return;
    this.#noteAt[pair] = now + noteStepMs;
    this.write(now);
  }

  /** A read; returns when its answer is there, or OVERLOADED. */
  read(now: number): number {
    this.reads += 1;
    return this.#call(now, this.#parameters.catalogueReadMs);
  }

  /** A write; returns when its answer is there, or OVERLOADED. */
  write(now: number): number {
    this.writes += 1;
    return this.#call(now, this.#parameters.catalogueWriteMs);
  }

  #call(now: number, ms: number): number {
    const { queueMsMax, databaseRttMs } = this.#parameters;
    const arrivesAt = now + databaseRttMs / 2;
    if (this.thread.backlogMs(arrivesAt) > queueMsMax) {
      this.refused += 1;
      return OVERLOADED;
    }
    return this.thread.run(arrivesAt, ms) + databaseRttMs / 2;
  }
}
