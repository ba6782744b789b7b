/**
 * Whether a history is one of a store that keeps, per key, the row of the highest sequence, and
 * of rows without sequence the last one (promise P2; wire.md 2.9, 3.3 and 7). One pass over the
 * events in their order, with a few numbers per key: linear in time.
 *
 * - What was acknowledged is the least that a later read must see, and so is what an earlier
 *   read saw. The last read of a key comes after its last acknowledged write.
 * - A write that starts when its sequence is stored already, or a higher one, never shows: an
 *   equal sequence does not replace. The same holds inside a request, in the order of its points.
 * - Of writes without sequence, one never shows again once another one that started after its
 *   end is acknowledged or was read.
 * - The value belongs to its sequence, and somebody sent it.
 *
 * Writes with and without sequences may meet in one key: the second replace the value and keep
 * the sequence.
 */
import { type History, NO_ROW, NO_SEQUENCE, NO_WRITE } from "./history.ts";

/** What is wrong with a read or a key. */
export type ViolationKind =
  /** An acknowledged write is not in what was read later. */
  | "lost"
  /** A read saw less than one that had ended before it began. */
  | "back"
  /** A value that nobody sent for this key, or not yet. */
  | "unsent"
  /** A value with the sequence of another one. */
  | "torn"
  /** A value of a request that was refused. */
  | "refused"
  /** A value that was too old when it was sent, or had an equal sequence. */
  | "stale"
  /** Two values of one sequence. */
  | "double"
  /** A value without sequence after a later one. */
  | "overtaken"
  /** The key was not read after its last acknowledged write: the test is at fault. */
  | "unread";

/** One violation, in words that name its key and operations. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly key: number;
  readonly text: string;
}

/** What a check has found. */
export interface Findings {
  /** The first ones. */
  readonly violations: readonly Violation[];
  /** All of them. */
  readonly count: number;
  readonly byKind: ReadonlyMap<ViolationKind, number>;
}

/** Most violations that are kept with their text. */
const VIOLATIONS_KEPT_MAX = 20;

/** Checks a history; `nameOf` gives a key its name in the messages. */
export function checkHistory(history: History, nameOf: (key: number) => string = String): Findings {
  const check = new Check(history, nameOf);
  for (let time = 0; time < history.counts.events; time += 1) check.step(time);
  check.finish();
  return { violations: check.violations, count: check.count, byKind: check.byKind };
}

class Check {
  readonly violations: Violation[] = [];
  readonly byKind = new Map<ViolationKind, number>();
  count = 0;
  readonly #history: History;
  readonly #nameOf: (key: number) => string;
  /** The highest sequence that is stored for certain, the write that says so, and whether read. */
  readonly #floors: BigInt64Array;
  readonly #floorWrites: Uint32Array;
  readonly #isFloorRead: Uint8Array;
  /** The highest sequence that somebody has sent. */
  readonly #sent: BigInt64Array;
  /** Among writes that took effect for certain, without sequence or read: the last start. */
  readonly #latest: Float64Array;
  readonly #latestWrites: Uint32Array;
  /** The highest sequence inside one request. */
  readonly #inRequest: Uint32Array;
  readonly #inRequestWrites: Uint32Array;
  /** The sequence read with a value of its own, and that value. */
  readonly #seen: BigInt64Array;
  readonly #seenWrites: Uint32Array;
  readonly #acknowledgedAt: Float64Array;
  readonly #readAt: Float64Array;
  /** For each write the one that it was too late for. */
  readonly #beatenBy: Uint32Array;

