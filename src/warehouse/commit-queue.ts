/**
 * Group commit: while one write to the database is under way, the requests that arrive wait,
 * and the next write takes all of them. Requests stay whole and in the order of their arrival.
 * Pure: the write itself is handed in.
 */
import { messageOf } from "../log.ts";
import { pause } from "../pause.ts";
import { type Chunk, joinChunks } from "./chunks.ts";
import {
  COMMIT_DEADLINE_MS,
  CROWD_PAUSE_MS,
  CROWD_REQUESTS,
  GROUP_BYTES_MAX,
  GROUP_REQUESTS_MAX,
  QUEUE_BYTES_MAX,
} from "./limits.ts";
import { failureKind, isDataError, isTooMuch, withRetries } from "./store-errors.ts";

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
}

interface Waiting {
  readonly chunks: readonly Chunk[];
  readonly bytes: number;
  readonly deadline: number;
  readonly settle: (result: CommitResult) => void;
}

/** Writes JSON objects of rows in one transaction: all of them, in order, or none. */
export type WriteTogether = (parameters: readonly string[]) => Promise<void>;

/** The queue of one key range. */
export class CommitQueue {
  readonly #write: WriteTogether;
  #waiting: Waiting[] = [];
  #queuedBytes = 0;
  #isWriting = false;

  constructor(write: WriteTogether) {
    this.#write = write;
  }

  /** Bytes that wait or are being written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Commits the chunks of one request, all or none. Resolves when the database has them, or
   * with the reason why it has not; never rejects.
   */
  commit(chunks: readonly Chunk[]): Promise<CommitResult> {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    // A request alone is always taken: it has passed the body limit.
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > QUEUE_BYTES_MAX) {
      const message = `${this.#queuedBytes} bytes wait already`;
      return Promise.resolve({ error: "overloaded", message });
    }
    this.#queuedBytes += bytes;
    return new Promise((settle) => {
      this.#waiting.push({ chunks, bytes, deadline: Date.now() + COMMIT_DEADLINE_MS, settle });
      if (!this.#isWriting) void this.#drain();
    });
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
    for (const { bytes: more } of this.#waiting) {
      bytes += more;
      if (count > 0 && bytes > GROUP_BYTES_MAX) break;
      count += 1;
      if (count === GROUP_REQUESTS_MAX) break;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const { isOwn, ...result } = await this.#attempt(group);
    if (isOwn === true && group.length > 1) {
      // One bad request must not fail its neighbours, nor the size of their group all of them.
      for (const member of group) await this.#writeGroup([member]);
      return;
    }
    for (const { settle, bytes } of group) {
      this.#queuedBytes -= bytes;
      settle(result);
    }
  }

  async #attempt(group: readonly Waiting[]): Promise<CommitResult & { isOwn?: boolean }> {
    const deadline = Math.min(...group.map((member) => member.deadline));
    try {
      const parameters = joinChunks(group.flatMap((member) => member.chunks));
      await withRetries(deadline, () => this.#write(parameters));
      return {};
    } catch (error) {
      if (isDataError(error)) return { error: "failed", message: messageOf(error), isOwn: true };
      return { ...storeFailure(error), isOwn: isTooMuch(error) };
    }
  }
}

/** The result of a call of the store that failed for reasons of the store's. */
export function storeFailure(error: unknown): CommitResult {
  const isOverload = failureKind(error) === "overloaded";
  return { error: isOverload ? "overloaded" : "unavailable", message: messageOf(error) };
}
