/** Something that does one thing at a time, in the order in which it is asked. */

/** An isolate, an object or a database; all times in ms since the run began. */
export class Thread {
  #freeAt = 0;
  /** For how long it was busy, or will be with what it was given. */
  busyMs = 0;

  /** How long something that comes now waits before it is begun. */
  backlogMs(now: number): number {
    return Math.max(0, this.#freeAt - now);
  }

  /** Does something that takes so long; returns when it is done. */
  run(now: number, ms: number): number {
    this.#freeAt = Math.max(now, this.#freeAt) + ms;
    this.busyMs += ms;
    return this.#freeAt;
  }
}
