/**
 * Group commit: while one write to the database is under way, the requests that arrive wait,
 * and the next write takes all of them. Requests stay whole and in the order of their arrival.
 * Pure: the write itself is handed in.
 */
import { messageOf } from "../log.ts";
import { pause } from "../pause.ts";
import { bytesOf, type Chunk, freeChunks, joinChunks } from "./chunks.ts";
import type { CommitPoint } from "./commit-metrics.ts";
import { CommitWait, type Group } from "./commit-wait.ts";
import type { Counting } from "./counting.ts";
import { COMMIT_DEADLINE_MS } from "./limits.ts";
import { failureKind, isDataError, isFull, isTooMuch, withRetries } from "./store-errors.ts";
import type { Tally } from "./tally.ts";

/** Why a commit failed: see {@link CommitResult}. */
export type CommitError = "overloaded" | "unavailable" | "failed";

/**
 * How a commit ended; without `error` it is committed. `overloaded` wrote nothing; after
 * `unavailable` the rows may or may not be stored; after `failed` they are not, for a reason
 * that is ours. Sent across RPC, where a rejection would be reported as an unhandled one.
 */
export interface CommitResult {
  readonly error?: CommitError;
  readonly message?: string;
  /** The range was split since the caller read the table: it should read it again. */
  readonly isStale?: boolean;
  /** Nothing is stored, for the shard has no room; with `unavailable`. */
  readonly isFull?: boolean;
}

/** How a commit ended whose rows are counted: with a tally where it is committed. */
export interface CountedResult extends CommitResult {
  readonly tally?: Tally;
}

/** Rows that are written next: of requests together, or of one that is counted. */
export interface Write {
  /** JSON objects of members (chunks.ts). */
  readonly parameters: readonly string[];
  readonly counting?: Counting;
}

/** What a transaction did. */
export interface Written {
  /** Rows that were changed. */
  readonly changes: number;
  /** Of the counted writes, in their order. */
  readonly tallies: readonly Tally[];
}

interface Waiting {
  readonly chunks: readonly Chunk[];
  readonly counting: Counting | undefined;
  readonly bytes: number;
  readonly deadline: number;
  readonly settle: (result: CountedResult) => void;
}

/** Writes rows in one transaction: all of them, in order, or none. */
export type WriteTogether = (writes: readonly Write[]) => Promise<Written>;

/** What a group did, without its table. */
export type GroupPoint = Omit<CommitPoint, "tableId">;

/** The queue of one key range. */
export class CommitQueue {
  readonly #write: WriteTogether;
  readonly #note: ((point: GroupPoint) => void) | undefined;
  readonly #wait = new CommitWait<Waiting>();
  #isWriting = false;

  /** @param note is told what each group did; must not throw. */
  constructor(write: WriteTogether, note?: (point: GroupPoint) => void) {
    this.#write = write;
    this.#note = note;
  }

  /** Bytes that wait or are being written. */
  get queuedBytes(): number {
    return this.#wait.queuedBytes;
  }

  /**
   * Commits the chunks of one request, all or none. Resolves when the database has them, or
   * with the reason why it has not; never rejects.
   *
   * @param counting where the answer is to say how the rows fared.
   */
  commit(chunks: readonly Chunk[], counting?: Counting): Promise<CountedResult> {
    const bytes = bytesOf(chunks) + (counting === undefined ? 0 : bytesOf(counting.keys));
    return new Promise((settle) => {
      const now = Date.now();
      const deadline = now + COMMIT_DEADLINE_MS;
      const message = this.#wait.offer({ chunks, counting, bytes, deadline, settle }, now);
      if (message !== undefined) {
        freeRows({ chunks, counting });
        settle({ error: "overloaded", message });
      } else if (!this.#isWriting) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isWriting = true;
    while (this.#wait.waitingCount > 0) {
      const group = this.#wait.take();
      await this.#writeGroup(group);
      const ms = this.#wait.pauseMsAfter(group.requests.length);
      if (ms > 0) await pause(ms);
    }
    this.#isWriting = false;
  }

  async #writeGroup(group: Group<Waiting>): Promise<void> {
    const { requests, bytes } = group;
    const begin = Date.now();
    this.#wait.begin(bytes, begin);
    const { isOwn, written, ...result } = await this.#attempt(requests);
    if (isOwn === true && requests.length > 1) {
      // One bad request must not fail its neighbours, nor the size of their group all of them.
      for (const one of requests) await this.#writeGroup({ requests: [one], bytes: one.bytes });
      return;
    }
    const ms = Date.now() - begin;
    this.#wait.end(bytes, result.error === undefined ? ms : undefined);
    const tallies = written?.tallies.values();
    for (const one of requests) {
      freeRows(one);
      const tally = one.counting === undefined ? undefined : tallies?.next().value;
      one.settle(tally === undefined ? result : { ...result, tally });
    }
    this.#noteGroup(group, { outcome: result.error ?? "ok", changes: written?.changes ?? 0, ms });
  }

  #noteGroup(
    { requests, bytes }: Group<Waiting>,
    done: Pick<GroupPoint, "outcome" | "changes" | "ms">,
  ): void {
    if (this.#note === undefined) return;
    let rows = 0;
    for (const { chunks } of requests) for (const chunk of chunks) rows += chunk.rows ?? 0;
    const waitingBytes = this.#wait.queuedBytes;
    this.#note({ ...done, requests: requests.length, rows, bytes, waitingBytes });
  }

  async #attempt(
    group: readonly Waiting[],
  ): Promise<CommitResult & { isOwn?: boolean; written?: Written }> {
    const deadline = Math.min(...group.map((member) => member.deadline));
    try {
      const writes = writesOf(group);
      return { written: await withRetries(deadline, () => this.#write(writes)) };
    } catch (error) {
      if (isDataError(error)) return { error: "failed", message: messageOf(error), isOwn: true };
      return { ...storeFailure(error), isOwn: isTooMuch(error) };
    }
  }
}

function freeRows({ chunks, counting }: Pick<Waiting, "chunks" | "counting">): void {
  freeChunks(chunks);
  if (counting !== undefined) freeChunks(counting.keys);
}

/** The rows of neighbours that are not counted are one write. */
function writesOf(group: readonly Waiting[]): Write[] {
  const writes: Write[] = [];
  let chunks: Chunk[] = [];
  const close = (): void => {
    if (chunks.length > 0) writes.push({ parameters: joinChunks(chunks) });
    chunks = [];
  };
  for (const { chunks: own, counting } of group) {
    if (counting === undefined) chunks.push(...own);
    else {
      close();
      writes.push({ parameters: joinChunks(own), counting });
    }
  }
  close();
  return writes;
}

/** The result of a call of the store that failed for reasons of the store's. */
export function storeFailure(error: unknown): CommitResult {
  if (isFull(error)) return { error: "unavailable", message: messageOf(error), isFull: true };
  const isOverload = failureKind(error) === "overloaded";
  return { error: isOverload ? "overloaded" : "unavailable", message: messageOf(error) };
}
