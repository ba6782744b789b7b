/** Requests and their parts by number, as events name them; numbers are used again. */

/** A part of a request: what goes to one object. */
export class Part {
  id = 0;
  request = 0;
  object = 0;
  /** Where the caller thinks that the range ends. */
  end = 0;
  rows = 0;
  bytes = 0;
}

/** A request from its arrival to its answer. */
export class Request {
  id = 0;
  startedAt = 0;
  isolate = 0;
  table = 0;
  points = 0;
  generation = 0;
  /** Parts that have not ended. */
  pending = 0;
  /** Parts that wait for a place among the calls that a request may make at a time. */
  readonly later: number[] = [];
  isStale = false;
  isRefused = false;
}

/** Things that are made once and used again. */
export class Pool<T extends { id: number }> {
  readonly #make: () => T;
  readonly #things: T[] = [];
  readonly #free: number[] = [];

  constructor(make: () => T) {
    this.#make = make;
  }

  /** How many are in use. */
  get used(): number {
    return this.#things.length - this.#free.length;
  }

  take(): T {
    const free = this.#free.pop();
    if (free !== undefined) return this.get(free);
    const thing = this.#make();
    thing.id = this.#things.length;
    this.#things.push(thing);
    return thing;
  }

  get(id: number): T {
    const thing = this.#things[id];
    if (thing === undefined) throw new Error(`There is no number ${id}.`);
    return thing;
  }

  giveBack(thing: T): void {
    this.#free.push(thing.id);
  }
}
