/**
 * Requests of one isolate to one key range that travel together (docs/decisions/0013): where many
 * are under way already, the next ones wait for the call under way and then make one call. The
 * object sees one request with all their rows. By CPU time a push of 1 point at 64 connections
 * costs 15 % less, and the object, whose calls are what splits a range, gets a tenth of the calls.
 *
 * A request must not depend on the life of another one, whose client may hang up: each keeps
 * itself alive until it is answered, and calls for all that wait when it was not called for within
 * SHARED_WAIT_MS_MAX, because the call under way is slow or whoever was to make it is gone. Rows
 * are in one call only: if they came a second time, after their request was answered, they could
 * replace newer ones that have no sequence. So who never hears of its call repeats it as a client.
 */
import { waitUntil } from "cloudflare:workers";
import { Refusal } from "../http/errors.ts";
import { logError } from "../log.ts";
import { bytesOf } from "./chunks.ts";
import type { CommitResult } from "./commit-queue.ts";
import {
  SHARED_BYTES_MAX,
  SHARED_FROM_REQUESTS,
  SHARED_FULL_BYTES,
  SHARED_LOST_MS,
  SHARED_WAIT_MS_MAX,
} from "./limits.ts";
import type { KeyRange } from "./slots.ts";
import type { RangeCommit } from "./table-range.ts";

/** Sends a message to the object of the range. */
export type SendCommit = (message: RangeCommit) => Promise<CommitResult>;

/** Keeps the request that calls it running until the work is done, whatever its client does. */
export type KeepAlive = (work: Promise<unknown>) => void;

/** What became of a call. */
type Answer = { readonly result: CommitResult } | { readonly error: unknown };

/** What ends a wait: one's turn to call, for all that wait then, or what became of a call. */
type Turn = "call" | Lead | "lost" | Answer;

interface Waiting {
  readonly message: RangeCommit;
  readonly bytes: number;
  readonly since: number;
  /** Only the first time counts. */
  readonly settle: (turn: Turn) => void;
}

/** A call for all, which is made by a request of its own. */
interface Lead {
  readonly others: readonly Waiting[];
}

/** The commits of one isolate to one key range. */
export class SharedCommits {
  readonly #keepAlive: KeepAlive;
  /** Requests that are not answered yet, oldest first; one that was ended stays for a while. */
  readonly #underWay = new Set<{ readonly since: number }>();
  /** Oldest first. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** The call whose end is waited for, or who is to make it; undefined where anyone may. */
  #lead: Lead | Waiting | undefined;

  constructor(keepAlive: KeepAlive) {
    this.#keepAlive = keepAlive;
  }

  /**
   * Commits a message, alone or with others: all of it or nothing.
   *
   * @param send makes a call; it is called for this request only, in its own context.
   * @throws what `send` throws, for this request or the one that called for it; Refusal unavailable
   * where that one is gone: then `message` may still be sent, and must stay as it is.
   */
  async commit(message: RangeCommit, send: SendCommit): Promise<CommitResult> {
    const own = { since: Date.now() };
    this.#underWay.add(own);
    try {
      if (!this.#isCrowded(own.since)) return await send(message);
      const bytes = bytesOf(message.chunks);
      if (bytes > SHARED_BYTES_MAX) return await send(message);
      const shared = this.#commitShared(message, bytes, send);
      this.#keepAlive(shared.catch(() => undefined));
      return await shared;
    } finally {
      this.#underWay.delete(own);
    }
  }

  /** Does not count those that were ended by the platform, which told nobody. */
  #isCrowded(now: number): boolean {
    for (const oldest of this.#underWay) {
      if (this.#underWay.size <= SHARED_FROM_REQUESTS) return false;
      if (now - oldest.since < SHARED_LOST_MS) return true;
      this.#underWay.delete(oldest);
    }
    return false;
  }

  async #commitShared(
    message: RangeCommit,
    bytes: number,
    send: SendCommit,
  ): Promise<CommitResult> {
    const turn = this.#lead === undefined ? "call" : await this.#turn(message, bytes);
    if (turn === "call") return this.#callForAll(this.#takeLead(), message, send);
    if (turn !== "lost") {
      if ("others" in turn) return this.#callForAll(turn, message, send);
      return ownResult(turn, message, send);
    }
    logError("store_failed", { message: "nothing was heard of a call for many requests" });
    throw new Refusal("unavailable");
  }

