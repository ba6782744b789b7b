/**
 * Commits whose rows are counted, and which can take effect at most once
 * (docs/decisions/0009-counts-and-exactly-once.md).
 */
import { Refusal } from "../http/errors.ts";
import { logError } from "../log.ts";
import { type Chunk, freeChunks } from "./chunks.ts";
import {
  callRange,
  type CallContext,
  checkCommit,
  commitMessage,
  messages,
  rangeName,
} from "./range-calls.ts";
import type { KeyRange, SlotRun } from "./slots.ts";
import type { CountedCommit } from "./table-range.ts";
import type { TableRecord } from "./tables.ts";
import { addTallies, NO_ROWS, type Once, type Tally } from "./tally.ts";

/** Rows of one range that are counted. */
export interface CountedPart {
  readonly range: KeyRange;
  readonly run: SlotRun | undefined;
  readonly chunks: readonly Chunk[];
  readonly rows: number;
  /** Of them, rows whose keys are new for certain: those of append-only tables. */
  readonly inserted: number;
  /** The keys of all others (sent-keys.ts). */
  readonly keys: readonly Chunk[];
}

/** What a request has counted so far. */
export class Counter {
  readonly #once: Once | undefined;
  readonly #calls = new Map<string, number>();
  #tally = NO_ROWS;

  constructor(once?: Once) {
    this.#once = once;
  }

  /** Of all parts that are committed. */
  get tally(): Tally {
    return this.#tally;
  }

  /** What is equal in every repeat of the request, and in no other. */
  get onceId(): string | undefined {
    return this.#once?.id;
  }

  /** Adds the tally of a part. */
  add(tally: Tally): void {
    this.#tally = addTallies(this.#tally, tally);
  }

  /**
   * The name of a range's next part, equal in every repeat: the parts of a range come one after
   * the other, in the order of the request.
   */
  nextMark(table: TableRecord, range: KeyRange): string | undefined {
    if (this.#once === undefined) return undefined;
    const name = rangeName(table, range);
    const count = this.#calls.get(name) ?? 0;
    this.#calls.set(name, count + 1);
    const mark = `${this.#once.id}:${name}`;
    return count === 0 ? mark : `${mark}.${count}`;
  }
}

/**
 * Commits a range's part and adds its tally.
 *
 * @throws Refusal overloaded, unavailable or internal.
 */
export async function commitCounted(
  context: CallContext & { readonly counter: Counter },
  table: TableRecord,
  part: CountedPart,
): Promise<void> {
  const { range } = part;
  // Rows that a version switch of the same request deletes again are not sent.
  if (part.chunks.length === 0) context.counter.add({ ...NO_ROWS, inserted: part.inserted });
  let { rows, inserted } = part;
  for (const { keys, chunks } of callsOf(part)) {
    const mark = context.counter.nextMark(table, range);
    const counting = { rows, inserted, keys, ...(mark === undefined ? {} : { mark }) };
    const message: CountedCommit = { ...commitMessage(table, part, chunks), counting };
    // A method of its own: an object of an older release refuses it before it writes anything.
    const result = await callRange(context, table, range, (stub) => stub.commitCounted(message));
    freeChunks(chunks);
    freeChunks(keys);
    checkCommit(context, table, result);
    context.counter.add(tallyOf(result.tally));
    // What the first call has counted is less what the keys of later ones find.
    rows = 0;
    inserted = 0;
  }
}

/**
 * What each call has of a part. All keys are looked up before any row is written: they go
 * first, and those of the last call that has some together with the first rows. Keys with many
 * quotes or backslashes, which are written twice as JSON, can be more than a call takes.
 */
function callsOf(part: CountedPart): Pick<CountedPart, "keys" | "chunks">[] {
  if (part.chunks.length === 0) return [];
  const groups = messages(part.keys);
  const keys = groups.pop() ?? [];
  const keyBytes = keys.reduce((sum, chunk) => sum + chunk.bytes, 0);
  const [chunks = [], ...others] = messages(part.chunks, keyBytes);
  return [
    ...groups.map((some) => ({ keys: some, chunks: [] })),
    { keys, chunks },
    ...others.map((some) => ({ keys: [], chunks: some })),
  ];
}

function tallyOf(tally: Tally | undefined): Tally {
  if (tally !== undefined) return tally;
  logError("commit_failed", { message: "the object did not count" });
  throw new Refusal("unavailable");
}
