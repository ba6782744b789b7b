/**
 * The rules of the queue of a key range (src/warehouse/commit-queue.ts) over simulated time: the
 * same limits and the same estimate of what commits take, without promises. A test drives both
 * with the same requests (test/scripts/simulation.test.ts). Rows that are counted and failures of
 * the data are left out.
 */
import { CommitCost } from "../../../src/warehouse/commit-cost.ts";
import {
  COMMIT_STALL_FACTOR,
  COMMIT_STALL_MS_MIN,
  COMMIT_WAIT_FACTOR,
  COMMIT_WAIT_MS_MIN,
  CROWD_PAUSE_MS,
  CROWD_REQUESTS,
  GROUP_BYTES_MAX,
  GROUP_REQUESTS_MAX,
  PARAMETER_BYTES_MAX,
  QUEUE_BYTES_MAX,
} from "../../../src/warehouse/limits.ts";

/** A part of a request that waits; `id` means something to the caller only. */
export interface Member {
  readonly id: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What is written in one transaction. */
export interface Group {
  readonly members: readonly Member[];
  readonly rows: number;
  readonly bytes: number;
  /** How many bound parameters it fills, each a statement (src/warehouse/chunks.ts). */
  readonly statements: number;
}

/** The queue of one key range. All times are in ms. */
export class GroupCommit {
  readonly #cost = new CommitCost();
  #waiting: Member[] = [];
  #queuedBytes = 0;
  #waitingBytes = 0;
  #largestBytes = 0;
  #isWriting = false;
  #begunAt = 0;
  #stalledAt = Infinity;

  /** Whether a commit is under way, or the pause after one. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Takes a part of a request in; false where it is refused as overloaded. */
  offer(member: Member, now: number): boolean {
    if (this.#isRefused(member.bytes, now)) return false;
    this.#queuedBytes += member.bytes;
    this.#waitingBytes += member.bytes;
    this.#largestBytes = Math.max(this.#largestBytes, member.bytes);
    this.#waiting.push(member);
    return true;
  }

  #isRefused(bytes: number, now: number): boolean {
    if (this.#queuedBytes === 0) return false;
    if (this.#queuedBytes + bytes > QUEUE_BYTES_MAX) return true;
    if (Math.floor(now) > this.#stalledAt) return true;
    if (this.#waiting.length === 0) return false;
    const all = this.#waitingBytes + bytes;
    const commits = Math.max(all / GROUP_BYTES_MAX, this.#waiting.length / GROUP_REQUESTS_MAX);
    const ms = this.#cost.expectMs(all, Math.max(1, Math.ceil(commits)));
    const largest = this.#cost.expectMs(Math.max(this.#largestBytes, bytes));
    return ms > Math.max(COMMIT_WAIT_MS_MIN, COMMIT_WAIT_FACTOR * largest);
  }

  /** Takes the next group, whose write begins now. Something must wait and nothing be written. */
  begin(now: number): Group {
    let bytes = 0;
    let rows = 0;
    let count = 0;
    for (const member of this.#waiting) {
      if (count > 0 && bytes + member.bytes > GROUP_BYTES_MAX) break;
      bytes += member.bytes;
      rows += member.rows;
      count += 1;
      if (count === GROUP_REQUESTS_MAX) break;
    }
    const members = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    this.#largestBytes = this.#waiting.reduce((max, member) => Math.max(max, member.bytes), 0);
    this.#isWriting = true;
    this.#begunAt = Math.floor(now);
    const stallMs = COMMIT_STALL_FACTOR * this.#cost.expectMs(bytes);
    this.#stalledAt = this.#begunAt + Math.max(COMMIT_STALL_MS_MIN, stallMs);
    return { members, rows, bytes, statements: statementsOf(members) };
  }

  /**
   * The write of a group has ended.
   *
   * @returns after how many ms {@link resume} is to be called.
   */
  end(group: Group, now: number, isWritten: boolean): number {
    this.#queuedBytes -= group.bytes;
    this.#stalledAt = Infinity;
    if (isWritten) this.#cost.learn(group.bytes, Math.floor(now) - this.#begunAt);
    const size = group.members.length;
    return size >= CROWD_REQUESTS && this.#waiting.length < size ? CROWD_PAUSE_MS : 0;
  }

  /** The pause is over; true where another group is to begin now. */
  resume(): boolean {
    this.#isWriting = false;
    return this.#waiting.length > 0;
  }
}

/** Chunks are joined in their order until a parameter is full. */
function statementsOf(members: readonly Member[]): number {
  let statements = 1;
  let filled = 0;
  for (const { bytes } of members) {
    if (filled > 0 && filled + bytes > PARAMETER_BYTES_MAX) {
      statements += 1;
      filled = 0;
    }
    filled += bytes + 1;
    while (filled > PARAMETER_BYTES_MAX) {
      statements += 1;
      filled -= PARAMETER_BYTES_MAX;
    }
  }
  return statements;
}
