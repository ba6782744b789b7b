/**
 * Group commit: while one write to the database is under way, the requests that arrive wait,
 * and the next write takes all of them. Requests stay whole and in the order of their arrival.
 * Pure: the write itself is handed in.
 */
import { messageOf } from "../log.ts";
import { pause } from "../pause.ts";
import { type Chunk, joinChunks } from "./chunks.ts";
import { CommitCost } from "./commit-cost.ts";
import type { CommitPoint } from "./commit-metrics.ts";
import type { Counting } from "./counting.ts";
import {
  COMMIT_DEADLINE_MS,
  COMMIT_STALL_FACTOR,
  COMMIT_STALL_MS_MIN,
  COMMIT_WAIT_FACTOR,
  COMMIT_WAIT_MS_MIN,
  CROWD_PAUSE_MS,
  CROWD_REQUESTS,
  GROUP_BYTES_MAX,
  GROUP_COUNTED_MAX,
  GROUP_REQUESTS_MAX,
  QUEUE_BYTES_MAX,
} from "./limits.ts";
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
  readonly #cost = new CommitCost();
  #waiting: Waiting[] = [];
  #queuedBytes = 0;
  /** Of what waits and is not yet being written. */
  #waitingBytes = 0;
  #largestBytes = 0;
  #waitingCounted = 0;
  #isWriting = false;
  /** When the commit under way is to be taken for stuck, in ms since 1970. */
  #stalledAt = Infinity;

  /** @param note is told what each group did; must not throw. */
  constructor(write: WriteTogether, note?: (point: GroupPoint) => void) {
    this.#write = write;
    this.#note = note;
  }

  /** Bytes that wait or are being written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Commits the chunks of one request, all or none. Resolves when the database has them, or
   * with the reason why it has not; never rejects.
   *
   * @param counting where the answer is to say how the rows fared.
   */
  commit(chunks: readonly Chunk[], counting?: Counting): Promise<CountedResult> {
    const bytes = bytesOf(chunks) + (counting === undefined ? 0 : bytesOf(counting.keys));
    const message = this.#refusal(bytes);
    if (message !== undefined) return Promise.resolve({ error: "overloaded", message });
    this.#queuedBytes += bytes;
    this.#waitingBytes += bytes;
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
    if (counting !== undefined) this.#waitingCounted += 1;
    return new Promise((settle) => {
      const deadline = Date.now() + COMMIT_DEADLINE_MS;
      this.#waiting.push({ chunks, counting, bytes, deadline, settle });
      if (!this.#isWriting) void this.#drain();
    });
  }

  /**
   * Why a request of so many bytes cannot be taken now (docs/decisions/0012). One that is alone
   * always can: it has passed the body limit.
   */
  #refusal(bytes: number): string | undefined {
    if (this.#queuedBytes === 0) return undefined;
    if (this.#queuedBytes + bytes > QUEUE_BYTES_MAX) {
      return `${this.#queuedBytes} bytes wait already`;
    }
    if (Date.now() > this.#stalledAt) return "a commit is stuck";
    if (this.#waiting.length === 0) return undefined;
    const ms = this.#expectMs(bytes);
    return ms > this.#waitMsMax(bytes) ? `${Math.round(ms)} ms of commits wait already` : undefined;
  }

  /** What the next commits are expected to take until one more request is in the database. */
  #expectMs(bytes: number): number {
    const all = this.#waitingBytes + bytes;
    const commits = Math.max(
      all / GROUP_BYTES_MAX,
      this.#waitingCounted / GROUP_COUNTED_MAX,
      this.#waiting.length / GROUP_REQUESTS_MAX,
    );
    return this.#cost.expectMs(all, Math.max(1, Math.ceil(commits)));
  }

  /**
   * Measured by the largest request that waits: so a small one is not refused because of a large
   * one before it, and a large one not because it is large.
   */
  #waitMsMax(bytes: number): number {
    const largest = this.#cost.expectMs(Math.max(this.#largestBytes, bytes));
    return Math.max(COMMIT_WAIT_MS_MIN, COMMIT_WAIT_FACTOR * largest);
  }

  async #drain(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      await this.#writeGroup(group);
      const isCrowded = group.length >= CROWD_REQUESTS && this.#waiting.length < group.length;
      if (isCrowded) await pause(CROWD_PAUSE_MS);
    }
    this.#isWriting = false;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    let counted = 0;
    for (const { bytes: more, counting } of this.#waiting) {
      bytes += more;
      if (counting !== undefined) counted += 1;
      if (count > 0 && (bytes > GROUP_BYTES_MAX || counted > GROUP_COUNTED_MAX)) break;
      count += 1;
      if (count === GROUP_REQUESTS_MAX) break;
    }
    const group = this.#waiting.splice(0, count);
    for (const member of group) {
      this.#waitingBytes -= member.bytes;
      if (member.counting !== undefined) this.#waitingCounted -= 1;
    }
    this.#largestBytes = this.#waiting.reduce((max, { bytes: own }) => Math.max(max, own), 0);
    return group;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const begin = Date.now();
    const bytes = group.reduce((sum, member) => sum + member.bytes, 0);
    const stallMs = COMMIT_STALL_FACTOR * this.#cost.expectMs(bytes);
    this.#stalledAt = begin + Math.max(COMMIT_STALL_MS_MIN, stallMs);
    const { isOwn, written, ...result } = await this.#attempt(group);
    if (isOwn === true && group.length > 1) {
      // One bad request must not fail its neighbours, nor the size of their group all of them.
      for (const member of group) await this.#writeGroup([member]);
      return;
    }
    const tallies = written?.tallies.values();
    for (const { settle, bytes, counting } of group) {
      this.#queuedBytes -= bytes;
      const tally = counting === undefined ? undefined : tallies?.next().value;
      settle(tally === undefined ? result : { ...result, tally });
    }
    const ms = Date.now() - begin;
    this.#stalledAt = Infinity;
    if (result.error === undefined) this.#cost.learn(bytes, ms);
    this.#noteGroup(group, { outcome: result.error ?? "ok", changes: written?.changes ?? 0, ms });
  }

  #noteGroup(
    group: readonly Waiting[],
    done: Pick<GroupPoint, "outcome" | "changes" | "ms">,
  ): void {
    if (this.#note === undefined) return;
    let bytes = 0;
    let rows = 0;
    for (const member of group) {
      bytes += member.bytes;
      for (const chunk of member.chunks) rows += chunk.rows ?? 0;
    }
    const waitingBytes = this.#queuedBytes;
    this.#note({ ...done, requests: group.length, rows, bytes, waitingBytes });
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

function bytesOf(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
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