  async #turn(message: RangeCommit, bytes: number): Promise<Turn> {
    // Without a timer of its own the platform would take the request for hung.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = await new Promise<Turn>((settle) => {
      const own = { message, bytes, since: Date.now(), settle };
      timer = setTimeout(() => {
        // At once: the next one may have waited as long.
        if (this.#leave(own)) settle(this.#takeLead());
        else timer = setTimeout(settle, SHARED_LOST_MS, "lost");
      }, SHARED_WAIT_MS_MAX);
      this.#enter(own);
    });
    clearTimeout(timer);
    return turn;
  }

  #enter(one: Waiting): void {
    const wasFull = this.#waitingBytes >= SHARED_FULL_BYTES;
    this.#waiting.push(one);
    this.#waitingBytes += one.bytes;
    // More would make the next call longer, and those in it wait for more than their own rows.
    if (!wasFull && this.#waitingBytes >= SHARED_FULL_BYTES) this.#passOn();
  }

  /** Returns whether it waited: else its rows are in a call, or it was told to call. */
  #leave(one: Waiting): boolean {
    const at = this.#waiting.indexOf(one);
    if (at === -1) return false;
    this.#waiting.splice(at, 1);
    this.#waitingBytes -= one.bytes;
    return true;
  }

  async #callForAll(lead: Lead, message: RangeCommit, send: SendCommit): Promise<CommitResult> {
    const { others } = lead;
    const answer = await answerOf(() => send(together(message, others)));
    for (const { settle } of others) settle(answer);
    // Another one has it since where this call was slow.
    if (this.#lead === lead) this.#passOn();
    return others.length > 0 ? ownResult(answer, message, send) : resultOf(answer);
  }

  /** For all but those that were ended while they waited: what nobody waits for may be old. */
  #takeLead(): Lead {
    const now = Date.now();
    const lead = { others: this.#waiting.filter(({ since }) => now - since < SHARED_LOST_MS) };
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#lead = lead;
    return lead;
  }

  /** Lets the one that waits longest call for all. */
  #passOn(): void {
    const [next] = this.#waiting;
    // Until it calls, those that come wait, to travel with it.
    this.#lead = next;
    if (next !== undefined && this.#leave(next)) next.settle("call");
  }
}

async function answerOf(call: () => Promise<CommitResult>): Promise<Answer> {
  try {
    return { result: await call() };
  } catch (error) {
    return { error };
  }
}

/** @throws what the call threw. */
function resultOf(answer: Answer): CommitResult {
  if ("error" in answer) throw answer.error;
  return answer.result;
}

/** What a call for many means to one of them. Where rows were at fault, each hears of its own. */
async function ownResult(
  answer: Answer,
  message: RangeCommit,
  send: SendCommit,
): Promise<CommitResult> {
  const result = resultOf(answer);
  return result.error === "failed" ? send(message) : result;
}

/** One message with the rows of all, in the order of their arrival. */
function together(first: RangeCommit, others: readonly Waiting[]): RangeCommit {
  if (others.length === 0) return first;
  const chunks = [...first.chunks, ...others.flatMap(({ message }) => message.chunks)];
  return { ...first, chunks };
}

/** Of the tables that are remembered: the ranges of a record belong to one isolate, and one run. */
const ranges = new WeakMap<KeyRange, SharedCommits>();

/**
 * Commits a message to a key range, with others of this isolate where it is crowded.
 *
 * @param range of the table's record, the same object in all requests that may travel together.
 * @param send makes a call of the range's object, for this request.
 * @throws as {@link SharedCommits.commit}.
 */
export function commitShared(
  range: KeyRange,
  message: RangeCommit,
  send: SendCommit,
): Promise<CommitResult> {
  // Without a run the message is for more than the range that is meant: whoever knows says so.
  if (message.run === undefined) return send(message);
  let commits = ranges.get(range);
  if (commits === undefined) {
    commits = new SharedCommits(waitUntil);
    ranges.set(range, commits);
  }
  return commits.commit(message, send);
}
