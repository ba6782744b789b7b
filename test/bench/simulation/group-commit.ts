/**
 * The queue of a key range (src/warehouse/commit-queue.ts) over simulated time: who is refused
 * and what is written together is the Worker's own rule (commit-wait.ts), the rest is written
 * again without promises. A test drives both with the same requests
 * (test/scripts/simulation.test.ts). Rows that are counted and failures of the data are left out.
 */
import { CommitWait } from "../../../src/warehouse/commit-wait.ts";
import { PARAMETER_BYTES_MAX } from "../../../src/warehouse/limits.ts";

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
  readonly #wait = new CommitWait<Member>();
  #isWriting = false;
  #begunAt = 0;

  /** Whether a commit is under way, or the pause after one. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  get waitingCount(): number {
    return this.#wait.waitingCount;
  }

  /** Takes a part of a request in; false where it is refused as overloaded. */
  offer(member: Member, now: number): boolean {
    return this.#wait.offer(member, Math.floor(now)) === undefined;
  }

  /** Takes the next group, whose write begins now. Something must wait and nothing be written. */
  begin(now: number): Group {
    const { requests: members, bytes } = this.#wait.take();
    this.#isWriting = true;
    this.#begunAt = Math.floor(now);
    this.#wait.begin(bytes, this.#begunAt);
    const rows = members.reduce((sum, member) => sum + member.rows, 0);
    return { members, rows, bytes, statements: statementsOf(members) };
  }

  /**
   * The write of a group has ended.
   *
   * @returns after how many ms {@link resume} is to be called.
   */
  end(group: Group, now: number, isWritten: boolean): number {
    this.#wait.end(group.bytes, isWritten ? Math.floor(now) - this.#begunAt : undefined);
    return this.#wait.pauseMsAfter(group.members.length);
  }

  /** The pause is over; true where another group is to begin now. */
  resume(): boolean {
    this.#isWriting = false;
    return this.#wait.waitingCount > 0;
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