  constructor(history: History, nameOf: (key: number) => string) {
    const { keys, writes } = history.counts;
    this.#history = history;
    this.#nameOf = nameOf;
    this.#floors = new BigInt64Array(keys).fill(NO_ROW);
    this.#floorWrites = new Uint32Array(keys).fill(NO_WRITE);
    this.#isFloorRead = new Uint8Array(keys);
    this.#sent = new BigInt64Array(keys).fill(NO_ROW);
    this.#latest = new Float64Array(keys).fill(-1);
    this.#latestWrites = new Uint32Array(keys).fill(NO_WRITE);
    this.#inRequest = new Uint32Array(keys).fill(NO_WRITE);
    this.#inRequestWrites = new Uint32Array(keys).fill(NO_WRITE);
    this.#seen = new BigInt64Array(keys).fill(NO_ROW);
    this.#seenWrites = new Uint32Array(keys).fill(NO_WRITE);
    this.#acknowledgedAt = new Float64Array(keys).fill(-1);
    this.#readAt = new Float64Array(keys).fill(-1);
    this.#beatenBy = new Uint32Array(writes).fill(NO_WRITE);
  }

  step(time: number): void {
    const history = this.#history;
    const { request, isEnd } = history.eventAt(time);
    const writes = history.writesOf(request);
    const reads = history.readsOf(request);
    const isOk = history.outcomeOf(request) === "ok";
    for (let write = writes.first; write < writes.end; write += 1) {
      if (!isEnd) this.#beginWrite(write, request);
      else if (isOk) this.#acknowledge(write, request, time);
    }
    for (let read = reads.first; read < reads.end; read += 1) {
      if (isEnd) this.#endRead(read, time);
      else this.#beginRead(read, time);
    }
  }

