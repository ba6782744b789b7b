/**
 * What the objects of key ranges do with the parts of requests: they queue them, write them in
 * groups, and split where they are hot, by the rules of src/warehouse.
 */
import { SPLIT_ATTEMPTS_MAX } from "../../../src/warehouse/limits.ts";
import { OVERLOADED } from "./catalogue.ts";
import type { Deployment } from "./deployment.ts";
import { QUEUE, RESUME, SPLIT_READ, SPLIT_WRITTEN, WRITTEN } from "./event-kinds.ts";
import type { RangeObject } from "./objects.ts";
import type { Part, Pool } from "./pool.ts";

/** Who has refused a part. */
export type Refusal = "none" | "object" | "range" | "shard" | "catalogue";

/** See the module's comment. Each method is an event. */
export class RangeEvents {
  readonly #deployment: Deployment;
  readonly #parts: Pool<Part>;
  readonly #reply: (part: Part, now: number, refusal: Refusal) => void;

  /** @param reply takes the result of a part. */
  constructor(
    deployment: Deployment,
    parts: Pool<Part>,
    reply: (part: Part, now: number, refusal: Refusal) => void,
  ) {
    this.#deployment = deployment;
    this.#parts = parts;
    this.#reply = reply;
  }

  /** A part has come to its object. */
  atObject(part: Part, now: number): void {
    const { object, queueMsMax } = this.#deployment.parameters;
    const { thread } = this.#deployment.object(part.object);
    if (thread.backlogMs(now) > queueMsMax) return this.#reply(part, now, "object");
    const doneAt = thread.run(now, object.perRequestMs + object.perPointMs * part.rows);
    this.#deployment.events.push(doneAt, QUEUE, part.id);
  }

  /** Its object has read it. */
  queue(part: Part, now: number): void {
    const object = this.#deployment.object(part.object);
    const { load, queue, range } = object;
    const isHot = load.note({ start: range.start, end: part.end }, now);
    if (isHot) this.#beginSplit(object, now);
    if (!queue.offer(part, now)) return this.#reply(part, now, "range");
    if (!queue.isWriting) this.#write(object, now);
  }

  #write(object: RangeObject, now: number): void {
    const { databaseRttMs, queueMsMax, shard: cost } = this.#deployment.parameters;
    const group = object.queue.begin(now);
    object.group = group;
    const database = this.#deployment.shard(object.range.shard);
    const arrivesAt = now + databaseRttMs / 2;
    object.isOverloaded = database.backlogMs(arrivesAt) > queueMsMax;
    const more = (group.statements - 1) * cost.perStatementMs;
    const busyMs = cost.perCommitMs + more + group.rows * cost.perRowMs;
    const doneAt = object.isOverloaded ? arrivesAt : database.run(arrivesAt, busyMs);
    this.#deployment.events.push(
      doneAt + databaseRttMs / 2,
      WRITTEN,
      this.#deployment.numberOf(object),
    );
  }

  /** The database has answered. */
  written(object: RangeObject, now: number): void {
    const { group, isOverloaded, queue } = object;
    if (group === undefined) throw new Error("Nothing was written.");
    const pauseMs = queue.end(group, now, !isOverloaded);
    if (!isOverloaded) this.#deployment.statistics.committed(group, now);
    for (const { id } of group.members) {
      this.#reply(this.#parts.get(id), now, isOverloaded ? "shard" : "none");
    }
    if (pauseMs > 0)
      this.#deployment.events.push(now + pauseMs, RESUME, this.#deployment.numberOf(object));
    else this.resume(object, now);
  }

  /** The object may write its next group. */
  resume(object: RangeObject, now: number): void {
    object.group = undefined;
    if (object.queue.resume()) this.#write(object, now);
  }

  /** An object reads the ranges of its table, to split its own. */
  #beginSplit(object: RangeObject, now: number): void {
    object.splitAttempts += 1;
    const readAt = this.#deployment.catalogue.read(now);
    if (readAt === OVERLOADED) object.splitAttempts = 0;
    else this.#deployment.events.push(readAt, SPLIT_READ, this.#deployment.numberOf(object));
  }

  /** It has read them, and writes. */
  writeSplit(object: RangeObject, now: number): void {
    object.splitGeneration = object.table.newest;
    const writtenAt = this.#deployment.catalogue.write(now);
    if (writtenAt === OVERLOADED) object.splitAttempts = 0;
    else this.#deployment.events.push(writtenAt, SPLIT_WRITTEN, this.#deployment.numberOf(object));
  }

  /** It has written: another's split may have come first, and then it tries again. */
  endSplit(object: RangeObject, now: number): void {
    const { table, range, splitAttempts } = object;
    const hasLost = object.splitGeneration !== table.newest;
    if (hasLost && splitAttempts < SPLIT_ATTEMPTS_MAX) return this.#beginSplit(object, now);
    object.splitAttempts = 0;
    if (hasLost) return;
    if (!table.split(range.start)) return object.load.stop();
    for (const one of table.rangesOf(table.newest)) this.#deployment.objectOf(table, one);
    object.load.learn(table.endNow(range.start));
    this.#deployment.statistics.splits += 1;
  }
}
