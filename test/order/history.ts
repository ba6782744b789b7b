/**
 * What was done to a store and what was seen of it, in the order in which it happened: requests
 * with their start, end and outcome, and in each some writes or reads of keys. Time is a count
 * of these events, so no two of them are at once. About 21 bytes a write and 17 a read.
 *
 * The value of a write is its own index: a row must carry it, so that what is read names its
 * write. check.ts says whether the history is right.
 */
import { int64Column, uint32Column, uint8Column } from "./columns.ts";

/**
 * How a request ended. `failed`: it must have no effect. `unknown`: it may have taken effect, or
 * may still do so at any later time. `pending` is unknown, too.
 */
export type Outcome = "pending" | "ok" | "failed" | "unknown";

const OUTCOMES: readonly Outcome[] = ["pending", "ok", "failed", "unknown"];

/** The sequence of a write that has none: the store orders it, and the last one wins. */
export const NO_SEQUENCE = -1n;

/** The sequence of what is not there. */
export const NO_ROW = -2n;

/** Stands for the write of a row that is not there, or that nobody wrote. */
export const NO_WRITE = 0xffff_ffff;

/** A run of operations of one kind. */
export interface Run {
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
}

/** Records what happens. Keys are numbers from 0 on, as dense as possible. */
export class History {
  /** Twice the request, one more where it ends. The index is the time. */
  readonly #events = uint32Column();
  readonly #outcomes = uint8Column();
  readonly #starts = uint32Column();
  readonly #ends = uint32Column();
  readonly #firstWrites = uint32Column();
  readonly #firstReads = uint32Column();
  readonly #writeCounts = uint32Column();
  readonly #readCounts = uint32Column();
  readonly #writeKeys = uint32Column();
  readonly #writeRequests = uint32Column();
  readonly #writeSequences = int64Column();
  readonly #readKeys = uint32Column();
  readonly #readSequences = int64Column();
  readonly #readWrites = uint32Column();
  readonly #notes = new Map<number, string>();
  #keys = 0;

  /** How many keys, requests, writes and reads there are, and how many events. */
  get counts(): {
    readonly keys: number;
    readonly requests: number;
    readonly writes: number;
    readonly reads: number;
    readonly events: number;
  } {
    return {
      keys: this.#keys,
      requests: this.#outcomes.length,
      writes: this.#writeKeys.length,
      reads: this.#readKeys.length,
      events: this.#events.length,
    };
  }

  /** A request starts; call it before anything of it can have an effect. */
  begin(): number {
    const request = this.#outcomes.push(0);
    this.#starts.push(this.#events.push(2 * request));
    this.#ends.push(0);
    this.#firstWrites.push(0);
    this.#firstReads.push(0);
    this.#writeCounts.push(0);
    this.#readCounts.push(0);
    return request;
  }

  /**
   * A write of a request, in the request's order; those of one request stand together.
   *
   * @param sequence from 0, or {@link NO_SEQUENCE}.
   * @returns the value that the row must carry.
   */
  write(request: number, key: number, sequence: bigint): number {
    const index = this.#writeKeys.push(key);
    this.#writeSequences.push(sequence);
    this.#writeRequests.push(request);
    this.#count(this.#firstWrites, this.#writeCounts, request, index);
    this.#keys = Math.max(this.#keys, key + 1);
    return index;
  }

  /**
   * What a request has read; the reads of one request stand together.
   *
   * @param sequence as stored; {@link NO_ROW} where there is no row.
   * @param write the value; {@link NO_WRITE} where no write can have written what was read.
   * @param note what was read instead.
   */
  read(request: number, key: number, sequence: bigint, write: number, note?: string): void {
    const index = this.#readKeys.push(key);
    this.#readSequences.push(sequence);
    this.#readWrites.push(write);
    if (note !== undefined) this.#notes.set(index, note);
    this.#count(this.#firstReads, this.#readCounts, request, index);
    this.#keys = Math.max(this.#keys, key + 1);
  }

  /** A request ends; call it after its answer has come. */
  end(request: number, outcome: "ok" | "failed" | "unknown"): void {
    this.#outcomes.set(request, OUTCOMES.indexOf(outcome));
    this.#ends.set(request, this.#events.push(2 * request + 1));
  }

  /** What happened at a time. */
  eventAt(time: number): { readonly request: number; readonly isEnd: boolean } {
    const event = this.#events.at(time);
    return { request: event >>> 1, isEnd: (event & 1) === 1 };
  }

  outcomeOf(request: number): Outcome {
    return OUTCOMES[this.#outcomes.at(request)] ?? "pending";
  }

  startOf(request: number): number {
    return this.#starts.at(request);
  }

  /** When it ended; Infinity where its effect may come later. */
  endOf(request: number): number {
    return this.outcomeOf(request) === "ok" ? this.#ends.at(request) : Infinity;
  }

  writesOf(request: number): Run {
    const first = this.#firstWrites.at(request);
    return { first, end: first + this.#writeCounts.at(request) };
  }

  readsOf(request: number): Run {
    const first = this.#firstReads.at(request);
    return { first, end: first + this.#readCounts.at(request) };
  }

  keyOfWrite(write: number): number {
    return this.#writeKeys.at(write);
  }

  requestOfWrite(write: number): number {
    return this.#writeRequests.at(write);
  }

  sequenceOfWrite(write: number): bigint {
    return this.#writeSequences.at(write);
  }

  keyOfRead(read: number): number {
    return this.#readKeys.at(read);
  }

  sequenceOfRead(read: number): bigint {
    return this.#readSequences.at(read);
  }

  /** The write whose value was read, which may be no write of this history. */
  writeOfRead(read: number): number {
    return this.#readWrites.at(read);
  }

  noteOfRead(read: number): string | undefined {
    return this.#notes.get(read);
  }

  #count(
    firsts: ReturnType<typeof uint32Column>,
    counts: ReturnType<typeof uint32Column>,
    request: number,
    index: number,
  ): void {
    const count = counts.at(request);
    if (count === 0) firsts.set(request, index);
    else if (firsts.at(request) + count !== index) {
      throw new Error(`the operations of request ${request} do not stand together`);
    }
    counts.set(request, count + 1);
  }
}