  finish(): void {
    for (let key = 0; key < this.#history.counts.keys; key += 1) {
      if (at(this.#readAt, key) >= at(this.#acknowledgedAt, key)) continue;
      this.#violate("unread", key, "was not read after its last acknowledged write");
    }
  }

  #beginWrite(write: number, request: number): void {
    const key = this.#history.keyOfWrite(write);
    const sequence = this.#history.sequenceOfWrite(write);
    if (this.#history.outcomeOf(request) === "failed") return;
    if (sequence > at(this.#sent, key)) this.#sent[key] = sequence;
    if (sequence === NO_SEQUENCE) return;
    if (sequence <= at(this.#floors, key)) this.#beatenBy[write] = at(this.#floorWrites, key);
    const best = at(this.#inRequestWrites, key);
    const isBeaten =
      at(this.#inRequest, key) === request && sequence <= this.#history.sequenceOfWrite(best);
    if (isBeaten) this.#beatenBy[write] = best;
    else {
      this.#inRequest[key] = request;
      this.#inRequestWrites[key] = write;
    }
  }

  #acknowledge(write: number, request: number, time: number): void {
    const key = this.#history.keyOfWrite(write);
    const sequence = this.#history.sequenceOfWrite(write);
    this.#acknowledgedAt[key] = time;
    this.#raise(key, sequence, write, false);
    if (sequence === NO_SEQUENCE) this.#advance(key, write, request);
  }

  #raise(key: number, sequence: bigint, write: number, isRead: boolean): void {
    if (sequence <= at(this.#floors, key)) return;
    this.#floors[key] = sequence;
    this.#floorWrites[key] = write;
    this.#isFloorRead[key] = isRead ? 1 : 0;
  }

  #advance(key: number, write: number, request: number): void {
    const start = this.#history.startOf(request);
    if (start <= at(this.#latest, key)) return;
    this.#latest[key] = start;
    this.#latestWrites[key] = write;
  }

  /** Against what is certain when the read begins. */
  #beginRead(read: number, time: number): void {
    const history = this.#history;
    const key = history.keyOfRead(read);
    const write = history.writeOfRead(read);
    this.#readAt[key] = time;
    if (history.sequenceOfRead(read) < at(this.#floors, key)) {
      const floor = this.#writeText(at(this.#floorWrites, key));
      const isRead = at(this.#isFloorRead, key) === 1;
      const how = isRead ? "an earlier read saw" : "acknowledged before it began was";
      this.#violateRead(isRead ? "back" : "lost", read, `${how} ${floor}`);
      return;
    }
    if (!this.#isWriteOf(write, key)) return;
    const end = history.endOf(history.requestOfWrite(write));
    if (end >= at(this.#latest, key)) return;
    const later = this.#writeText(at(this.#latestWrites, key));
    this.#violateRead("overtaken", read, `later is ${later}`);
  }

  /** Against what can be known when the read ends. */
  #endRead(read: number, time: number): void {
    const history = this.#history;
    const key = history.keyOfRead(read);
    const sequence = history.sequenceOfRead(read);
    const write = history.writeOfRead(read);
    if (sequence === NO_ROW && write === NO_WRITE && history.noteOfRead(read) === undefined) return;
    if (!this.#isWriteOf(write, key)) {
      this.#violateRead("unsent", read, "no write of this key has that value");
      return;
    }
    const request = history.requestOfWrite(write);
    if (history.startOf(request) > time) this.#violateRead("unsent", read, "it was sent later");
    else if (history.outcomeOf(request) === "failed") this.#violateRead("refused", read);
    else if (this.#isTorn(key, write, sequence)) this.#violateRead("torn", read);
    else this.#trust(read, write, sequence);
  }

  /** What was read becomes what later reads must see. */
  #trust(read: number, write: number, sequence: bigint): void {
    const key = this.#history.keyOfWrite(write);
    const better = at(this.#beatenBy, write);
    if (better !== NO_WRITE) {
      this.#violateRead("stale", read, `stored before it was ${this.#writeText(better)}`);
    }
    this.#raise(key, sequence, write, true);
    this.#advance(key, write, this.#history.requestOfWrite(write));
    if (this.#history.sequenceOfWrite(write) === NO_SEQUENCE) return;
    const other = at(this.#seenWrites, key);
    if (sequence > at(this.#seen, key)) {
      this.#seen[key] = sequence;
      this.#seenWrites[key] = write;
    } else if (sequence === at(this.#seen, key) && write !== other) {
      this.#violateRead("double", read, `another read saw ${this.#writeText(other)}`);
    }
  }

  #isWriteOf(write: number, key: number): boolean {
    return write < this.#history.counts.writes && this.#history.keyOfWrite(write) === key;
  }

  #isTorn(key: number, write: number, sequence: bigint): boolean {
    const own = this.#history.sequenceOfWrite(write);
    if (own !== NO_SEQUENCE) return own !== sequence;
    return sequence < NO_SEQUENCE || sequence > at(this.#sent, key);
  }

  #violateRead(kind: ViolationKind, read: number, why = ""): void {
    const history = this.#history;
    const write = history.writeOfRead(read);
    const sequence = history.sequenceOfRead(read);
    const value = write < history.counts.writes ? this.#writeText(write) : "no write";
    const note = history.noteOfRead(read);
    const found = `read ${read} saw sequence ${sequence} with the value of ${value}`;
    const more = [why, note].filter((text) => text !== undefined && text !== "");
    this.#violate(kind, history.keyOfRead(read), [found, ...more].join("; "));
  }

  #violate(kind: ViolationKind, key: number, text: string): void {
    this.count += 1;
    this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + 1);
    if (this.violations.length === VIOLATIONS_KEPT_MAX) return;
    this.violations.push({ kind, key, text: `${kind}: key ${this.#nameOf(key)}: ${text}` });
  }

  /** `write 17 (sequence 5, request 3, ok, from 12 to 19)` */
  #writeText(write: number): string {
    if (write === NO_WRITE) return "no write";
    const history = this.#history;
    const request = history.requestOfWrite(write);
    const span = `from ${history.startOf(request)} to ${history.endOf(request)}`;
    const what = `sequence ${history.sequenceOfWrite(write)}, request ${request}`;
    return `write ${write} (${what}, ${history.outcomeOf(request)}, ${span})`;
  }
}

/** A value of an array whose length is known to be enough. */
function at<T>(values: { readonly [index: number]: T }, index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no value ${index}`);
  return value;
}
