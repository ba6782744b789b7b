/**
 * A deployment under load, event by event: clients, isolates, objects of key ranges, databases.
 * The rules of slots, splits, group commit and refusals are those of src/warehouse; times are
 * parameters. Deterministic: the same parameters give the same result.
 */
import { PARALLEL_CALLS_MAX } from "../../../src/warehouse/limits.ts";
import { endOf, rangeIndexOf, type KeyRange, SLOTS } from "../../../src/warehouse/slots.ts";
import { type Catalogue, OVERLOADED } from "./catalogue.ts";
import { Deployment } from "./deployment.ts";
import type { EventHeap } from "./event-heap.ts";
import {
  ARRIVE,
  AT_OBJECT,
  PART_DONE,
  QUEUE,
  RESUME,
  SEND,
  SPLIT_READ,
  SPLIT_WRITTEN,
  TICK,
  WORK,
  WRITTEN,
} from "./event-kinds.ts";
import { spreadPoints } from "./objects.ts";
import type { Parameters } from "./parameters.ts";
import { Part, Pool, Request } from "./pool.ts";
import { Choice, type SimulationRandom, zipfWeights } from "./random.ts";
import { RangeEvents, type Refusal } from "./range-events.ts";
import type { Result } from "./result.ts";
import type { Statistics } from "./statistics.ts";
import { Thread } from "./thread.ts";

/** How often the ranges are counted, in ms. */
const TICK_MS = 1_000;

/** Runs a simulation. */
export function simulate(parameters: Parameters): Result {
  return new Simulation(parameters).run();
}

class Simulation {
  readonly #parameters: Parameters;
  readonly #deployment: Deployment;
  readonly #events: EventHeap;
  readonly #random: SimulationRandom;
  readonly #catalogue: Catalogue;
  readonly #statistics: Statistics;
  readonly #choice: Choice;
  readonly #requests = new Pool(() => new Request());
  readonly #parts = new Pool(() => new Part());
  readonly #client = new Thread();
  readonly #ranges: RangeEvents;
  readonly #endMs: number;

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
    this.#deployment = new Deployment(parameters);
    const { events, random, catalogue, statistics } = this.#deployment;
    this.#events = events;
    this.#random = random;
    this.#catalogue = catalogue;
    this.#statistics = statistics;
    this.#ranges = new RangeEvents(this.#deployment, this.#parts, (part, now, refusal) =>
      this.#reply(part, now, refusal),
    );
    this.#choice = new Choice(zipfWeights(parameters.tables, parameters.zipfExponent));
    this.#endMs = parameters.seconds * 1_000;
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
        return this.#ranges.atObject(this.#parts.get(subject), now);
      case QUEUE:
        return this.#ranges.queue(this.#parts.get(subject), now);
      case WRITTEN:
        return this.#ranges.written(this.#deployment.object(subject), now);
      case RESUME:
        return this.#ranges.resume(this.#deployment.object(subject), now);
      case PART_DONE:
        return this.#partDone(this.#parts.get(subject), now);
      case SPLIT_READ:
        return this.#ranges.writeSplit(this.#deployment.object(subject), now);
      case SPLIT_WRITTEN:
        return this.#ranges.endSplit(this.#deployment.object(subject), now);
      default:
        return this.#tick(now);
    }
  }

  #tick(now: number): void {
    this.#statistics.tick(now, this.#deployment.objectCount);
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
    const { client } = this.#deployment.table(request.table);
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
    const doneAt = this.#deployment.isolate(request.isolate).run(now, cpuMs);
    request.generation = this.#catalogue.generation(request.isolate, request.table);
    if (request.generation >= 0) this.#events.push(doneAt, SEND, request.id);
    else {
      const readAt = this.#catalogue.read(now);
      if (readAt === OVERLOADED) this.#finish(request, now, "catalogue");
      else this.#events.push(Math.max(doneAt, readAt), SEND, request.id);
    }
  }

  #send(request: Request, now: number): void {
    const table = this.#deployment.table(request.table);
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
    part.object = this.#deployment.numberOf(
      this.#deployment.objectOf(this.#deployment.table(request.table), range),
    );
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

  /** The result of a part goes back to its isolate. */
  #reply(part: Part, now: number, refusal: Refusal): void {
    const object = this.#deployment.object(part.object);
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
      this.#catalogue.note(isolate, this.#deployment.table(table).client, at);
      this.#statistics.answered(at - request.startedAt, request.points, at);
    }
    this.#requests.giveBack(request);
    if (load.kind !== "closed") return;
    this.#events.push(this.#client.run(at, load.clientMs), ARRIVE, 0);
  }
}
