/**
 * Refusing early: while a key range turns commits of an integration away, most of its requests are
 * turned away before their bodies are read (docs/decisions/0012-refuse-by-expected-wait.md). Pure:
 * the times are handed in, in ms since 1970.
 */

/** How a request ended that was let in: `refused` where its commit was refused as overloaded. */
export type DoorOutcome = "done" | "refused" | "other";

/** What is left of the limit when a commit is refused: others take from 0.5 (TCP) to 0.9. */
const DECREASE_FACTOR = 0.8;

/**
 * How long a decrease is waited for, in ms: what was let in before it goes on being refused for
 * about the time of two commits, which says nothing new.
 */
const DECREASE_STEP_MS = 200;

/** How long after its last refused commit an integration has no limit any more, in ms. */
export const DOOR_MEMORY_MS = 3_000;

/** Requests that go the same way in one isolate: additive increase, multiplicative decrease. */
export class Door {
  #underWay = 0;
  /** Most under way since the last decrease: many have ended when a refusal comes. */
  #peak = 0;
  #limit = Infinity;
  #refusedAt = -Infinity;
  #decreasedAt = -Infinity;

  /** Whether nothing is known of it that a new one does not know. */
  isIdle(now: number): boolean {
    return this.#underWay === 0 && now - this.#refusedAt > DOOR_MEMORY_MS;
  }

  /** Requests that were let in and have not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /**
   * Lets a request in, or not. One that is alone always is.
   */
  enter(now: number): boolean {
    if (now - this.#refusedAt > DOOR_MEMORY_MS) this.#limit = Infinity;
    if (this.#underWay > 0 && this.#underWay >= this.#limit) return false;
    this.#underWay += 1;
    this.#peak = Math.max(this.#peak, this.#underWay);
    return true;
  }

  /** A request that was let in has ended. */
  leave(outcome: DoorOutcome, now: number): void {
    if (outcome === "refused") this.#decrease(now);
    // One more for each round of all that are under way, and only where the limit is made use of.
    else if (outcome === "done" && this.#peak * 2 > this.#limit) this.#limit += 1 / this.#limit;
    this.#underWay -= 1;
  }

  #decrease(now: number): void {
    this.#refusedAt = now;
    if (now - this.#decreasedAt < DECREASE_STEP_MS) return;
    this.#decreasedAt = now;
    this.#limit = Math.max(1, Math.min(this.#limit, this.#peak) * DECREASE_FACTOR);
    this.#peak = this.#underWay;
  }
}

/**
 * Doors that are kept, at most, besides those that are in use: a new one beyond them drops those
 * that are idle. A door is about 100 bytes.
 */
const DOORS_MAX = 1_000;

/**
 * The doors of an isolate by name; one without requests is kept while it remembers a refusal, and
 * until room is needed.
 */
export class Doors {
  readonly #doors = new Map<string, Door>();

  /** Lets a request in, or not; see {@link Door.enter}. */
  enter(name: string, now: number): boolean {
    let door = this.#doors.get(name);
    if (door === undefined) {
      if (this.#doors.size >= DOORS_MAX) this.#dropIdle(now);
      door = new Door();
      this.#doors.set(name, door);
    }
    return door.enter(now);
  }

  /** A request that was let in has ended. */
  leave(name: string, outcome: DoorOutcome, now: number): void {
    const door = this.#doors.get(name);
    door?.leave(outcome, now);
    if (door?.isIdle(now) === true) this.#doors.delete(name);
  }

  /** Drops doors that remember nothing: one to which nobody comes again is dropped only here. */
  #dropIdle(now: number): void {
    for (const [name, door] of this.#doors) if (door.isIdle(now)) this.#doors.delete(name);
  }

  /** Those that have requests under way, or had commits refused lately. */
  get size(): number {
    return this.#doors.size;
  }
}
