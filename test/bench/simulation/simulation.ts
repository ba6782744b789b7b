/**
 * A deployment under load, event by event: clients, isolates, objects of key ranges, databases.
 * The rules of slots, splits, group commit and refusals are those of src/warehouse; times are
 * parameters. Deterministic: the same parameters give the same result.
 */
import { PARALLEL_CALLS_MAX, SPLIT_ATTEMPTS_MAX } from "../../../src/warehouse/limits.ts";
import {
  endOf,
  rangeIndexOf,
  rangesForNewTable,
  type KeyRange,
  SLOTS,
} from "../../../src/warehouse/slots.ts";
import { Catalogue, OVERLOADED } from "./catalogue.ts";
import { EventHeap } from "./event-heap.ts";
import { RangeObject, spreadPoints, Table } from "./objects.ts";
import type { Parameters } from "./parameters.ts";
import { Part, Pool, Request } from "./pool.ts";
import { Choice, Random, zipfWeights } from "./random.ts";
import type { Result } from "./result.ts";
import { shardsOfNewTables } from "./shards.ts";
import { Statistics } from "./statistics.ts";
import { Thread } from "./thread.ts";

const ARRIVE = 0;
const WORK = 1;
const SEND = 2;
const AT_OBJECT = 3;
const QUEUE = 4;
const WRITTEN = 5;
const RESUME = 6;
const PART_DONE = 7;
const SPLIT_READ = 8;
const SPLIT_WRITTEN = 9;
const TICK = 10;

/** How often the ranges are counted, in ms. */
const TICK_MS = 1_000;

/** Runs a simulation. */
export function simulate(parameters: Parameters): Result {
  return new Simulation(parameters).run();
}

class Simulation {
  readonly #parameters: Parameters;
  readonly #events = new EventHeap();
  readonly #random: Random;
  readonly #choice: Choice;
  readonly #requests = new Pool(() => new Request());
  readonly #parts = new Pool(() => new Part());
  readonly #shared = new Thread();
  readonly #client = new Thread();
  readonly #isolates: Thread[];
  readonly #shards: Thread[];
  readonly #tables: Table[];
  readonly #objects: RangeObject[] = [];
  readonly #numbers = new Map<RangeObject, number>();
  readonly #catalogue: Catalogue;
  readonly #statistics: Statistics;
  readonly #endMs: number;

  constructor(parameters: Parameters) {
    const { seed, tables, zipfExponent, isolates, shards, tablesPerClient, seconds } = parameters;
    this.#parameters = parameters;
    this.#endMs = seconds * 1_000;
    this.#random = new Random(seed);
    this.#choice = new Choice(zipfWeights(tables, zipfExponent));
    this.#isolates = Array.from({ length: isolates }, () => this.#thread());
    this.#shards = Array.from({ length: shards }, () => this.#thread());
    this.#catalogue = new Catalogue(parameters, this.#thread(), this.#random);
    this.#tables = shardsOfNewTables(tables, shards).map(
      (own, index) => new Table(Math.floor(index / tablesPerClient), rangesForNewTable(own)),
    );
    for (const table of this.#tables) {
      for (const range of table.rangesOf(0)) this.#objectOf(table, range);
    }
    const servers = { isolates: this.#isolates, shards: this.#shards, objects: this.#objects };
    this.#statistics = new Statistics(parameters, { ...servers, catalogue: this.#catalogue });
  }

