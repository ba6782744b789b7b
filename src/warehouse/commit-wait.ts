/**
 * What waits for the next commits of a key range: which requests are taken in, by how long they
 * would wait (docs/decisions/0012-refuse-by-expected-wait.md), and which of them are written
 * together. Pure: the times are handed in, in ms.
 */
import { CommitCost } from "./commit-cost.ts";
import {
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

/** What is looked at of a request. */
export interface Weighed {
  readonly bytes: number;
  /** Defined where its rows are counted. */
  readonly counting?: unknown;
}

/** Requests that are written in one transaction. */
export interface Group<Request> {
  /** At least one. */
  readonly requests: readonly Request[];
  readonly bytes: number;
}

/** The requests of a key range that wait or are being written. */
export class CommitWait<Request extends Weighed> {
  readonly #cost = new CommitCost();
  #waiting: Request[] = [];
  #queuedBytes = 0;
  /** Of what waits and is not yet being written. */
  #waitingBytes = 0;
  #largestBytes = 0;
  #waitingCounted = 0;
  /** When the write under way is to be taken for stuck. */
  #stalledAt = Infinity;

  /** Bytes that wait or are being written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** How many requests wait and are not yet being written. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Lets a request wait, or says why it cannot be taken now. */
  offer(request: Request, now: number): string | undefined {
    const { bytes, counting } = request;
    const reason = this.#refusal(bytes, now);
    if (reason !== undefined) return reason;
    this.#queuedBytes += bytes;
    this.#waitingBytes += bytes;
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
    if (counting !== undefined) this.#waitingCounted += 1;
    this.#waiting.push(request);
    return undefined;
  }

  /** A request that is alone is always taken: it has passed the body limit. */
  #refusal(bytes: number, now: number): string | undefined {
    if (this.#queuedBytes === 0) return undefined;
    if (this.#queuedBytes + bytes > QUEUE_BYTES_MAX) {
      return `${this.#queuedBytes} bytes wait already`;
    }
    if (now > this.#stalledAt) return "a commit is stuck";
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

  /** Takes the requests that are written next, the oldest first. One must wait. */
  take(): Group<Request> {
    let [bytes, counted, count] = [0, 0, 0];
    for (const { bytes: own, counting } of this.#waiting) {
      const more = counting === undefined ? 0 : 1;
      const isFull = bytes + own > GROUP_BYTES_MAX || counted + more > GROUP_COUNTED_MAX;
      if (count > 0 && isFull) break;
      bytes += own;
      counted += more;
      count += 1;
      if (count === GROUP_REQUESTS_MAX) break;
    }
    const requests = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    this.#waitingCounted -= counted;
    this.#largestBytes = this.#waiting.reduce((max, { bytes: own }) => Math.max(max, own), 0);
    return { requests, bytes };
  }

  /** A write of so many bytes that were taken begins: of a group, or of a part of it again. */
  begin(bytes: number, now: number): void {
    const stallMs = COMMIT_STALL_FACTOR * this.#cost.expectMs(bytes);
    this.#stalledAt = now + Math.max(COMMIT_STALL_MS_MIN, stallMs);
  }

  /**
   * Requests of so many bytes have their answer.
   *
   * @param writtenMs how long their commit took; undefined where they are not written.
   */
  end(bytes: number, writtenMs: number | undefined): void {
    this.#queuedBytes -= bytes;
    this.#stalledAt = Infinity;
    if (writtenMs !== undefined) this.#cost.learn(bytes, writtenMs);
  }

  /** How long more requests are waited for, in ms, after a group of so many was written. */
  pauseMsAfter(requests: number): number {
    const isCrowded = requests >= CROWD_REQUESTS && this.#waiting.length < requests;
    return isCrowded ? CROWD_PAUSE_MS : 0;
  }
}