  #thread(): Thread {
    return this.#parameters.isOneThread ? this.#shared : new Thread();
  }

  run(): Result {
    const { load } = this.#parameters;
    const firsts = load.kind === "closed" ? load.connections : 1;
    for (let i = 0; i < firsts; i += 1) this.#events.push(0, ARRIVE, 0);
    this.#events.push(TICK_MS, TICK, 0);
    const event = { at: 0, kind: 0, subject: 0 };
    while (this.#events.pop(event)) this.#handle(event.kind, event.subject, event.at);
    if (this.#requests.used > 0) throw new Error("A request has not ended.");
    return this.#statistics.result();
  }

  #handle(kind: number, subject: number, now: number): void {
    switch (kind) {
      case ARRIVE:
        return this.#arrive(now);
      case WORK:
        return this.#work(this.#requests.get(subject), now);
      case SEND:
        return this.#send(this.#requests.get(subject), now);
      case AT_OBJECT:
        return this.#atObject(this.#parts.get(subject), now);
      case QUEUE:
        return this.#queue(this.#parts.get(subject), now);
      case WRITTEN:
        return this.#written(this.#object(subject), now);
      case RESUME:
        return this.#resume(this.#object(subject), now);
      case PART_DONE:
        return this.#partDone(this.#parts.get(subject), now);
      case SPLIT_READ:
        return this.#splitRead(this.#object(subject), now);
      case SPLIT_WRITTEN:
        return this.#splitWritten(this.#object(subject), now);
      default:
        return this.#tick(now);
    }
  }

  #tick(now: number): void {
    this.#statistics.tick(now, this.#objects.length);
    if (now < this.#endMs) this.#events.push(now + TICK_MS, TICK, 0);
  }

  #arrive(now: number): void {
    if (now >= this.#endMs) return;
    const { load, isolates } = this.#parameters;
    if (load.kind === "open") {
      const next = now + this.#random.exponential(1_000 / load.requestsPerS);
      this.#events.push(next, ARRIVE, 0);
    }
    const request = this.#requests.take();
    request.startedAt = now;
    request.isolate = this.#random.below(isolates);
    request.table = this.#choice.next(this.#random);
    request.points = this.#points();
    request.isStale = request.isRefused = false;
    this.#statistics.arrived(now);
    const { client } = this.#table(request.table);
    const knownAt = this.#catalogue.token(request.isolate, client, now);
    if (knownAt === OVERLOADED) this.#finish(request, now, "catalogue");
    else if (knownAt === now) this.#work(request, now);
    else this.#events.push(knownAt, WORK, request.id);
  }

  #points(): number {
    const { points, hasFixedPoints } = this.#parameters;
    if (hasFixedPoints || points === 1) return points;
    return Math.max(1, Math.round(this.#random.exponential(points)));
  }

  #work(request: Request, now: number): void {
    const { worker } = this.#parameters;
    const cpuMs = worker.perRequestMs + worker.perPointMs * request.points;
    const doneAt = this.#isolate(request.isolate).run(now, cpuMs);
    request.generation = this.#catalogue.generation(request.isolate, request.table);
    if (request.generation >= 0) this.#events.push(doneAt, SEND, request.id);
    else {
      const readAt = this.#catalogue.read(now);
      if (readAt === OVERLOADED) this.#finish(request, now, "catalogue");
      else this.#events.push(Math.max(doneAt, readAt), SEND, request.id);
    }
  }

  #send(request: Request, now: number): void {
    const table = this.#table(request.table);
    if (request.generation < 0) {
      request.generation = table.newest;
      this.#catalogue.remember(request.isolate, request.table, table.newest, now);
    }
    const ranges = table.rangesOf(request.generation);
    request.pending = 0;
    if (request.points === 1) {
      const range = ranges[rangeIndexOf(ranges, this.#random.below(SLOTS))];
      if (range !== undefined) this.#makePart(request, ranges, range, 1);
    } else {
      const rows = spreadPoints(ranges, request.points, SLOTS, this.#random.next());
      for (const [index, range] of ranges.entries()) {
        const own = rows[index] ?? 0;
        if (own > 0) this.#makePart(request, ranges, range, own);
      }
    }
    const first = request.later.splice(0, PARALLEL_CALLS_MAX);
    for (const id of first) this.#call(id, now);
  }

  #makePart(request: Request, ranges: readonly KeyRange[], range: KeyRange, rows: number): void {
    const part = this.#parts.take();
    part.request = request.id;
    part.object = this.#numberOf(this.#objectOf(this.#table(request.table), range));
    part.end = endOf(ranges, range.start);
    part.rows = rows;
    part.bytes = rows * this.#parameters.pointBytes;
    request.pending += 1;
    request.later.push(part.id);
  }

  #call(part: number, now: number): void {
    this.#statistics.objectCalls += 1;
    this.#events.push(now + this.#parameters.objectRttMs / 2, AT_OBJECT, part);
  }

  #atObject(part: Part, now: number): void {
    const { object, queueMsMax } = this.#parameters;
    const { thread } = this.#object(part.object);
    if (thread.backlogMs(now) > queueMsMax) return this.#reply(part, now, "object");
    const doneAt = thread.run(now, object.perRequestMs + object.perPointMs * part.rows);
    this.#events.push(doneAt, QUEUE, part.id);
  }

  #queue(part: Part, now: number): void {
    const object = this.#object(part.object);
    const { load, queue, range } = object;
    const isHot = load.note({ start: range.start, end: part.end }, now);
    if (isHot) this.#beginSplit(object, now);
    if (!queue.offer(part, now)) return this.#reply(part, now, "range");
    if (!queue.isWriting) this.#write(object, now);
  }

  #write(object: RangeObject, now: number): void {
    const { databaseRttMs, queueMsMax, shard: cost } = this.#parameters;
    const group = object.queue.begin(now);
    object.group = group;
    const database = this.#shards[object.range.shard];
    if (database === undefined) throw new Error(`There is no shard ${object.range.shard}.`);
    const arrivesAt = now + databaseRttMs / 2;
    object.isOverloaded = database.backlogMs(arrivesAt) > queueMsMax;
    const more = (group.statements - 1) * cost.perStatementMs;
    const busyMs = cost.perCommitMs + more + group.rows * cost.perRowMs;
    const doneAt = object.isOverloaded ? arrivesAt : database.run(arrivesAt, busyMs);
    this.#events.push(doneAt + databaseRttMs / 2, WRITTEN, this.#numberOf(object));
  }

  #written(object: RangeObject, now: number): void {
    const { group, isOverloaded, queue } = object;
    if (group === undefined) throw new Error("Nothing was written.");
    const pauseMs = queue.end(group, now, !isOverloaded);
    if (!isOverloaded) this.#statistics.committed(group, now);
    for (const { id } of group.members) {
      this.#reply(this.#parts.get(id), now, isOverloaded ? "shard" : "none");
    }
    if (pauseMs > 0) this.#events.push(now + pauseMs, RESUME, this.#numberOf(object));
    else this.#resume(object, now);
  }

  #resume(object: RangeObject, now: number): void {
    object.group = undefined;
    if (object.queue.resume()) this.#write(object, now);
  }

  /** The result of a part goes back to its isolate. */
  #reply(part: Part, now: number, refusal: Refusal): void {
    const object = this.#object(part.object);
    const request = this.#requests.get(part.request);
    if (object.load.isStale({ start: object.range.start, end: part.end })) request.isStale = true;
    const at = now + this.#parameters.objectRttMs / 2;
    if (refusal !== "none" && !request.isRefused) {
      request.isRefused = true;
      this.#statistics.refused(refusal, now);
      // A refused part ends its request; those that wait are not sent.
      for (const id of request.later.splice(0)) {
        request.pending -= 1;
        this.#parts.giveBack(this.#parts.get(id));
      }
    }
    if (request.pending === 1) return this.#endPart(part, at);
    this.#events.push(at, PART_DONE, part.id);
  }

  #partDone(part: Part, now: number): void {
    const next = this.#requests.get(part.request).later.shift();
    if (next !== undefined) this.#call(next, now);
    this.#endPart(part, now);
  }

  #endPart(part: Part, at: number): void {
    const request = this.#requests.get(part.request);
    this.#parts.giveBack(part);
    request.pending -= 1;
    if (request.pending > 0) return;
    this.#finish(request, at, "none");
  }

  #finish(request: Request, at: number, refusal: Refusal): void {
    const { load } = this.#parameters;
    const { isolate, table, generation, isStale } = request;
    if (isStale) this.#catalogue.forget(isolate, table, generation, at);
    if (refusal !== "none") this.#statistics.refused(refusal, at);
    else if (!request.isRefused) {
      this.#catalogue.note(isolate, this.#table(table).client, at);
      this.#statistics.answered(at - request.startedAt, request.points, at);
    }
    this.#requests.giveBack(request);
    if (load.kind !== "closed") return;
    this.#events.push(this.#client.run(at, load.clientMs), ARRIVE, 0);
  }

  #beginSplit(object: RangeObject, now: number): void {
    object.splitAttempts += 1;
    const readAt = this.#catalogue.read(now);
    if (readAt === OVERLOADED) object.splitAttempts = 0;
    else this.#events.push(readAt, SPLIT_READ, this.#numberOf(object));
  }

  #splitRead(object: RangeObject, now: number): void {
    object.splitGeneration = object.table.newest;
    const writtenAt = this.#catalogue.write(now);
    if (writtenAt === OVERLOADED) object.splitAttempts = 0;
    else this.#events.push(writtenAt, SPLIT_WRITTEN, this.#numberOf(object));
  }

  #splitWritten(object: RangeObject, now: number): void {
    const { table, range, splitAttempts } = object;
    const hasLost = object.splitGeneration !== table.newest;
    if (hasLost && splitAttempts < SPLIT_ATTEMPTS_MAX) return this.#beginSplit(object, now);
    object.splitAttempts = 0;
    if (hasLost) return;
    if (!table.split(range.start)) return object.load.stop();
    for (const one of table.rangesOf(table.newest)) this.#objectOf(table, one);
    object.load.learn(table.endNow(range.start));
    this.#statistics.splits += 1;
  }

  #objectOf(table: Table, range: KeyRange): RangeObject {
    const known = table.objects.get(range.start);
    if (known !== undefined) return known;
    const { splitRequestsPerS } = this.#parameters;
    const object = new RangeObject(table, range, this.#thread(), splitRequestsPerS);
    // Its first caller tells it where the range ends; so does the catalogue that made it.
    object.load.learn(table.endNow(range.start));
    table.objects.set(range.start, object);
    this.#numbers.set(object, this.#objects.length);
    this.#objects.push(object);
    return object;
  }

  #object(number: number): RangeObject {
    const object = this.#objects[number];
    if (object === undefined) throw new Error(`There is no object ${number}.`);
    return object;
  }

  #numberOf(object: RangeObject): number {
    return this.#numbers.get(object) ?? 0;
  }

  #table(number: number): Table {
    const table = this.#tables[number];
    if (table === undefined) throw new Error(`There is no table ${number}.`);
    return table;
  }

  #isolate(number: number): Thread {
    const thread = this.#isolates[number];
    if (thread === undefined) throw new Error(`There is no isolate ${number}.`);
    return thread;
  }
}

type Refusal = "none" | "object" | "range" | "shard" | "catalogue";
